// hocket doctor: what was found on this machine, and what to do about each lack.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "server/app/commands.h"
#include "server/app/version.h"
#include "server/dsp/kernel.h"
#include "server/io/audio.h"
#include "server/io/midi_rtmidi.h"

namespace hocket {

namespace {

void good(const std::string& what) {
  std::printf("ok    %s\n", what.c_str());
}

void lack(const std::string& what, const std::string& advice) {
  std::printf("lack  %s\n      %s\n", what.c_str(), advice.c_str());
}

void check_audio() {
  const auto audio = list_portaudio();
  if (!audio.error.empty()) return lack("the audio system does not start: " + audio.error, "look into /etc/asound.conf and ~/.asoundrc");
  std::string hosts;
  for (const auto& host : audio.hosts) hosts += (hosts.empty() ? "" : ", ") + host;
  if (audio.devices.empty())
    return lack("no audio output (asked: " + hosts + ")",
                "plug in a sound card, or start one in software: `jackd -d dummy`; `hocket render` needs none, and `hocket serve` keeps "
                "time without");
  for (const auto& device : audio.devices)
    if (device.is_default)
      good("audio: " + device.host + ": " + device.device + ", " + std::to_string(static_cast<int>(device.rate)) + " Hz (of " + hosts +
           ")");
}

void check_midi() {
  const auto midi = list_midi_ports();
  for (const auto& failure : midi.failures)
    lack("MIDI: " + failure, "nothing to do where you use no MIDI; ALSA wants the module snd-seq, JACK a running server");
  for (const auto& api : midi.apis) {
    int count = 0;
    for (const auto& port : midi.ports)
      if (port.api == api) ++count;
    good("MIDI: " + api + ", " + std::to_string(count) + " ports");
  }
}

void check_processor() {
  const std::string level = unit_table().isa;
  const auto threads = std::thread::hardware_concurrency();
  good("processor: level " + level + ", " + std::to_string(unit_table().lanes) + " voices at a time, " + std::to_string(threads) +
       " threads");
  if (level == "x86-64") lack("processor: no AVX2", "everything works, at about half the speed");
}

// Tries it on a thread of its own, so that nothing stays behind.
bool can_be_real_time() {
  bool possible = false;
  std::thread([&] {
    sched_param param{};
    param.sched_priority = 10;
    possible = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param) == 0;
  }).join();
  return possible;
}

void check_real_time() {
  if (can_be_real_time())
    good("real-time priority: allowed");
  else
    lack("real-time priority: not allowed",
         "add yourself to the group `audio`, and to /etc/security/limits.d/audio.conf: `@audio - rtprio 95` and `@audio - memlock "
         "unlimited`; then log in anew");
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= (64U << 20) || ::geteuid() == 0)
    good("locked memory: enough");
  else
    lack("locked memory: " + std::to_string(limit.rlim_cur >> 10) + " kB",
         "`@audio - memlock unlimited` in /etc/security/limits.d/audio.conf");
}

void check_samples() {
  const char* home = std::getenv("HOME");
  const auto folder = std::string(home ? home : "") + "/.local/share/hocket/samples";
  std::error_code error;
  if (std::filesystem::is_directory(folder, error))
    good("samples: " + folder);
  else
    lack("samples: no folder " + folder,
         "the built-in kit plays without; put folders of WAV files there, one a sound, or name others by --samples");
}

}  // namespace

int doctor() {
  good("hocket " + version_text());
  check_audio();
  check_midi();
  check_processor();
  check_real_time();
  check_samples();
  return 0;
}

}  // namespace hocket
