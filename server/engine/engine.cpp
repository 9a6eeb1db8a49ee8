#include "server/engine/engine.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>

#include "server/bridge/bulletin.h"
#include "server/bridge/handoff.h"
#include "server/bridge/queue.h"
#include "server/engine/mixer.h"
#include "server/engine/player.h"
#include "server/engine/rt.h"
#include "server/engine/schedule.h"
#include "server/engine/transport.h"
#include "server/engine/voices.h"
#include "server/engine/woven.h"

namespace hocket {

namespace {

constexpr std::uint32_t kEvents = 1 << 14;
constexpr std::size_t kLiveEvents = 1 << 12;
constexpr int kCommands = 1 << 13;
constexpr int kCommandsAnEvent = 1 << 11;  // a cut group may fade every voice of its source
constexpr std::size_t kRetired = 64;
constexpr std::uint32_t kTimedEvery = 8;  // blocks: what is measured passes from core to core
constexpr std::uint32_t kSamples = 1 << 14;

EngineSettings sane(EngineSettings s) {
  if (!(s.rate >= 1000 && s.rate <= 1e6)) s.rate = 48000;
  s.block = std::clamp(s.block, 1, kMaxBlock);
  s.threads = std::clamp(s.threads, 1, 64);
  s.channels = std::clamp(s.channels, 1, 1024);
  s.inputs = std::clamp(s.inputs, 0, kMaxInputs);
  return s;
}

std::int64_t nudge_frames(const TimedEvent& event, double rate) RT {
  return event.nudge_s == 0 ? 0 : std::llround(static_cast<double>(event.nudge_s) * rate);
}

TransportAnchor at_rest(const EngineSettings& s) {
  TransportAnchor anchor;
  anchor.frames_per_cycle = fine_position(static_cast<Wide>(s.rate * 2 * 1024), 1024);
  return anchor;
}

}  // namespace

Swap::Swap() = default;
Swap::~Swap() = default;

struct Engine::Impl {
  explicit Impl(const EngineSettings&);
  ~Impl();

  void render(float* const* out, const float* const* in, int frames) RT;
  int render_block(float* const* out, const float* const* in, int from, int most) RT;
  std::int64_t take_over() RT;
  void adopt(Swap*) RT;
  void move_transport(const Swap&) RT;
  void leave_plan() RT;
  void retire(Plan*&) RT;
  std::int64_t frame_of(const TimedEvent& event) const RT { return frame_of(event, transport); }
  std::int64_t frame_of(const TimedEvent&, const TransportAnchor&) const RT;
  std::int64_t moved_frame_of(const TimedEvent&) const RT;
  std::int64_t gather(std::int64_t end) RT;
  void dispatch(const Schedule::Entry&) RT;
  void play_sound(const SourceEntry&, Command) RT;
  void reach(Command) RT;
  bool admit(Queue<TimedEvent>&) RT;
  void prepare_gates(std::int64_t end) RT;
  const SourceEntry* source(std::uint32_t id) const RT;
  void tell_faults() RT;
  void post(std::uint64_t began, int frames) RT;

  EngineSettings settings;
  Queue<TimedEvent> events{kEvents};
  Queue<TimedEvent> live_events{kLiveEvents};
  Handoff<Swap> swaps;
  Queue<Swap*> old_swaps{kRetired};
  Queue<Plan*> old_plans{kRetired};
  Queue<NodeFault> faults{256};
  Bulletin<EngineStatus> bulletin;
  std::atomic<float> peak[2] = {0.F, 0.F};
  std::atomic<float> worst{0.F};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<bool> measuring{false};
  std::unique_ptr<SampleView[]> samples = std::make_unique<SampleView[]>(kSamples);
  std::atomic<std::uint32_t> sample_count{0};

