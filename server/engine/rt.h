// What the audio thread's code needs of the machine: flushed denormals, a cycle counter, marks for the real-time guard.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "server/dsp/kernel.h"

/// Defined by a test program that guards the real-time region (tests/rt/guard.cpp); absent otherwise.
extern "C" {
[[gnu::weak]] void hocket_enter_real_time() noexcept;
[[gnu::weak]] void hocket_leave_real_time() noexcept;
}

namespace hocket {

/// While one lives, its thread is in the callback.
class RealTimeRegion {
 public:
  RealTimeRegion() RT {
    if (hocket_enter_real_time) hocket_enter_real_time();
  }
  ~RealTimeRegion() {
    if (hocket_leave_real_time) hocket_leave_real_time();
  }
  RealTimeRegion(const RealTimeRegion&) = delete;
  RealTimeRegion& operator=(const RealTimeRegion&) = delete;
};

/// Denormal results and inputs count as zero while one lives: they cost a hundred times a normal number.
class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() RT : before_(_mm_getcsr()) {
    _mm_setcsr(before_ | 0x8040U);
  }
  ~FlushDenormals() {
    _mm_setcsr(before_);
  }
#elif defined(__aarch64__)
  FlushDenormals() RT {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | (std::uint64_t{1} << 24)));
  }
  ~FlushDenormals() {
    asm volatile("msr fpcr, %0" ::"r"(before_));
  }
#else
  FlushDenormals() RT = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__x86_64__)
  unsigned before_;
#elif defined(__aarch64__)
  std::uint64_t before_;
#endif
};

/// Writes what has changed alone: a cache line that several cores read takes a tenth of a microsecond to write.
template <class T>
void put_if_new(T& at, T x) RT {
  if (at != x) at = x;
}

/// Tells a processor that spins.
inline void relax() RT {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// A counter of steady rate that costs no system call; 0 where there is none.
inline std::uint64_t ticks() RT {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
  std::uint64_t t;
  asm volatile("mrs %0, cntvct_el0" : "=r"(t));
  return t;
#else
  return 0;
#endif
}

/// Measured once a process, over about two milliseconds. Thread: control
double ticks_per_second();

}  // namespace hocket
