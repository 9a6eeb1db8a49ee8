// Random programs by the grammar of the language's reference, not by the parser's code.
#include "generate.h"

#include <random>
#include <vector>

namespace hocket {
namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Generated program(int size) {
    Generated program;
    const int count = pick(size / 10 + 2);
    const int depth = 1 + size / 25;
    for (int i = 0; i < count; ++i) {
      const Generated next = statement(depth);
      program.text += blank() + next.text + (one_in(4) ? "  -- a \"comment\" (" : "") + "\n";
      program.tree += next.tree + "\n";
    }
    return program;
  }

 private:
  std::mt19937_64 random_;

  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return pick(n) == 0; }
  std::string any(const std::vector<std::string>& words) { return words[static_cast<std::size_t>(pick(static_cast<int>(words.size())))]; }

  std::string blank() { return any({"", "", "", "\n", "\n\n\n", "-- between\n", "   // between\n\n"}); }
  /// At least one space, or a break to a deeper line.
  std::string gap() { return any({" ", " ", " ", "  ", "\t", "\n  ", "\n      ", " -- why \"\n\n   ", "\r\n  "}); }
  std::string maybe_gap() { return one_in(2) ? "" : gap(); }

  std::string name() { return any({"saw", "lpf", "freq", "every'", "add.out", "x", "in", "note", "_y2", "s", "tracker2"}); }
  std::string bus() { return any({"~a", "~drums", "~wet.left", "~b'", "~x_1"}); }
  std::string number() { return any({"0", "1", "0.5", "55", "1/8", "3/16c", "2k", "250ms", "440Hz", "6dB", "1e3", ".25"}); }
  std::string string() { return any({"\"bd sn\"", "\"\"", "\"~ <a b>(3,8) -- # $\"", "\"a\n  b\n\"", "\"\"\"\n c4 | \"x\"\n\"\"\""}); }

  Generated same(const std::string& text) { return {text, text}; }

  Generated atom(int depth) {
    switch (pick(depth > 0 ? 10 : 5)) {
      case 0:
        return same(number());
      case 1:
        return same(string());
      case 2:
        return same(bus());
      case 3:
      case 4:
        return same(name());
      case 5:
        return list(depth - 1);
      case 6:
        return one_in(2) ? map(depth - 1) : comprehension(depth - 1);
      default:
        return group(depth - 1);
    }
  }

  Generated group(int depth) {
    if (one_in(4)) return section(depth);
    const Generated inner = pipeline(depth);
    return {"(" + maybe_gap() + inner.text + maybe_gap() + ")", "(() " + inner.tree + ")"};
  }

  Generated section(int depth) {
    const std::string op = any({"+", "-", "*", "/", "|+", "+|", "|*|", "^", "|<", ">|", "#", "$"});
    const Generated operand = application(depth);
    const bool pipe = op == "#" || op == "$";
    if (!pipe && one_in(3)) return {"(" + operand.text + " " + op + maybe_gap() + ")", "(() (" + op + " " + operand.tree + " _))"};
    return {"(" + maybe_gap() + op + gap() + operand.text + ")", "(() (" + op + " _ " + operand.tree + "))"};
  }

  Generated list(int depth) {
    if (one_in(3)) {
      const Generated from = sum(depth);
      const Generated to = sum(depth);
      return {"[" + from.text + gap() + ".." + maybe_gap() + to.text + "]", "[" + from.tree + " .. " + to.tree + "]"};
    }
    Generated list;
    const int count = pick(4);
    for (int i = 0; i < count; ++i) {
      const Generated item = pipeline(depth);
      list.text += (i > 0 ? maybe_gap() + "," + maybe_gap() : "") + item.text;
      list.tree += (i > 0 ? " " : "") + item.tree;
    }
    return {"[" + maybe_gap() + list.text + maybe_gap() + "]", "[" + list.tree + "]"};
  }

  Generated comprehension(int depth) {
    const Generated body = pipeline(depth);
    const Generated from = sum(0);
    const Generated to = sum(0);
    return {"[" + body.text + " for" + gap() + "k in " + from.text + " .. " + to.text + "]",
            "[" + body.tree + " for k in [" + from.tree + " .. " + to.tree + "]]"};
  }

  Generated map(int depth) {
    const Generated a = pipeline(depth);
    const Generated b = pipeline(depth);
    return {"{" + maybe_gap() + "a:" + maybe_gap() + a.text + "," + gap() + "n" + maybe_gap() + ":" + b.text + "}",
            "{a: " + a.tree + " n: " + b.tree + "}"};
  }

  Generated application(int depth) {
    if (one_in(3)) return atom(depth);
    const Generated head = depth > 0 && one_in(6) ? group(depth - 1) : same(one_in(5) ? bus() : name());
    Generated call = head;
    const bool named = head.text[0] != '~' && head.text[0] != '(';
    const int count = 1 + pick(3);
    for (int i = 0; i < count; ++i) {
      const bool sign = (named || i > 0) && one_in(5);
      const Generated value = sign ? same("-" + number()) : atom(depth);
      const std::string key = one_in(4) ? any({"res", "decay", "lines"}) : "";
      call.text += gap() + (key.empty() ? "" : key + (one_in(4) ? " = " : "=")) + value.text;
      call.tree += " " + (key.empty() ? "" : key + "=") + value.tree;
    }
    return {call.text, "(" + call.tree + ")"};
  }

  Generated prefixed(int depth) {
    if (!one_in(8)) return application(depth);
    if (one_in(2)) return same("-" + number());
    const Generated operand = same(one_in(2) ? name() : bus());
    return {"-" + operand.text, "(- " + operand.tree + ")"};
  }

  Generated binary(const Generated& left, const std::string& op, const Generated& right) {
    // a minus needs its spaces, and a fraction or comment must not arise by accident
    const bool spaced = op.find('-') != std::string::npos || op.find('/') != std::string::npos || one_in(2);
    const std::string between = spaced ? gap() + op + gap() : op;
    return {left.text + between + right.text, "(" + op + " " + left.tree + " " + right.tree + ")"};
  }

  Generated power(int depth) {
    const Generated base = application(depth);
    return one_in(8) ? binary(base, "^", application(depth)) : base;
  }
  Generated product(int depth) {
    Generated product = one_in(3) ? prefixed(depth) : power(depth);
    while (one_in(3)) product = binary(product, any({"*", "/", "%", "|*", "*|", "|*|"}), power(depth));
    return product;
  }
  Generated sum(int depth) {
    Generated sum = product(depth);
    while (one_in(3)) sum = binary(sum, any({"+", "-", "|+", "+|", "|-|", "|>", "<|", "|<|"}), product(depth));
    return sum;
  }

  /// Pipes, and operators after them, which take the whole.
  Generated pipeline(int depth) {
    Generated line = sum(depth);
    while (one_in(3)) {
      const std::string op = any({"#", "$"});
      line = binary(line, op, application(depth));
      if (one_in(3)) line = binary(line, any({"+", "*", "|+|"}), power(depth));
    }
    return line;
  }

  Generated command() {
    switch (pick(5)) {
      case 0:
        return {"hush", "(command hush)"};
      case 1:
        return {"solo" + gap() + "~a", "(command solo ~a)"};
      case 2:
        return {"record" + gap() + "\"a.wav\"" + gap() + "~b", "(command record \"a.wav\" ~b)"};
      case 3:
        return {"route o3" + maybe_gap() + ":" + maybe_gap() + "3 4", "(command route o3 3 4)"};
      default:
        return {"nudge" + gap() + "-0.5", "(command nudge -0.5)"};
    }
  }

  Generated statement(int depth) {
    switch (pick(8)) {
      case 0: {
        const Generated body = pipeline(depth);
        const Generated init = one_in(2) ? same("-" + number()) : atom(depth - 1);
        const std::string word = any({"fn", "synth"});
        return {word + gap() + "f a b=" + init.text + gap() + "c :" + gap() + body.text,
                "(" + word + " f (a b=" + init.tree + " c) " + body.tree + ")"};
      }
      case 1:
        return command();
      default: {
        const std::string target = one_in(2) ? bus() : any({"out", "o12", "cps"});
        if (one_in(8)) {
          const Generated chain = application(depth);
          return {target + ":" + gap() + "#" + gap() + chain.text, "(define " + target + " (# _ " + chain.tree + "))"};
        }
        const Generated value = pipeline(depth);
        return {target + maybe_gap() + ":" + gap() + value.text, "(define " + target + " " + value.tree + ")"};
      }
    }
  }
};

}  // namespace

Generated generate_program(std::uint64_t seed, int size) {
  return Generator(seed).program(size);
}

}  // namespace hocket
