// The mini-notation parser: recursive descent, straight to patterns.
#include "lang/pattern/mini.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lang/pattern/combinators.h"
#include "lang/pattern/euclid.h"
#include "lang/pattern/mini_text.h"
#include "lang/pattern/random.h"

namespace hocket {
namespace {

constexpr int kMostNested = 48;
constexpr int kMostSteps = 1 << 14;

// One step of a sequence.
struct Element {
  Pattern pattern;
  Rational weight{1};
  std::size_t begin = 0;  ///< in the text
};

// What stands between brackets: layers (or alternatives) and how many steps each has.
struct Group {
  std::vector<Pattern> layers;
  std::vector<Rational> steps;
  bool choice = false;
};

class Parser {
 public:
  Parser(std::string_view text, std::uint32_t offset, bool truth, Diagnostics& out)
      : text_(text), offset_(offset), truth_(truth), out_(out) {}

  Pattern parse() {
    const Group group = layers('\0', 0);
    Pattern all = together(group);
    return failed_ ? Pattern() : all;
  }

 private:
  // ---- errors: the first one ends the parse

  void fail(std::size_t begin, std::size_t end, std::string message, std::string hint = {}) {
    if (failed_) return;
    failed_ = true;
    out_.push_back({Severity::error, span(begin, end), std::move(message), std::move(hint)});
  }

  Span span(std::size_t begin, std::size_t end) const {
    return {offset_ + static_cast<std::uint32_t>(begin), offset_ + static_cast<std::uint32_t>(end)};
  }
  Span span_since(std::size_t begin) const { return span(begin, text_.at()); }

  void fail_here(std::string message, std::string hint = {}) {
    fail(text_.at(), text_.at() + (text_.ended() ? 1 : text_.character_size()), std::move(message), std::move(hint));
  }

  std::string found() {
    if (text_.ended()) return "the end of the pattern";
    MiniText here = text_;
    here.skip(here.character_size());
    return "`" + std::string(here.since(text_.at())) + "`";
  }

  // ---- groups

  Group layers(char close, std::size_t opened) {
    Group group;
    if (++nested_ > kMostNested) fail(opened, opened + 1, "brackets are nested more than " + std::to_string(kMostNested) + " deep");
    char separator = '\0';
    while (!failed_) {
      sequence(group);
      const char next = text_.peek();
      if (failed_ || (next != ',' && next != '|')) break;
      if (separator != '\0' && separator != next)
        fail_here("`,` (together) and `|` (one of them) cannot stand side by side", "put one of the two in brackets: `[a | b], c`");
      separator = next;
      text_.skip();
    }
    --nested_;
    if (failed_) return {};
    if (text_.ended()) {
      if (close != '\0') fail(opened, opened + 1, "this bracket is never closed", std::string("add `") + close + "`");
    } else if (text_.peek() == close && close != '\0') {
      text_.skip();
    } else if (close == '\0') {
      fail_here(found() + " closes nothing", "remove it, or add the opening bracket");
    } else {
      fail_here(found() + " does not match the bracket it should close", std::string("`") + close + "` would");
    }
    group.choice = separator == '|';
    if (group.choice && !failed_) choice_seed_ = seed_++;
    return group;
  }

  Pattern together(const Group& group) {
    if (failed_) return {};
    return group.choice ? one_of(group.layers, choice_seed_) : stack(group.layers);
  }

  static Pattern one_of(const std::vector<Pattern>& alternatives, int seed) {
    const Rational offset(seed, 10000);
    const auto choose = [alternatives, offset](std::int64_t cycle, QueryContext& context) -> CycleChoice {
      const double r = random_at(Rational(cycle) + offset, context.seed);
      return {alternatives[static_cast<std::size_t>(r * static_cast<double>(alternatives.size()))], cycle};
    };
    return by_cycle(choose, alternatives);
  }

  // ---- sequences

