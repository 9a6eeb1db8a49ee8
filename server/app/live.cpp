#include "server/app/live.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "server/app/files.h"
#include "server/app/version.h"
#include "server/io/soundfile.h"

namespace hocket {

namespace {

using namespace std::chrono_literals;

AudioRequest audio_request(const ServeOptions& options) {
  AudioRequest request;
  request.device = options.device;
  request.channels = options.channels;
  request.inputs = options.inputs;
  request.rate = options.rate;
  request.latency_s = options.latency_ms / 1000;
  return request;
}

EngineSettings live_engine(const ServeOptions& options, const AudioInfo& audio) {
  auto settings = engine_settings(options.sound, audio.rate, audio.channels);
  settings.inputs = audio.inputs;
  settings.stem_frames = 0;
  return settings;
}

SequencerSettings live_sequencer(double rate) {
  SequencerSettings settings;
  settings.rate = rate;
  return settings;
}

LiveSettings live_player(double rate) {
  LiveSettings settings;
  settings.rate = rate;
  return settings;
}

std::string recordings_folder(const ServeOptions& options) {
  if (!options.recordings.empty()) return options.recordings;
  std::error_code error;
  if (const char* home = std::getenv("HOME"); home && std::filesystem::is_directory(std::string(home) + "/Music", error))
    return std::string(home) + "/Music/hocket";
  return ".";
}

Result<SoundSink> open_recording(const std::string& path, int channels, double rate) {
  auto writer = SoundFileWriter::open(path, channels, rate, SoundFormat::float32);
  if (!writer) return Result<SoundSink>::fail(writer.error);
  auto shared = std::make_shared<SoundFileWriter>(std::move(*writer));
  return SoundSink{[shared](std::span<const float> samples) { return shared->write(samples); }};
}

std::unique_ptr<SessionFile> open_session(const std::string& path) {
  if (path.empty()) return nullptr;
  auto file = SessionFile::open(path);
  if (!file) throw std::runtime_error(file.error);
  return std::make_unique<SessionFile>(std::move(*file));
}

SampleLibrary& with_folders(SampleLibrary& samples, const std::vector<std::string>& folders) {
  add_sample_folders(samples, folders);
  return samples;
}

}  // namespace

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

LiveServer::LiveServer(const ServeOptions& options, const std::string& folder, bool must_listen)
    : output_(audio_request(options), options.null_device),
      samples_(sound_reader(), [this](const Report& r) { report(r); }),
      engine_(live_engine(options, output_.info())),
      frames_(output_.info().rate),
      live_(
          live_player(output_.info().rate), [this](const TimedEvent& event) { return engine_.give_live(event); }, &midi_out_, &samples_,
          [this](const Report& r) { report(r); }),
      sequencer_(
          live_sequencer(output_.info().rate), [this](const TimedEvent& event) { return engine_.give(event); }, &samples_,
          [this](const Report& r) { report(r); }),
      recorder_(open_recording, recordings_folder(options), output_.info().channels, output_.info().rate,
                [this](const Report& r) { report(r); }),
      file_(open_session(options.session)),
      session_(unit_table(), engine_, sequencer_, with_folders(samples_, options.sound.samples), &recorder_,
               [this](const Report& r) { report(r); }, {folder, 0.15, reading_of},
               {&live_, &midi_out_,
                [this](const std::string& port, bool on) {
                  if (midi_) midi_->follow_clock(port, on);
                },
                [this] { return midi_ ? midi_->clock() : ClockState{}; }}),
      service_(session_, [this] {
        return HostStatus{output_.line(), output_.info().rate, net_ ? net_->clients() : 0, output_.xruns()};
      }) {
  samples_.publish_to([this](std::uint32_t index, const SampleView& view) { engine_.give_sample(index, view); });
  say("hocket " + version_text());
  if (const auto folders = samples_.folders().size(); folders > 0) say("samples: " + std::to_string(folders) + " sounds");
  sequencer_.connect(&live_.knobs(), [this](const OutsideEvent& event) { midi_out_.give(event); });
  listen(options, must_listen);
  output_.start({&LiveServer::render, this});
  say("audio: " + output_.line());
  sequencer_thread_ = std::thread([this] { sequence(); });
  midi_ =
      std::make_unique<MidiHost>(options.midi, output_.info(), live_, midi_out_, engine_, frames_, [this](const Report& r) { report(r); });
  say("midi: " + midi_->line());
  resume();
}

// After MIDI, whose knobs are among the extras.
void LiveServer::resume() {
  if (!file_) return;
  if (auto* desk = session_.midi_desk()) {
    constexpr const char* kKnobs = "knobs";
    if (const auto put = desk->put_knobs(file_->extra(kKnobs)); !put) say("session: " + put.error);
    file_->keep(kKnobs, [desk] { return desk->knobs(); });
  }
  const auto steps = file_->steps().size();
  const auto result = session_.resume(*file_);
  if (steps == 0) return;
  say("session: " + std::to_string(steps) + " steps taken up");
  auto text = to_text(result);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  say(text);
}

LiveServer::~LiveServer() {
  net_.reset();
  if (file_) file_->tick();
  session_.leave_file();  // the fade at the end is no step
  // Fade out rather than break off: a second is plenty for the fade, and a device that stands still is not waited for.
  session_.hush();
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(5ms);
    session_.tick();
  }
  midi_.reset();
  output_.stop();
  sequencing_ = false;
  if (sequencer_thread_.joinable()) sequencer_thread_.join();
  samples_.publish_to(nullptr);
}

