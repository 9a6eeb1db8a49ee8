#include "tests/edits/performance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/control/offline.h"
#include "tests/rt/guard.h"

namespace hocket::test {
namespace {

void append(Sound& sound, std::span<const float> interleaved) {
  sound.channels.resize(2);
  for (std::size_t i = 0; i + 1 < interleaved.size(); i += 2)
    for (std::size_t c = 0; c < 2; ++c) sound.channels[c].push_back(interleaved[i + c]);
}

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", x);
  return text;
}

class Player {
 public:
  Player(const std::string& program, const EngineSettings& settings)
      : samples_({}, {}), offline_(unit_table(), settings, samples_, [this](const Report& r) {
          if (r.kind == Report::Kind::error) complain(r.text);
        }) {
    evaluate(program, true);
    first_outputs_ = offline_.session().outputs();
    take.main.rate = settings.rate;
  }

  std::uint64_t evaluate(const std::string& text, bool replace) {
    const auto result = offline_.session().evaluate(text, "edit", replace);
    if (!result.ok) complain(hocket::render(*result.source, result.diagnostics));
    return result.serial;
  }

  // A step at most up to `end`.
  void render(std::int64_t end, int most) {
    const int frames = static_cast<int>(std::min<std::int64_t>(most, end - frame));
    append(take.main, offline_.render(frames));
    const auto& outputs = offline_.session().outputs();
    outputs_moved_ |= outputs != first_outputs_;
    for (std::uint32_t i = 0; i < outputs.size() && !outputs_moved_; ++i) append(take.stems[outputs[i]], offline_.stem(i));
    frame += frames;
  }

  EngineStatus status() { return offline_.engine().status(); }
  int latency() { return offline_.engine().latency_frames(); }

  Take take;
  std::int64_t frame = 0;

 private:
  void complain(const std::string& text) {
    if (take.complaint.empty()) take.complaint = text;
  }

  SampleLibrary samples_;
  Offline offline_;
  std::vector<std::string> first_outputs_;
  bool outputs_moved_ = false;
};

void cut(Samples& x, std::int64_t from, std::int64_t frames) {
  x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(static_cast<std::size_t>(from), x.size())));
  x.resize(std::min(x.size(), static_cast<std::size_t>(frames)));
}

std::span<const float> part(const Samples& x, std::int64_t from, std::int64_t to) {
  const auto last = static_cast<std::int64_t>(x.size());
  from = std::clamp<std::int64_t>(from, 0, last), to = std::clamp<std::int64_t>(to, from, last);
  return std::span(x).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
}

}  // namespace

Take play(const std::string& program, const std::vector<Moment>& moments, std::int64_t frames, const EngineSettings& settings, int most) {
  Player player(program, settings);
  const std::int64_t end = frames + player.latency();
  std::vector<std::uint64_t> serials;
  std::map<std::uint64_t, std::int64_t> taken;
  std::size_t next = 0;
  while (player.frame < end) {
    for (; next < moments.size() && moments[next].frame <= player.frame; ++next)
      serials.push_back(player.evaluate(moments[next].text, moments[next].replace));
    player.render(next < moments.size() ? std::min(end, moments[next].frame) : end, most);
    const auto status = player.status();
    if (status.swap_serial != 0) taken.emplace(status.swap_serial, status.swap_frame);
  }
  Take& take = player.take;
  for (const auto serial : serials) {
    const auto at = taken.lower_bound(serial);  // changes that fell together are taken with the last of them
    take.taken.push_back(serial == 0 || at == taken.end() ? -1 : at->second);
  }
  for (auto& channel : take.main.channels) cut(channel, player.latency(), frames);
  for (auto& [name, stem] : take.stems)
    for (auto& channel : stem.channels) cut(channel, 0, frames);
  take.status = player.status();
  return std::move(take);
}

constexpr std::int64_t kEarlier = 2503;  // no multiple of anything

// Without an edit; that of a program which many edits begin with is played once.
const Take& play_through(const std::string& program, std::int64_t frames) {
  static std::string played;
  static std::int64_t played_frames = 0;
  static Take take;
  if (played != program || played_frames != frames) {
    take = play(program, {}, frames);
    played = program;
    played_frames = frames;
  }
  return take;
}

Edited play_edit(const std::string& program, const std::string& edit, std::int64_t at, std::int64_t frames) {
  Edited e;
  e.edited = play(program, {{at, edit}}, frames);
  e.before = play_through(program, frames);
  e.after = play(program, {{0, edit}}, frames);
  e.earlier = play(program, {{at - kEarlier, edit}}, frames);
  e.at = e.edited.taken.empty() ? -1 : e.edited.taken[0];
  return e;
}

