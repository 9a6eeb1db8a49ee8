// Who may include whom: the table of docs/design.md as data, and the check of one file against it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hocket::house {

/// One folder's row. A file belongs to the row with the longest folder that holds it.
struct IncludeRule {
  std::string_view folder;
  std::vector<std::string_view> own;        ///< folders or files of the project that it may include, itself aside
  std::vector<std::string_view> libraries;  ///< beginnings of <...> includes beside the standard library
  std::vector<std::string_view> banned;     ///< standard headers that have no place here
};

const std::vector<IncludeRule>& include_rules();
const IncludeRule* rule_of(std::string_view path);

/// "server/dsp/x.h:3: <vector> …", one a wrong include. `path` counts from the project's root.
std::vector<std::string> wrong_includes(std::string_view path, std::string_view text);

}  // namespace hocket::house
