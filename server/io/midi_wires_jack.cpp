// Connections as JACK tells them; where it was not there to build with, none are seen.
#include "server/io/midi_wires.h"

#ifdef HOCKET_JACK
#include <jack/jack.h>
#include <jack/midiport.h>

#include <algorithm>
#include <atomic>

#include "server/io/quiet_stderr.h"
#endif

namespace hocket {

#ifdef HOCKET_JACK

namespace {

/// Names that JACK hands out and takes back.
std::vector<std::string> taken(const char** names) {
  std::vector<std::string> all;
  for (auto name = names; name && *name; ++name) all.emplace_back(*name);
  if (names) jack_free(names);
  std::sort(all.begin(), all.end());
  return all;
}

class JackWires final : public MidiWires {
 public:
  explicit JackWires(jack_client_t* client) : client_(client) {
    jack_on_shutdown(
        client_, [](void* self) { static_cast<JackWires*>(self)->gone_ = true; }, this);
  }
  ~JackWires() override {
    if (!gone_) jack_client_close(client_);
  }

  std::vector<std::string> inputs() override {
    if (gone_) return {};
    const QuietStderr quiet;
    return taken(jack_get_ports(client_, nullptr, JACK_DEFAULT_MIDI_TYPE, JackPortIsInput));
  }
  std::vector<std::string> senders(const std::string& input) override {
    if (gone_) return {};
    const QuietStderr quiet;
    const auto* port = jack_port_by_name(client_, input.c_str());
    return port ? taken(jack_port_get_all_connections(client_, port)) : std::vector<std::string>{};
  }

 private:
  jack_client_t* const client_;
  std::atomic<bool> gone_{false};
};

}  // namespace

std::unique_ptr<MidiWires> MidiWires::open(const std::string& api, const std::string& client) {
  if (api != "JACK") return nullptr;
  const QuietStderr quiet;
  auto* const opened = jack_client_open(client.c_str(), JackNoStartServer, nullptr);
  return opened ? std::make_unique<JackWires>(opened) : nullptr;
}

#else

std::unique_ptr<MidiWires> MidiWires::open(const std::string&, const std::string&) {
  return nullptr;
}

#endif

}  // namespace hocket
