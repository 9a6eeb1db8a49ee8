#include "server/control/offline.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr int kChunk = 1024;
constexpr double kQuery_s = 1;

SequencerSettings offline_sequencer(double rate) {
  SequencerSettings settings;
  settings.rate = rate;
  settings.lookahead_s = std::max(0.25, 4 * kChunk / rate);
  settings.query_budget *= 8;
  settings.live = false;
  return settings;
}

LiveSettings offline_live(double rate) {
  LiveSettings settings;
  settings.rate = rate;
  settings.latency_frames = 0;
  settings.ahead_s = 0;
  settings.offline = true;
  return settings;
}

// A track a port; what has an exact place in the cycle is written there.
MidiScore score_of(const std::vector<MidiSend>& sent, const TransportAnchor& transport, Rational start, Rational cps) {
  constexpr int kBeatsPerCycle = 4;
  const Rational ticks_per_cycle(MidiScore::kTicksPerBeat * kBeatsPerCycle);
  MidiScore score;
  score.tempi.push_back({0, static_cast<std::uint32_t>(std::llround(1e6 / (cps.to_double() * kBeatsPerCycle)))});
  for (const auto& send : sent) {
    const auto name = send.port.empty() ? "hocket" : send.port;
    auto track = std::find_if(score.tracks.begin(), score.tracks.end(), [&](const MidiTrack& t) { return t.name == name; });
    if (track == score.tracks.end()) track = score.tracks.insert(track, {name, {}});
    const auto at = to_rational(send.at.den > 0 ? send.at : position_at(transport, send.frame)) - start;
    track->entries.push_back({(max(at, 0) * ticks_per_cycle + Rational(1, 2)).floor(), send.message});
  }
  return score;
}

std::int64_t length_of(const RenderRequest& request, Rational cps) {
  if (request.seconds > 0) return std::llround(request.seconds * request.engine.rate);
  const auto frames = request.cycles * frames_per_cycle(cps, request.engine.rate);
  return (frames + Rational(1, 2)).floor();
}

void interleave(const std::vector<std::vector<float>>& planes, std::size_t frames, float* to) {
  if (planes.size() == 2) {  // the usual case, in a form that compilers know
    const float *const left = planes[0].data(), *const right = planes[1].data();
    for (std::size_t i = 0; i < frames; ++i) to[2 * i] = left[i], to[2 * i + 1] = right[i];
    return;
  }
  for (std::size_t c = 0; c < planes.size(); ++c)
    for (std::size_t i = 0; i < frames; ++i) to[i * planes.size() + c] = planes[c][i];
}

}  // namespace

Offline::Offline(const UnitTable& units, const EngineSettings& settings, SampleLibrary& samples, Reports reports, SessionSettings session)
    : samples_(samples),
      engine_(settings),
      live_(
          offline_live(settings.rate), [this](const TimedEvent& event) { return engine_.give_live(event); }, &out_, &samples, reports),
      sequencer_(
          offline_sequencer(settings.rate), [this](const TimedEvent& event) { return engine_.give(event); }, &samples, reports),
      session_(units, engine_, sequencer_, samples, nullptr, reports, std::move(session), {&live_, &out_, nullptr, nullptr}),
      planes_(static_cast<std::size_t>(settings.channels)) {
  samples_.publish_to([this](std::uint32_t index, const SampleView& view) { engine_.give_sample(index, view); });
  sequencer_.connect(&live_.knobs(), [this](const OutsideEvent& event) { out_.give(event); });
}

Offline::~Offline() {
  samples_.publish_to(nullptr);
}

void Offline::play(const MidiFile& file) {
  constexpr int kPort = 0;
  live_.join(kPort, "file");
  const auto from = engine_.status().frame;
  const auto rate = Rational::near(engine_.settings().rate);
  for (const auto& e : file.events) played_.push_back({from + (e.at_s * rate + Rational(1, 2)).floor(), e.message});
}

// All that comes before `frame`.
void Offline::play_until(std::int64_t frame) {
  const auto status = engine_.status();
  for (; next_played_ < played_.size() && played_[next_played_].frame < frame; ++next_played_) {
    const auto& played = played_[next_played_];
    live_.advance(status, played.frame);
    live_.take(0, played.message, played.frame);
  }
  live_.advance(status, frame);
  const auto due = out_.due(status, frame);
  sent_.insert(sent_.end(), due.begin(), due.end());
}

