// A JACK client that plays MIDI to a server, hears its MIDI and its sound, and has one clock for all three.
//   midi_peer play COUNT GAP SPREAD   notes at exact frames; their sounds must follow, at most SPREAD frames apart in latency
//   midi_peer hear SECONDS SPREAD     clicks and note-ons of the server; they must fall together, up to a constant and SPREAD frames
//   midi_peer storm SECONDS RATE      random messages, all keys up at the end; then there must be silence
//   midi_peer clock BPM SECONDS MOST  a clock; in its second half the server's clicks must fall on its beats, MOST frames off at most
//   midi_peer hold PEAK               waits until the server has found it by itself, holds a key, and goes; the sound must not pass PEAK
// Ports: peer:out, peer:in, peer:audio, connected to those named in PEER_TO, PEER_FROM and PEER_AUDIO.
#include <jack/jack.h>
#include <jack/midiport.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

struct Sending {
  std::int64_t frame = 0;
  std::array<std::uint8_t, 6> bytes{};
  std::size_t count = 3;
};

struct Peer {
  jack_client_t* client = nullptr;
  jack_port_t* out = nullptr;
  jack_port_t* in = nullptr;
  jack_port_t* audio = nullptr;
  std::vector<Sending> sendings;  // by frame, counted from the start
  std::vector<std::int64_t> clicks, notes;
  std::atomic<std::size_t> disturbances{0};  // times that JACK lost time: its frames are the clock of all, so nothing is left out
  std::atomic<bool> go{false};
  std::atomic<std::int64_t> now{0};  // frames since the start
  std::size_t next = 0;
  std::atomic<float> peak = 0;
  bool high = false;
  int quiet = 0;

  int process(jack_nframes_t frames) {
    void* midi = jack_port_get_buffer(out, frames);
    jack_midi_clear_buffer(midi);
    if (!go) return 0;
    const std::int64_t from = now;
    for (; next < sendings.size() && sendings[next].frame < from + frames; ++next) {
      const auto& s = sendings[next];
      const auto at = static_cast<jack_nframes_t>(std::max<std::int64_t>(0, s.frame - from));
      jack_midi_event_write(midi, at, s.bytes.data(), s.count);
    }
    void* heard = jack_port_get_buffer(in, frames);
    for (jack_nframes_t i = 0; i < jack_midi_get_event_count(heard); ++i) {
      jack_midi_event_t event;
      if (jack_midi_event_get(&event, heard, i) != 0 || event.size < 3) continue;
      const bool on = (event.buffer[0] & 0xF0) == 0x90 && event.buffer[2] > 0;
      if (on && notes.size() < notes.capacity()) notes.push_back(from + event.time);
    }
    const auto* samples = static_cast<const float*>(jack_port_get_buffer(audio, frames));
    for (jack_nframes_t i = 0; i < frames; ++i) {
      const float x = std::fabs(samples[i]);
      peak = std::max(peak.load(), x);
      quiet = x < 0.05F ? quiet + 1 : 0;
      if (x > 0.1F && !high && clicks.size() < clicks.capacity()) clicks.push_back(from + i);
      if (x > 0.1F) high = true;
      if (quiet > 200) high = false;
    }
    now = from + frames;
    return 0;
  }

  void connect(const char* variable, const std::string& own, bool from_us) const {
    const char* other = std::getenv(variable);
    if (!other) return;
    for (int i = 0; i < 100; ++i) {
      const int result = from_us ? jack_connect(client, own.c_str(), other) : jack_connect(client, other, own.c_str());
      if (result == 0 || result == EEXIST) return;
      usleep(50'000);
    }
    std::printf("no port %s\n", other);
    std::exit(2);
  }
  void wait_until(std::int64_t frame) const {
    while (now < frame) usleep(2000);
  }
};

std::array<std::uint8_t, 6> bytes(int a, int b, int c = 0, int d = 0, int e = 0, int f = 0) {
  return {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b), static_cast<std::uint8_t>(c),
          static_cast<std::uint8_t>(d), static_cast<std::uint8_t>(e), static_cast<std::uint8_t>(f)};
}

