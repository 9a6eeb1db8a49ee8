// The session's MIDI commands, and the tempo of others.
#include <algorithm>
#include <cmath>

#include "server/control/session.h"
#include "server/control/tempo.h"

namespace hocket {

namespace {

constexpr double kBeatsPerCycle = 4;
constexpr double kLookEvery_s = 0.25;  // at a clock that is followed
constexpr double kPull = 0.5;          // of a difference in phase is made up for each second
constexpr double kMostPull = 0.02;     // of the tempo
constexpr double kJump_s = 0.12;       // a greater difference is jumped over
constexpr double kFinest = 1e-6;       // cycles a second

std::string text_of(Rational x) {
  return x.den() == 1 ? std::to_string(x.num()) : to_string(x);
}

}  // namespace

void Session::use_midi(const Command& command, EvalResult& result) {
  const auto& args = command.args;
  if (command.name == "learn") {
    if (!desk_) return;
    auto range = knob_range(program_, args[0], {args.begin() + 1, args.end()});
    desk_->learn(args[0], std::move(range.text), range.value);
    if (const auto statement = desk_->learnt())
      result.notes.push_back("learnt: " + *statement), learnt_ = *statement;
    else
      result.notes.push_back("turn the knob that " + args[0] + " shall follow");
  } else if (command.name == "record midi") {
    if (!desk_) return;
    if (args.empty()) {
      result.notes.push_back(desk_->stop() ? "the phrase is given up" : "no phrase is being recorded");
      return;
    }
    const int cycles = std::stoi(args[0]);
    const auto bar = args[1].find('/');
    const PhraseForm form{cycles, Rational(std::stoll(args[1].substr(0, bar)), std::stoll(args[1].substr(bar + 1)))};
    if (desk_->stop()) result.notes.push_back("the phrase that was being recorded is given up");
    const auto from = desk_->record(form);
    result.notes.push_back("recording what is played from cycle " + text_of(from) + " to " + text_of(from + Rational(cycles)));
  } else if (command.name == "clockout") {
    if (!midi_.out) return;
    const bool on = args[0] != "stop";
    midi_.out->clock_to(on ? std::optional(args[0]) : std::nullopt);
    result.notes.push_back(on ? "clock goes to " + (args[0].empty() ? "our own port" : args[0]) : "no clock is sent");
  } else if (command.name == "clockin") {
    if (!midi_.follow_clock) return;
    follows_clock_ = args[0] != "stop";
    midi_.follow_clock(args[0], follows_clock_);
    clock_jumps_ = 0;
    result.notes.push_back(follows_clock_ ? "the tempo follows the clock from " + (args[0].empty() ? "any port" : args[0])
                                          : "the tempo is our own");
  }
}

void Session::tick_midi() {
  if (desk_) {
    auto statement = std::exchange(learnt_, {});
    if (statement.empty()) {
      if (const auto late = desk_->learnt()) {
        statement = *late;
        if (reports_) reports_({Report::Kind::info, "learnt: " + statement});
      }
    }
    if (!statement.empty()) evaluate(statement, "learn", false);
    if (const auto lines = desk_->recorded(); lines && reports_) {
      reports_({Report::Kind::info, "recorded:"});
      for (const auto& line : *lines) reports_({Report::Kind::info, line});
    }
  }
  if (follows_clock_ && midi_.clock) follow_clock();
}

// The tempo is the sender's, and a little more or less until the beats fall together; a greater difference is jumped over.
void Session::follow_clock() {
  const auto status = engine_.status();
  if (!sounding_ || !engine_is_free() || waiting_) return;
  const auto clock = midi_.clock();
  const bool jumped = clock.jumps != clock_jumps_ && clock.running && clock.locked;
  const auto since = static_cast<double>(status.frame - clock_looked_at_) / engine_.settings().rate;
  if (!clock.locked || (since < kLookEvery_s && !jumped)) return;
  clock_looked_at_ = status.frame;
  const double cps = clock.beats_per_s / kBeatsPerCycle;
  if (cps < 0.01 || cps > 10) return;
  double pull = 0;
  if (clock.running) {
    const double ours = to_rational(position_at(status.transport, clock.at_frame)).to_double();
    const double ahead = clock.beats / kBeatsPerCycle - ours;
    if (std::fabs(ahead) / cps > kJump_s) {
      clock_jumps_ = clock.jumps;
      program_.settings.cps = Rational(std::llround(cps / kFinest), std::llround(1 / kFinest));
      nudge_s_ = Rational::near(-ahead / cps);
      auto lowered = lower(program_, vocabulary_);
      EvalResult result;
      if (!has_error(lowered.diagnostics)) change(std::move(lowered), false, true, result);
      return;
    }
    clock_jumps_ = clock.jumps;
    pull = std::clamp(kPull * ahead / cps, -kMostPull, kMostPull);
  }
  retime(Rational(std::llround(cps * (1 + pull) / kFinest), std::llround(1 / kFinest)));
}

// Another tempo and nothing else: the plan plays on.
void Session::retime(Rational cps) {
  if (cps == cps_in_force_) return;
  program_.settings.cps = cps;
  cps_in_force_ = cps;
  sequencer_.set_tempo(cps);
  auto swap = std::make_unique<Swap>();
  swap->retime = true;
  swap->frames_per_cycle = to_position(frames_per_cycle(cps, engine_.settings().rate));
  swap->serial = given_serial_ = ++last_serial_;
  swap_ = std::move(swap);
  if (engine_.give(swap_)) swap_.reset();
}

}  // namespace hocket
