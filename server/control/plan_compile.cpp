#include "server/control/plan_compile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "server/control/plan_nodes.h"
#include "server/control/plan_store.h"

namespace hocket {

namespace {

constexpr double kRamp_s = 0.010;
constexpr float kCheap_ns = 1.5;   // a frame: not worth a task of its own …
constexpr float kAbsorbed_ns = 6;  // … nor are so many of them together
constexpr double kQuietTail_s = 0.25;
constexpr double kLongestRing_s = 20;

/// One node's work, or a part of it that another worker may do.
struct Item {
  enum class Kind : std::uint8_t { node, voices, late_write, output };
  Kind kind = Kind::node;
  std::uint32_t index = 0;  // of the node or output
  int part = 0;             // voices: which of the tasks
  std::vector<std::uint32_t> needs;
  int readers = 0;  // items that need this one
  int task = -1;
  float cost = 0;
};

struct Group {  // a task in the making
  std::vector<std::uint32_t> items;
  int level = 0;
  float cost = 0;
};

class Compiler {
 public:
  Compiler(const Flow& flow, const EngineSettings& settings, LoadBook& loads) : flow_(flow), settings_(settings), loads_(loads) {}
  std::unique_ptr<Plan> run();

 private:
  // which work, in which tasks
  void list_items();
  std::uint32_t add_item(Item);
  void need(Item&, const FlowInput&) const;
  float cost_of(const FlowNode&) const;
  void form_tasks();
  void place(std::uint32_t item);
  // steps and buffers
  void count_reads();
  void count_read(const FlowInput&, std::uint32_t item);
  void emit_stages();
  void emit(std::uint32_t item);
  void emit_unit(const FlowNode&, std::uint32_t n);
  void emit_voices(const FlowNode&, const Item&);
  void emit_voices_sum(const FlowNode&, std::uint32_t n);
  void emit_output(std::uint32_t index);
  void blend(const FlowInput&, int channels, float* const* out, const std::string& what);
  bool wired(const FlowInput&, int channels, Wire* wires);
  Wire wire(const FlowTerm&, int channel);
  float* buffer();
  void give_out(std::uint32_t n);
  void read_done(const FlowInput&, std::uint32_t item);
  void step(void (*how)(void*, const Block&, int) RT, void* self, std::string what, std::string in, std::string out);
  // the rest
  void list_nodes();
  void list_sources();
  std::unique_ptr<Plan> finish();

  std::string text(Wire) const;
  std::string text(const float*) const;

  const Flow& flow_;
  const EngineSettings& settings_;
  LoadBook& loads_;
  std::shared_ptr<PlanStore> store_ = std::make_shared<PlanStore>();

  std::vector<Item> items_;
  std::vector<std::uint32_t> producer_;  // node → the item that completes its output
  std::vector<Group> groups_;

