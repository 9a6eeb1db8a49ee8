// A value, or a sentence that says why there is none.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace hocket {

template <class T>
struct Result {
  std::optional<T> value;
  std::string error;  ///< names the thing and the next step; empty where there is a value

  Result(T v) : value(std::move(v)) {}  // NOLINT: a value is a result
  static Result fail(std::string why) { return Result(std::nullopt, std::move(why)); }

  explicit operator bool() const { return value.has_value(); }
  T& operator*() { return *value; }
  const T& operator*() const { return *value; }
  T* operator->() { return &*value; }
  const T* operator->() const { return &*value; }

 private:
  Result(std::nullopt_t, std::string why) : error(std::move(why)) {}
};

}  // namespace hocket
