// What clients are answered: calls, plain code, and what is none of both, with a session behind.
#include "server/app/service.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "server/control/offline.h"

using namespace hocket;

namespace {

struct Desk {
  Desk()
      : samples({[](const std::string&) { return false; }, nullptr}, nullptr),
        offline(unit_table(), settings(), samples, nullptr),
        service(offline.session(), [] {
          return HostStatus{"a test", 48000, 3};
        }) {}

  static EngineSettings settings() {
    EngineSettings s;
    s.threads = 1;
    return s;
  }
  Json call(const std::string& method, const Json& params = Json::object()) {
    auto line = call_line(1, method, params);
    line.pop_back();
    return Json::parse(service.answer(1, {Frame::Kind::call, line}));
  }
  std::string code(const std::string& text) { return service.answer(1, {Frame::Kind::code, text}); }

  SampleLibrary samples;
  Offline offline;
  Service service;
};

}  // namespace

TEST_CASE("eval answers with what was defined and the time it took") {
  Desk desk;
  const auto answer = desk.call("eval", {{"code", "~a: saw 110\nout: ~a * 0.2"}});
  REQUIRE(answer.contains("result"));
  CHECK(answer["result"]["ok"] == true);
  CHECK(answer["result"]["defined"] == Json::array({"~a", "out"}));
  CHECK(answer["result"]["ms"]["plan"].is_number());
}

TEST_CASE("an error in the code is a fault with its place, message, hint and caret") {
  Desk desk;
  const auto answer = desk.call("eval", {{"code", "~a: saw 110\nout: ~a # lfp 300"}, {"name", "song.hk"}});
  REQUIRE(answer.contains("error"));
  CHECK(answer["error"]["code"] == Fault::program_error);
  const auto& diagnostic = answer["error"]["data"]["diagnostics"][0];
  CHECK(diagnostic["line"] == 2);
  CHECK(diagnostic["column"] == 11);
  CHECK(diagnostic["source"] == "song.hk");
  CHECK(diagnostic["message"].get<std::string>().find("lfp") != std::string::npos);
  const auto text = answer["error"]["data"]["text"].get<std::string>();
  CHECK(text.find("song.hk:2:11") != std::string::npos);
  CHECK(text.find('^') != std::string::npos);
}

TEST_CASE("plain code is answered in words, ended by an empty line") {
  Desk desk;
  const auto good = desk.code("out: saw 110 * 0.1");
  CHECK(good.substr(0, 7) == "ok: out");
  CHECK(good.substr(good.size() - 2) == "\n\n");
  const auto bad = desk.code("out: saw 110 *");
  CHECK(bad.find("error") != std::string::npos);
  CHECK(bad.find('^') != std::string::npos);
  CHECK(bad.substr(bad.size() - 2) == "\n\n");
}

TEST_CASE("replace, hush and panic act on the session") {
  Desk desk;
  desk.call("eval", {{"code", "~a: saw 110\n~b: saw 220\nout: ~a * 0.2"}});
  CHECK(desk.call("replace", Json::array({"~a: saw 110\nout: ~a * 0.2"})).contains("result"));
  CHECK(desk.call("status")["result"]["defined"] == Json::array({"out", "~a"}));
  CHECK(desk.call("hush").contains("result"));
  CHECK(desk.call("status")["result"]["defined"] == Json::array({"~a"}));
  CHECK(desk.call("panic").contains("result"));
}

TEST_CASE("status and version say where things stand") {
  Desk desk;
  const auto status = desk.call("status")["result"];
  CHECK(status["audio"] == "a test");
  CHECK(status["clients"] == 3);
  CHECK(status["cps"] == 0.5);
  CHECK(desk.call("version")["result"]["name"] == "hocket");
}

TEST_CASE("describe and complete know units, functions, controls and the session's own names") {
  Desk desk;
  desk.call("eval", {{"code", "~melody: \"0 3 5\""}});
  CHECK(desk.call("describe", {{"name", "lpf"}})["result"]["text"].get<std::string>().find("cutoff") != std::string::npos);
  CHECK(desk.call("describe", {{"name", "every"}}).contains("result"));
  CHECK(desk.call("describe", {{"name", "gain"}}).contains("result"));
  CHECK(desk.call("describe", {{"name", "bd"}}).contains("result"));
  CHECK(desk.call("describe", {{"name", "~melody"}}).contains("result"));
  CHECK(desk.call("describe", {{"name", "lfp"}})["error"]["message"].get<std::string>().find("lpf") != std::string::npos);
  CHECK(desk.call("complete", {{"prefix", "~mel"}})["result"]["words"] == Json::array({"~melody"}));
}