std::string Judgement::text() const {
  std::string all;
  for (const auto& fault : faults) all += fault + "\n";
  return all;
}

namespace {

// What is heard around the edit: half a second before it, and up to a second and a half after it.
struct Around {
  const Edited& e;
  std::int64_t from = std::max<std::int64_t>(0, e.at - 24000), to = e.at + 72000;

  std::span<const float> of(const Samples& x) const { return part(x, from, to); }
};

void judge_clicks(Judgement& judgement, const std::string& name, const Around& a, std::span<const float> edited,
                  const std::vector<std::span<const float>>& others, std::vector<std::int64_t> onsets, std::span<const float> asked) {
  for (auto& frame : onsets) frame -= a.from;
  std::vector<Samples> residuals;
  // What the others do can only excuse: they are looked at where there is something to be excused.
  const auto find = [&](std::span<const float> x, std::size_t first_difference) {
    auto clicks = find_clicks(x, {}, {{}, {}, onsets, edited});
    if (clicks.empty()) return clicks;
    if (residuals.empty())
      for (const auto& other : others) residuals.push_back(prediction_residual(other));
    std::vector<Samples> differences;
    for (std::size_t i = first_difference; i < others.size(); ++i)
      differences.push_back(prediction_residual(difference(others[i], others[0])));
    Expected expected{{}, {residuals.begin(), residuals.end()}, onsets, edited};
    expected.residuals.insert(expected.residuals.end(), differences.begin(), differences.end());
    return find_clicks(x, {}, expected);
  };
  const auto report = [&](const Click& click, const char* in) {
    const std::int64_t frame = click.frame + a.from;
    judgement.add(name + in + to_string(click.kind) + " of " + number(click.level_db) + " dB at frame " + std::to_string(frame) + ", " +
                  std::to_string(frame - a.e.at) + " after the edit (" + number(click.prominence_db) + " dB out)");
  };
  const auto report_worst = [&](std::vector<Click> clicks, const char* in) {
    std::sort(clicks.begin(), clicks.end(), [](const Click& x, const Click& y) { return x.level_db > y.level_db; });
    for (std::size_t i = 0; i < std::min<std::size_t>(clicks.size(), 2); ++i) report(clicks[i], in);
    if (clicks.size() > 2) judgement.add(name + in + "and " + std::to_string(clicks.size() - 2) + " more");
  };
  report_worst(find(edited, others.size()), ": ");
  // In the difference to the run without the edit, nothing that went on covers a click.
  report_worst(find(difference(edited, others[0]), 1), ", difference: ");
  auto rests = others;
  if (!asked.empty()) rests.push_back(asked);
  for (const auto& gap : find_gaps(edited, 16, {}, {rests, {}, onsets, edited}))
    judgement.add(name + ": a gap of " + std::to_string(gap.frames) + " frames, " + std::to_string(gap.frame + a.from - a.e.at) +
                  " after the edit");
  if (const auto bad = non_finite(edited); bad > 0) judgement.add(name + ": " + std::to_string(bad) + " samples are not finite");
}

// `others`: the runs beside, that without the edit first.
void judge_sound(Judgement& judgement, const std::string& name, const Edited& e, const Sound& edited,
                 const std::vector<const Sound*>& others, const std::vector<std::int64_t>& onsets, const Sound& asked = {}) {
  const auto& x = edited.channels;
  if (x == others[0]->channels) return;
  const auto is_mono = [](const Sound* s) { return s->channels[0] == s->channels[1]; };
  const bool mono = is_mono(&edited) && std::all_of(others.begin(), others.end(), is_mono);
  const Around a{e};
  for (std::size_t c = 0; c < (mono ? 1 : 2); ++c) {
    std::vector<std::span<const float>> spans;
    for (const auto* other : others) spans.push_back(a.of(other->channels[c]));
    judge_clicks(judgement, name + (c == 0 ? " left" : " right"), a, a.of(x[c]), spans, onsets,
                 asked.channels.empty() ? std::span<const float>() : a.of(asked.channels[c]));
  }
}

}  // namespace

