// Interposed functions and the system call trap of the real-time guard.
#include "tests/rt/guard.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#if defined(__linux__) && defined(__x86_64__) && !defined(__SANITIZE_THREAD__)  // whose runtime makes calls of its own
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#define HOCKET_TRAPS_SYSTEM_CALLS 1
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOCKET_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOCKET_SANITIZED 1
#endif
#endif

namespace {

// initial-exec: reading one must not allocate, not even the first time.
#define HOCKET_OF_THREAD static thread_local __attribute__((tls_model("initial-exec")))
HOCKET_OF_THREAD volatile int depth = 0;
HOCKET_OF_THREAD volatile bool counts = false;
HOCKET_OF_THREAD volatile int violations = 0;
HOCKET_OF_THREAD const char* volatile last = "";
HOCKET_OF_THREAD volatile char trap = 0;  // 1: system calls of this thread are caught
HOCKET_OF_THREAD volatile bool enrolled = false;

void violate(const char* what) {
  const int was = depth;
  const char trapped = trap;
  depth = 0;
  trap = 0;
  violations = violations + 1;
  last = what;
  if (!counts) {
    void* stack[48];
    const int frames = backtrace(stack, 48);
    dprintf(2, "real-time guard: %s inside the audio callback\n", what);
    backtrace_symbols_fd(stack, frames, 2);
    abort();
  }
  depth = was;
  trap = trapped;
}

inline void check(const char* what) {
  if (__builtin_expect(depth > 0, 0)) violate(what);
}

#ifdef HOCKET_TRAPS_SYSTEM_CALLS
void on_trap(int, siginfo_t* info, void* context) {
  trap = 0;
  char what[48];
  std::snprintf(what, sizeof what, "system call %d", info->si_syscall);
  const int was = depth;
  if (!counts) {
    violate(what);
  } else {
    violations = violations + 1;
    last = "system call";
  }
  // It has not been made; the caller may rely on it, so it is made now.
  depth = 0;
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const long result = syscall(info->si_syscall, registers[REG_RDI], registers[REG_RSI], registers[REG_RDX], registers[REG_R10],
                              registers[REG_R8], registers[REG_R9]);
  registers[REG_RAX] = result == -1 ? -errno : result;
  depth = was;
  trap = 1;
}

// Where signal handlers return through: these few bytes may always call the system.
unsigned long restorer() {
  struct Action {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
  } action{};
  syscall(SYS_rt_sigaction, SIGSYS, nullptr, &action, 8);
  return reinterpret_cast<unsigned long>(action.restorer);
}

bool enroll() {
  struct sigaction action {};
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSYS, &action, nullptr);
  return prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, restorer(), 16UL, const_cast<char*>(&trap)) == 0;
}
#else
bool enroll() {
  return false;
}
#endif

struct Enrolment {
  bool works;
  Enrolment() {
    void* stack[4];
    backtrace(stack, 4);  // loads what it needs now, not in a handler
    works = enroll();
    enrolled = true;
  }
};
const Enrolment& main_enrolment() {
  static const Enrolment enrolment;
  return enrolment;
}

void enter() {
  if (depth == 0) {
    const bool traps = main_enrolment().works;
    if (!enrolled) {
      if (traps) enroll();
      enrolled = true;
    }
    depth = 1;
    if (traps) trap = 1;
    return;
  }
  depth = depth + 1;
}

void leave() {
  if (depth == 1) trap = 0;
  depth = depth - 1;
}

#ifdef HOCKET_SANITIZED
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, size_t), void (*)(const volatile void*));
[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks([](const volatile void*, size_t) { check("malloc"); },
                                                                                 [](const volatile void* p) {
                                                                                   if (p) check("free");
                                                                                 });
#endif

}  // namespace

extern "C" void hocket_enter_real_time() noexcept {
  enter();
}
extern "C" void hocket_leave_real_time() noexcept {
  leave();
}

namespace hocket {

RealTimeScope::RealTimeScope() {
  enter();
}
RealTimeScope::~RealTimeScope() {
  leave();
}

CountViolations::CountViolations() {
  violations = 0;
  ::last = "";
  counts = true;
}
CountViolations::~CountViolations() {
  counts = false;
}
int CountViolations::count() const {
  return violations;
}
const char* CountViolations::last() const {
  return ::last;
}

bool catches_system_calls() {
  return main_enrolment().works;
}

}  // namespace hocket

// ---- the interposed functions: symbols of the program go before those of the C library

#ifndef HOCKET_SANITIZED
extern "C" {
void* __libc_malloc(size_t);
void __libc_free(void*);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t n) {
  check("malloc");
  return __libc_malloc(n);
}
void free(void* p) {
  if (p) check("free");
  __libc_free(p);
}
void* calloc(size_t n, size_t size) {
  check("calloc");
  return __libc_calloc(n, size);
}
void* realloc(void* p, size_t n) {
  check("realloc");
  return __libc_realloc(p, n);
}
void* memalign(size_t align, size_t n) {
  check("memalign");
  return __libc_memalign(align, n);
}
void* aligned_alloc(size_t align, size_t n) {
  check("aligned_alloc");
  return __libc_memalign(align, n);
}
int posix_memalign(void** out, size_t align, size_t n) {
  check("posix_memalign");
  *out = __libc_memalign(align, n);
  return *out ? 0 : ENOMEM;
}

#define HOCKET_INTERPOSE(result, name, parameters, arguments)                                 \
  result name parameters {                                                                    \
    static const auto real = reinterpret_cast<result(*) parameters>(dlsym(RTLD_NEXT, #name)); \
    check(#name);                                                                             \
    return real arguments;                                                                    \
  }
HOCKET_INTERPOSE(int, pthread_mutex_lock, (pthread_mutex_t * m), (m))
HOCKET_INTERPOSE(int, pthread_cond_wait, (pthread_cond_t * c, pthread_mutex_t* m), (c, m))
HOCKET_INTERPOSE(int, pthread_cond_signal, (pthread_cond_t * c), (c))
HOCKET_INTERPOSE(int, pthread_cond_broadcast, (pthread_cond_t * c), (c))
HOCKET_INTERPOSE(int, pthread_rwlock_rdlock, (pthread_rwlock_t * m), (m))
HOCKET_INTERPOSE(int, pthread_rwlock_wrlock, (pthread_rwlock_t * m), (m))
HOCKET_INTERPOSE(int, pthread_join, (pthread_t t, void** r), (t, r))
HOCKET_INTERPOSE(int, sem_wait, (sem_t * s), (s))
HOCKET_INTERPOSE(int, sem_post, (sem_t * s), (s))
HOCKET_INTERPOSE(ssize_t, write, (int f, const void* b, size_t n), (f, b, n))
HOCKET_INTERPOSE(ssize_t, read, (int f, void* b, size_t n), (f, b, n))
HOCKET_INTERPOSE(int, nanosleep, (const timespec* a, timespec* b), (a, b))
HOCKET_INTERPOSE(int, clock_nanosleep, (clockid_t c, int f, const timespec* a, timespec* b), (c, f, a, b))
HOCKET_INTERPOSE(int, usleep, (useconds_t u), (u))
HOCKET_INTERPOSE(int, sched_yield, (), ())
HOCKET_INTERPOSE(int, poll, (pollfd * f, nfds_t n, int t), (f, n, t))
}
#endif
