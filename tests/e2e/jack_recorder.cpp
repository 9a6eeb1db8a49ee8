// Records ports of a JACK graph, sample for sample: jack_recorder SECONDS OUT.raw PORT... writes interleaved 32-bit floats,
// from the first period that is not silent on. Waits for the server and for the ports; says "recording" once all are connected;
// SIGTERM ends it early.
#include <jack/jack.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

volatile std::sig_atomic_t stop = 0;

struct Recorder {
  std::vector<jack_port_t*> ports;
  std::vector<float> frames;  // interleaved; sized before the callback runs
  std::atomic<std::size_t> filled{0};
  std::atomic<int> xruns{0};
};

int record(jack_nframes_t count, void* self) {
  auto& recorder = *static_cast<Recorder*>(self);
  const std::size_t width = recorder.ports.size();
  const std::size_t at = recorder.filled;
  if (at + count * width > recorder.frames.size()) return 0;
  bool sounds = at > 0;
  for (std::size_t port = 0; port < width; ++port) {
    const auto* from = static_cast<const float*>(jack_port_get_buffer(recorder.ports[port], count));
    for (std::size_t i = 0; i < count; ++i) {
      recorder.frames[at + i * width + port] = from[i];
      sounds = sounds || from[i] != 0;
    }
  }
  if (!sounds) return 0;
  recorder.filled = at + count * width;
  return 0;
}

void nap() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "jack_recorder SECONDS OUT.raw PORT...\n"), 2;
  const double seconds = std::atof(argv[1]);
  std::signal(SIGTERM, [](int) { stop = 1; });
  jack_set_error_function([](const char*) {});
  jack_set_info_function([](const char*) {});

  jack_client_t* client = nullptr;
  for (int tries = 0; !client && tries < 1000 && !stop; ++tries) {
    client = jack_client_open("jack_recorder", JackNoStartServer, nullptr);
    if (!client) nap();
  }
  if (!client) return std::fprintf(stderr, "no JACK server answers\n"), 3;

  Recorder recorder;
  const std::vector<std::string> sources(argv + 3, argv + argc);
  recorder.frames.resize(static_cast<std::size_t>(seconds * jack_get_sample_rate(client)) * sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    recorder.ports.push_back(jack_port_register(client, ("in_" + std::to_string(i)).c_str(), JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0));
  }
  for (const std::string& source : sources) {
    int tries = 0;
    while (!jack_port_by_name(client, source.c_str()) && !stop) {
      if (++tries > 2000) return std::fprintf(stderr, "no port %s\n", source.c_str()), 4;
      nap();
    }
  }
  jack_set_process_callback(client, record, &recorder);
  jack_set_xrun_callback(
      client, [](void* self) { return static_cast<Recorder*>(self)->xruns++, 0; }, &recorder);
  jack_activate(client);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (jack_connect(client, sources[i].c_str(), jack_port_name(recorder.ports[i])) != 0)
      return std::fprintf(stderr, "cannot connect\n"), 4;
  }
  std::printf("recording\n");
  std::fflush(stdout);
  const std::size_t last_period = jack_get_buffer_size(client) * sources.size();
  while (!stop && recorder.filled + last_period <= recorder.frames.size()) nap();
  jack_deactivate(client);
  jack_client_close(client);

  std::FILE* file = std::fopen(argv[2], "wb");
  if (!file) return std::perror(argv[2]), 5;
  const bool written = std::fwrite(recorder.frames.data(), sizeof(float), recorder.filled, file) == recorder.filled;
  std::printf("%zu frames, %d xruns\n", recorder.filled / sources.size(), recorder.xruns.load());
  return std::fclose(file) == 0 && written ? 0 : 5;
}
