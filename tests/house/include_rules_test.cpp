// The tree keeps to the table of who may include whom; and the check itself finds what it should.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/house/include_rules.h"

namespace fs = std::filesystem;
using hocket::house::include_rules;
using hocket::house::wrong_includes;

namespace {

const fs::path kRoot = HOCKET_SOURCE_DIR;

struct File {
  std::string path;  // from the root
  std::string text;
};

std::vector<File> sources() {
  std::vector<File> files;
  for (const char* top : {"lang", "server", "client"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      const std::string ending = entry.path().extension().string();
      if (ending != ".h" && ending != ".cpp") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      files.push_back({fs::relative(entry.path(), kRoot).generic_string(), text.str()});
    }
  }
  return files;
}

}  // namespace

TEST_CASE("every folder includes only what its row allows") {
  const auto files = sources();
  REQUIRE(files.size() > 20);
  for (const auto& rule : include_rules()) {
    DYNAMIC_SECTION(rule.folder) {
      std::string wrong;
      for (const File& file : files) {
        if (hocket::house::rule_of(file.path) != &rule) continue;
        for (const std::string& line : wrong_includes(file.path, file.text)) wrong += line + '\n';
      }
      INFO(wrong);
      CHECK(wrong.empty());
    }
  }
}

TEST_CASE("every source file's folder has a row") {
  for (const File& file : sources()) {
    INFO(file.path);
    CHECK(hocket::house::rule_of(file.path) != nullptr);
  }
}

TEST_CASE("every source file begins with what it is, or with the header that says it") {
  for (const File& file : sources()) {
    INFO(file.path);
    const std::string own_header = "#include \"" + file.path.substr(0, file.path.rfind('.')) + ".h\"";
    CHECK((file.text.starts_with("// ") || (file.path.ends_with(".cpp") && file.text.starts_with(own_header))));
  }
}

TEST_CASE("each external library is reached from one file of server/io") {
  for (const char* library : {"<asio", "<portaudio.h>", "<rtmidi/", "<sndfile.h>", "<ebur128.h>"}) {
    std::string users;
    int count = 0;
    for (const File& file : sources()) {
      if (!file.path.starts_with("server/") || file.text.find(std::string("#include ") + library) == std::string::npos) continue;
      users += file.path + ' ';
      ++count;
    }
    INFO(library << " in " << users);
    CHECK(count == 1);
  }
}

TEST_CASE("a unit that includes the engine is found") {
  CHECK(wrong_includes("server/units/lpf.h", "#include \"server/dsp/svf.h\"\n").empty());
  const auto wrong = wrong_includes("server/units/lpf.h", "// lpf\n#  include \"server/engine/engine.h\"\n");
  REQUIRE(wrong.size() == 1);
  CHECK(wrong[0].starts_with("server/units/lpf.h:2: \"server/engine/engine.h\""));
}

TEST_CASE("a header that allocates is found in the real-time folders, and allowed in control") {
  for (const char* folder : {"server/dsp", "server/units", "server/bridge", "server/engine"}) {
    INFO(folder);
    CHECK(wrong_includes(std::string(folder) + "/x.h", "#include <vector>\n").size() == 1);
  }
  CHECK(wrong_includes("server/control/x.h", "#include <vector>\n").empty());
}

TEST_CASE("the language cannot reach the server, a clock or a library") {
  CHECK(wrong_includes("lang/x.h", "#include \"server/dsp/kernel.h\"\n").size() == 1);
  CHECK(wrong_includes("lang/pattern/x.h", "#include <chrono>\n").size() == 1);
  CHECK(wrong_includes("lang/x.h", "#include <nlohmann/json.hpp>\n").size() == 1);
  CHECK(wrong_includes("lang/pattern/x.h", "#include \"lang/source.h\"\n#include <map>\n").empty());
}

TEST_CASE("a folder that nobody named is found") {
  CHECK(wrong_includes("server/misc/x.h", "").size() == 1);
}
