#include "server/control/offline.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr int kChunk = 1024;

SequencerSettings offline_sequencer(double rate) {
  SequencerSettings settings;
  settings.rate = rate;
  settings.lookahead_s = std::max(0.25, 4 * kChunk / rate);
  settings.live = false;
  return settings;
}

std::int64_t length_of(const RenderRequest& request, Rational cps) {
  if (request.seconds > 0) return std::llround(request.seconds * request.engine.rate);
  const auto frames = request.cycles * frames_per_cycle(cps, request.engine.rate);
  return (frames + Rational(1, 2)).floor();
}

}  // namespace

Offline::Offline(const UnitTable& units, const EngineSettings& settings, SampleLibrary& samples, Reports reports, SessionSettings session)
    : samples_(samples),
      engine_(settings),
      sequencer_(
          offline_sequencer(settings.rate), [this](const TimedEvent& event) { return engine_.give(event); }, &samples, reports),
      session_(units, engine_, sequencer_, samples, nullptr, reports, std::move(session)),
      planes_(static_cast<std::size_t>(settings.channels)) {
  samples_.publish_to([this](std::uint32_t index, const SampleView& view) { engine_.give_sample(index, view); });
}

Offline::~Offline() {
  samples_.publish_to(nullptr);
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
    for (std::size_t c = 0; c < channels; ++c) {
      planes_[c].resize(kChunk);
      out[c] = planes_[c].data();
    }
    engine_.render(out.data(), in.data(), static_cast<int>(run));
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < run; ++i) interleaved_[(done + i) * channels + c] = planes_[c][i];
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
  Offline offline(units, request.engine, samples, reports, request.session);
  offline.session().start_at(request.start);
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
  return result;
}

}  // namespace hocket
