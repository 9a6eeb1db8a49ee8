// Numbers as written → exact value, double, unit.
#include "lang/number.h"

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace hocket {
namespace {

constexpr double kLargest = 1e15;   // past it a double has no room for fractions
constexpr double kLargestDb = 200;  // a factor of 1e10
constexpr int kExactDigits = 18;    // of a 64-bit numerator or denominator

bool digit(std::string_view text, std::size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

std::size_t digits_end(std::string_view text, std::size_t i) {
  while (digit(text, i)) ++i;
  return i;
}

/// End of `12`, `1.5`, `.5`, `1e-3` from `i` on.
std::size_t decimal_end(std::string_view text, std::size_t i) {
  i = digits_end(text, i);
  if (i < text.size() && text[i] == '.' && digit(text, i + 1)) i = digits_end(text, i + 1);
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    const std::size_t sign = i + 1 < text.size() && (text[i + 1] == '-' || text[i + 1] == '+') ? 1 : 0;
    if (digit(text, i + 1 + sign)) i = digits_end(text, i + 1 + sign);
  }
  return i;
}

/// End of `1/8` or of a single decimal: what stands before the unit.
std::size_t value_end(std::string_view text, std::size_t i) {
  i = decimal_end(text, i);
  if (i < text.size() && text[i] == '/' && digit(text, i + 1)) i = decimal_end(text, i + 1);
  return i;
}

struct Decimal {
  Rational exact;
  double value = 0;
  bool fits = true;
};

std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Decimal read_decimal(std::string_view text) {
  std::string digits;
  int exponent = 0;
  std::size_t i = 0;
  bool fraction = false;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      fraction = true;
      continue;
    }
    if (!digits.empty() || text[i] != '0') digits += text[i];
    if (fraction) --exponent;
  }
  if (i < text.size()) {
    int power = 0;
    const std::string_view written = text.substr(text[i + 1] == '+' ? i + 2 : i + 1);
    if (std::from_chars(written.data(), written.data() + written.size(), power).ec != std::errc() || std::abs(power) > 100'000) {
      power = written.starts_with('-') ? -100'000 : 100'000;
    }
    exponent += power;
  }
  while (digits.ends_with('0')) {
    digits.pop_back();
    ++exponent;
  }
  Decimal decimal;
  if (digits.empty()) return decimal;
  const int size = static_cast<int>(digits.size());
  if (size + exponent > 16) return {Rational(0), 0, false};
  if (size + exponent < -300) return decimal;  // as good as 0
  std::from_chars(text.data(), text.data() + text.size(), decimal.value);
  if (size <= kExactDigits && exponent >= -kExactDigits) {
    std::int64_t mantissa = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), mantissa);
    decimal.exact = exponent >= 0 ? Rational(mantissa * power_of_ten(exponent)) : Rational(mantissa, power_of_ten(-exponent));
  } else {
    decimal.exact = Rational::near(decimal.value);
  }
  return decimal;
}

struct UnitRow {
  std::string_view suffix;
  NumberUnit unit;
  int times, over;
};
constexpr std::array<UnitRow, 12> kUnits{{
    {"", NumberUnit::none, 1, 1},
    {"Hz", NumberUnit::hz, 1, 1},
    {"hz", NumberUnit::hz, 1, 1},
    {"kHz", NumberUnit::hz, 1000, 1},
    {"khz", NumberUnit::hz, 1000, 1},
    {"k", NumberUnit::none, 1000, 1},
    {"ms", NumberUnit::seconds, 1, 1000},
    {"s", NumberUnit::seconds, 1, 1},
    {"c", NumberUnit::cycles, 1, 1},
    {"dB", NumberUnit::decibel, 1, 1},
    {"db", NumberUnit::decibel, 1, 1},
    {"DB", NumberUnit::decibel, 1, 1},
}};

NumberRead refuse(std::string problem, std::string hint) {
  return {{}, std::move(problem), std::move(hint)};
}

}  // namespace

std::size_t number_length(std::string_view text, std::size_t at) {
  const bool starts = digit(text, at) || (at < text.size() && text[at] == '.' && digit(text, at + 1));
  if (!starts) return 0;
  std::size_t i = value_end(text, at);
  while (i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_' || text[i] == '\'')) ++i;
  return i - at;
}

NumberRead read_number(std::string_view text) {
  const std::string written(text);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t end = value_end(text, 0);
  const std::string_view suffix = text.substr(end);
  const UnitRow* unit = nullptr;
  for (const UnitRow& row : kUnits) {
    if (row.suffix == suffix) unit = &row;
  }
  if (unit == nullptr) {
    return refuse("`" + std::string(suffix) + "` is not a unit of numbers", "units are Hz, k (thousand), ms, s, dB and c (cycles)");
  }

  NumberRead read;
  NumberExpr& number = read.number;
  number.text = written;
  number.unit = unit->unit;
  const std::size_t slash = text.substr(0, end).find('/');
  Decimal over = read_decimal(text.substr(0, std::min(slash, end)));
  Decimal under{Rational(1), 1};
  if (slash != std::string_view::npos) {
    under = read_decimal(text.substr(slash + 1, end - slash - 1));
    if (under.fits && under.exact == Rational(0)) return refuse("`" + written + "` divides by zero", "");
    number.ratio = {negative ? -over.exact : over.exact, under.exact};
  }
  number.value = over.value / under.value * unit->times / unit->over;
  const bool decibel = unit->unit == NumberUnit::decibel;
  if (!over.fits || !under.fits || number.value > (decibel ? kLargestDb : kLargest)) {
    return refuse("`" + written + "` is too large", decibel ? "at most 200dB" : "numbers go up to 1e15");
  }
  number.exact = over.exact / under.exact * Rational(unit->times) / Rational(unit->over);
  if (negative) {
    number.value = -number.value;
    number.exact = -number.exact;
  }
  if (decibel) {
    number.value = std::pow(10.0, number.value / 20);
    number.exact = Rational::near(number.value);
  }
  return read;
}

}  // namespace hocket
