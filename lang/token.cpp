// Tokens as text, and the tables of words.
#include "lang/token.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace hocket {
namespace {

constexpr std::array<const char*, 19> kKindNames{"name", "bus",     "number",  "string",  "block", "op",     "sign",
                                                 "pipe", "open",    "close",   "comma",   "colon", "equals", "range",
                                                 "dot",  "foreign", "comment", "invalid", "end"};

constexpr std::array<std::string_view, 23> kCommands{
    "anticipate", "clear", "clockin", "clockout", "clutch",   "hush", "jumpIn", "learn",       "mute",   "nudge",  "once", "panic",
    "record",     "redo",  "route",   "samples",  "setCycle", "solo", "undo",   "resetCycles", "unmute", "unsolo", "xfade"};

constexpr std::array<std::string_view, 5> kSettings{"bpm", "cps", "quant", "seed", "tempo"};

}  // namespace

std::string to_text(std::span<const Token> tokens) {
  std::string out;
  for (const Token& token : tokens) {
    out += std::to_string(token.line) + ":" + std::to_string(token.column) + " " + kKindNames[static_cast<std::size_t>(token.kind)] + " ";
    for (const char c : token.text) {
      if (c == '\n') {
        out += "\\n";
      } else if (c != '\r') {
        out += c;
      }
    }
    out += "\n";
  }
  return out;
}

std::vector<Token> without_comments(std::span<const Token> tokens) {
  std::vector<Token> code;
  code.reserve(tokens.size());
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(code), [](const Token& t) { return !t.is(TokenKind::comment); });
  return code;
}

bool is_command(std::string_view name) {
  return std::find(kCommands.begin(), kCommands.end(), name) != kCommands.end();
}

bool is_setting(std::string_view name) {
  return std::find(kSettings.begin(), kSettings.end(), name) != kSettings.end();
}

}  // namespace hocket
