// The session on disk: every accepted step as it is taken, so that a restart or a crash loses nothing.
#pragma once

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/result.h"

namespace hocket {

/// One thing that changed the program. `name`: what error messages call its text.
struct SessionStep {
  enum class Kind : std::uint8_t { eval, replace, undo, redo };
  Kind kind = Kind::eval;
  std::string name, text;
};

/// A file that only grows. After its first line each record is a line `KIND BYTES NAME` and so many bytes of text; a record that
/// a crash tore off is cut away when the file is opened again. Beside the steps it holds named extras (MIDI knobs, say), of which
/// the last counts. Thread: control.
class SessionFile {
 public:
  /// Reads what is there, and goes on at its end. Fails where the file is no session's, or cannot be written.
  static Result<SessionFile> open(const std::string& path);

  const std::vector<SessionStep>& steps() const { return steps_; }
  /// The text last put under that name; empty: none.
  std::string extra(const std::string& name) const;

  /// Each is in the file when the call returns. False: it could not be written (the disk is full, say).
  bool add(const SessionStep&);
  bool put(const std::string& name, const std::string& text);

  /// `tell` is asked now and then (see `tick`) and its text kept under `name`.
  void keep(const std::string& name, std::function<std::string()> tell) { kept_[name] = std::move(tell); }
  /// Puts what was to be kept and has changed. Wants to be called every second or so, and at the end.
  bool tick();

 private:
  struct Closed {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  explicit SessionFile(std::FILE* file) : file_(file) {}
  std::size_t read(const std::string& all);
  bool write(const std::string& kind, const std::string& name, const std::string& text);

  std::unique_ptr<std::FILE, Closed> file_;
  std::vector<SessionStep> steps_;
  std::map<std::string, std::string> extras_;
  std::map<std::string, std::function<std::string()>> kept_;
};

}  // namespace hocket