  void sequence(Group& group) {
    std::vector<Element> elements;
    std::vector<std::size_t> feet;  // where in `elements` each foot after the first begins
    while (!failed_) {
      text_.skip_space();
      const char c = text_.peek();
      if (text_.ended() || c == ',' || c == '|' || c == ')' || c == ']' || c == '}' || c == '>') break;
      if (c == '.' && text_.peek(1) != '.' && text_.at_break(1)) {
        text_.skip();
        feet.push_back(elements.size());
      } else {
        element(elements);
      }
    }
    if (failed_) return;
    if (!feet.empty()) elements = walked(elements, feet);
    Rational steps;
    std::vector<Weighted> weighted;
    for (Element& e : elements) {
      steps += e.weight;
      weighted.push_back({e.weight, std::move(e.pattern)});
    }
    group.layers.push_back(timecat(std::move(weighted)));
    group.steps.push_back(steps);
  }

  // `a b . c` is `[a b] [c]`.
  static std::vector<Element> walked(const std::vector<Element>& elements, std::vector<std::size_t> feet) {
    feet.push_back(elements.size());
    std::vector<Element> groups;
    std::size_t from = 0;
    for (const std::size_t to : feet) {
      std::vector<Weighted> foot;
      for (std::size_t i = from; i < to; ++i) foot.push_back({elements[i].weight, elements[i].pattern});
      if (!foot.empty()) groups.push_back({timecat(std::move(foot)), 1, elements[from].begin});
      from = to;
    }
    return groups;
  }

  // What comes next in a sequence: a step, or something that changes the step before it.
  void element(std::vector<Element>& elements) {
    const char c = text_.peek();
    const std::size_t begin = text_.at();
    if (c == '.' && text_.peek(1) == '.') {
      if (!step_before(elements, "..")) return;
      text_.skip(2);
      text_.skip_space();
      Pattern to = term("..");
      if (failed_) return;
      elements.back().pattern = range(elements.back(), to, begin);
      modifiers(elements);
    } else if (c == '_' && (text_.at_break(1) || text_.peek(1) == '_')) {
      if (!step_before(elements, "_")) return;
      text_.skip();
      elements.back().weight += Rational(1);
    } else if (c == '*' || c == '/' || c == '@' || c == '!' || c == '?' || c == '(') {
      if (step_before(elements, std::string(1, c))) modifiers(elements);
    } else {
      Pattern p = term("");
      if (failed_) return;
      elements.push_back({std::move(p), 1, begin});
      modifiers(elements);
    }
    if (std::ssize(elements) > kMostSteps) fail(begin, begin + 1, "a pattern has at most " + std::to_string(kMostSteps) + " steps");
  }

  bool step_before(const std::vector<Element>& elements, const std::string& sign) {
    if (!elements.empty()) return true;
    fail_here("`" + sign + "` has no step before it to work on", sign == "(" ? "a rhythm follows its step: `bd(3,8)`" : "");
    return false;
  }

  // ---- one step

  // A step without modifiers. `wanted_by`: the sign whose argument it is, "" for a step of a sequence.
  Pattern term(const std::string& wanted_by) {
    const std::size_t begin = text_.at();
    const char c = text_.peek();
    if (c == '[') {
      text_.skip();
      const Group group = layers(']', begin);
      return together(group);
    }
    if (c == '<') return alternation(begin);
    if (c == '{') return polymeter(begin);
    if (text_.at_number()) {
      if (const auto number = text_.take_number()) return Pattern::atom(Value(number->value), span_since(begin));
    }
    if (text_.at_letter() || text_.at_digit() || (c == '~' && text_.at_letter(1))) {
      const std::string_view word = text_.take_word();
      if (text_.peek() == ':')
        fail_here("`:` wants a number behind it", "`bd:3`; a pattern of numbers goes outside: `s \"bd*2\" # n \"<0 3>\"`");
      return Pattern::atom(Value::word(std::string(word)), span_since(begin));
    }
    if (wanted_by.empty() && (c == '~' || (c == '-' && rest_follows()))) {
      text_.skip();
      return {};
    }
    unfit(wanted_by);
    return {};
  }

  bool rest_follows() const {
    const char next = text_.peek(1);
    return text_.at_break(1) || next == '*' || next == '/' || next == '!' || next == '@' || next == '?' || next == '~' || next == '-';
  }

