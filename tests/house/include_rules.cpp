// The include rules as a table, and the check.
#include "tests/house/include_rules.h"

#include <algorithm>
#include <sstream>

namespace hocket::house {

namespace {

// What the audio thread may not do, by the header that offers it: allocate, lock, wait, print, throw about.
const std::vector<std::string_view> kNotInRealTime{
    "any",        "barrier", "condition_variable", "cstdio",  "deque",         "exception",
    "filesystem", "format",  "forward_list",       "fstream", "functional",    "future",
    "iomanip",    "ios",     "iostream",           "istream", "latch",         "list",
    "locale",     "map",     "memory_resource",    "mutex",   "ostream",       "queue",
    "regex",      "set",     "shared_mutex",       "sstream", "stack",         "stdexcept",
    "streambuf",  "string",  "syncstream",         "thread",  "unordered_map", "unordered_set",
    "valarray",   "vector",  "semaphore"};

// The engine's constructors run on the control side and start the workers; all else of the list stays banned.
std::vector<std::string_view> without(std::vector<std::string_view> from, const std::vector<std::string_view>& names) {
  std::erase_if(from, [&](std::string_view x) { return std::find(names.begin(), names.end(), x) != names.end(); });
  return from;
}

// The standard library's headers, and only they, are plain words: no folder, no ending.
bool is_standard(std::string_view name) {
  return name.find_first_of("./") == std::string_view::npos;
}

bool has(const std::vector<std::string_view>& list, std::string_view x) {
  return std::find(list.begin(), list.end(), x) != list.end();
}

bool inside(std::string_view path, std::string_view folder) {
  return path == folder || (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace

const std::vector<IncludeRule>& include_rules() {
  static const std::vector<IncludeRule> rules{
      {"lang", {}, {}, {"thread", "mutex", "chrono", "iostream", "fstream", "filesystem"}},  // pure: no I/O, threads, clock
      {"server/dsp", {"lang/port.h"}, {"immintrin.h"}, kNotInRealTime},
      {"server/units", {"server/dsp"}, {}, kNotInRealTime},
      {"server/bridge", {}, {}, kNotInRealTime},
      {"server/engine",
       {"server/dsp", "server/bridge"},
       {"immintrin.h", "xmmintrin.h", "pmmintrin.h", "pthread.h", "sched.h", "linux/futex.h", "sys/syscall.h", "unistd.h"},
       without(kNotInRealTime, {"thread"})},
      {"server/result.h", {}, {}, {}},
      {"server/control", {"lang", "server/engine", "server/bridge", "server/dsp", "server/result.h"}, {}, {}},
      {"server/protocol", {"server/result.h"}, {"nlohmann/"}, {}},
      {"server/io",
       {"server/protocol", "server/result.h"},
       {"asio", "portaudio.h", "pa_jack.h", "rtmidi/", "jack/", "sndfile.h", "ebur128.h", "fcntl.h", "unistd.h"},
       {}},
      {"server/app", {"lang", "server"}, {"nlohmann/", "unistd.h", "sys/"}, {}},
      {"client/command_line.cpp", {"client", "server/app"}, {"CLI/"}, {}},  // it names every subcommand, wherever it runs
      {"client", {"server/protocol", "server/result.h"}, {"asio", "histedit.h", "nlohmann/", "unistd.h"}, {}},
  };
  return rules;
}

const IncludeRule* rule_of(std::string_view path) {
  const IncludeRule* best = nullptr;
  for (const IncludeRule& rule : include_rules()) {
    if (inside(path, rule.folder) && (!best || rule.folder.size() > best->folder.size())) best = &rule;
  }
  return best;
}

std::vector<std::string> wrong_includes(std::string_view path, std::string_view text) {
  std::vector<std::string> wrong;
  const IncludeRule* rule = rule_of(path);
  if (!rule) return {std::string(path) + ": its folder has no row in the table of who may include whom"};
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::size_t at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '#') continue;
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string::npos || line.compare(at, 7, "include") != 0) continue;
    const std::size_t open = line.find_first_of("<\"", at);
    const std::size_t close = open == std::string::npos ? open : line.find_first_of(">\"", open + 1);
    if (close == std::string::npos) continue;
    const std::string name = line.substr(open + 1, close - open - 1);
    std::string reason;
    if (line[open] == '"') {
      const bool allowed = inside(name, rule->folder) ||
                           std::any_of(rule->own.begin(), rule->own.end(), [&](std::string_view folder) { return inside(name, folder); });
      if (!allowed) reason = "is not among what " + std::string(rule->folder) + " may include";
    } else if (has(rule->banned, name)) {
      reason = "is banned in " + std::string(rule->folder);
    } else if (!is_standard(name) && std::none_of(rule->libraries.begin(), rule->libraries.end(),
                                                  [&](std::string_view beginning) { return name.starts_with(beginning); })) {
      reason = "is neither standard nor a library of " + std::string(rule->folder);
    }
    if (!reason.empty())
      wrong.push_back(std::string(path) + ':' + std::to_string(number) + ": " + line.substr(open, close - open + 1) + ' ' + reason);
  }
  return wrong;
}

}  // namespace hocket::house
