// MIDI in programs: `midi`, `cc` and its like as live patterns, and `midiout`, which plays a pattern outside.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "lang/lower_eval.h"
#include "lang/pattern/live.h"

namespace hocket {
namespace {

using Kind = ControlFilter::Kind;
using Encoding = ControlFilter::Encoding;

struct KnobWord {
  std::string_view word;
  Kind kind;
  const char* form;
  bool numbered;
  double low, high;
};
constexpr std::array kKnobs{
    KnobWord{"cc", Kind::cc, "cc 74 low high", true, 0, 1},        KnobWord{"nrpn", Kind::nrpn, "nrpn 300 low high", true, 0, 1},
    KnobWord{"rpn", Kind::rpn, "rpn 2 low high", true, 0, 1},      KnobWord{"bend", Kind::bend, "bend low high", false, -1, 1},
    KnobWord{"touch", Kind::touch, "touch low high", false, 0, 1}, KnobWord{"program", Kind::program, "program", false, 0, 1},
};

const KnobWord* knob_word(std::string_view name) {
  const auto* found = std::find_if(kKnobs.begin(), kKnobs.end(), [&](const KnobWord& k) { return k.word == name; });
  return found == kKnobs.end() ? nullptr : found;
}

}  // namespace

bool is_live_word(std::string_view name) {
  return name == "midi" || name == "midiout" || knob_word(name) != nullptr;
}

/// Arguments read one by one; what is wrong with them is said once.
class Evaluator::LiveArgs {
 public:
  LiveArgs(Evaluator& evaluator, const FunctionTerm& f, std::string form) : evaluator_(evaluator), f_(f), form_(std::move(form)) {
    for (const GivenArg& arg : f.args)
      if (arg.name.empty()) places_.push_back(&arg);
  }

  bool fine() const { return fine_; }

  /// The next by place if it is a text, or the one of that name.
  std::optional<std::string> text(std::string_view name) {
    const GivenArg* arg = named(name);
    if (!arg && !places_.empty() && literal(*places_.front())) arg = take_place();
    if (!arg) return std::nullopt;
    if (const auto* text = literal(*arg)) return text->text;
    wrong(*arg, "`" + std::string(name) + "` is a text in quotes");
    return std::nullopt;
  }
  /// Likewise for a number within bounds. `placed`: it may stand without its name.
  std::optional<double> number(std::string_view name, double low, double high, bool placed = true) {
    const GivenArg* arg = named(name);
    if (!arg && placed && !places_.empty()) arg = take_place();
    if (!arg) return std::nullopt;
    const NumberTerm* n = arg->term.number();
    if (!n || n->cycles) {
      wrong(*arg, "`" + std::string(name) + "` is a plain number");
      return std::nullopt;
    }
    if (n->value < low || n->value > high) {
      wrong(*arg, "`" + std::string(name) + "` stays between " + shortest(low) + " and " + shortest(high));
      return std::nullopt;
    }
    return n->value;
  }
  std::optional<int> whole(std::string_view name, int low, int high, bool placed = true) {
    const auto x = number(name, low, high, placed);
    return x ? std::optional(static_cast<int>(std::lround(*x))) : std::nullopt;
  }
  /// A MIDI note: a number, or a note's name in quotes.
  std::optional<int> note(std::string_view name) {
    const GivenArg* arg = named(name);
    if (!arg) return std::nullopt;
    const auto* text = literal(*arg);
    const auto semis = text ? note_from_name(text->text) : std::nullopt;
    if (text && !semis) wrong(*arg, "`" + text->text + "` is no note");
    if (semis) return std::clamp(static_cast<int>(*semis) + 60, 0, 127);
    return text ? std::nullopt : whole_of(name, *arg);
  }
  /// One word of a list, by name.
  std::optional<std::size_t> word(std::string_view name, std::initializer_list<const char*> words) {
    const GivenArg* arg = named(name);
    if (!arg) return std::nullopt;
    const auto* text = literal(*arg);
    const auto found = std::find_if(words.begin(), words.end(), [&](const char* w) { return text && text->text == w; });
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string list;
    for (const char* w : words) list += (list.empty() ? "\"" : ", \"") + std::string(w) + '"';
    wrong(*arg, "`" + std::string(name) + "` is one of " + list);
    return std::nullopt;
  }
  bool is_text(std::string_view name) {
    const auto arg = std::find_if(f_.args.begin(), f_.args.end(), [&](const GivenArg& a) { return a.name == name; });
    return arg != f_.args.end() && literal(*arg);
  }
  /// Says what was not asked for. False: something was wrong.
  bool done() {
    for (const GivenArg& arg : f_.args) {
      const bool known = arg.name.empty() || std::find(known_.begin(), known_.end(), arg.name) != known_.end();
      if (known) continue;
      const auto hint = did_you_mean(nearest(arg.name, known_));
      if (fine_) evaluator_.error(arg.name_span, "`" + f_.word + "` has no `" + arg.name + "`", hint.empty() ? "`" + form_ + "`" : hint);
      fine_ = false;
    }
    if (!places_.empty()) wrong(*places_.front(), "this is one argument too many");
    return fine_;
  }

