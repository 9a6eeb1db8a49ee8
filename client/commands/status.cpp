// hocket status: where the performance stands, and where its time goes.
#include <algorithm>
#include <cstdio>

#include "client/commands/commands.h"
#include "client/connection.h"

namespace hocket {

namespace {

constexpr std::size_t kUnitsShown = 6;

double percent(const Json& object, const char* name) {
  return 100 * object.value(name, 0.0);
}

void print_load(const Json& load) {
  std::printf("load %.1f %%  worst block %.1f %%  voices %d  xruns %d  overruns %d\n", percent(load, "load"), percent(load, "worst"),
              load.value("voices", 0), load.value("xruns", 0), load.value("overruns", 0));
  const auto buses = load.value("buses", Json::array());
  int width = 6;
  for (const auto& bus : buses) width = std::max(width, static_cast<int>(bus.value("name", "").size()));
  for (const auto& bus : buses) {
    std::printf("  %-*s %5.1f %% ", width, bus.value("name", "").c_str(), percent(bus, "load"));
    const auto units = bus.value("units", Json::array());
    for (std::size_t u = 0; u < std::min(units.size(), kUnitsShown); ++u)
      std::printf("  %s %.1f", units[u].value("name", "").c_str(), percent(units[u], "load"));
    std::printf("%s\n", units.size() > kUnitsShown ? "  …" : "");
  }
  std::printf("  %-*s %5.1f %%   events, mixing, limiting\n", width, "engine", percent(load, "engine"));
  std::fflush(stdout);
}

int show_load(Connection& connection, const StatusOptions& options) {
  connection.call("subscribe", {{"topics", {"load"}}});
  connection.notice("load");  // the first may be about less than a second
  do {
    const auto load = connection.notice("load");
    if (options.json) {
      std::printf("%s\n", load.dump().c_str());
      std::fflush(stdout);
    } else {
      print_load(load);
    }
  } while (options.watch);
  return 0;
}

}  // namespace

int status(const StatusOptions& options) {
  Connection connection(options.client.port);
  if (options.load || options.watch) return show_load(connection, options);
  const auto reply = connection.call("status", Json::object());
  if (reply.is_fault) {
    std::fprintf(stderr, "%s\n", reply.fault.message.c_str());
    return 1;
  }
  if (options.json) {
    std::printf("%s\n", reply.result.dump(2).c_str());
    return 0;
  }
  for (const auto& [name, value] : reply.result.items())
    std::printf("%-10s  %s\n", name.c_str(), value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
  return 0;
}

}  // namespace hocket
