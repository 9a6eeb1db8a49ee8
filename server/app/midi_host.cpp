#include "server/app/midi_host.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <thread>
#include <utility>

namespace hocket {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 1s;
constexpr auto kRest = 10ms;                // between looks at the queues while nobody plays
constexpr std::int64_t kTurn_ns = 700'000;  // likewise while somebody does
constexpr double kMargin_s = 0.0015;        // from a message's arrival to its event in the engine's queue
constexpr double kFineStamp_s = 0.001;      // where a driver hands over what comes at once
constexpr const char* kByPeriods = "JACK";  // hands over at a period's beginning what lies in all of it
constexpr std::size_t kMostEarly = 1024;
const std::string kOwnPort = "hocket";

/// What came before its port was open, without the notes that have ended since.
std::vector<MidiMessage> still_meant(const std::vector<MidiMessage>& early) {
  std::vector<MidiMessage> meant;
  for (const auto& m : early) {
    const auto struck = std::find_if(meant.begin(), meant.end(), [&](const MidiMessage& on) {
      return on.kind() == MidiKind::note_on && on.channel() == m.channel() && on.a == m.a;
    });
    if (m.kind() != MidiKind::note_off || struck == meant.end())
      meant.push_back(m);
    else
      meant.erase(struck);
  }
  return meant;
}

}  // namespace

MidiHost::MidiHost(const MidiOptions& options, const AudioInfo& audio, LivePlayer& live, MidiOut& out, const Engine& engine,
                   FrameClock& frames, Reports reports)
    : options_(options),
      output_latency_s_(audio.latency_s),
      send_late_(std::llround((audio.latency_s + options.offset_ms / 1000) * engine.settings().rate) + engine.latency_frames()),
      live_(live),
      out_(out),
      engine_(engine),
      frames_(frames),
      reports_(std::move(reports)) {
  if (!options_.off) system_ = MidiSystem::open(options_.api);
  if (system_) {
    by_periods_ = system_->api() == kByPeriods;
    by_turns_ = by_periods_ && audio.host == kByPeriods;
    auto input = std::make_shared<Input>();
    input->id = next_id_++;
    input->name = kOwnPort;
    input->own = true;
    if (auto own = system_->open_virtual_input([this, in = input.get()](std::span<const std::uint8_t> bytes) { push(*in, bytes); })) {
      input->handle = *own;
      inputs_.push_back(std::move(input));
    }
    if (auto own = system_->open_virtual_output()) outputs_[""] = {kOwnPort, *own, true, {}};
    look();
    watching_ = std::thread([this] { watch(); });
  }
  playing_thread_ = std::thread([this] { play(); });
}

MidiHost::~MidiHost() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (watching_.joinable()) watching_.join();
  playing_ = false;
  playing_thread_.join();
  out_.silence(true);
  const auto status = engine_.status();
  send(out_.due(status, status.frame));
  std::this_thread::sleep_for(20ms);  // drivers send at their next period
}

std::string MidiHost::line() const {
  const std::lock_guard lock(mutex_);
  if (!system_) return "no MIDI";
  std::string in, out;
  for (const auto& input : inputs_) in += (in.empty() ? "in \"" : ", \"") + input->name + '"';
  for (const auto& [part, output] : outputs_)
    if (output.handle) out += (out.empty() ? "out \"" : ", \"") + output.name + '"';
  return system_->api() + ": " + in + (in.empty() || out.empty() ? "" : "; ") + out;
}

void MidiHost::follow_clock(const std::string& port, bool on) {
  const std::lock_guard lock(mutex_);
  clock_part_ = port;
  follows_ = on;
  follower_ = ClockFollower();
  clock_source_ = 0;
  const bool there = std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& i) { return port_fits(i->name, port); });
  if (on && !there && system_ && reports_)
    reports_({Report::Kind::warning, "clockin: no MIDI port is named `" + port + "`; it is followed as soon as it appears"});
}

