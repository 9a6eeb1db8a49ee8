#include "server/control/session_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hocket {

namespace {

constexpr const char* kFirstLine = "hocket session 1\n";
constexpr const char* kExtra = "extra";

struct Word {
  SessionStep::Kind kind;
  const char* word;
};
constexpr std::array<Word, 4> kWords{{{SessionStep::Kind::eval, "eval"},
                                      {SessionStep::Kind::replace, "replace"},
                                      {SessionStep::Kind::undo, "undo"},
                                      {SessionStep::Kind::redo, "redo"}}};

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

// Gives the length of what is whole.
std::size_t SessionFile::read(const std::string& all) {
  std::size_t at = std::string(kFirstLine).size();
  while (at < all.size()) {
    const auto end = all.find('\n', at);
    const auto space = all.find(' ', at);
    if (end == std::string::npos || space == std::string::npos || space > end) break;
    const auto kind = all.substr(at, space - at);
    std::size_t bytes = 0;
    const auto [rest, error] = std::from_chars(all.data() + space + 1, all.data() + end, bytes);
    if (error != std::errc() || bytes > all.size() || end + 1 + bytes + 1 > all.size() || all[end + 1 + bytes] != '\n') break;
    const auto name_at = static_cast<std::size_t>(rest - all.data()) + 1;
    const auto name = name_at < end ? all.substr(name_at, end - name_at) : "";
    const auto text = all.substr(end + 1, bytes);
    const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return kind == w.word; });
    if (word != kWords.end())
      steps_.push_back({word->kind, name, text});
    else if (kind == kExtra)
      extras_[name] = text;
    else
      break;
    at = end + 1 + bytes + 1;
  }
  return at;
}

Result<SessionFile> SessionFile::open(const std::string& path) {
  const std::string first = kFirstLine;
  std::string all;
  if (std::ifstream in(path, std::ios::binary); in) all.assign(std::istreambuf_iterator<char>(in), {});
  const bool fresh = all.size() < first.size() && first.starts_with(all);
  if (!fresh && !all.starts_with(first))
    return Result<SessionFile>::fail(path + " is not a session's file: give another name, or move it away");
  std::FILE* const file = std::fopen(path.c_str(), "ab");
  if (!file) return Result<SessionFile>::fail(path + " cannot be written: see whether its folder exists");
  SessionFile made(file);
  const auto whole = fresh ? 0 : made.read(all);
  std::error_code error;
  std::filesystem::resize_file(path, whole, error);  // what a crash cut short
  if (error || (fresh && (std::fputs(kFirstLine, file) < 0 || std::fflush(file) != 0)))
    return Result<SessionFile>::fail(path + " cannot be written: see whether the disk is full");
  return made;
}

std::string SessionFile::extra(const std::string& name) const {
  const auto found = extras_.find(name);
  return found == extras_.end() ? "" : found->second;
}

bool SessionFile::write(const std::string& kind, const std::string& name, const std::string& text) {
  const auto record = kind + ' ' + std::to_string(text.size()) + ' ' + one_line(name) + '\n' + text + '\n';
  const bool written = std::fwrite(record.data(), 1, record.size(), file_.get()) == record.size();
  return std::fflush(file_.get()) == 0 && written;
}

bool SessionFile::add(const SessionStep& step) {
  const auto* word = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return step.kind == w.kind; });
  return write(word->word, step.name, step.text);
}

bool SessionFile::put(const std::string& name, const std::string& text) {
  const auto known = extras_.find(one_line(name));
  if (known != extras_.end() && known->second == text) return true;
  extras_[one_line(name)] = text;
  return write(kExtra, name, text);
}

bool SessionFile::tick() {
  bool fine = true;
  for (const auto& [name, tell] : kept_) fine = put(name, tell()) && fine;
  return fine;
}

}  // namespace hocket
