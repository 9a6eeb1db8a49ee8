// Short ways to say what a pattern should give.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "lang/lower.h"
#include "lang/pattern/function.h"
#include "lang/pattern/mini.h"

namespace hocket::test {

/// The pattern of a mini-notation text that must be right.
inline Pattern mini(std::string_view text) {
  Diagnostics diagnostics;
  const Pattern p = parse_mini(text, 0, diagnostics);
  INFO(text);
  CHECK(diagnostics.empty());
  return p;
}

inline std::string events(const Pattern& p, Rational begin = 0, Rational end = 1) {
  QueryContext context;
  const std::string text = to_text(p.query({begin, end}, context));
  CHECK_FALSE(context.exhausted);
  return text;
}

/// An expression of the language as a pattern; its first diagnostic is thrown as a string.
inline Pattern expression(const std::string& code) {
  static const Program program;
  static const Vocabulary vocabulary;
  const QueryValue value = lower_pattern(program, std::make_shared<const Source>(Source{"example", code}), vocabulary);
  if (has_error(value.diagnostics)) {
    const Diagnostic& d = value.diagnostics.front();
    throw std::runtime_error(d.message + (d.hint.empty() ? "" : " (" + d.hint + ")"));
  }
  return value.pattern;
}

inline std::string given(const std::string& code, Rational begin = 0, Rational end = 1) {
  return events(expression(code), begin, end);
}

}  // namespace hocket::test
