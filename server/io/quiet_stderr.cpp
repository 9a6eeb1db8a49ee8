#include "server/io/quiet_stderr.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace hocket {

namespace {

std::mutex mutex;
int living = 0;
int kept = -1;  // where stderr leads otherwise

}  // namespace

QuietStderr::QuietStderr() {
  const std::lock_guard lock(mutex);
  if (living++ > 0 || std::getenv("HOCKET_AUDIO_MESSAGES")) return;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  std::fflush(stderr);
  kept = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0) ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

QuietStderr::~QuietStderr() {
  const std::lock_guard lock(mutex);
  if (--living > 0 || kept < 0) return;
  std::fflush(stderr);
  ::dup2(kept, STDERR_FILENO);
  ::close(kept);
  kept = -1;
}

}  // namespace hocket
