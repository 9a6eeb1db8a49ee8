// The conformance corpus, where it lies beside the project.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/pattern/corpus.h"

using namespace hocket;
namespace fs = std::filesystem;

TEST_CASE("every case of the conformance corpus gives its events") {
  const fs::path corpus = fs::path(HOCKET_SOURCE_DIR).parent_path() / "shared" / "conformance";
  if (!fs::exists(corpus)) {
    WARN("no corpus at " << corpus << ": nothing to compare with");
    return;
  }
  for (const auto& file : fs::recursive_directory_iterator(corpus)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream in(file.path());
    for (const auto& made : nlohmann::json::parse(in)) {
      INFO(made["id"].get<std::string>() << "  " << made["pattern"].dump() << " " << made.value("ops", nlohmann::json::array()).dump());
      std::string problem;
      try {
        const Pattern p = test::build(made);
        problem = made.contains("error") ? "accepted what is wrong: " + made.value("reason", "") : test::difference(made, p);
      } catch (const std::exception& e) {
        if (!made.contains("error")) problem = e.what();
      }
      CHECK(problem == "");
    }
  }
}
