#include "server/control/load_book.h"

#include <algorithm>

#include "server/engine/rt.h"

namespace hocket {

namespace {

// `~bass@2/lpf#0` is a `lpf` on `~bass`, whichever generation of it.
std::pair<std::string, std::string> name_of(const std::string& key) {
  const auto slash = key.find('/');
  const auto unit = slash == std::string::npos ? key : key.substr(slash + 1);
  return {key.substr(0, key.find_first_of("/@")), unit.substr(0, unit.find('#'))};
}

}  // namespace

std::shared_ptr<Meter> LoadBook::meter(const std::string& key) {
  auto& known = meters_[name_of(key)];
  auto meter = known.lock();
  if (!meter) known = meter = std::make_shared<Meter>();
  return meter;
}

std::vector<LoadRow> LoadBook::read() {
  std::erase_if(meters_, [](const auto& entry) { return entry.second.expired(); });
  std::vector<LoadRow> rows;
  for (const auto& [name, known] : meters_)
    if (const auto meter = known.lock()) {
      const auto ticks = meter->ticks.exchange(0, std::memory_order_relaxed);
      if (ticks > 0) rows.push_back({name.first, name.second, static_cast<double>(ticks) / ticks_per_second()});
    }
  std::stable_sort(rows.begin(), rows.end(), [](const LoadRow& a, const LoadRow& b) { return a.busy_s > b.busy_s; });
  return rows;
}

}  // namespace hocket