ClockState MidiHost::clock() const {
  const std::lock_guard lock(mutex_);
  ClockState state;
  const double rate = engine_.settings().rate;
  state.at_frame = engine_.status().frame;
  state.locked = follows_ && follower_.locked(static_cast<double>(frames_.frame_by_turns(FrameClock::now_ns())) / rate);
  state.running = follower_.running();
  state.beats_per_s = follower_.beats_per_s();
  // What is made for this frame now is heard later. A sender on JACK has its own sound on the way out beside ours.
  const double heard_s = (static_cast<double>(state.at_frame) + engine_.latency_frames()) / rate + (by_periods_ ? 0 : output_latency_s_);
  state.beats = follower_.beats_at(heard_s);
  state.jumps = follower_.jumps();
  return state;
}

// ---- ports

void MidiHost::watch() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    wake_.wait_for(lock, kLookEvery, [&] { return stop_ || look_now_; });
    look_now_ = false;
    if (stop_) return;
    lock.unlock();
    look();
    lock.lock();
  }
}

void MidiHost::look() {
  const auto by_hand = system_->connected_by_hand();
  see_connections(by_hand);
  look_for_inputs(system_->inputs(), by_hand);
  look_for_outputs(system_->outputs());
}

void MidiHost::see_connections(const std::vector<std::string>& by_hand) {
  const std::lock_guard lock(mutex_);
  const auto tell_those_only_in = [&](const std::vector<std::string>& a, const std::vector<std::string>& b, const char* what) {
    std::vector<std::string> names;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(names));
    for (const auto& name : names)
      if (reports_) reports_({Report::Kind::info, "MIDI in: " + name + what});
    return !names.empty();
  };
  const bool more = tell_those_only_in(by_hand, by_hand_, " is connected by hand");
  const bool less = tell_those_only_in(by_hand_, by_hand, " is no longer connected by hand");
  rewired_ = rewired_ || more || less;
  unplugged_ = unplugged_ || less;
  by_hand_ = by_hand;
}

void MidiHost::look_for_inputs(const std::vector<std::string>& there, const std::vector<std::string>& by_hand) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<std::string> fresh;
  std::vector<std::shared_ptr<MidiInput>> closed;  // when nothing is locked
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(inputs_, [&](const std::shared_ptr<Input>& input) {
      const bool stays = input->own || (has(there, input->name) && !has(by_hand, input->name));
      if (stays) return false;
      input->by_hand = has(by_hand, input->name);
      closed.push_back(std::move(input->handle));
      gone_.push_back(input);
      return true;
    });
    for (const auto& name : there) {
      const bool wanted = options_.inputs.empty() || std::any_of(options_.inputs.begin(), options_.inputs.end(),
                                                                 [&](const std::string& part) { return port_fits(name, part); });
      const bool open = std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& i) { return i->name == name; });
      if (wanted && !open && !has(by_hand, name)) fresh.push_back(name);
    }
  }
  for (const auto& name : fresh) {
    auto input = opened(name);
    const std::lock_guard lock(mutex_);
    if (input) {
      if (reports_) reports_({Report::Kind::info, "MIDI in: " + name});
      inputs_.push_back(std::move(input));
    } else if (told_.insert("in " + name).second && reports_) {
      reports_({Report::Kind::warning, "MIDI in: " + name + " cannot be opened"});
    }
  }
}

std::shared_ptr<MidiHost::Input> MidiHost::opened(const std::string& name) {
  auto input = std::make_shared<Input>();
  input->name = name;
  {
    const std::lock_guard lock(mutex_);
    input->id = next_id_++;
  }
  auto port = system_->open_input(name, [this, in = input.get()](std::span<const std::uint8_t> bytes) { push(*in, bytes); });
  if (!port) return nullptr;
  input->handle = *port;
  return input;
}

