// Holds back what audio libraries print while they look for devices.
#pragma once

namespace hocket {

/// While one lives, stderr leads nowhere: ALSA and JACK write dozens of lines about what is not there. HOCKET_AUDIO_MESSAGES
/// in the environment lets them through. Several may live at once, on any threads; stderr is back when the last one goes.
class QuietStderr {
 public:
  QuietStderr();
  ~QuietStderr();
  QuietStderr(const QuietStderr&) = delete;
  QuietStderr& operator=(const QuietStderr&) = delete;
};

}  // namespace hocket
