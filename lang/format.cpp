// Tokens → text with even spacing.
#include "lang/format.h"

#include <algorithm>
#include <vector>

#include "lang/layout.h"
#include "lang/lexer.h"
#include "lang/parser.h"
#include "lang/utf8.h"

namespace hocket {
namespace {

constexpr int kStep = 2;  // columns of indentation a level

/// One line to be: `head` `body`  `comment`.
struct Line {
  bool blank_before = false;
  int indent = 0;
  std::string head;  ///< `~drums:`, where the value stands on the same line
  int gap = 1;       ///< columns between head and body
  std::string body;
  std::string comment;
  int comment_column = 0;  ///< as written
};

int width(std::string_view text) {
  const std::size_t line = text.rfind('\n');
  return static_cast<int>(utf8_count(line == std::string_view::npos ? text : text.substr(line + 1)));
}

bool many_lines(const Line& line) {
  return line.body.find('\n') != std::string::npos;
}

/// Width of all but the comment.
int code_width(const Line& line) {
  if (many_lines(line)) return width(line.body);
  return line.indent + width(line.head) + (line.head.empty() ? 0 : line.gap) + width(line.body);
}

/// What stands between two tokens of one line.
class Spacing {
 public:
  explicit Spacing(const std::vector<Token>& code) : code_(code) {}

  bool between(std::size_t left) const {
    const Token& a = code_[left];
    const Token& b = code_[left + 1];
    if (a.is(TokenKind::open)) return false;
    if (b.is(TokenKind::close) || b.is(TokenKind::comma) || b.is(TokenKind::colon)) return false;
    if (a.is(TokenKind::equals) || b.is(TokenKind::equals) || a.is(TokenKind::sign)) return false;
    if (a.is(TokenKind::range) || b.is(TokenKind::range)) return b.space_before;
    if (a.is(TokenKind::op, "-") && prefix(left)) {
      // `(- x)` is a section and `(-x)` is not; `- -x` must not become a comment
      const bool after_bracket = left > 0 && code_[left - 1].is(TokenKind::open, "(");
      return after_bracket ? b.space_before : b.text.starts_with('-');
    }
    return true;
  }

 private:
  const std::vector<Token>& code_;

  bool prefix(std::size_t i) const {
    if (i == 0) return true;
    switch (code_[i - 1].kind) {
      case TokenKind::op:
      case TokenKind::open:
      case TokenKind::comma:
      case TokenKind::colon:
      case TokenKind::equals:
      case TokenKind::range:
        return true;
      default:
        return false;
    }
  }
};

class Formatter {
 public:
  Formatter(const std::vector<Token>& tokens, const std::vector<Token>& code, const std::vector<TokenRange>& ranges)
      : tokens_(tokens), code_(code), ranges_(ranges), spacing_(code) {}

  std::string run() {
    std::size_t code = 0;
    for (const Token& token : tokens_) {
      if (token.is(TokenKind::comment)) {
        comment(token, code);
      } else {
        word(token, code++);
      }
    }
    align_values();
    align_comments();
    std::string text;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (lines_[i].blank_before && i > 0) text += "\n";
      append(text, lines_[i]);
    }
    return text;
  }

 private:
  const std::vector<Token>& tokens_;
  const std::vector<Token>& code_;
  const std::vector<TokenRange>& ranges_;
  Spacing spacing_;
  std::vector<Line> lines_;
  std::size_t range_ = 0;      // of the token at hand
  std::vector<int> brackets_;  // indentation of the lines that opened them
  int first_continued_ = -1;   // as written: indentation of the statement's second line outside brackets

  Line& new_line(const Token& first, int indent) {
    Line line;
    line.blank_before = first.newlines_before > 1;
    line.indent = indent;
    lines_.push_back(std::move(line));
    return lines_.back();
  }

  /// Indentation of a line that goes on. Outside brackets all stand below the first such line, or a step deeper.
  int continued(const Token& first) {
    if (!brackets_.empty()) return brackets_.back() + kStep;
    if (first_continued_ < 0) first_continued_ = first.indent;
    return first.indent > first_continued_ ? 2 * kStep : kStep;
  }

