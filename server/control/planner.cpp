#include "server/control/planner.h"

#include <algorithm>

#include "server/control/plan_change.h"
#include "server/control/plan_compile.h"

namespace hocket {

namespace {

/// A source as it was planned last.
struct KnownSource {
  SourceKind kind = SourceKind::hold;
  std::uint64_t print = 0;
  std::uint32_t id = 0;
};

/// All that one planning leaves to the next.
struct Kept {
  Flow flow;
  std::map<std::string, KnownSource> sources;
};

void forget_heirs(Flow& flow) {
  for (auto& node : flow.nodes) node.heir_of.reset();
}

}  // namespace

struct Planner::Impl {
  Impl(const UnitTable& t, const EngineSettings& s) : table(t), settings(s), racks(s.batching ? t.lanes : 0) {
    settings.block = std::clamp(settings.block, 1, kMaxBlock);
  }

  void name_sources(const GraphDef&, Flow&, Planned&);

  const UnitTable& table;
  EngineSettings settings;
  RackBook racks;
  VoiceBook book;
  LoadBook loads;
  Kept kept, before;
  std::uint32_t next_id = 1;
  bool renew = false;
};

Planner::Planner(const UnitTable& table, const EngineSettings& settings) : impl_(std::make_unique<Impl>(table, settings)) {}
Planner::~Planner() = default;

// A source with an unchanged pattern keeps its id, and with it the events already queued.
void Planner::Impl::name_sources(const GraphDef& graph, Flow& flow, Planned& planned) {
  std::map<std::string, KnownSource> known;
  for (std::size_t s = 0; s < graph.sources.size(); ++s) {
    const SourceDef& def = graph.sources[s];
    const auto old = kept.sources.find(def.key);
    const bool stays = !renew && old != kept.sources.end() && old->second.kind == def.kind && old->second.print == def.print;
    flow.sources[s].id = stays ? old->second.id : next_id++;
    known[def.key] = {def.kind, def.print, flow.sources[s].id};
    planned.source_ids.push_back(flow.sources[s].id);
    planned.fresh.push_back(!stays);
  }
  kept.sources = std::move(known);
  renew = false;
}

Planned Planner::plan(const GraphDef& next, const MixSettings& mix, std::uint64_t seed, bool clean, bool ring) {
  Impl& self = *impl_;
  self.before = self.kept;
  if (clean) self.kept = {};
  ChangeSettings settings;
  settings.table = &self.table;
  settings.engine = self.settings;
  settings.racks = &self.racks;
  settings.seed = seed;
  settings.ring = ring;
  Flow flow = change(self.kept.flow, next, mix, settings, self.book);

  self.racks.settle();

  Planned planned;
  self.name_sources(next, flow, planned);
  planned.swap = std::make_unique<Swap>();
  planned.swap->panic = clean;
  const bool fades = flow.fades();
  if (fades) planned.swap->transition = compile(flow, self.settings, self.table, self.loads);
  self.kept.flow = settled(flow);
  // The first of the plans that are taken hands states over to their heirs.
  if (fades) forget_heirs(self.kept.flow);
  planned.swap->next = compile(self.kept.flow, self.settings, self.table, self.loads);
  forget_heirs(self.kept.flow);
  self.book.sweep();
  return planned;
}

void Planner::renew_sources() {
  impl_->renew = true;
}

void Planner::undo() {
  impl_->kept = impl_->before;
}

std::string Planner::text() const {
  return plan_text(*compile(impl_->kept.flow, impl_->settings, impl_->table, impl_->loads, true));
}

std::vector<LoadRow> Planner::loads() {
  return impl_->loads.read();
}

bool Planner::stale() const {
  const auto& nodes = impl_->kept.flow.nodes;
  return std::any_of(nodes.begin(), nodes.end(), [](const FlowNode& n) {
    return n.rings && n.object && n.object->ghost.load(std::memory_order_relaxed) != Ghost::sounding;
  });
}

}  // namespace hocket