void LiveServer::listen(const ServeOptions& options, bool must_listen) {
  NetSettings settings;
  settings.port = options.port;
  const auto receive = [this](ClientId client, Frame frame) {
    mailbox_.post([this, client, frame = std::move(frame)] {
      auto bytes = service_.answer(client, frame);
      if (net_) net_->answer(client, std::move(bytes));
    });
  };
  const auto gone = [this](ClientId client) { mailbox_.post([this, client] { service_.gone(client); }); };
  service_.on_evaluated = [this](ClientId from, const EvalResult& result) {
    const auto line = notice_line("eval", {{"defined", result.changed}, {"code", result.source->text}, {"serial", result.serial}});
    for (const auto client : service_.subscribers("eval"))
      if (net_ && client != from) net_->notify(client, line);
  };
  try {
    net_ = std::make_unique<NetServer>(settings, receive, gone);
    say("listening on 127.0.0.1:" + std::to_string(net_->port()));
  } catch (const std::runtime_error& error) {
    if (must_listen) throw;
    say(std::string("not listening: ") + error.what());
  }
}

void LiveServer::render(void* self, float* const* out, const float* const* in, int frames) noexcept {
  auto& server = *static_cast<LiveServer*>(self);
  server.frames_.mark(server.next_frame_, frames);
  server.next_frame_ += frames;
  server.engine_.render(out, in, frames);
  server.recorder_.take(out, frames);
}

void LiveServer::sequence() {
  while (sequencing_) {
    sequencer_.advance(engine_.status());
    std::this_thread::sleep_for(10ms);
  }
}

void LiveServer::report(const Report& report) {
  mailbox_.post([this, report] {
    say(report.text);
    const std::string topic = report.kind == Report::Kind::error ? "error" : "log";
    const auto line = notice_line(topic, {{"text", report.text}});
    for (const auto client : service_.subscribers(topic))
      if (net_) net_->notify(client, line);
  });
}

void LiveServer::tell_load() {
  const auto line = service_.load_notice();
  if (line.empty() || !net_) return;
  for (const auto client : service_.subscribers("load")) net_->notify(client, line);
}

void LiveServer::run(const std::function<void()>& often) {
  auto next = std::chrono::steady_clock::now(), next_load = next;
  while (!stopping_) {
    mailbox_.work(session_.waiting() ? 2ms : 20ms);
    session_.tick();
    const auto now = std::chrono::steady_clock::now();
    if (now < next) continue;
    next = now + 100ms;
    if (now >= next_load) {
      next_load = now + 1s;
      tell_load();
      if (file_) file_->tick();
    }
    if (const auto news = output_.tick()) report({Report::Kind::warning, "audio: " + *news});
    if (often) often();
  }
}

void LiveServer::stop() {
  stopping_ = true;
  mailbox_.post([] {});
}

StopSignals::StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this, set] {
    const timespec patience{0, 100'000'000};
    while (!ending_) {
      if (sigtimedwait(&set, nullptr, &patience) < 0) continue;
      if (auto* server = server_.load()) {
        server->stop();
      } else {
        std::_Exit(1);  // before there is anything to end cleanly
      }
    }
  });
}

StopSignals::~StopSignals() {
  ending_ = true;
  thread_.join();
}

void StopSignals::stops(LiveServer& server) {
  server_ = &server;
}

}  // namespace hocket