  void word(const Token& token, std::size_t i) {
    while (range_ < ranges_.size() && i >= ranges_[range_].end) ++range_;
    if (i == ranges_[range_].begin) {
      brackets_.clear();
      first_continued_ = -1;
      new_line(token, 0);
    } else if (token.line_start) {
      new_line(token, token.is(TokenKind::close) && !brackets_.empty() ? brackets_.back() : continued(token));
    } else if (!lines_.back().body.empty() && spacing_.between(i - 1)) {
      lines_.back().body += " ";
    }
    Line& line = lines_.back();
    line.body += token.text;
    if (token.is(TokenKind::open)) brackets_.push_back(line.indent);
    if (token.is(TokenKind::close) && !brackets_.empty()) brackets_.pop_back();
    if (token.is(TokenKind::colon) && heads(i)) {
      line.head = std::move(line.body);
      line.body.clear();
      line.gap = code_[i + 1].column - token.column - 1;
    }
  }

  /// Whether this colon ends what is defined, and the value follows on its line.
  bool heads(std::size_t colon) const {
    const bool same_line = colon + 1 < ranges_[range_].end && !code_[colon + 1].line_start;
    return same_line && brackets_.empty() && lines_.back().head.empty() && lines_.back().indent == 0 &&
           !code_[ranges_[range_].begin].is(TokenKind::name, "route");
  }

  void comment(const Token& token, std::size_t next_code) {
    if (!token.line_start) {
      lines_.back().comment = token.text;
      lines_.back().comment_column = token.column;
      return;
    }
    const bool inside = range_ < ranges_.size() && next_code > ranges_[range_].begin && next_code < ranges_[range_].end;
    // a commented-out last line stays with its statement
    const bool belongs = next_code > 0 && token.indent > code_[ranges_[range_].begin].indent && token.newlines_before == 1;
    Line& line = new_line(token, inside ? continued(token) : belongs ? kStep : 0);
    line.body = token.text;
  }

  /// Values that stand below the one before or above the next stay there; others stand one space behind their colon.
  void align_values() {
    std::vector<Line*> heads;
    for (Line& line : lines_) {
      if (!line.head.empty()) heads.push_back(&line);
    }
    std::vector<int> columns;
    for (Line* line : heads) {
      line->gap = std::max(line->gap, 1);
      columns.push_back(width(line->head) + line->gap);
    }
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const bool above = i > 0 && columns[i] == columns[i - 1];
      const bool below = i + 1 < heads.size() && columns[i] == columns[i + 1];
      heads[i]->gap = above || below ? heads[i]->gap : 1;
    }
  }

  /// Comments that neighbours align stand below each other, two columns behind the longest line.
  void align_comments() {
    for (std::size_t i = 0; i < lines_.size();) {
      std::size_t end = i + 1;
      int longest = code_width(lines_[i]);
      while (end < lines_.size() && joined(lines_[i], lines_[end])) longest = std::max(longest, code_width(lines_[end++]));
      for (; i < end; ++i) lines_[i].comment_column = longest + kStep;
    }
  }
  static bool joined(const Line& a, const Line& b) {
    const bool plain = !a.comment.empty() && !b.comment.empty() && !many_lines(a) && !many_lines(b);
    return plain && !b.blank_before && a.comment_column == b.comment_column;
  }

  static void append(std::string& text, const Line& line) {
    text += std::string(static_cast<std::size_t>(line.indent), ' ') + line.head;
    if (!line.head.empty()) text += std::string(static_cast<std::size_t>(line.gap), ' ');
    text += line.body;
    if (!line.comment.empty()) text += std::string(static_cast<std::size_t>(line.comment_column - code_width(line)), ' ') + line.comment;
    text += "\n";
  }
};

}  // namespace

std::string format(const Source& source, Diagnostics& out) {
  Diagnostics found;
  std::vector<Token> tokens = lex(source, found);
  std::vector<Token> code = without_comments(tokens);
  const std::vector<TokenRange> ranges = statements(code);
  parse(tokens, found);
  out.insert(out.end(), found.begin(), found.end());
  if (has_error(found)) return source.text;
  code = without_comments(tokens);  // with the signs told apart
  return Formatter(tokens, code, ranges).run();
}

}  // namespace hocket
