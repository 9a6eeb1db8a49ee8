// Holds back what audio libraries print while they look for devices.
#pragma once

namespace hocket {

/// While one lives, stderr leads nowhere: ALSA and JACK write dozens of lines about what is not there. HOCKET_AUDIO_MESSAGES
/// in the environment lets them through. Not for two threads at once.
class QuietStderr {
 public:
  QuietStderr();
  ~QuietStderr();
  QuietStderr(const QuietStderr&) = delete;
  QuietStderr& operator=(const QuietStderr&) = delete;

 private:
  int kept_ = -1;
};

}  // namespace hocket
