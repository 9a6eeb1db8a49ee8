// The real-time guard: allocation, locks, waiting and system calls inside the audio callback end the test program with a stack.
//
// Link `hocket_rt_guard` into a test program: every Engine::render, and its workers, are then guarded without further ado.
// Two nets: the C library's allocating, locking and waiting functions are interposed (under AddressSanitizer and
// ThreadSanitizer their allocation hooks take the first part); and where Linux has Syscall User Dispatch, any system call at
// all is caught before it runs. Neither sees a page fault.
#pragma once

namespace hocket {

/// While one lives, its thread may do nothing that is not real-time safe.
struct RealTimeScope {
  RealTimeScope();
  ~RealTimeScope();
  RealTimeScope(const RealTimeScope&) = delete;
  RealTimeScope& operator=(const RealTimeScope&) = delete;
};

/// While one lives, what this thread does wrong is counted, not fatal: for tests of the guard itself.
struct CountViolations {
  CountViolations();
  ~CountViolations();
  CountViolations(const CountViolations&) = delete;
  CountViolations& operator=(const CountViolations&) = delete;
  int count() const;
  const char* last() const;  ///< name of the function or "system call"
};

/// True where system calls are caught too (Linux 5.11 and later, x86-64).
bool catches_system_calls();

}  // namespace hocket