std::vector<MidiSend> Offline::sent() {
  const auto status = engine_.status();
  const auto take = [&] {
    const auto due = out_.due(status, status.frame);
    sent_.insert(sent_.end(), due.begin(), due.end());
  };
  take();
  out_.silence();
  take();
  std::stable_sort(sent_.begin(), sent_.end(), [](const MidiSend& a, const MidiSend& b) { return a.frame < b.frame; });
  return sent_;
}

std::span<const float> Offline::render(int frames) {
  const auto channels = planes_.size();
  const auto count = static_cast<std::size_t>(frames);
  interleaved_.resize(count * channels);
  std::vector<float*> out(channels);
  const std::vector<float> silence(static_cast<std::size_t>(std::min(frames, kChunk)), 0.F);
  const std::vector<const float*> in(static_cast<std::size_t>(engine_.settings().inputs), silence.data());
  for (std::size_t done = 0; done < count;) {
    const auto run = std::min<std::size_t>(kChunk, count - done);
    session_.tick();
    sequencer_.advance(engine_.status());
    play_until(engine_.status().frame + static_cast<std::int64_t>(run));
    for (std::size_t c = 0; c < channels; ++c) {
      planes_[c].resize(kChunk);
      out[c] = planes_[c].data();
    }
    engine_.render(out.data(), in.data(), static_cast<int>(run));
    interleave(planes_, run, interleaved_.data() + done * channels);
    done += run;
  }
  return interleaved_;
}

std::span<const float> Offline::stem(std::uint32_t output) {
  const auto left = engine_.stem(output, 0);
  const auto right = engine_.stem(output, 1);
  stem_.resize(left.size() * 2);
  for (std::size_t i = 0; i < left.size(); ++i) {
    stem_[2 * i] = left[i];
    stem_[2 * i + 1] = i < right.size() ? right[i] : left[i];
  }
  return stem_;
}

RenderResult render(const RenderRequest& request, const UnitTable& units, SampleLibrary& samples, const Reports& reports,
                    const RenderSink& sink) {
  RenderResult result;
  auto engine = request.engine;
  engine.stem_frames = request.stems ? kChunk : 0;
  Offline offline(units, engine, samples, reports, request.session);
  offline.session().start_at(request.start);
  // Where nobody steps in, patterns are asked for more at once; where knobs move, they are read as they stand when asked.
  if (request.midi)
    offline.play(*request.midi);
  else
    offline.sequencer().ask_for(kQuery_s);
  result.evaluation = offline.session().evaluate(request.text, request.name, true);
  if (!result.evaluation.ok) return result;
  const auto outputs = offline.session().outputs();
  const auto total = length_of(request, offline.session().program().settings.cps);
  if (sink.begin && !sink.begin(outputs, total)) return result;

  const auto start = std::chrono::steady_clock::now();
  const auto channels = static_cast<std::size_t>(request.engine.channels);
  const auto latency = static_cast<std::int64_t>(offline.engine().latency_frames());
  std::vector<std::int64_t> stem_left(outputs.size(), total);
  result.finished = true;
  for (std::int64_t rendered = 0; rendered < total + latency && result.finished;) {
    const auto run = static_cast<int>(std::min<std::int64_t>(kChunk, total + latency - rendered));
    auto block = offline.render(run);
    if (const auto skip = std::clamp<std::int64_t>(latency - rendered, 0, run); skip > 0)
      block = block.subspan(static_cast<std::size_t>(skip) * channels);
    if (!block.empty() && sink.main) result.finished = sink.main(block);
    for (std::size_t i = 0; request.stems && sink.stem && i < outputs.size() && result.finished; ++i) {
      auto stem = offline.stem(static_cast<std::uint32_t>(i));
      stem = stem.first(std::min(stem.size(), static_cast<std::size_t>(stem_left[i]) * 2));
      stem_left[i] -= static_cast<std::int64_t>(stem.size() / 2);
      result.finished = sink.stem(i, stem);
    }
    rendered += run;
    result.frames = std::clamp<std::int64_t>(rendered - latency, 0, total);
    if (sink.progress) sink.progress(result.frames, total);
  }
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.status = offline.engine().status();
  result.midi = score_of(offline.sent(), result.status.transport, request.start, offline.session().program().settings.cps);
  return result;
}

}  // namespace hocket