  struct Reads {
    int left = 0;
    int task = -1;      // of all readers, or -2: several
    bool kept = false;  // to the end of the block
  };
  std::vector<Reads> reads_;
  std::vector<float*> out_[2];  // node → buffer a channel
  struct VoiceParts {
    float** out = nullptr;
    bool* wrote = nullptr;
    bool* silent = nullptr;
    int parts = 1;
  };
  std::vector<VoiceParts> voice_parts_;
  std::vector<float*> free_, free_here_, pending_, temporary_;
  Meter* meter_ = nullptr;                         // of the steps in the making
  std::vector<std::vector<OutputEntry>> entries_;  // by output
  std::size_t stride_ = 64, next_buffer_ = 0, most_buffers_ = 0;
  std::size_t scratch_floats_ = 0;
};

// ---- which work, in which tasks

std::uint32_t Compiler::add_item(Item item) {
  std::sort(item.needs.begin(), item.needs.end());
  item.needs.erase(std::unique(item.needs.begin(), item.needs.end()), item.needs.end());
  for (const auto n : item.needs) ++items_[n].readers;
  items_.push_back(std::move(item));
  return static_cast<std::uint32_t>(items_.size() - 1);
}

void Compiler::need(Item& item, const FlowInput& input) const {
  for (const auto& term : input)
    if (!term.constant) item.needs.push_back(producer_[term.node]);
}

// Rough: the measured cost takes over once the plan runs.
float Compiler::cost_of(const FlowNode& node) const {
  if (node.kind == FlowNode::Kind::voices) return 2.F * static_cast<float>(node.voice->steps_a_frame);
  if (node.kind != FlowNode::Kind::unit) return 0.5F;
  const auto& unit = static_cast<const UnitNode&>(*node.object);
  if (node.entry->info.pure) return 0.5F * static_cast<float>(node.channels);
  return static_cast<float>(unit.states) *
         (1.F + 0.1F * static_cast<float>(unit.kernel.state_bytes) / 4 + (unit.memory[0].frames ? 3.F : 0.F));
}

void Compiler::list_items() {
  producer_.assign(flow_.nodes.size(), 0);
  voice_parts_.assign(flow_.nodes.size(), {});
  const auto order = ordered(flow_);
  for (const auto n : order) {
    const FlowNode& node = flow_.nodes[n];
    Item item;
    item.index = n;
    item.cost = cost_of(node);
    if (node.kind != FlowNode::Kind::late)
      for (const auto& input : node.inputs) need(item, input);
    if (node.kind == FlowNode::Kind::voices) {
      auto& voices = static_cast<Voices&>(*node.object);
      const int parts = std::min(voices.banks(), settings_.threads > 1 ? 2 * settings_.threads : 1);
      voice_parts_[n].parts = parts;
      Item sum;
      sum.index = n;
      sum.cost = 0.5F;
      for (int part = 0; part < parts; ++part) {
        Item voice = item;
        voice.kind = Item::Kind::voices;
        voice.part = part;
        sum.needs.push_back(add_item(std::move(voice)));
      }
      producer_[n] = add_item(std::move(sum));
    } else {
      producer_[n] = add_item(std::move(item));
    }
  }
  for (const auto n : order) {
    if (flow_.nodes[n].kind != FlowNode::Kind::late) continue;
    Item item;
    item.kind = Item::Kind::late_write;
    item.index = n;
    item.needs.push_back(producer_[n]);  // read before it is overwritten
    for (const auto& input : flow_.nodes[n].inputs) need(item, input);
    add_item(std::move(item));
  }
  for (std::uint32_t o = 0; o < flow_.outputs.size(); ++o) {
    Item item;
    item.kind = Item::Kind::output;
    item.index = o;
    need(item, flow_.outputs[o].input);
    add_item(std::move(item));
  }
}

// A task is a straight chain: an item joins the task of one that it needs where nobody else needs that and all else that it
// needs is done in earlier stages. Cheap tasks with one reader are taken into their reader's.
void Compiler::place(std::uint32_t i) {
  Item& item = items_[i];
  const bool voices = item.kind == Item::Kind::voices;
  // The whole task of `n` is for this item alone.
  const auto is_ours = [&](std::uint32_t n) { return items_[n].readers == 1 && groups_[items_[n].task].items.back() == n; };
  const auto is_cheap = [&](std::uint32_t n) { return !voices && is_ours(n) && groups_[items_[n].task].cost < kCheap_ns; };

  int best = -1;
  for (const auto n : item.needs) {
    const int task = items_[n].task;
    if (is_ours(n) && (best < 0 || groups_[task].level > groups_[best].level)) best = task;
  }
  if (voices && voice_parts_[item.index].parts > 1) best = -1;
  if (best >= 0) {
    const int level = groups_[best].level;
    const bool fits = std::all_of(item.needs.begin(), item.needs.end(), [&](std::uint32_t n) {
      const int task = items_[n].task;
      return task == best || groups_[task].level < level || (groups_[task].level == level && is_cheap(n));
    });
    if (!fits) best = -1;
  }
  const bool joins = best >= 0;
  if (!joins) {
    best = static_cast<int>(groups_.size());
    groups_.emplace_back();
  }
  Group& group = groups_[best];
  for (const auto n : item.needs) {
    const int task = items_[n].task;
    if (task == best) continue;
    Group& from = groups_[task];
    const bool taken = is_cheap(n) && (joins || group.cost < kAbsorbed_ns);
    if (!joins) group.level = std::max(group.level, taken ? from.level : from.level + 1);
    if (!taken) continue;
    group.cost += from.cost;
    for (const auto moved : from.items) {
      items_[moved].task = best;
      group.items.push_back(moved);
    }
    from.items.clear();
  }
  item.task = best;
  group.items.push_back(i);
  group.cost += item.cost;
}

void Compiler::form_tasks() {
  for (std::uint32_t i = 0; i < items_.size(); ++i) place(i);
}

// ---- steps and buffers

void Compiler::count_read(const FlowInput& input, std::uint32_t item) {
  for (const auto& term : input) {
    if (term.constant) continue;
    Reads& reads = reads_[term.node];
    ++reads.left;
    reads.task = reads.task == -1 || reads.task == items_[item].task ? items_[item].task : -2;
  }
}

void Compiler::count_reads() {
  reads_.assign(flow_.nodes.size(), {});
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.kind == Item::Kind::output) {
      const auto& input = flow_.outputs[item.index].input;
      for (const auto& term : input)
        if (!term.constant) reads_[term.node].kept = true;
      most_buffers_ += 2;
      continue;
    }
    const FlowNode& node = flow_.nodes[item.index];
    most_buffers_ += 2 + 2 * node.inputs.size();
    if (item.kind == Item::Kind::voices && item.part == 0)
      most_buffers_ += static_cast<std::size_t>(static_cast<Voices&>(*node.object).banks() * node.channels);
    if (item.kind == Item::Kind::node && (node.kind == FlowNode::Kind::late || node.kind == FlowNode::Kind::voices)) continue;
    for (const auto& input : node.inputs) count_read(input, i);
  }
}