Judgement judge(const Edited& e, const std::vector<std::int64_t>& onsets, const std::map<std::string, Sound>& asked) {
  Judgement judgement;
  for (const auto* take : {&e.edited, &e.before, &e.after, &e.earlier})
    if (!take->complaint.empty()) judgement.add(take->complaint);
  if (e.at < 0) judgement.add("the edit was never taken over");
  for (std::size_t c = 0; c < 2; ++c) {
    const auto first = first_difference(e.edited.main.channels[c], e.before.main.channels[c]);
    if (first >= 0 && first < e.at) judgement.add("changed at frame " + std::to_string(first) + ", before the edit");
  }
  if (e.edited.status.late_events > 0) judgement.add(std::to_string(e.edited.status.late_events) + " events were late");
  if (e.edited.status.dropped_events > 0) judgement.add(std::to_string(e.edited.status.dropped_events) + " events were dropped");
  judge_sound(judgement, "main", e, e.edited.main, {&e.before.main, &e.after.main, &e.earlier.main}, onsets);
  for (const auto& [name, stem] : e.edited.stems) {
    std::vector<const Sound*> others;
    for (const auto* take : {&e.before, &e.after, &e.earlier}) {
      const auto found = take->stems.find(name);
      if (found != take->stems.end() && found->second.frames() == stem.frames()) others.push_back(&found->second);
    }
    const auto rests = asked.find(name);
    if (others.size() == 3) judge_sound(judgement, name, e, stem, others, onsets, rests == asked.end() ? Sound{} : rests->second);
  }
  return judgement;
}

Judgement judge_untouched(const Edited& e, const std::string& output) {
  Judgement judgement;
  const auto a = e.edited.stems.find(output), b = e.before.stems.find(output);
  if (a == e.edited.stems.end() || b == e.before.stems.end() || a->second.frames() != b->second.frames()) {
    judgement.add("there is no whole stem of " + output);
    return judgement;
  }
  if (peak(b->second.channels[0]) == 0) judgement.add(output + " is silent");
  for (std::size_t c = 0; c < 2; ++c) {
    const auto first = first_difference(a->second.channels[c], b->second.channels[c]);
    if (first >= 0)
      judgement.add(output + " changed at frame " + std::to_string(first) + ", " + std::to_string(first - e.at) + " after the edit");
  }
  return judgement;
}

Sound end_and_begin(const std::string& around, const std::string& from, const std::string& to, std::int64_t at, std::int64_t frames) {
  const std::string base = around + "o9: ~src\n", nothing = "o1: sine 1 * 0";
  auto ends = play(base + "o1: " + from, {{at, nothing}}, frames), begins = play(base + nothing, {{at, "o1: " + to}}, frames);
  Sound sum = std::move(ends.stems.at("o1"));
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t i = 0; i < sum.channels[c].size(); ++i) sum.channels[c][i] += begins.stems.at("o1").channels[c][i];
  return sum;
}

Judgement judge_level(const Edited& e, const std::string& output, const Sound& asked) {
  Judgement judgement;
  const auto found = e.edited.stems.find(output);
  if (found == e.edited.stems.end()) {
    judgement.add("there is no stem of " + output);
    return judgement;
  }
  constexpr std::int64_t kWindow = 2400, kOver = 1440;  // 50 ms; 30 ms: by then all fades are over
  for (std::size_t c = 0; c < 2; ++c) {
    const auto level = [&](const Sound& sound, std::int64_t from) {
      return to_db(rms(part(sound.channels[c], from, from + kWindow)) + 1e-6);
    };
    const double before = level(found->second, e.at - kWindow), after = level(found->second, e.at + kOver);
    double worst = 0;
    std::int64_t worst_at = 0;
    for (std::int64_t from = e.at - kWindow; from <= e.at + kOver; from += 48) {
      double low = std::min(before, after), high = std::max(before, after);
      for (const auto* take : {&e.before, &e.after}) {  // a level that wanders by itself is the programs' own
        const auto other = take->stems.find(output);
        if (other == take->stems.end() || other->second.frames() < from + kWindow) continue;
        low = std::min(low, level(other->second, from)), high = std::max(high, level(other->second, from));
      }
      if (!asked.channels.empty()) low = std::min(low, level(asked, from)), high = std::max(high, level(asked, from));
      const double now = level(found->second, from), beyond = now > high + 1 ? now - high : now < low - 1 ? now - low : 0;
      if (std::abs(beyond) > std::abs(worst)) worst = beyond, worst_at = from;
    }
    if (worst != 0)
      judgement.add(output + (c == 0 ? " left" : " right") + ": " + number(worst) + " dB beyond " + number(before) + " to " +
                    number(after) + " dB, " + std::to_string(worst_at - e.at) + " frames after the edit");
  }
  return judgement;
}

}  // namespace hocket::test
