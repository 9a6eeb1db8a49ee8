// Line editing by libedit.
#include "client/line_editor.h"

#include <histedit.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace hocket {

struct LineEditor::State {
  EditLine* edit = nullptr;
  History* history = nullptr;
  std::string history_file;
  std::string prompt;
  std::function<std::vector<std::string>(const std::string&)> words;
};

namespace {

constexpr int kHistoryLength = 1000;

// Letters, digits and what names may hold besides.
std::size_t word_start(const std::string& text) {
  std::size_t at = text.size();
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '~' || c == '\'' || c == '.'; };
  while (at > 0 && in_word(text[at - 1])) --at;
  return at;
}

std::string shared_beginning(const std::vector<std::string>& words) {
  auto common = words.front();
  for (const auto& word : words) {
    std::size_t n = 0;
    while (n < common.size() && n < word.size() && common[n] == word[n]) ++n;
    common.resize(n);
  }
  return common;
}

}  // namespace

LineEditor::LineEditor(const std::string& history, std::function<std::vector<std::string>(const std::string&)> words)
    : state_(std::make_unique<State>()) {
  auto& state = *state_;
  state.words = std::move(words);
  if (::isatty(STDIN_FILENO) != 1) return;
  state.edit = el_init("hocket", stdin, stdout, stderr);
  if (!state.edit) return;
  el_set(state.edit, EL_CLIENTDATA, &state);
  el_set(state.edit, EL_EDITOR, "emacs");
  el_set(state.edit, EL_SIGNAL, 1);
  el_set(
      state.edit, EL_PROMPT, +[](EditLine* edit) -> char* {
        State* self = nullptr;
        el_get(edit, EL_CLIENTDATA, &self);
        return self->prompt.data();
      });
  el_set(
      state.edit, EL_ADDFN, "complete", "complete a word", +[](EditLine* edit, int) -> unsigned char {
        State* self = nullptr;
        el_get(edit, EL_CLIENTDATA, &self);
        const auto* line = el_line(edit);
        const std::string before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
        const auto word = before.substr(word_start(before));
        const auto found = self->words && !word.empty() ? self->words(word) : std::vector<std::string>();
        if (found.empty()) return CC_ERROR;
        const auto more = shared_beginning(found).substr(word.size());
        if (!more.empty()) return el_insertstr(edit, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        std::fputc('\n', stdout);
        for (const auto& w : found) std::printf("%s  ", w.c_str());
        std::fputc('\n', stdout);
        return CC_REDISPLAY;
      });
  el_set(state.edit, EL_BIND, "^I", "complete", nullptr);
  state.history = history_init();
  state.history_file = history;
  HistEvent event;
  ::history(state.history, &event, H_SETSIZE, kHistoryLength);
  ::history(state.history, &event, H_SETUNIQUE, 1);
  el_set(state.edit, EL_HIST, ::history, state.history);
  if (!history.empty()) ::history(state.history, &event, H_LOAD, history.c_str());
}

LineEditor::~LineEditor() {
  HistEvent event;
  if (state_->history) {
    if (!state_->history_file.empty()) ::history(state_->history, &event, H_SAVE, state_->history_file.c_str());
    history_end(state_->history);
  }
  if (state_->edit) el_end(state_->edit);
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  auto& state = *state_;
  if (!state.edit) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  state.prompt = prompt;
  int count = 0;
  const char* text = el_gets(state.edit, &count);
  if (!text || count <= 0) return std::nullopt;
  std::string line(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  HistEvent event;
  if (!line.empty()) ::history(state.history, &event, H_ENTER, line.c_str());
  return line;
}

}  // namespace hocket