  void unfit(const std::string& wanted_by) {
    if (!wanted_by.empty()) {
      fail_here("`" + wanted_by + "` wants a number or a step behind it, found " + found(), wanted_by == "*" ? "`bd*2`, `bd*<2 3>`" : "");
      return;
    }
    switch (text_.peek()) {
      case '%':
        return fail_here("`%` sets the steps of a polymeter and stands right behind its `}`", "`{a b c}%4`");
      case '$':
      case '#':
        return fail_here(found() + " is not part of the mini-notation",
                         "functions and controls stand outside the quotes: `\"bd sn\" $ fast 2`");
      case ':':
        return fail_here("`:` has no sound before it", "`bd:3`");
      case '_':
        return fail_here("`_` lengthens the step before it and stands alone", "`bd _ sn`");
      default:
        return fail_here(found() + " is not part of the mini-notation");
    }
  }

  Pattern alternation(std::size_t begin) {
    text_.skip();
    const Group group = layers('>', begin);
    if (refuse_choice(group, begin, "<[a | b] c>")) return {};
    std::vector<Pattern> turns;
    for (std::size_t i = 0; i < group.layers.size() && !failed_; ++i)
      turns.push_back(group.steps[i] == Rational(0) ? Pattern() : slow(group.steps[i], group.layers[i]));
    return stack(std::move(turns)).with_steps(1);
  }

  Pattern polymeter(std::size_t begin) {
    text_.skip();
    const Group group = layers('}', begin);
    if (refuse_choice(group, begin, "{[a | b] c}")) return {};
    Pattern steps;
    if (text_.peek() == '%') {
      text_.skip();
      steps = term("%");
      if (!is_number(steps, text_.at())) return {};
    } else {
      steps = Pattern::pure(Value(group.steps.front().to_double()));
      if (group.layers.size() == 1) return group.layers.front();
    }
    std::vector<Pattern> layers;
    for (std::size_t i = 0; i < group.layers.size() && !failed_; ++i) {
      const Pattern layer = group.layers[i];
      const Rational own = group.steps[i];
      if (own == Rational(0)) continue;
      layers.push_back(with_time(steps, [layer, own](Rational n) { return fast(n / own, layer); }, {layer}));
    }
    return stack(std::move(layers)).with_steps(steps.constant() ? std::optional(time_of(*steps.constant())) : std::nullopt);
  }

  bool refuse_choice(const Group& group, std::size_t begin, const std::string& instead) {
    if (!failed_ && group.choice) fail(begin, begin + 1, "a choice (`|`) stands in square brackets", "`" + instead + "`");
    return failed_;
  }

  // A constant argument must be a number; patterned ones are read as they come.
  bool is_number(const Pattern& p, std::size_t end) {
    const Value* constant = p.constant();
    if (!failed_ && constant && !constant->is_numeric()) {
      const Span where = p.constant_where();
      fail(where.begin - offset_, end, "a number is wanted here, found `" + constant->text() + "`");
    }
    return !failed_;
  }

  // `m .. n`, all within one step.
  Pattern range(const Element& from, const Pattern& to, std::size_t at) {
    if (!is_number(from.pattern, at) || !is_number(to, text_.at())) return {};
    const auto ends = [to](double m) {
      return with_number(to, [m](double n) {
        const double count = std::min(std::max(m, n) - std::min(m, n), 9e15) + 1;
        const auto choose = [m, up = n >= m](std::int64_t i, Rational, QueryContext&) {
          const auto step = static_cast<double>(i);
          return Pattern::pure(Value(up ? m + step : m - step));
        };
        return even_steps(static_cast<std::int64_t>(count), choose);
      });
    };
    return with_number(from.pattern, ends);
  }

  // ---- what follows a step