void MidiHost::look_for_outputs(const std::vector<std::string>& there) {
  std::vector<std::string> wanted;
  std::vector<std::shared_ptr<MidiOutput>> closed;  // when nothing is locked
  {
    const std::lock_guard lock(mutex_);
    for (auto& [part, output] : outputs_) {
      if (part.empty()) continue;
      const bool stays = output.handle && std::find(there.begin(), there.end(), output.name) != there.end();
      if (stays) continue;
      if (output.handle && told_.insert("out " + part).second && reports_)
        reports_({Report::Kind::warning, "MIDI out: " + output.name + " has gone"});
      closed.push_back(std::move(output.handle));
      output.handle = nullptr;
      wanted.push_back(part);
    }
  }
  for (const auto& part : wanted) {
    auto found = std::find(there.begin(), there.end(), part);
    if (found == there.end())
      found = std::find_if(there.begin(), there.end(), [&](const std::string& name) { return port_fits(name, part); });
    std::shared_ptr<MidiOutput> handle;
    if (found != there.end())
      if (auto port = system_->open_output(*found)) handle = *port;
    const std::lock_guard lock(mutex_);
    auto& output = outputs_[part];
    if (!handle && told_.insert("out " + part).second && reports_)
      reports_({Report::Kind::warning, "midiout: no MIDI port is named `" + part + "`; it is played as soon as it appears"});
    if (handle && reports_) reports_({Report::Kind::info, "MIDI out: " + *found});
    if (handle) told_.erase("out " + part);
    output.looked_for = true;
    output.handle = std::move(handle);
    output.name = found != there.end() ? *found : "";
  }
}

// ---- in

// In pieces that fit a cell; system exclusive, which may be long and means nothing to us, is left out where it comes whole.
void MidiHost::push(Input& input, std::span<const std::uint8_t> bytes) const {
  if (bytes.size() > 1 && bytes.front() == 0xF0 && bytes.back() == 0xF7) return;
  const auto ns = FrameClock::now_ns();
  const auto frame = frames_.frame_by_turns(ns);
  while (!bytes.empty()) {
    Packet packet;
    packet.ns = ns;
    packet.frame = frame;
    packet.count = static_cast<std::uint8_t>(std::min<std::size_t>(bytes.size(), kPacketBytes));
    std::copy_n(bytes.begin(), packet.count, packet.bytes);
    if (!input.queue.give(packet)) input.lost.fetch_add(1, std::memory_order_relaxed);
    bytes = bytes.subspan(packet.count);
  }
}

// Our own port hears as one all that are connected to it: it has all their names.
void MidiHost::name_own_port() {
  const auto own = std::find_if(inputs_.begin(), inputs_.end(), [](const auto& i) { return i->own; });
  if (own == inputs_.end()) return;
  auto& input = **own;
  input.name = kOwnPort;
  for (const auto& name : by_hand_) input.name += ", " + name;
  input.joined = false;
}

void MidiHost::hear() {
  std::vector<std::shared_ptr<Input>> inputs, gone;
  bool unplugged = false;
  {
    const std::lock_guard lock(mutex_);
    inputs = inputs_;
    gone.swap(gone_);
    unplugged = std::exchange(unplugged_, false);
    if (std::exchange(rewired_, false)) name_own_port();
  }
  const auto now = frame_at(FrameClock::now_ns());
  for (const auto& input : gone) {
    live_.leave(input->id, now);
    if (reports_ && !input->by_hand) reports_({Report::Kind::info, "MIDI in: " + input->name + " has gone"});
  }
  std::vector<Heard> heard;
  for (const auto& input : inputs) {
    if (unplugged && input->own) {
      live_.leave(input->id, now);  // whose the notes are cannot be known
      input->parser.reset();
    }
    if (!input->joined) live_.join(input->id, input->name);
    input->joined = true;
    if (const auto lost = input->lost.load(std::memory_order_relaxed); lost != input->lost_seen) {
      input->lost_seen = lost;  // among what was lost may be releases
      live_.leave(input->id, now);
      live_.join(input->id, input->name);
      input->parser.reset();
      if (reports_) reports_({Report::Kind::warning, "MIDI in: " + input->name + " sent more than could be read; its notes were let go"});
    }
    Packet packet;
    while (input->queue.take(packet))
      for (int i = 0; i < packet.count; ++i)
        if (const auto message = input->parser.take(packet.bytes[i])) heard.push_back({packet.ns, packet.frame, input->id, *message});
  }
  std::stable_sort(heard.begin(), heard.end(), [](const Heard& a, const Heard& b) { return a.ns < b.ns; });
  for (const auto& h : heard) {
    live_.take(h.port, h.message, by_turns_ ? h.frame : frames_.frame_at(h.ns));
    if (ClockFollower::heeds(h.message.kind())) follow(h);
  }
}

