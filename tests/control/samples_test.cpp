// The sample library: folders, numbers, loading, bounds.
#include "server/control/samples.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

using namespace hocket;
namespace fs = std::filesystem;

namespace {

// A folder of empty files that goes when the test does.
class Folder {
 public:
  explicit Folder(const std::vector<std::string>& files) {
    auto name = (fs::temp_directory_path() / "hocket-samples-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
    for (const auto& file : files) {
      fs::create_directories((path_ / file).parent_path());
      std::ofstream(path_ / file) << file;
    }
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

// Reads every file as so many frames as its name is long.
SoundReader reader(std::chrono::milliseconds slow = {}) {
  return {[](const std::string& name) { return name.ends_with(".wav"); },
          [slow](const std::string& path, std::int64_t) -> Result<SampleData> {
            std::this_thread::sleep_for(slow);
            const auto name = fs::path(path).filename().string();
            if (name.starts_with("broken")) return Result<SampleData>::fail(path + ": broken");
            return SampleData{std::vector<float>(name.size(), 0.5F), {}, 1000};
          }};
}

}  // namespace

TEST_CASE("a folder holds one sub-folder a sound, numbered by name, and single files beside them") {
  const Folder folder({"bd/b.wav", "bd/a.wav", "bd/notes.txt", "bd/.hidden.wav", "sn/1.wav", "ding.wav", "empty/readme.md"});
  SampleLibrary library(reader(), nullptr);
  const auto added = library.add_folder(folder.path());
  REQUIRE(added);
  CHECK(*added == 3);
  const auto folders = library.folders();
  REQUIRE(folders.size() == 3);
  CHECK(folders[0].name == "bd");
  CHECK(folders[0].files == 2);
  CHECK(folders[1].name == "ding");
  CHECK(folders[2].name == "sn");
}

TEST_CASE("numbers go round at the end of a sound") {
  const Folder folder({"bd/a.wav", "bd/bb.wav", "bd/ccc.wav"});
  SampleLibrary library(reader(), nullptr);
  REQUIRE(library.add_folder(folder.path()));
  CHECK(library.wait_for("bd", 1).length_s == Approx(0.006));
  CHECK(library.wait_for("bd", 4).index == library.wait_for("bd", 1).index);
  CHECK(library.wait_for("bd", -1).index == library.wait_for("bd", 2).index);
}

TEST_CASE("a sound that is asked for is loaded meanwhile, and can be waited for") {
  const Folder folder({"bd/a.wav"});
  SampleLibrary library(reader(std::chrono::milliseconds(50)), nullptr);
  REQUIRE(library.add_folder(folder.path()));
  CHECK(library.find("bd", 0).kind == SampleState::Kind::loading);
  CHECK(library.wait_for("bd", 0).kind == SampleState::Kind::ready);
  CHECK(library.find("bd", 0).kind == SampleState::Kind::ready);
}

TEST_CASE("what is loaded goes to the engine once, in the order of its numbers, and to a later engine too") {
  const Folder folder({"bd/a.wav", "bd/bb.wav", "sn/ccc.wav"});
  SampleLibrary library(reader(), nullptr);
  REQUIRE(library.add_folder(folder.path()));
  std::vector<std::uint32_t> early, late;
  library.publish_to([&](std::uint32_t index, const SampleView&) { early.push_back(index); });
  library.wait_for("sn", 0);
  library.wait_for("bd", 1);
  library.wait_for("bd", 0);
  library.publish_to([&](std::uint32_t index, const SampleView& view) {
    late.push_back(index);
    CHECK(view.channel[0] == view.channel[1]);
    CHECK(view.rate == 1000);
  });
  CHECK(early == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(late == early);
}

TEST_CASE("a file that cannot be read is reported once and never waited for") {
  const Folder folder({"bd/broken.wav"});
  std::atomic<int> reports{0};
  SampleLibrary library(reader(), [&](const Report& report) {
    CHECK(report.text.find("broken.wav") != std::string::npos);
    ++reports;
  });
  REQUIRE(library.add_folder(folder.path()));
  CHECK(library.wait_for("bd", 0).kind == SampleState::Kind::failed);
  CHECK(library.wait_for("bd", 0).kind == SampleState::Kind::failed);
  CHECK(reports == 1);
}

TEST_CASE("memory is bounded: what no longer fits is reported") {
  const Folder folder({"bd/a.wav", "bd/b.wav", "bd/c.wav"});
  std::atomic<int> reports{0};
  SampleLibrary library(reader(), [&](const Report&) { ++reports; }, {30, 1000});
  REQUIRE(library.add_folder(folder.path()));
  CHECK(library.wait_for("bd", 0).kind == SampleState::Kind::ready);
  CHECK(library.wait_for("bd", 1).kind == SampleState::Kind::ready);
  CHECK(library.wait_for("bd", 2).kind == SampleState::Kind::failed);
  CHECK(reports == 1);
}

TEST_CASE("a folder without sounds, or none at all, is an error that says what is expected") {
  const Folder folder({"bd/readme.txt"});
  SampleLibrary library(reader(), nullptr);
  CHECK(library.add_folder(folder.path()).error.find("sub-folder") != std::string::npos);
  CHECK(library.add_folder(folder.path() + "/nowhere").error.find("nowhere") != std::string::npos);
  CHECK(library.find("bd", 0).kind == SampleState::Kind::missing);
}

TEST_CASE("a library can go while it loads") {
  const Folder folder({"bd/a.wav", "bd/b.wav", "bd/c.wav"});
  SampleLibrary library(reader(std::chrono::milliseconds(20)), nullptr);
  REQUIRE(library.add_folder(folder.path()));
  library.prefetch("bd");
}
