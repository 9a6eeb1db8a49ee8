// Reads cases of the conformance corpus.
#include "tests/pattern/corpus.h"

#include <cmath>
#include <set>
#include <stdexcept>

#include "lang/pattern/function.h"
#include "lang/pattern/mini.h"

namespace hocket::test {
namespace {

using nlohmann::json;

Rational fraction(const std::string& text) {
  const std::size_t slash = text.find('/');
  return {std::stoll(text.substr(0, slash)), slash == std::string::npos ? 1 : std::stoll(text.substr(slash + 1))};
}

Pattern mini(const std::string& text, bool truth) {
  Diagnostics diagnostics;
  const Pattern p = truth ? parse_mini_truth(text, 0, diagnostics) : parse_mini(text, 0, diagnostics);
  if (has_error(diagnostics)) throw std::runtime_error(diagnostics.front().message);
  return p;
}

Pattern apply_op(const json& op, const Pattern& p);

bool is_op(const json& a) {
  return a.is_array() && !a.empty() && a[0].is_string();
}

PatternFunction function(const json& a) {
  const json ops = a.empty() || !is_op(a) ? a : json::array({a});
  return [ops](const Pattern& p) {
    Pattern result = p;
    for (const json& op : ops) result = apply_op(op, result);
    return result;
  };
}

Pattern pattern(const json& a, bool truth = false) {
  if (a.is_number()) return Pattern::pure(Value(a.get<double>()));
  if (a.is_string()) return mini(a.get<std::string>(), truth);
  if (a.contains("frac")) return Pattern::pure(Value(fraction(a["frac"].get<std::string>()).to_double()));
  return build(a);
}

Arg entry(const json& a) {
  if (a.is_number()) return {Rational::near(a.get<double>())};
  if (a.is_array() && !is_op(a) && !a.empty() && !a[0].is_array()) return {ArgList{entry(a[0]), entry(a[1])}};
  if (a.is_array() && a.size() == 2 && a[1].is_number() && !find_function(a[0].get<std::string>()))
    return {ArgList{entry(a[0]), entry(a[1])}};
  if (a.is_array()) return {function(a)};
  if (a.is_object() && a.contains("frac")) return {fraction(a["frac"].get<std::string>())};
  return {pattern(a)};
}

Arg argument(const json& a, ArgKind kind) {
  switch (kind) {
    case ArgKind::truth:
      return {pattern(a, true)};
    case ArgKind::constant:
      return {a.is_object() ? fraction(a["frac"].get<std::string>()) : Rational::near(a.get<double>())};
    case ArgKind::function:
      return {function(a)};
    case ArgKind::list: {
      ArgList list;
      for (const json& e : a) list.push_back(entry(e));
      return {list};
    }
    case ArgKind::map: {
      std::map<std::string, Pattern> map;
      for (const auto& [name, value] : a.items()) map.emplace(name, pattern(value));
      return {map};
    }
    case ArgKind::name:
      return {a.get<std::string>()};
    default:
      return {pattern(a)};
  }
}

std::string own_name(const std::string& name) {
  return name == "<~" ? "early" : name == "~>" ? "late" : name;
}

const std::set<std::string> kListed{"stack",   "cat",     "slowcat",   "fastcat",     "randcat", "layer",     "pick",
                                    "pickmod", "pickOut", "pickReset", "pickRestart", "squeeze", "polymeter", "timecat",
                                    "stepcat", "arrange", "choose",    "wchoose",     "wrandcat"};

Pattern apply_op(const json& op, const Pattern& p) {
  const std::string name = own_name(op[0].get<std::string>());
  if (name == "signal") return *find_signal(op[1].get<std::string>());
  if ((name == "s" || name == "n" || name == "note") && op.size() == 1) return make_control(name, p);
  const std::size_t sign = name.find_first_of("+-*/%<>#");
  if (sign != std::string::npos) {
    const bool control = op.size() == 3;
    const Pattern other = control ? make_control(op[1].get<std::string>(), pattern(op[2])) : pattern(op[1]);
    const bool left = name.front() == '|';
    const bool right = name.back() == '|';
    const Structure structure = left && right ? Structure::both : right ? Structure::right : Structure::left;
    return combine(name == "#" ? ">" : name.substr(sign, 1), structure, p, other);
  }
  const FunctionRow* row = find_function(name);
  if (!row) throw std::runtime_error("no function " + name);
  std::vector<Arg> args;
  if (kListed.contains(name)) {
    json rest = json::array();
    for (std::size_t i = 1; i < op.size(); ++i) rest.push_back(op[i]);
    args.push_back(argument(rest, ArgKind::list));
  } else {
    if (row->params.size() + 1 != op.size()) throw std::runtime_error(name + " takes another number of arguments");
    for (std::size_t i = 0; i < row->params.size(); ++i) args.push_back(argument(op[i + 1], row->params[i].kind));
  }
  if (row->subject) args.push_back({p});
  if (row->check) {
    const std::string unfit = row->check(args);
    if (!unfit.empty()) throw std::runtime_error(unfit);
  }
  return row->body(args);
}

bool same_value(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>();
    const double y = b.get<double>();
    return std::abs(x - y) <= 1e-9 * std::max({1.0, std::abs(x), std::abs(y)});
  }
  if (a.is_object() && b.is_object()) {
    if (a.size() != b.size()) return false;
    for (const auto& [name, value] : a.items())
      if (!b.contains(name) || !same_value(value, b[name])) return false;
    return true;
  }
  return a == b;
}

TimeSpan span_of(const json& a) {
  return {fraction(a[0].get<std::string>()), fraction(a[1].get<std::string>())};
}

bool same_event(const json& expected, const Event& e, bool onsets) {
  const auto whole = expected["whole"].is_null() ? std::nullopt : std::optional(span_of(expected["whole"]));
  return whole == e.whole && (onsets || span_of(expected["part"]) == e.part) &&
         same_value(expected["value"], json::parse(to_json(e.value)));
}

}  // namespace

