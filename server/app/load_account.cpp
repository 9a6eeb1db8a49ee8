#include "server/app/load_account.h"

#include <algorithm>
#include <map>

namespace hocket {

void LoadAccount::open(bool on) {
  if (on == open_) return;
  open_ = on;
  session_.measure(on);
  session_.loads();
  const auto status = session_.status().engine;
  busy_s_ = status.busy_s;
  frame_ = status.frame;
}

Json LoadAccount::statement(std::uint64_t xruns) {
  const auto status = session_.status().engine;
  const double span_s = static_cast<double>(std::max<std::int64_t>(1, status.frame - frame_)) / session_.rate();
  const double load = (status.busy_s - busy_s_) / span_s;
  busy_s_ = status.busy_s;
  frame_ = status.frame;

  std::map<std::string, double> buses;
  std::map<std::string, Json> units;
  double rest = load;
  for (const auto& row : session_.loads()) {
    buses[row.bus] += row.busy_s / span_s;
    rest -= row.busy_s / span_s;
    units.try_emplace(row.bus, Json::array()).first->second.push_back({{"name", row.unit}, {"load", row.busy_s / span_s}});
  }
  auto list = Json::array();
  for (const auto& [name, share] : buses) list.push_back({{"name", name}, {"load", share}, {"units", units[name]}});
  std::stable_sort(list.begin(), list.end(), [](const Json& a, const Json& b) { return a["load"] > b["load"]; });

  Json statement{
      {"load", load},      {"worst", status.worst_load},    {"overruns", status.overruns}, {"xruns", xruns}, {"voices", status.voices},
      {"seconds", span_s}, {"engine", std::max(0.0, rest)}, {"buses", std::move(list)}};
  session_.forget_peaks();
  return statement;
}

}  // namespace hocket
