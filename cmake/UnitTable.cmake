# Writes, at build time, one source per instruction set that holds the table of all units, and one that lists the tables.
#   cmake -DFOLDER=server/units -DOUT=… -DISAS="x86-64,x86-64-v3" -P UnitTable.cmake
# A unit's name is its file's; its doc is the file's first line.
string(REPLACE "," ";" isas "${ISAS}")
file(GLOB headers RELATIVE "${FOLDER}" "${FOLDER}/*.h")
list(SORT headers)

set(includes "")
set(rows "")
foreach(header IN LISTS headers)
  get_filename_component(name ${header} NAME_WE)
  file(STRINGS "${FOLDER}/${header}" first LIMIT_COUNT 1)
  if(NOT first MATCHES "^// (.*)$")
    message(FATAL_ERROR "server/units/${header}: the first line must be the unit's doc, '// …'")
  endif()
  string(REPLACE "\\" "\\\\" doc "${CMAKE_MATCH_1}")
  string(REPLACE "\"" "\\\"" doc "${doc}")
  string(APPEND includes "#include \"server/units/${header}\"\n")
  string(APPEND rows "    dsp::entry<units::${name}>(\"${name}\", \"${doc}\"),\n")
endforeach()

function(write_if_changed path text)
  set(old "")
  if(EXISTS "${path}")
    file(READ "${path}" old)
  endif()
  if(NOT old STREQUAL text)
    file(WRITE "${path}" "${text}")
  endif()
endfunction()

set(declarations "")
set(list "")
foreach(isa IN LISTS isas)
  string(REPLACE "-" "_" id ${isa})
  write_if_changed("${OUT}/units_${isa}.cpp" "// All units, compiled for ${isa}. Written by cmake/UnitTable.cmake.
#include \"server/dsp/passes.h\"
#include \"server/dsp/run.h\"
${includes}
namespace hocket {
namespace {
constexpr UnitEntry kUnits[] = {
${rows}};
}  // namespace
extern const UnitTable units_${id};
const UnitTable units_${id}{\"${isa}\", dsp::kLanes, dsp::kFused, &dsp::kPasses, kUnits};
}  // namespace hocket
")
  string(APPEND declarations "extern const UnitTable units_${id};\n")
  string(APPEND list "&units_${id}, ")
endforeach()
write_if_changed("${OUT}/compiled_tables.cpp" "// The tables of units of this build, simplest instruction set first. Written by cmake/UnitTable.cmake.
#include \"server/dsp/tables.h\"

namespace hocket {
${declarations}
std::span<const UnitTable* const> compiled_unit_tables() {
  static constexpr const UnitTable* tables[] = {${list}};
  return tables;
}
}  // namespace hocket
")