void MidiHost::follow(const Heard& heard) {
  const std::lock_guard lock(mutex_);
  const auto from = std::find_if(inputs_.begin(), inputs_.end(), [&](const auto& i) { return i->id == heard.port; });
  if (!follows_ || from == inputs_.end() || !port_fits((*from)->name, clock_part_)) return;
  const double rate = engine_.settings().rate;
  if (heard.port != clock_source_) {  // another's counts when the one that is followed has fallen silent
    if (clock_source_ != 0 && follower_.locked(static_cast<double>(heard.frame) / rate)) return;
    clock_source_ = heard.port;
    follower_ = ClockFollower();
  }
  const double period_s = frames_.callback_frames() / rate;
  follower_.stamps_within(by_periods_ ? std::max(kFineStamp_s, period_s) : kFineStamp_s);
  follower_.take(heard.message, static_cast<double>(heard.frame) / rate + (by_periods_ ? period_s / 2 : 0));
}

// ---- out

void MidiHost::send(const std::vector<MidiSend>& messages) {
  if (messages.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& m : messages) {
    auto& output = outputs_[m.port];
    if (!output.handle) {
      if (output.looked_for || !system_) continue;
      look_now_ = true;
      wake_.notify_all();
      if (output.early.size() < kMostEarly) output.early.push_back(m.message);
      continue;
    }
    const auto put = [&](const MidiMessage& message) {
      const std::uint8_t bytes[] = {message.status, message.a, message.b};
      output.handle->send({bytes, static_cast<std::size_t>(1 + std::max(0, midi_data_bytes(message.status)))});
    };
    for (const auto& early : still_meant(output.early)) put(early);
    output.early.clear();
    put(m.message);
  }
}

// Now, or a little before.
std::int64_t MidiHost::frame_at(std::int64_t ns) const {
  return by_turns_ ? frames_.frame_by_turns(ns) : frames_.frame_at(ns);
}

// The time at which there is something to do again.
std::int64_t MidiHost::play_once() {
  const double rate = engine_.settings().rate;
  live_.set_latency(frames_.callback_frames() + static_cast<std::int64_t>(kMargin_s * rate));
  hear();
  const auto status = engine_.status();
  auto now = FrameClock::now_ns();
  live_.advance(status, frame_at(now));
  send(out_.due(status, frame_at(now) - send_late_ + 1));
  now = FrameClock::now_ns();
  auto next = now + (live_.busy() ? kTurn_ns : std::chrono::nanoseconds(kRest).count());
  if (const auto frame = out_.next(engine_.status()))
    next = std::min<std::int64_t>(next, now + std::llround(static_cast<double>(*frame + send_late_ - frame_at(now)) * 1e9 / rate));
  constexpr std::int64_t kLeast_ns = 50'000;
  return std::max(next, now + kLeast_ns);
}

void MidiHost::play() {
  sched_param priority{};
  priority.sched_priority = 55;  // below the audio's own threads; refused where it is not allowed
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
  while (playing_) {
    const auto next = play_once();
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next)));
  }
}

}  // namespace hocket