float* Compiler::buffer() {
  for (auto* list : {&free_here_, &free_}) {
    if (list->empty()) continue;
    float* const at = list->back();
    list->pop_back();
    return at;
  }
  return store_->buffers.get() + stride_ * next_buffer_++;
}

void Compiler::give_out(std::uint32_t n) {
  for (int c = 0; c < flow_.nodes[n].channels; ++c) out_[c][n] = buffer();
}

// A buffer whose readers are all in this task serves the task again; else it is free from the next stage on.
void Compiler::read_done(const FlowInput& input, std::uint32_t i) {
  for (const auto& term : input) {
    if (term.constant) continue;
    Reads& reads = reads_[term.node];
    if (--reads.left > 0 || reads.kept) continue;
    const bool here = reads.task == items_[i].task && items_[producer_[term.node]].task == items_[i].task;
    for (int c = 0; c < flow_.nodes[term.node].channels; ++c) (here ? free_here_ : pending_).push_back(out_[c][term.node]);
  }
}

Wire Compiler::wire(const FlowTerm& term, int channel) {
  if (!term.constant) return {out_[std::min(channel, flow_.nodes[term.node].channels - 1)][term.node], 1};
  store_->constants.push_back(term.value);
  return {&store_->constants.back(), 0};
}

std::string Compiler::text(const float* at) const {
  const auto index = static_cast<std::size_t>(at - store_->buffers.get()) / stride_;
  return "b" + std::to_string(index);
}

std::string Compiler::text(Wire w) const {
  if (w.step != 0) return text(w.at);
  char number[32];
  std::snprintf(number, sizeof number, "%.6g", static_cast<double>(*w.at));
  return number;
}