  // The audio thread's own from here on.
  EngineStatus status;
  std::int64_t frame = 0;
  std::uint32_t blocks = 0;
  TransportAnchor transport;
  Plan* next = nullptr;        // in force, or after the transition
  Plan* transition = nullptr;  // in force while there is one
  const Plan* plan = nullptr;  // one of the two
  std::int64_t taken_at = 0;
  Schedule schedule{kEvents};
  CommandPool commands{kCommands};
  std::unique_ptr<Schedule::Entry[]> spent = std::make_unique<Schedule::Entry[]>(kEvents);
  std::uint32_t spent_count = 0;
  std::atomic<std::uint32_t> fault_count{0};
  const Plan empty;
  std::unique_ptr<Player> player;
  Mixer mixer;
  double ticks_a_frame;
};

Engine::Impl::Impl(const EngineSettings& s)
    : settings(sane(s)), transport(at_rest(settings)), plan(&empty), mixer(settings), ticks_a_frame(ticks_per_second() / settings.rate) {
  if (settings.workers() == 1)
    player = make_serial_player();
  else if (settings.player == PlayerKind::dataflow)
    player = make_dataflow_player(settings.threads, settings.block, settings.rate);
  else
    player = make_staged_player(settings.threads, settings.block, settings.rate);
  status.transport = transport;
  bulletin.post(status);
}

Engine::Impl::~Impl() {
  player.reset();
  delete swaps.withdraw();
  for (Swap* swap = nullptr; old_swaps.take(swap);) delete swap;
  for (Plan* old = nullptr; old_plans.take(old);) delete old;
  delete transition;
  delete next;
}

// ---- swaps and time

void Engine::Impl::leave_plan() RT {
  for (Woven* const woven : plan->woven) put_back(*woven);
}

void Engine::Impl::retire(Plan*& old) RT {
  if (old) old_plans.give(old);  // there is room: `take_over` looked
  old = nullptr;
}

// Takes what is due at this frame; gives the frame before which the next look is needed.
std::int64_t Engine::Impl::take_over() RT {
  if (transition && frame >= taken_at + transition->length) {
    leave_plan();
    retire(transition);
    plan = next;
  }
  std::int64_t until = transition ? taken_at + transition->length : kNever;
  const Swap* waiting = old_swaps.room() > 2 && old_plans.room() > 4 ? swaps.look() : nullptr;
  if (!waiting) return until;
  const auto due = waiting->quantised && !waiting->panic ? frame_at(transport, waiting->at) : frame;
  if (due > frame || (transition && !waiting->panic)) {
    swaps.leave();
    return due > frame ? std::min(until, due) : until;
  }
  adopt(swaps.take());
  return transition ? taken_at + transition->length : kNever;
}

void Engine::Impl::adopt(Swap* swap) RT {
  if (swap->next) {
    leave_plan();
    retire(transition);
    retire(next);
    next = swap->next.release();
    transition = swap->panic ? nullptr : swap->transition.release();
    plan = transition ? transition : next;
    taken_at = frame;
    for (const Inheritance& heir : plan->inheritances) inherit(heir, frame);
  }
  if (swap->panic) mixer.reset();
  const TransportAnchor before = transport;
  if (swap->retime || swap->reset_cycle) move_transport(*swap);
  for (std::uint32_t i = 0; i < swap->first_count; ++i) {
    const TimedEvent& event = swap->first[i];
    const SourceEntry* const to = source(event.source);
    if (!to) continue;
    const auto kind = plan->targets[to->first].kind;
    const bool lasts = kind == TargetKind::hold || kind == TargetKind::curve;
    const bool past = frame_of(event, swap->reset_cycle ? transport : before) < frame;
    if (past && !lasts) continue;
    if (!schedule.push(event, past ? frame_of(event) : moved_frame_of(event), true)) ++status.dropped_events;
  }
  status.swap_serial = swap->serial;
  status.swap_frame = frame;
  old_swaps.give(swap);
}

void Engine::Impl::move_transport(const Swap& swap) RT {
  const Position before = position_at(transport, frame);
  TransportAnchor moved = retimed(transport, frame, swap.retime ? swap.frames_per_cycle : transport.frames_per_cycle);
  if (swap.reset_cycle) moved.at = swap.cycle;
  transport = hocket::sane(moved);
  status.transport = transport;
  const Position to = swap.reset_cycle ? transport.at : before;
  // What was queued for the old count of cycles has no place in the new one; sources that begin with the swap do.
  if (swap.reset_cycle) {
    // Releases stay: they have their frames.
    schedule.drop([&](const TimedEvent& event) RT { return event.act != Act::release || event.frame == kByPosition; });
    while (events.peek()) events.drop();
  }
  schedule.retime([&](const TimedEvent& event) RT { return moved_frame_of(event); });
  for (Node* node : plan->voices) static_cast<Voices*>(node)->retime(transport, frame, to, before);
  for (Node* node : plan->gates) retime(*static_cast<GateNode*>(node), transport, frame, to, before);
  for (Node* node : plan->curves) retime(*static_cast<CurveNode*>(node), transport, to, before);
}

std::int64_t Engine::Impl::frame_of(const TimedEvent& event, const TransportAnchor& anchor) const RT {
  const auto at = event.frame == kByPosition ? frame_at(anchor, event.at) : event.frame;
  return at + nudge_frames(event, settings.rate);
}

// What was still to come when the tempo changed is so afterwards: half a frame before the change, where an onset belongs to the
// frame of the change, may be more than a frame of the new tempo.
std::int64_t Engine::Impl::moved_frame_of(const TimedEvent& event) const RT {
  const auto at = frame_of(event);
  return event.frame == kByPosition ? std::max(at, frame) : at;
}

// ---- events

// False: no room for all.
bool Engine::Impl::admit(Queue<TimedEvent>& queue) RT {
  while (schedule.room() > 0) {
    const TimedEvent* event = queue.peek();
    if (!event) return true;
    schedule.push(*event, frame_of(*event), false);
    queue.drop();
  }
  return false;
}

const SourceEntry* Engine::Impl::source(std::uint32_t id) const RT {
  const auto& sources = plan->sources;
  const auto at = std::lower_bound(sources.begin(), sources.end(), id, [](const SourceEntry& s, std::uint32_t x) { return s.id < x; });
  return at != sources.end() && at->id == id && at->targets > 0 ? &*at : nullptr;
}

// Hands the events before `end` to their nodes; gives an earlier end where there were too many for one block.
std::int64_t Engine::Impl::gather(std::int64_t end) RT {
  if (admit(live_events)) admit(events);
  for (const auto* top = schedule.top(); top && top->frame < end; top = schedule.top()) {
    if (commands.room() < kCommandsAnEvent && top->frame > frame) return top->frame;
    const auto entry = schedule.pop();
    spent[spent_count++] = entry;
    dispatch(entry);
  }
  return end;
}

void Engine::Impl::dispatch(const Schedule::Entry& entry) RT {
  const TimedEvent& event = schedule.event(entry);
  Command command;
  command.event = &event;
  command.from = entry.frame;
  command.frame = std::max(entry.frame, frame);
  if (event.act == Act::release || (event.act == Act::change && event.tag != 0)) return reach(command);
  const SourceEntry* const to = source(event.source);
  if (!to) return;
  command.until = event.until.den > 0 ? frame_at(transport, event.until) + nudge_frames(event, settings.rate) : kNever;
  const auto targets = plan->targets.subspan(to->first, to->targets);
  if (targets[0].kind == TargetKind::voices) return play_sound(*to, command);
  if (entry.frame < frame && targets[0].kind == TargetKind::gate && event.tag == 0) ++status.late_events;
  // What a new pattern began before it took over is under way.
  const bool lasts = targets[0].kind == TargetKind::hold || targets[0].kind == TargetKind::curve;
  if (lasts && (event.act == Act::change || (entry.first && entry.frame < frame))) command.kind = Command::Kind::change;
  for (const Target& target : targets) {
    bool fits = true;
    if (target.kind == TargetKind::hold) fits = commands.append(static_cast<HoldNode*>(target.node)->commands, command);
    if (target.kind == TargetKind::curve) fits = commands.append(static_cast<CurveNode*>(target.node)->commands, command);
    if (target.kind == TargetKind::gate) fits = commands.append(static_cast<GateNode*>(target.node)->commands, command);
    if (!fits) ++status.dropped_events;
  }
}

void Engine::Impl::play_sound(const SourceEntry& to, Command command) RT {
  const TimedEvent& event = *command.event;
  if (command.from < frame && event.tag == 0) ++status.late_events;
  const auto targets = plan->targets.subspan(to.first, to.targets);
  if (event.cut != 0)
    for (const Target& target : targets) static_cast<Voices*>(target.node)->cut(event.cut, command.frame, commands);
  for (const Target& target : targets) {
    if (target.voice != event.voice) continue;
    auto& voices = *static_cast<Voices*>(target.node);
    const auto stolen = voices.stolen();
    if (!voices.start(command, commands)) ++status.refused_voices;
    status.stolen_voices += voices.stolen() - stolen;
  }
}

// What was played by hand is found by its tag: its source may be gone, and its voice sound on.
void Engine::Impl::reach(Command command) RT {
  const bool release = command.event->act == Act::release;
  command.kind = release ? Command::Kind::release : Command::Kind::change;
  for (Node* node : plan->voices) {
    auto& voices = *static_cast<Voices*>(node);
    const bool fits = release ? voices.let_go(command, commands) : voices.change(command, commands);
    if (!fits) ++status.dropped_events;
  }
  if (!release) return;
  for (Node* node : plan->gates)
    if (!commands.append(static_cast<GateNode*>(node)->commands, command)) ++status.dropped_events;
}

// A gate is low in the frame before an onset: one on the first frame after the block is told of now.
void Engine::Impl::prepare_gates(std::int64_t end) RT {
  if (plan->gates.empty()) return;
  const auto first = spent_count;
  auto last = first;
  for (const auto* top = schedule.top(); top && top->frame <= end; top = schedule.top()) spent[last++] = schedule.pop();
  for (auto i = last; i-- > first;) {
    const bool starts = schedule.event(spent[i]).act == Act::start;
    if (const SourceEntry* const to = starts ? source(spent[i].source) : nullptr)
      for (const Target& target : plan->targets.subspan(to->first, to->targets))
        if (target.kind == TargetKind::gate) static_cast<GateNode*>(target.node)->low_at_end = true;
    schedule.put_back(spent[i]);
  }
}

// ---- rendering

int Engine::Impl::render_block(float* const* out, const float* const* in, int from, int most) RT {
  const auto look_again = take_over();
  auto end = std::min(frame + std::min(most, kReuse), (frame / settings.block + 1) * settings.block);
  end = gather(std::min(end, look_again));
  prepare_gates(end);

  Block block;
  block.frames = static_cast<int>(end - frame);
  block.clock.rate = static_cast<float>(settings.rate);
  block.clock.period = static_cast<float>(1 / settings.rate);
  block.clock.cycle_s = static_cast<float>(seconds_per_cycle(transport, settings.rate));
  block.clock.frame = frame;
  block.clock.samples = samples.get();
  block.clock.sample_count = sample_count.load(std::memory_order_acquire);
  block.since = frame - taken_at;
  const float* inputs[kMaxInputs];  // those beyond the device's are not looked at
  for (int c = 0; c < settings.inputs; ++c) inputs[c] = in && in[c] ? in[c] + from : nullptr;
  block.in = inputs;
  block.inputs = settings.inputs;
  block.commands = commands.cells();
  block.plan = plan;
  block.tick_ns = 1e9 / (ticks_a_frame * settings.rate);
  block.timed = ++blocks % kTimedEvery == 0;
  block.metered = measuring.load(std::memory_order_relaxed);
  block.faults = &fault_count;
  player->play(*plan, block);
  mixer.run(*plan, block, out, from);

  for (std::uint32_t i = 0; i < spent_count; ++i) schedule.release(spent[i]);
  spent_count = 0;
  commands.clear();
  if (fault_count.load(std::memory_order_relaxed) != 0) tell_faults();
  frame = end;
  return block.frames;
}

void Engine::Impl::render(float* const* out, const float* const* in, int frames) RT {
  const RealTimeRegion region;
  const FlushDenormals flush;
  const auto began = ticks();
  mixer.begin(frames);
  for (int from = 0; from < frames;) from += render_block(out, in, from, frames - from);
  post(began, frames);
}

void Engine::Impl::tell_faults() RT {
  status.nonfinite += fault_count.exchange(0, std::memory_order_relaxed);
  for (std::size_t n = 0; n < plan->nodes.size(); ++n) {
    if (!plan->nodes[n]->faulty.exchange(false, std::memory_order_relaxed)) continue;
    NodeFault fault;
    fault.frame = frame;
    std::memcpy(fault.key, plan->keys[n].text, sizeof fault.key);
    faults.give(fault);
  }
}

void Engine::Impl::post(std::uint64_t began, int frames) RT {
  status.frame = frame;
  status.transport = transport;
  status.voices = 0;
  for (const Node* node : plan->voices) status.voices += static_cast<const Voices*>(node)->sounding();
  for (int c = 0; c < 2; ++c)
    if (mixer.peaks()[c] > peak[c].load(std::memory_order_relaxed)) peak[c].store(mixer.peaks()[c], std::memory_order_relaxed);
  const double busy = static_cast<double>(ticks() - began);
  const auto used = static_cast<float>(busy / (ticks_a_frame * std::max(1, frames)));
  status.load += 0.05F * (used - status.load);
  status.busy_s += busy / (ticks_a_frame * settings.rate);
  ++status.callbacks;
  if (used > 1) ++status.overruns;
  if (used > worst.load(std::memory_order_relaxed)) worst.store(used, std::memory_order_relaxed);
  bulletin.post(status);
}

// ---- the public face

Engine::Engine(const EngineSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Engine::~Engine() = default;

void Engine::render(float* const* out, const float* const* in, int frames) RT {
  impl_->render(out, in, frames);
}

int Engine::latency_frames() const {
  return impl_->mixer.latency();
}

bool Engine::give(const TimedEvent& event) {
  if (impl_->events.give(event)) return true;
  impl_->dropped.fetch_add(1, std::memory_order_relaxed);
  return false;
}

bool Engine::give_live(const TimedEvent& event) {
  return impl_->live_events.give(event);
}

bool Engine::give(std::unique_ptr<Swap>& swap) {
  if (!swap) return true;
  if (!impl_->swaps.give(swap.get())) return false;
  (void)swap.release();
  return true;
}

std::unique_ptr<Swap> Engine::withdraw() {
  return std::unique_ptr<Swap>(impl_->swaps.withdraw());
}

bool Engine::take(NodeFault& fault) {
  return impl_->faults.take(fault);
}

void Engine::collect() {
  for (Swap* swap = nullptr; impl_->old_swaps.take(swap);) delete swap;
  for (Plan* plan = nullptr; impl_->old_plans.take(plan);) delete plan;
}

EngineStatus Engine::status() const {
  EngineStatus status = impl_->bulletin.read();
  status.dropped_events += impl_->dropped.load(std::memory_order_relaxed);
  for (int c = 0; c < 2; ++c) status.peak[c] = impl_->peak[c].load(std::memory_order_relaxed);
  status.worst_load = impl_->worst.load(std::memory_order_relaxed);
  return status;
}

void Engine::measure(bool on) {
  impl_->measuring.store(on, std::memory_order_relaxed);
}

void Engine::forget_peaks() {
  impl_->worst.store(0, std::memory_order_relaxed);
  for (auto& peak : impl_->peak) peak.store(0, std::memory_order_relaxed);
}

void Engine::give_sample(std::uint32_t index, const SampleView& view) {
  if (index >= kSamples) return;
  impl_->samples[index] = view;
  const auto count = impl_->sample_count.load(std::memory_order_relaxed);
  impl_->sample_count.store(std::max(count, index + 1), std::memory_order_release);
}

std::span<const float> Engine::stem(std::uint32_t output, int channel) const {
  return impl_->mixer.stem(output, channel);
}

const EngineSettings& Engine::settings() const {
  return impl_->settings;
}

}  // namespace hocket
