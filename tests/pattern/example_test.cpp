// Every function's documentation is true: its example gives the events beside it.
#include <set>

#include "tests/pattern/query.h"

using namespace hocket;

TEST_CASE("each function's example gives the events beside it") {
  for (const FunctionRow& row : pattern_functions()) {
    INFO(row.name << ": " << row.example);
    std::string got;
    REQUIRE_NOTHROW(got = test::given(row.example));
    CHECK(got == row.events);
  }
}

TEST_CASE("each function has a sentence of documentation, and an example that uses it") {
  for (const FunctionRow& row : pattern_functions()) {
    INFO(row.name);
    const std::string doc = row.doc;
    CHECK(doc.size() > 4);
    CHECK(doc.back() == '.');
    CHECK(std::string(row.example).find(row.name) != std::string::npos);
  }
}

TEST_CASE("function names are unique and found by name") {
  std::set<std::string> names;
  for (const FunctionRow& row : pattern_functions()) {
    CHECK(names.insert(row.name).second);
    CHECK(find_function(row.name) == &row);
  }
  CHECK(find_function("fasst") == nullptr);
  CHECK(find_function("") == nullptr);
}

TEST_CASE("no example but that of silence is silent") {
  for (const FunctionRow& row : pattern_functions()) {
    const std::string name = row.name;
    CHECK((*row.events == 0) == (name == "silence" || name == "hush"));
  }
}