void Compiler::step(void (*how)(void*, const Block&, int) RT, void* self, std::string what, std::string in, std::string out) {
  store_->steps.push_back({how, self, meter_});
  store_->notes.push_back({std::move(what), std::move(in), std::move(out)});
}

void Compiler::blend(const FlowInput& input, int channels, float* const* out, const std::string& what) {
  auto* const made = store_->arena.make<BlendStep>();
  auto* const terms = store_->arena.make<Term>(input.size());
  made->terms = terms;
  made->count = static_cast<int>(input.size());
  made->outs = channels;
  std::string in;
  for (std::size_t t = 0; t < input.size(); ++t) {
    static constexpr const char* kFades[] = {"", " in", " out", " in~", " out~"};
    for (int c = 0; c < 2; ++c) terms[t].wire[c] = wire(input[t], c);
    terms[t].fade = input[t].fade;
    if (!input[t].constant) terms[t].silent = voice_parts_[input[t].node].silent;
    terms[t].frames = input[t].frames;
    in += (t ? " + " : "") + text(terms[t].wire[0]) + kFades[static_cast<int>(input[t].fade)];
  }
  for (int c = 0; c < channels; ++c) made->out[c] = out[c];
  step(run_blend, made, what, in, text(out[0]) + (channels > 1 ? " " + text(out[1]) : ""));
}

// One plain term is read where it lies; anything else is blended first. False: blended, into buffers that the step after gives back.
bool Compiler::wired(const FlowInput& input, int channels, Wire* wires) {
  if (input.empty() || (input.size() == 1 && input[0].fade == Fade::none)) {
    for (int c = 0; c < channels; ++c) wires[c] = wire(input.empty() ? FlowTerm::of(0) : input[0], c);
    return true;
  }
  int widest = 1;
  for (const auto& term : input)
    if (!term.constant) widest = std::max(widest, flow_.nodes[term.node].channels);
  widest = std::min(widest, channels);
  float* out[2] = {nullptr, nullptr};
  for (int c = 0; c < widest; ++c) temporary_.push_back(out[c] = buffer());
  blend(input, widest, out, "blend");
  for (int c = 0; c < channels; ++c) wires[c] = {out[std::min(c, widest - 1)], 1};
  return false;
}

void Compiler::emit_unit(const FlowNode& node, std::uint32_t n) {
  auto& unit = static_cast<UnitNode&>(*node.object);
  const bool each = node.entry->info.shape == Shape::each;
  std::vector<std::array<Wire, 2>> ports(node.inputs.size());
  for (std::size_t p = 0; p < ports.size(); ++p) wired(node.inputs[p], each ? node.channels : p == 0 ? 2 : 1, ports[p].data());
  give_out(n);
  for (int run = 0; run < unit.states; ++run) {
    auto* const made = store_->arena.make<UnitStep>();
    const bool stereo = unit.kernel.in_channels == 2;
    auto* const in = store_->arena.make<Wire>(ports.size() + 1);
    std::string reads;
    std::size_t w = 0;
    for (std::size_t p = 0; p < ports.size(); ++p) {
      if (p == 0 && stereo) in[w++] = ports[p][0];
      in[w++] = ports[p][p == 0 && stereo ? 1 : each ? run : 0];
    }
    for (std::size_t i = 0; i < w; ++i) reads += (i ? " " : "") + text(in[i]);
    made->run = unit.kernel.run;
    made->state = unit.state[run];
    made->memory = unit.memory[run];
    made->in = in;
    made->node = &unit;
    made->first = run == 0;
    made->outs = each ? 1 : node.channels;
    std::string writes;
    for (int c = 0; c < made->outs; ++c) {
      made->out[c] = out_[each ? run : c][n];
      writes += (c ? " " : "") + text(made->out[c]);
    }
    step(run_unit, made, std::string(node.entry->info.name) + " " + node.key + (node.ghost ? " (ghost)" : ""), reads, writes);
  }
  if (node.rings && node.entry->info.tail) {
    auto* const tail = store_->arena.make<TailStep>();
    tail->node = &unit;
    tail->channels = node.channels;
    for (int c = 0; c < node.channels; ++c) tail->in[c] = {out_[c][n], 1};
    tail->quiet_frames = std::max<std::int64_t>(static_cast<std::int64_t>(kQuietTail_s * settings_.rate), unit.memory[0].frames);
    tail->most_frames = static_cast<std::int64_t>(kLongestRing_s * settings_.rate);
    step(run_tail, tail, "tail " + node.key, text(tail->in[0]), "");
  }
}