  void modifiers(std::vector<Element>& elements) {
    std::size_t copies = 1;
    while (!failed_) {
      Element& last = elements.back();
      const std::size_t begin = text_.at();
      switch (text_.peek()) {
        case '*':
          speed(last, "*");
          break;
        case '/':
          speed(last, "/");
          break;
        case '(':
          rhythm(last);
          break;
        case '?':
          doubt(last);
          break;
        case '@':
          weight(last);
          break;
        case '!':
          copies = replication(copies);
          break;
        case '%':
          unfit("");
          break;
        default:
          if (copies == 0) {
            elements.pop_back();
          } else {
            if (elements.size() + copies > std::size_t{kMostSteps})
              return fail(begin, begin + 1, "a pattern has at most " + std::to_string(kMostSteps) + " steps");
            const Element copied = last;
            elements.insert(elements.end(), copies - 1, copied);
          }
          return;
      }
    }
  }

  void speed(Element& last, const std::string& sign) {
    text_.skip();
    const bool up = sign == "*";
    Pattern factor = term(sign);
    if (!is_number(factor, text_.at())) return;
    const Pattern p = last.pattern;
    last.pattern = with_time(factor, [p, up](Rational n) { return up ? fast(n, p) : slow(n, p); }, {p});
  }

  void rhythm(Element& last) {
    const std::size_t begin = text_.at();
    text_.skip();
    const Group group = layers(')', begin);
    if (failed_) return;
    const std::size_t count = group.layers.size();
    if (group.choice || count < 2 || count > 3)
      return fail(begin, text_.at(), "a rhythm wants pulses, steps and perhaps a rotation", "`bd(3,8)` or `bd(3,8,2)`");
    for (const Pattern& argument : group.layers)
      if (!is_number(argument, text_.at())) return;
    const Pattern on = last.pattern;
    const Pattern off = truth_ ? Pattern::pure(Value(0)) : Pattern();
    const Pattern steps = group.layers[1];
    const Pattern rotation = count == 3 ? group.layers[2] : Pattern::pure(Value(0));
    last.pattern = with_count(
        group.layers[0],
        [=](std::int64_t k) {
          return with_count(
              steps, [=](std::int64_t n) { return with_time(rotation, [=](Rational r) { return euclid(k, n, r, on, off); }, {on}); }, {on});
        },
        {on});
  }

  void doubt(Element& last) {
    text_.skip();
    double chance = 0.5;
    if (text_.at_number()) {
      const auto number = text_.take_number();
      if (!number) return fail_here("`?` wants a number from 0 to 1 behind it, or nothing", "`bd?0.7`");
      chance = number->value;
    }
    const Rational offset(seed_++, 10000);
    last.pattern = map_events(last.pattern, [chance, offset](Event& e, QueryContext& context) {
      return random_at(e.span().begin + offset, context.seed) >= chance;
    });
  }

  void weight(Element& last) {
    text_.skip();
    const std::size_t begin = text_.at();
    const auto number = text_.at_number() ? text_.take_number() : std::nullopt;
    if (!number) return fail_here("`@` wants a number behind it, found " + found(), "`bd@3`");
    if (number->exact <= Rational(0)) return fail(begin, text_.at(), "a weight is above 0");
    last.weight = number->exact;
  }

  std::size_t replication(std::size_t copies) {
    text_.skip();
    if (!text_.at_digit()) return copies + 1;
    const std::size_t begin = text_.at();
    const auto number = text_.take_number();
    if (!number || number->exact.den() != 1) {
      fail(begin, std::max(begin + 1, text_.at()), "`!` wants a whole number of copies behind it, or nothing", "`bd!3`");
      return copies;
    }
    return static_cast<std::size_t>(min(number->exact, Rational(kMostSteps + 1)).num());
  }

  MiniText text_;
  std::uint32_t offset_;
  bool truth_;
  Diagnostics& out_;
  bool failed_ = false;
  int nested_ = 0;
  int seed_ = 0;         ///< of the next `?` or `|`, in the order in which their parsing ends
  int choice_seed_ = 0;  ///< of the group parsed last
};

}  // namespace

Pattern parse_mini(std::string_view text, std::uint32_t offset, Diagnostics& out) {
  return Parser(text, offset, false, out).parse();
}

Pattern parse_mini_truth(std::string_view text, std::uint32_t offset, Diagnostics& out) {
  return Parser(text, offset, true, out).parse();
}

}  // namespace hocket
