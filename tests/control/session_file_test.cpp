// The session's file: what a restart and a crash leave of a performance.
#include "server/control/session_file.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/control/studio.h"

using namespace hocket;
using namespace hocket::test;

namespace {

/// A path that is free, and free again at the end.
struct Scratch {
  std::string path = (std::filesystem::temp_directory_path() / ("hocket_session_" + std::to_string(::getpid()))).string();
  Scratch() { std::filesystem::remove(path); }
  ~Scratch() { std::filesystem::remove(path); }
};

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

SessionFile opened(const std::string& path) {
  auto file = SessionFile::open(path);
  INFO(file.error);
  REQUIRE(file);
  return std::move(*file);
}

}  // namespace

TEST_CASE("a session goes on after a restart: program, settings, undo and redo") {
  const Scratch scratch;
  std::string before;
  {
    auto file = opened(scratch.path);
    Studio studio;
    studio.offline.session().resume(file);
    studio.must("cps: 3/4\n~a: sine 220 * 0.1\nout: ~a");
    studio.must("o2: saw 110 * 0.1");
    studio.must("mute o2");
    studio.must("out: ~a # lpf 500");
    studio.offline.session().undo();
    studio.offline.session().evaluate("out: ~a # nosuch", "edit", false);
    before = to_text(studio.offline.session().program());
  }
  auto file = opened(scratch.path);
  Studio studio;
  auto& session = studio.offline.session();
  const auto result = session.resume(file);
  CHECK(result.ok);
  CHECK(result.notes.empty());
  CHECK(to_text(session.program()) == before);
  CHECK(session.program().settings.cps == Rational(3, 4));
  CHECK(session.program().settings.muted.contains("o2"));
  CHECK(session.outputs() == std::vector<std::string>{"o2", "out"});
  CHECK(session.history().texts.size() == 4);
  CHECK(session.history().undone == 1);
  CHECK(session.redo().ok);
  CHECK(session.undo().ok);
  CHECK(session.undo().ok);
  CHECK_FALSE(session.program().settings.muted.contains("o2"));
}

TEST_CASE("what a crash tore off a session's file is cut away") {
  const Scratch scratch;
  {
    auto file = opened(scratch.path);
    file.add({SessionStep::Kind::eval, "a", "out: sine 220 * 0.1"});
    file.add({SessionStep::Kind::eval, "b", "out: sine 330 * 0.1\n\n-- \xc3\xa9"});
  }
  const auto whole = read_all(scratch.path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::ofstream(scratch.path, std::ios::binary | std::ios::trunc) << whole.substr(0, length);
    const auto steps = opened(scratch.path).steps().size();
    CHECK(steps == (length < whole.find("eval 26") ? 0U : 1U));
  }
  std::ofstream(scratch.path, std::ios::binary | std::ios::trunc) << whole.substr(0, whole.size() - 3);
  opened(scratch.path).add({SessionStep::Kind::undo, "", ""});
  const auto steps = opened(scratch.path).steps();
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].text == "out: sine 220 * 0.1");
  CHECK(steps[1].kind == SessionStep::Kind::undo);
}

TEST_CASE("a step that no longer holds is left out and told of") {
  const Scratch scratch;
  {
    auto file = opened(scratch.path);
    file.add({SessionStep::Kind::eval, "a", "out: sine 220 * 0.1"});
    file.add({SessionStep::Kind::eval, "b", "samples \"/nowhere/at/all\""});
    file.add({SessionStep::Kind::eval, "c", "~x: (("});
  }
  auto file = opened(scratch.path);
  Studio studio;
  const auto result = studio.offline.session().resume(file);
  CHECK(result.ok);
  CHECK(result.notes.size() >= 2);
  CHECK(studio.offline.session().program().definitions.size() == 1);
}

TEST_CASE("extras are kept beside the steps, the last of each name") {
  const Scratch scratch;
  std::string knobs = "1 2 3";
  {
    auto file = opened(scratch.path);
    file.keep("knobs", [&] { return knobs; });
    CHECK(file.tick());
    const auto size = std::filesystem::file_size(scratch.path);
    CHECK(file.tick());
    CHECK(std::filesystem::file_size(scratch.path) == size);  // unchanged: nothing to write
    knobs = "4\n5";
    CHECK(file.tick());
    file.add({SessionStep::Kind::eval, "a", "out: sine 220 * 0.1"});
  }
  const auto file = opened(scratch.path);
  CHECK(file.extra("knobs") == "4\n5");
  CHECK(file.extra("others").empty());
  CHECK(file.steps().size() == 1);
}

TEST_CASE("a file that is no session's is not touched") {
  const Scratch scratch;
  std::ofstream(scratch.path) << "out: sine 220";
  CHECK_FALSE(SessionFile::open(scratch.path));
  CHECK(read_all(scratch.path) == "out: sine 220");
  CHECK_FALSE(SessionFile::open("/nowhere/at/all"));
}