void Compiler::emit_voices(const FlowNode& node, const Item& item) {
  auto& voices = static_cast<Voices&>(*node.object);
  const VoiceRecipe& recipe = *node.voice;
  VoiceParts& parts = voice_parts_[item.index];
  const auto banks = static_cast<std::size_t>(voices.banks()), channels = static_cast<std::size_t>(node.channels);
  if (!parts.out) {
    parts.out = store_->arena.make<float*>(banks * channels);
    parts.silent = store_->arena.make<bool>();
    parts.wrote = store_->arena.make<bool>(banks);
  }
  for (auto g = static_cast<std::size_t>(item.part); g < banks; g += static_cast<std::size_t>(parts.parts))
    for (std::size_t c = 0; c < channels; ++c) parts.out[g * channels + c] = buffer();
  std::vector<std::array<Wire, 2>> inputs(node.inputs.size());
  for (std::size_t p = 0; p < inputs.size(); ++p) wired(node.inputs[p], 2, inputs[p].data());
  auto* const outer = store_->arena.make<Wire>(recipe.slots.size());
  std::string reads;
  for (std::size_t s = 0; s < recipe.slots.size(); ++s) {
    outer[s] = inputs[recipe.slots[s].input][static_cast<std::size_t>(recipe.slots[s].channel)];
    reads += (s ? " " : "") + text(outer[s]);
  }
  auto* const made = store_->arena.make<VoicesStep>();
  made->node = &voices;
  made->outer = outer;
  made->out = parts.out;
  made->wrote = parts.wrote;
  made->first = item.part;
  made->stride = parts.parts;
  scratch_floats_ = std::max<std::size_t>(scratch_floats_, recipe.program.scratch_floats);
  step(run_voices, made,
       "voices " + node.key + (node.ghost ? " (ghost)" : "") + ", " + std::to_string(voices.polyphony()) + " of " +
           std::to_string(recipe.program.steps.size()) + " steps, " + std::to_string(recipe.program.lanes) + " lanes",
       reads, text(parts.out[static_cast<std::size_t>(item.part) * channels]) + "…");
}

void Compiler::emit_voices_sum(const FlowNode& node, std::uint32_t n) {
  auto& voices = static_cast<Voices&>(*node.object);
  give_out(n);
  auto* const made = store_->arena.make<VoicesSumStep>();
  made->node = &voices;
  made->in = voice_parts_[n].out;
  made->wrote = voice_parts_[n].wrote;
  made->silent = voice_parts_[n].silent;
  made->ghost = node.rings;
  for (int c = 0; c < node.channels; ++c) made->out[c] = out_[c][n];
  step(run_voices_sum, made, "sum " + node.key, text(made->in[0]) + "…",
       text(made->out[0]) + (node.channels > 1 ? " " + text(made->out[1]) : ""));
  for (int b = 0; b < voices.banks() * node.channels; ++b) pending_.push_back(voice_parts_[n].out[b]);
}