Pattern build(const json& made) {
  const json ops = made.value("ops", json::array());
  std::size_t first = 0;
  Pattern p;
  if (made["pattern"].is_null()) {
    p = apply_op(ops[first++], p);
  } else {
    const bool truth = !ops.empty() && find_function(own_name(ops[0][0].get<std::string>())) &&
                       find_function(own_name(ops[0][0].get<std::string>()))->subject_kind == ArgKind::truth;
    p = mini(made["pattern"].get<std::string>(), truth);
  }
  for (std::size_t i = first; i < ops.size(); ++i) p = apply_op(ops[i], p);
  return p;
}

std::string difference(const json& made, const Pattern& p) {
  QueryContext context;
  const TimeSpan cycles = span_of(made["cycles"]);
  Events got = p.query(cycles, context);
  if (context.exhausted) return "the query was exhausted";
  for (const Event& e : got) {
    if (e.part.begin < cycles.begin || e.part.end > cycles.end) return "a part lies outside the query: " + to_text(Events{e});
    if (e.whole && (e.part.begin < e.whole->begin || e.part.end > e.whole->end))
      return "a part lies outside its whole: " + to_text(Events{e});
  }
  got = tidied(std::move(got));
  const bool onsets = made.value("match", "") == "onsets";
  json expected = json::array();
  for (const json& e : made["events"])
    if (!onsets || (!e["whole"].is_null() && e["whole"][0] == e["part"][0])) expected.push_back(e);
  if (onsets) std::erase_if(got, [](const Event& e) { return !e.has_onset(); });
  std::string text;
  for (const json& e : expected) {
    const auto found = std::find_if(got.begin(), got.end(), [&](const Event& g) { return same_event(e, g, onsets); });
    if (found != got.end())
      got.erase(found);
    else
      text += "\n  missing " + e.dump();
  }
  if (!got.empty()) text += "\n  unexpected " + to_text(got);
  return text;
}

}  // namespace hocket::test
