// Chooses among the compiled tables of units what this CPU can run.
#include <array>
#include <string_view>

#include "server/dsp/tables.h"

namespace hocket {

namespace {

bool runs_here(std::string_view isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  if (isa == "x86-64-v3") return v3;
  if (isa == "x86-64-v4")
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  return isa == "x86-64" || isa == "generic";
}

struct Runnable {
  std::array<const UnitTable*, 8> table{};
  std::size_t count = 0;

  Runnable() {
    for (const UnitTable* t : compiled_unit_tables()) {
      if (runs_here(t->isa) && count < table.size()) table[count++] = t;
    }
  }
};

}  // namespace

std::span<const UnitTable* const> all_unit_tables() {
  static const Runnable runnable;
  return {runnable.table.data(), runnable.count};
}

const UnitTable& unit_table(const char* isa) {
  const auto tables = all_unit_tables();
  if (isa) {
    for (const UnitTable* t : tables) {
      if (std::string_view(t->isa) == isa) return *t;
    }
  }
  return *tables.back();
}

}  // namespace hocket