TEST_CASE("what is not understood is answered with what would be") {
  Desk desk;
  CHECK(desk.call("evla", {{"code", "hush"}})["error"]["code"] == Fault::unknown_method);
  CHECK(desk.call("evla")["error"]["message"].get<std::string>().find("eval") != std::string::npos);
  CHECK(desk.call("eval")["error"]["code"] == Fault::invalid_params);
  CHECK(desk.call("eval", {{"code", 5}})["error"]["code"] == Fault::invalid_params);
  CHECK(desk.call("subscribe", {{"topics", "log"}})["error"]["code"] == Fault::invalid_params);
  CHECK(desk.call("subscribe", Json::array({"weather"}))["error"]["code"] == Fault::invalid_params);
  CHECK(Json::parse(desk.service.answer(1, {Frame::Kind::call, "{"}))["error"]["code"] == Fault::parse_error);
}

TEST_CASE("a web page, binary bytes and endless messages are refused in words") {
  Desk desk;
  CHECK(desk.service.answer(1, {Frame::Kind::http, ""}).find("HTTP/1.1 403") == 0);
  CHECK(desk.service.answer(1, {Frame::Kind::binary, ""}).find("error") == 0);
  CHECK(desk.service.answer(1, {Frame::Kind::too_long, ""}).find("1 MB") != std::string::npos);
}

TEST_CASE("who subscribes is listed until it leaves") {
  Desk desk;
  desk.call("subscribe", Json::array({"log", "eval"}));
  CHECK(desk.service.subscribers("log") == std::vector<Service::Client>{1});
  CHECK(desk.service.subscribers("error").empty());
  desk.call("unsubscribe", {{"topics", {"log"}}});
  CHECK(desk.service.subscribers("log").empty());
  desk.service.gone(1);
  CHECK(desk.service.subscribers("eval").empty());
}

TEST_CASE("a call that wants no answer gets none, and is carried out") {
  Desk desk;
  CHECK(desk.service.answer(1, {Frame::Kind::call, R"({"jsonrpc":"2.0","method":"eval","params":["~q: saw 5"]})"}).empty());
  CHECK(desk.call("status")["result"]["defined"] == Json::array({"~q"}));
}

TEST_CASE("who subscribes to the load is told of every bus and its units") {
  Desk desk;
  desk.call("eval", {{"code", "~a: saw 110 # lpf 800\n~b: sine 220\nout: (~a + ~b) * 0.1"}});
  CHECK(desk.service.load_notice().empty());
  desk.call("subscribe", {{"topics", {"load"}}});
  desk.offline.render(48000);
  const auto notice = Json::parse(desk.service.load_notice());
  CHECK(notice["method"] == "load");
  const auto& load = notice["params"];
  CHECK(load["load"].get<double>() > 0);
  CHECK(load["worst"].get<double>() > 0);
  CHECK(load["seconds"].get<double>() == Approx(1).margin(0.01));
  std::map<std::string, double> units;
  double sum = 0;
  for (const auto& bus : load["buses"])
    for (const auto& unit : bus["units"]) {
      units[bus["name"].get<std::string>() + " " + unit["name"].get<std::string>()] = unit["load"].get<double>();
      sum += unit["load"].get<double>();
    }
  CHECK(units.count("~a saw") == 1);
  CHECK(units.count("~a lpf") == 1);
  CHECK(units.count("~b sine") == 1);
  CHECK(sum + load["engine"].get<double>() == Approx(load["load"].get<double>()).epsilon(0.01));
}

TEST_CASE("nothing is measured once the last who asked is gone") {
  Desk desk;
  desk.call("subscribe", {{"topics", {"load"}}});
  desk.call("eval", {{"code", "out: saw 110 * 0.1"}});
  desk.service.gone(1);
  desk.offline.render(48000);
  CHECK(desk.service.load_notice().empty());
  CHECK(desk.offline.session().loads().empty());
}

TEST_CASE("the protocol's page lists every method") {
  Desk desk;
  std::ifstream file(std::string(HOCKET_SOURCE_DIR) + "/docs/protocol.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto version = desk.call("version");
  for (const auto& method : version["result"]["methods"]) {
    INFO(method);
    CHECK(page.find("`" + method.get<std::string>() + "`") != std::string::npos);
  }
}
