// A map of few names, ordered, in one piece of memory.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hocket {

/// As std::map from names, but quick to copy: patterns copy a sound's controls for every event that they change.
template <class Value>
class FlatMap {
 public:
  using Entry = std::pair<std::string, Value>;

  FlatMap() = default;
  FlatMap(std::initializer_list<Entry> entries) {
    for (const Entry& e : entries) try_emplace(e.first, e.second);
  }

  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  auto find(std::string_view name) const { return found(begin(), end(), name); }
  auto find(std::string_view name) { return found(begin(), end(), name); }
  bool contains(std::string_view name) const { return find(name) != end(); }
  /// The value of a name that is there.
  const Value& at(std::string_view name) const { return find(name)->second; }

  /// Adds an entry unless its name is there; gives where it is and whether it was added.
  template <class V>
  auto try_emplace(std::string_view name, V&& value) {
    const auto at = not_before(begin(), end(), name);
    if (at != end() && at->first == name) return std::pair(at, false);
    if (entries_.empty()) {
      entries_.reserve(kFew);  // no more than once, where the map is used again
      return std::pair(entries_.emplace(entries_.end(), std::string(name), std::forward<V>(value)), true);
    }
    return std::pair(entries_.emplace(at, std::string(name), std::forward<V>(value)), true);
  }
  template <class V>
  void insert_or_assign(std::string_view name, V&& value) {
    const auto [at, added] = try_emplace(name, value);
    if (!added) at->second = std::forward<V>(value);
  }
  Value& operator[](std::string_view name) { return try_emplace(name, Value()).first->second; }
  void clear() { entries_.clear(); }
  void emplace(std::string_view name, Value value) { try_emplace(name, std::move(value)); }

  friend bool operator==(const FlatMap&, const FlatMap&) = default;

 private:
  static constexpr std::size_t kFew = 4;

  // Most names differ in their first letter.
  static bool before(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty() || a[0] == b[0]) return a < b;
    return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]);
  }
  template <class At>
  static At not_before(At first, At last, std::string_view name) {
    while (first != last && before(first->first, name)) ++first;
    return first;
  }
  template <class At>
  static At found(At first, At last, std::string_view name) {
    const auto at = not_before(first, last, name);
    return at != last && at->first == name ? at : last;
  }

  std::vector<Entry> entries_;
};

}  // namespace hocket