/// Prints the spread of differences; false where nine tenths of them lie further apart than `spread`, and where there are too few.
bool report(const char* what, std::vector<std::int64_t> differences, std::int64_t spread) {
  if (differences.size() < 5) {
    std::printf("%s: only %zu\n", what, differences.size());
    return false;
  }
  std::sort(differences.begin(), differences.end());
  const auto at = [&](double share) { return differences[static_cast<std::size_t>(share * static_cast<double>(differences.size() - 1))]; };
  std::printf("%s: %zu, frames min %ld, 5%% %ld, median %ld, 95%% %ld, max %ld\n", what, differences.size(), static_cast<long>(at(0)),
              static_cast<long>(at(0.05)), static_cast<long>(at(0.5)), static_cast<long>(at(0.95)), static_cast<long>(at(1)));
  return at(0.95) - at(0.05) <= spread;
}

/// To each of `from` the nearest of `to`.
std::vector<std::int64_t> nearest(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to) {
  std::vector<std::int64_t> differences;
  for (const auto x : from) {
    const auto above = std::lower_bound(to.begin(), to.end(), x);
    std::int64_t best = INT64_MAX;
    if (above != to.end()) best = *above - x;
    if (above != to.begin() && x - above[-1] < std::llabs(best)) best = above[-1] - x;
    if (best != INT64_MAX) differences.push_back(best);
  }
  return differences;
}