void Compiler::emit_output(std::uint32_t index) {
  const FlowOutput& output = flow_.outputs[index];
  OutputEntry entry;
  int channels = 1;
  for (const auto& term : output.input)
    if (!term.constant) channels = std::max(channels, flow_.nodes[term.node].channels);
  if (!wired(output.input, 2, entry.in)) temporary_.clear();  // the mixer reads it after the last stage
  const auto routed = [&](const std::vector<int>& route) {
    OutputEntry made = entry;
    for (std::size_t c = 0; c < 2 && !route.empty(); ++c)
      made.hardware[c] = static_cast<std::int16_t>(std::clamp(route[std::min(c, route.size() - 1)] - 1, 0, 32767));
    if (route.size() == 1) made.hardware[1] = -1;
    return made;
  };
  OutputEntry to = routed(output.route);
  to.from = output.from;
  to.to = output.to;
  if (output.route != output.route_from) {
    OutputEntry was = routed(output.route_from);
    was.from = output.from;
    was.to = 0;
    was.stem = false;
    to.from = 0;
    entries_[index] = {to, was};
  } else {
    entries_[index] = {to};
  }
  store_->output_notes[index] = output.name + ": " + text(entry.in[0]) + (channels > 1 ? " " + text(entry.in[1]) : "");
}

