#include "server/app/rational_text.h"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace hocket {

namespace {

template <class Number>
bool read(std::string_view text, Number& out) {
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && at == end;
}

}  // namespace

Rational to_rational(const std::string& text) {
  const auto slash = text.find('/');
  std::int64_t num = 0;
  std::int64_t den = 1;
  if (slash != std::string::npos) {
    if (read(std::string_view(text).substr(0, slash), num) && read(std::string_view(text).substr(slash + 1), den) && den != 0)
      return {num, den};
  } else if (read(text, num)) {
    return {num, 1};
  } else {
    double x = 0;
    if (read(text, x) && std::fabs(x) < 1e15) return Rational::near(x);
  }
  throw std::runtime_error("`" + text + "` is not a number: 3, 1/4 or 2.5 is");
}

}  // namespace hocket