int connections(const jack_port_t* port) {
  const char** all = jack_port_get_connections(port);
  int count = 0;
  while (all && all[count]) ++count;
  if (all) jack_free(all);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i) { return argc > i ? std::atof(argv[i]) : 0; };
  const std::string what = argc > 1 ? argv[1] : "";
  auto peer = std::make_unique<Peer>();
  peer->client = jack_client_open("peer", JackNoStartServer, nullptr);
  if (!peer->client) return 2;
  const double rate = jack_get_sample_rate(peer->client);
  peer->out = jack_port_register(peer->client, "out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
  peer->in = jack_port_register(peer->client, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
  peer->audio = jack_port_register(peer->client, "audio", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
  peer->clicks.reserve(100'000);
  peer->notes.reserve(100'000);

  std::vector<std::int64_t> struck;
  std::int64_t end = 0;
  if (what == "play") {
    for (int i = 0; i < static_cast<int>(number(2)); ++i) {
      const auto frame = 4800 + static_cast<std::int64_t>(i * number(3)) + i * 37 % 97;
      struck.push_back(frame);
      peer->sendings.push_back({frame, bytes(0x90, 60, 127)});
      peer->sendings.push_back({frame + static_cast<std::int64_t>(number(3)) / 2, bytes(0x90, 60, 0)});
    }
    end = struck.back() + static_cast<std::int64_t>(rate / 2);
  } else if (what == "hear") {
    end = static_cast<std::int64_t>(number(2) * rate);
  } else if (what == "storm") {
    std::mt19937 random(1);
    double at = 4800;
    for (; at < number(2) * rate; at += rate / number(3)) {
      const int key = 48 + static_cast<int>(random() % 12);
      const int channel = static_cast<int>(random() % 2);
      const auto kind = random() % 9;
      const auto frame = static_cast<std::int64_t>(at);
      const int on = 0x90 | channel;
      if (kind == 8) {  // as bytes come on a wire: running status, a clock tick in between, a message that breaks off
        const std::array<Sending, 3> wire{Sending{frame, bytes(on, key, 90, key + 1, 0), 5},
                                          Sending{frame, bytes(on, 0xF8, key, 0xFE, 70), 5}, Sending{frame, bytes(on, key), 2}};
        peer->sendings.push_back(wire[random() % 3]);
      } else if (kind < 4)
        peer->sendings.push_back({frame, bytes(0x90 | channel, key, 1 + static_cast<int>(random() % 127))});
      else if (kind < 7)
        peer->sendings.push_back({frame, bytes(kind == 4 ? 0x90 | channel : 0x80 | channel, key, 0)});
      else
        peer->sendings.push_back({frame, bytes(0xB0 | channel, random() % 2 ? 64 : 66, static_cast<int>(random() % 128))});
    }
    for (const int channel : {0, 1}) {
      for (const int pedal : {64, 66}) peer->sendings.push_back({static_cast<std::int64_t>(at += 48), bytes(0xB0 | channel, pedal, 0)});
      for (int key = 48; key < 60; ++key) peer->sendings.push_back({static_cast<std::int64_t>(at += 48), bytes(0x80 | channel, key, 0)});
    }
    end = static_cast<std::int64_t>(at + rate);
  } else if (what == "hold") {
    peer->sendings.push_back({4800, bytes(0x90, 60, 127)});
    end = static_cast<std::int64_t>(rate);
  } else if (what == "clock") {
    peer->sendings.push_back({4000, bytes(0xFA, 0, 0), 1});
    const double tick = rate * 60 / number(2) / 24;
    for (int i = 0; i * tick < number(3) * rate; ++i) {
      const auto frame = 4800 + std::llround(i * tick);
      peer->sendings.push_back({frame, bytes(0xF8, 0, 0), 1});
      if (i % 24 == 0) struck.push_back(frame);
    }
    end = peer->sendings.back().frame;
  } else {
    return 2;
  }

  jack_set_process_callback(
      peer->client, [](jack_nframes_t frames, void* self) { return static_cast<Peer*>(self)->process(frames); }, peer.get());
  jack_set_xrun_callback(
      peer->client,
      [](void* self) {
        ++static_cast<Peer*>(self)->disturbances;
        return 0;
      },
      peer.get());
  jack_activate(peer->client);
  for (int i = 0; i < 100 && what == "hold" && !jack_port_connected(peer->out); ++i) usleep(100'000);
  peer->connect("PEER_TO", "peer:out", true);
  peer->connect("PEER_FROM", "peer:in", false);
  peer->connect("PEER_AUDIO", "peer:audio", false);
  // What is connected by hand as well the server lets go of.
  for (int i = 0; i < 100 && what == "hold" && connections(peer->out) != 1; ++i) usleep(100'000);
  usleep(300'000);
  std::printf("period %u\n", jack_get_buffer_size(peer->client));
  std::fflush(stdout);
  peer->go = true;
  peer->wait_until(end);

  bool fine = true;
  if (what == "play") {
    fine = peer->clicks.size() == struck.size();
    std::vector<std::int64_t> late;
    for (std::size_t i = 0; i < std::min(struck.size(), peer->clicks.size()); ++i) late.push_back(peer->clicks[i] - struck[i]);
    std::printf("%zu notes, %zu sounds\n", struck.size(), peer->clicks.size());
    fine = report("from note to sound", late, static_cast<std::int64_t>(number(4))) && fine;
  } else if (what == "hear") {
    fine = peer->notes.size() + 2 >= peer->clicks.size();
    fine = report("from click to note", nearest(peer->clicks, peer->notes), static_cast<std::int64_t>(number(3))) && fine;
  } else if (what == "hold") {
    fine = peer->peak > 0.01F && static_cast<double>(peer->peak.load()) <= number(2);
    std::printf("peak %.3f\n", static_cast<double>(peer->peak.load()));
  } else if (what == "storm") {
    const float loudest = peer->peak;
    peer->wait_until(end + static_cast<std::int64_t>(rate));
    peer->peak = 0;
    peer->wait_until(end + 2 * static_cast<std::int64_t>(rate));
    std::printf("%zu messages, peak %.3f, afterwards %.6f\n", peer->sendings.size(), static_cast<double>(loudest),
                static_cast<double>(peer->peak.load()));
    fine = loudest > 0.01F && peer->peak < 1e-4F;
  } else {
    // The second half, when it has been found.
    std::erase_if(struck, [&](std::int64_t f) { return f < end / 2; });
    const auto off = nearest(struck, peer->clicks);
    std::int64_t worst = off.empty() ? INT64_MAX : 0;
    for (const auto x : off) worst = std::max<std::int64_t>(worst, std::llabs(x));
    std::printf("%zu beats, %zu clicks, phase off by %.2f ms at most\n", struck.size(), peer->clicks.size(),
                1000 * static_cast<double>(worst) / rate);
    fine = worst <= static_cast<std::int64_t>(number(4));
  }
  std::printf("JACK lost time %zu times\n", peer->disturbances.load());
  jack_deactivate(peer->client);
  jack_client_close(peer->client);
  std::printf("%s\n", fine ? "fine" : "NOT fine");
  return fine ? 0 : 1;
}