void Compiler::emit(std::uint32_t i) {
  const Item& item = items_[i];
  meter_ = nullptr;
  if (item.kind == Item::Kind::output) return emit_output(item.index);
  const auto n = item.index;
  const FlowNode& node = flow_.nodes[n];
  store_->meters.push_back(loads_.meter(node.key));
  meter_ = store_->meters.back().get();
  Arena& arena = store_->arena;
  bool reads = true;
  if (item.kind == Item::Kind::voices) {
    emit_voices(node, item);
  } else if (item.kind == Item::Kind::late_write) {
    auto* const made = arena.make<LateStep>();
    made->node = static_cast<LateNode*>(node.object.get());
    made->channels = node.channels;
    wired(node.inputs[0], 2, made->in);
    step(run_late_write, made, "write " + node.key, text(made->in[0]), "");
  } else {
    switch (node.kind) {
      case FlowNode::Kind::unit:
        emit_unit(node, n);
        break;
      case FlowNode::Kind::voices:
        emit_voices_sum(node, n);
        reads = false;
        break;
      case FlowNode::Kind::mix: {
        give_out(n);
        float* const out[2] = {out_[0][n], node.channels > 1 ? out_[1][n] : nullptr};
        blend(node.inputs[0], node.channels, out, "mix " + node.key);
        break;
      }
      case FlowNode::Kind::hold: {
        give_out(n);
        auto* const made = arena.make<HoldStep>();
        *made = {static_cast<HoldNode*>(node.object.get()), out_[0][n]};
        step(run_hold, made, "hold " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::curve: {
        give_out(n);
        auto* const made = arena.make<CurveStep>();
        *made = {static_cast<CurveNode*>(node.object.get()), out_[0][n]};
        step(run_curve, made, "curve " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::gate: {
        give_out(n);
        auto* const made = arena.make<GateStep>();
        *made = {static_cast<GateNode*>(node.object.get()), out_[0][n]};
        step(run_gate, made, "gate " + node.key, "", text(made->out));
        break;
      }
      case FlowNode::Kind::input: {
        give_out(n);
        auto* const made = arena.make<InputStep>();
        *made = {node.hardware, out_[0][n]};
        step(run_input, made, "in " + node.key, std::to_string(node.hardware + 1), text(made->out));
        break;
      }
      case FlowNode::Kind::late: {
        give_out(n);
        auto* const made = arena.make<LateStep>();
        made->node = static_cast<LateNode*>(node.object.get());
        made->channels = node.channels;
        for (int c = 0; c < node.channels; ++c) made->out[c] = out_[c][n];
        step(run_late_read, made, "late " + node.key, "", text(made->out[0]));
        reads = false;
        break;
      }
    }
  }
  free_here_.insert(free_here_.end(), temporary_.begin(), temporary_.end());
  temporary_.clear();
  if (reads)
    for (const auto& input : node.inputs) read_done(input, i);
  if (item.kind == Item::Kind::node && reads_[n].left == 0 && !reads_[n].kept)
    for (int c = 0; c < node.channels; ++c) pending_.push_back(out_[c][n]);
}

void Compiler::emit_stages() {
  stride_ = (static_cast<std::size_t>(settings_.block) + 15) / 16 * 16;
  // Untouched pages cost nothing: the worst case is asked for, and few of it used.
  const auto bytes = (most_buffers_ * stride_ * sizeof(float) + 63) / 64 * 64 + 64;
  store_->buffers.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
  for (auto& out : out_) out.assign(flow_.nodes.size(), nullptr);
  entries_.resize(flow_.outputs.size());
  store_->output_notes.resize(flow_.outputs.size());

  std::vector<std::uint32_t> order;
  for (std::uint32_t g = 0; g < groups_.size(); ++g)
    if (!groups_[g].items.empty()) order.push_back(g);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return groups_[a].level != groups_[b].level ? groups_[a].level < groups_[b].level : groups_[a].cost > groups_[b].cost;
  });
  for (std::size_t at = 0; at < order.size();) {
    const int level = groups_[order[at]].level;
    Stage stage;
    stage.first = static_cast<std::uint32_t>(store_->tasks.size());
    for (; at < order.size() && groups_[order[at]].level == level; ++at) {
      Task task;
      task.first = static_cast<std::uint32_t>(store_->steps.size());
      task.cost = groups_[order[at]].cost;
      for (const auto i : groups_[order[at]].items) emit(i);
      task.steps = static_cast<std::uint32_t>(store_->steps.size()) - task.first;
      pending_.insert(pending_.end(), free_here_.begin(), free_here_.end());
      free_here_.clear();
      if (task.steps == 0) continue;
      store_->tasks.push_back(task);
      ++stage.tasks;
    }
    free_.insert(free_.end(), pending_.begin(), pending_.end());
    pending_.clear();
    if (stage.tasks > 0) store_->stages.push_back(stage);
  }
  for (std::size_t i = 0; i < next_buffer_ * stride_; ++i) store_->buffers.get()[i] = 0;
}

// ---- the rest

void Compiler::list_nodes() {
  for (const auto& node : flow_.nodes) {
    if (!node.object) continue;
    Node* const object = node.object.get();
    store_->objects.push_back(node.object);
    store_->nodes.push_back(object);
    if (node.kind == FlowNode::Kind::gate) store_->gates.push_back(object);
    if (node.kind == FlowNode::Kind::curve) store_->curves.push_back(object);
    if (node.kind == FlowNode::Kind::voices) store_->voices.push_back(object);
    const auto bytes = bytes_of(node);
    store_->object_bytes += bytes;
    store_->object_notes.push_back(node.key + (node.ghost ? " (ghost)" : "") + "  " + std::to_string(bytes) + " bytes");
  }
}

void Compiler::list_sources() {
  for (const auto& source : flow_.sources) {
    SourceEntry entry;
    entry.id = source.id;
    entry.first = static_cast<std::uint32_t>(store_->targets.size());
    for (const auto n : source.nodes) {
      const FlowNode& node = flow_.nodes[n];
      Target target;
      target.node = node.object.get();
      target.voice = static_cast<std::uint16_t>(node.voice_position);
      switch (node.kind) {
        case FlowNode::Kind::hold:
          target.kind = TargetKind::hold;
          break;
        case FlowNode::Kind::gate:
          target.kind = TargetKind::gate;
          break;
        case FlowNode::Kind::curve:
          target.kind = TargetKind::curve;
          break;
        case FlowNode::Kind::voices:
          target.kind = TargetKind::voices;
          break;
        default:
          continue;
      }
      store_->targets.push_back(target);
    }
    entry.targets = static_cast<std::uint32_t>(store_->targets.size()) - entry.first;
    store_->sources.push_back(entry);
  }
  std::sort(store_->sources.begin(), store_->sources.end(), [](const SourceEntry& a, const SourceEntry& b) { return a.id < b.id; });
}

std::unique_ptr<Plan> Compiler::finish() {
  PlanStore& store = *store_;
  const int workers = settings_.player == PlayerKind::serial ? 1 : settings_.threads;
  const auto stride = (scratch_floats_ + 15) / 16 * 16;
  store.scratch.assign(stride * static_cast<std::size_t>(workers) + 16, 0);
  for (const auto& entries : entries_) store.outputs.insert(store.outputs.end(), entries.begin(), entries.end());
  for (const auto& task : store.tasks) store.task_ns.push_back(task.cost);
  store.buffer_count = next_buffer_;
  store.buffer_frames = stride_;

  auto plan = std::make_unique<Plan>();
  plan->stages = store.stages;
  plan->tasks = store.tasks;
  plan->steps = store.steps;
  plan->task_ns = store.task_ns;
  plan->sources = store.sources;
  plan->targets = store.targets;
  plan->outputs = store.outputs;
  plan->nodes = store.nodes;
  plan->gates = store.gates;
  plan->curves = store.curves;
  plan->voices = store.voices;
  plan->scratch = reinterpret_cast<float*>((reinterpret_cast<std::uintptr_t>(store.scratch.data()) + 63) & ~std::uintptr_t{63});
  plan->scratch_stride = stride;
  plan->workers = workers;
  plan->ramp_frames = std::max(1, static_cast<int>(kRamp_s * settings_.rate));
  plan->length = plan->ramp_frames;
  for (const auto& node : flow_.nodes)
    for (const auto& input : node.inputs)
      for (const auto& term : input) plan->length = std::max<std::int64_t>(plan->length, term.frames);
  for (const auto& output : flow_.outputs)
    for (const auto& term : output.input) plan->length = std::max<std::int64_t>(plan->length, term.frames);
  plan->keep = store_;
  return plan;
}

std::unique_ptr<Plan> Compiler::run() {
  list_items();
  form_tasks();
  count_reads();
  emit_stages();
  list_nodes();
  list_sources();
  return finish();
}

}  // namespace

std::unique_ptr<Plan> compile(const Flow& flow, const EngineSettings& settings, LoadBook& loads) {
  return Compiler(flow, settings, loads).run();
}

std::string plan_text(const Plan& plan) {
  const auto& store = *static_cast<const PlanStore*>(plan.keep.get());
  std::string text = "plan: " + std::to_string(store.stages.size()) + " stages, " + std::to_string(store.tasks.size()) + " tasks, " +
                     std::to_string(store.steps.size()) + " steps, " + std::to_string(store.buffer_count) + " buffers of " +
                     std::to_string(store.buffer_frames) + " frames (working set " +
                     std::to_string(store.buffer_count * store.buffer_frames * sizeof(float)) + " bytes, voices' scratch " +
                     std::to_string(plan.scratch_stride * sizeof(float)) + " bytes a worker)\n";
  for (std::size_t s = 0; s < store.stages.size(); ++s) {
    text += "stage " + std::to_string(s) + "\n";
    for (std::uint32_t t = 0; t < store.stages[s].tasks; ++t) {
      const Task& task = store.tasks[store.stages[s].first + t];
      text += "  task " + std::to_string(t) + "\n";
      for (std::uint32_t i = task.first; i < task.first + task.steps; ++i) {
        const StepNote& note = store.notes[i];
        text += "    " + note.what;
        if (!note.in.empty()) text += "  (" + note.in + ")";
        if (!note.out.empty()) text += " -> " + note.out;
        text += "\n";
      }
    }
  }
  text += "outputs\n";
  for (const auto& note : store.output_notes) text += "  " + note + "\n";
  text += "objects: " + std::to_string(store.object_bytes) + " bytes\n";
  for (const auto& note : store.object_notes) text += "  " + note + "\n";
  return text;
}

}  // namespace hocket
