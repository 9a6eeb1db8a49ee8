// hocket repl: a line in, its result or error out.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "client/commands/commands.h"
#include "client/connection.h"
#include "client/line_editor.h"

namespace hocket {

namespace {

std::string history_file() {
  const char* home = std::getenv("HOME");
  if (!home) return "";
  const auto folder = std::filesystem::path(home) / ".local" / "state" / "hocket";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? "" : (folder / "history").string();
}

std::string text_of(const Reply& reply) {
  if (!reply.is_fault) return reply.result.value("text", std::string());
  auto text = reply.fault.data.is_object() ? reply.fault.data.value("text", std::string()) : std::string();
  if (text.empty()) text = reply.fault.message + '\n';
  if (text.back() != '\n') text += '\n';
  return text;
}

// A line that leaves a bracket or a quote open, or ends in an operator or colon, goes on in the next.
bool goes_on(const std::string& code) {
  int depth = 0;
  bool quoted = false;
  for (const char c : code) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  if (quoted || depth > 0) return true;
  const auto last = code.find_last_not_of(" \t\n");
  return last != std::string::npos && std::string("#$+*:,").find(code[last]) != std::string::npos;
}

}  // namespace

int repl(const ClientOptions& options) {
  Connection connection(options.port);
  const auto version = connection.call("version", Json::object());
  std::printf("hocket %s: a line is evaluated as it is entered, `help NAME` describes a word, Ctrl-D leaves\n",
              version.result.value("version", std::string("?")).c_str());
  LineEditor editor(history_file(), [&](const std::string& prefix) {
    std::vector<std::string> words;
    const auto reply = connection.call("complete", {{"prefix", prefix}});
    if (!reply.is_fault && reply.result.contains("words"))
      for (const auto& word : reply.result["words"]) words.push_back(word.get<std::string>());
    return words;
  });
  std::string code;
  while (true) {
    const auto line = editor.read(code.empty() ? "> " : ". ");
    if (!line) break;
    if (line->empty() && code.empty()) continue;
    if (code.empty() && line->starts_with("help ")) {
      std::fputs(text_of(connection.call("describe", {{"name", line->substr(5)}})).c_str(), stdout);
      continue;
    }
    code += (code.empty() ? "" : "\n  ") + *line;
    if (!line->empty() && goes_on(code)) continue;
    std::fputs(text_of(connection.call("eval", {{"code", code}, {"name", "repl"}})).c_str(), stdout);
    std::fflush(stdout);
    code.clear();
  }
  std::fputc('\n', stdout);
  return 0;
}

}  // namespace hocket