 private:
  static const StringExpr* literal(const GivenArg& arg) {
    const PatternTerm* p = arg.term.pattern();
    return p && p->literal ? &*p->literal : nullptr;
  }
  const GivenArg* named(std::string_view name) {
    known_.emplace_back(name);
    const auto found = std::find_if(f_.args.begin(), f_.args.end(), [&](const GivenArg& a) { return a.name == name; });
    return found == f_.args.end() ? nullptr : &*found;
  }
  const GivenArg* take_place() {
    const GivenArg* arg = places_.front();
    places_.erase(places_.begin());
    return arg;
  }
  std::optional<int> whole_of(std::string_view name, const GivenArg& arg) {
    if (const NumberTerm* n = arg.term.number()) return static_cast<int>(std::clamp(std::round(n->value), 0., 127.));
    wrong(arg, "`" + std::string(name) + "` is a note");
    return std::nullopt;
  }
  void wrong(const GivenArg& arg, std::string message) {
    if (fine_ && !arg.term.failed()) evaluator_.error(arg.term.span, std::move(message), "`" + form_ + "`");
    fine_ = false;
  }

  Evaluator& evaluator_;
  const FunctionTerm& f_;
  std::string form_;
  std::vector<const GivenArg*> places_;
  std::vector<std::string> known_;
  bool fine_ = true;
};

/// `midi`, `midi "port" channel`: the notes that are played.
Term Evaluator::played_notes(const FunctionTerm& f) {
  LiveArgs args(*this, f, "midi \"port\" channel");
  NoteFilter filter;
  filter.port = args.text("port").value_or("");
  filter.channel = args.whole("channel", 0, 16).value_or(0);
  filter.low = args.note("low").value_or(0);
  filter.high = args.note("high").value_or(127);
  filter.curve = args.number("curve", 0.01, 100, false).value_or(1);
  filter.bend = args.number("bend", 0, 96, false);
  if (!args.done()) return failed(f.word_span);
  return make(f.word_span, PatternTerm{live_notes(filter), false, false, {}, next_id_++, {}});
}

/// `cc 74 low high`, `bend low high` …: a knob.
Term Evaluator::turned_knob(const FunctionTerm& f) {
  const KnobWord& word = *knob_word(f.word);
  LiveArgs args(*this, f, word.form);
  constexpr double kAny = 1e12;
  ControlFilter filter{.kind = word.kind};
  ControlRange range{.low = word.low, .high = word.high};
  if (word.numbered) {
    const auto number = args.whole("number", 0, word.kind == Kind::cc ? 119 : 16383);
    if (!number && args.fine()) {
      error(f.word_span, "`" + f.word + "` needs the controller's number", std::string("`") + word.form + "`");
      return failed(f.word_span);
    }
    filter.number = number.value_or(0);
  }
  if (word.kind != Kind::program) {
    range.low = args.number("low", -kAny, kAny).value_or(range.low);
    range.high = args.number("high", -kAny, kAny).value_or(range.high);
    if (args.is_text("curve")) {
      if (args.word("curve", {"exp"})) range.geometric = true;
    } else {
      range.curve = args.number("curve", 0.01, 100, false).value_or(1);
    }
    range.rest = args.number("init", -kAny, kAny, false);
  }
  if (const auto encoding = args.word("relative", {"twos", "offset", "sign"})) filter.encoding = static_cast<Encoding>(*encoding + 1);
  filter.port = args.text("port").value_or("");
  filter.channel = args.whole("channel", 0, 16, false).value_or(0);
  if (!args.done()) return failed(f.word_span);
  if (range.geometric && (range.low <= 0 || range.high <= 0)) {
    error(f.word_span, "with `curve=\"exp\"` both ends are above 0", "`cc 74 200 8k curve=\"exp\"`");
    return failed(f.word_span);
  }
  if (word.kind == Kind::program) range = {.low = 0, .high = 1};  // its number as it is
  return make(f.word_span, PatternTerm{live_control(filter, range), false, false, {}, next_id_++, {}});
}

/// `notes # midiout "port" channel`: nothing to hear in here; in the graph a 0 that keeps it alive.
Term Evaluator::play_outside(const FunctionTerm& f, const Term& subject) {
  LiveArgs args(*this, f, "midiout \"port\" channel");
  using As = OutsideDef::As;
  SourceDef origin;
  origin.kind = SourceKind::outside;
  origin.outside.port = args.text("port").value_or("");
  origin.outside.channel = args.whole("channel", 1, 16).value_or(1);
  if (const auto as = args.word("as", {"notes", "cc", "program", "bend", "touch"})) origin.outside.as = static_cast<As>(*as);
  if (const auto number = args.whole("cc", 0, 119, false)) {
    origin.outside.as = As::cc;
    origin.outside.number = *number;
  }
  if (!args.done()) return failed(f.word_span);
  if (subject.pattern() == nullptr && subject.number() == nullptr) {
    error(subject.span, "`midiout` plays a pattern outside; this is " + kind_name(subject),
          "`\"c4 e4\" # midiout \"port\" 1`, or `(sine $ slow 4) # midiout \"port\" 1 cc=74`");
    return failed(f.word_span);
  }
  const PatternTerm played = to_pattern(subject);
  if (origin.outside.as == As::notes && is_continuous(played.pattern)) {
    error(subject.span, "`midiout` plays notes; this pattern has none, it is continuous", "as a controller: `midiout \"port\" 1 cc=74`");
    return failed(f.word_span);
  }
  const Settings& settings = meaning_->program.settings;
  const Definition* owner = meaning_->definition(main.owner());
  const bool plays = owner != nullptr && (owner->kind == Definition::Kind::output || plays_outside(*owner));
  const bool silent =
      settings.muted.contains(main.owner()) || (plays && !settings.soloed.empty() && !settings.soloed.contains(main.owner()));
  if (!silent) origin.pattern = played.pattern;
  const auto live = played.pattern.reads_live();
  origin.live = live.notes || (live.knobs && is_continuous(played.pattern));
  origin.where = f.word_span;
  const int index = static_cast<int>(main.graph.sources.size());
  main.graph.sources.push_back(std::move(origin));
  const std::uint32_t node = main.add({.unit = "hold", .source = index, .where = f.word_span}, false);
  SourceDef& added = main.graph.sources.back();
  added.key = main.node(node).key;
  added.print = hash_mix(prints_.of(main.owner()), hash_mix(hash_text(added.key), settings.seed));
  added.print = hash_mix(added.print, silent ? 1 : 0);
  return make(f.word_span, here({Ref::node(node), 1, false}));
}

}  // namespace hocket
