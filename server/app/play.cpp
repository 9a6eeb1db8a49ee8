// hocket play: plays a file, and plays it anew whenever it is saved.
#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "server/app/files.h"
#include "server/app/live.h"

namespace hocket {

namespace {

namespace fs = std::filesystem;

// What tells one state of a file from the next.
struct Stamp {
  fs::file_time_type time{};
  std::uintmax_t size = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

std::optional<Stamp> stamp_of(const std::string& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return std::nullopt;
  const auto size = fs::file_size(path, error);
  if (error) return std::nullopt;
  return Stamp{time, size};
}

void print(const EvalResult& result) {
  auto text = to_text(result);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  say(text);
}

}  // namespace

int play(const PlayOptions& options) {
  StopSignals signals;
  auto text = read_text(options.file);
  LiveServer server(options.serve, folder_of(options.file), false);
  signals.stops(server);
  auto last = stamp_of(options.file);
  print(server.session().evaluate(text, options.file, true));
  say("playing " + options.file + ": save it to change the music, Ctrl-C ends");
  server.run([&] {
    const auto now = stamp_of(options.file);
    if (!now || now == last) return;
    last = now;
    const auto changed = try_read_text(options.file);
    // An editor that empties a file before it writes is not a performer who deletes everything.
    if (!changed || *changed == text || changed->empty()) return;
    text = *changed;
    print(server.session().evaluate(text, options.file, true));
  });
  return 0;
}

}  // namespace hocket
