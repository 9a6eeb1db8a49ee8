// Peak and loudness of what was rendered. Source: EBU R 128 and ITU-R BS.1770, by libebur128.
#pragma once

#include <memory>
#include <span>

namespace hocket {

struct Loudness {
  double peak = 0;        ///< greatest sample, linear
  double integrated = 0;  ///< LUFS; -infinity for silence
};

class LoudnessMeter {
 public:
  LoudnessMeter(int channels, double rate);
  ~LoudnessMeter();
  LoudnessMeter(LoudnessMeter&&) noexcept;
  LoudnessMeter& operator=(LoudnessMeter&&) noexcept;

  void add(std::span<const float> interleaved);
  Loudness result() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hocket
