// The live server: device, engine, sequencer thread, session and network, wired up.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "server/app/audio_output.h"
#include "server/app/commands.h"
#include "server/app/mailbox.h"
#include "server/app/midi_host.h"
#include "server/app/service.h"
#include "server/control/recorder.h"
#include "server/control/session.h"
#include "server/io/net_asio.h"

namespace hocket {

/// Prints one line; server output goes to stdout.
void say(const std::string& line);

/// Plays from construction to destruction. `run` is the control thread's loop; everything but `stop` is its own.
class LiveServer {
 public:
  /// `folder`: where relative sample folders start. Throws std::runtime_error on what cannot start: a sample folder that was
  /// asked for, and the port where `must_listen`.
  LiveServer(const ServeOptions&, const std::string& folder, bool must_listen);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  Session& session() { return session_; }
  /// Where the session is written to, and extras beside it; null: nowhere.
  SessionFile* session_file() { return file_.get(); }
  std::uint16_t port() const { return net_ ? net_->port() : std::uint16_t{0}; }

  /// Until `stop`. `often` is called about ten times a second.
  void run(const std::function<void()>& often = nullptr);
  /// Thread: any
  void stop();

 private:
  static void render(void* self, float* const* out, const float* const* in, int frames) noexcept;
  void sequence();
  void report(const Report&);
  void tell_load();
  void listen(const ServeOptions&, bool must_listen);
  void resume();

  Mailbox mailbox_;
  AudioOutput output_;
  SampleLibrary samples_;
  Engine engine_;
  FrameClock frames_;
  std::int64_t next_frame_ = 0;  // the audio thread's
  MidiOut midi_out_;
  LivePlayer live_;
  Sequencer sequencer_;
  Recorder recorder_;
  std::unique_ptr<SessionFile> file_;  // outlives the session
  Session session_;
  Service service_;
  std::unique_ptr<NetServer> net_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> sequencing_{true};
  std::thread sequencer_thread_;
  std::unique_ptr<MidiHost> midi_;
};

/// Calls `stop` of the server on SIGINT, SIGTERM or SIGHUP. Make one before any other thread starts.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  void stops(LiveServer&);

 private:
  std::atomic<LiveServer*> server_{nullptr};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace hocket
