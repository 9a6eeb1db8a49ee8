// hocket midi: which ports there are, what comes from them, and test notes.
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "lang/pattern/function.h"
#include "server/app/commands.h"
#include "server/bridge/queue.h"
#include "server/control/midi_controls.h"
#include "server/control/midi_parser.h"
#include "server/io/midi_rtmidi.h"

namespace hocket {

namespace {

using namespace std::chrono_literals;

const std::string kMonitor = "hocket-monitor";  // its own port can be played: midiout "monitor"

std::atomic<bool> interrupted{false};

std::unique_ptr<MidiSystem> open_system(const std::string& api, const std::string& client) {
  auto system = MidiSystem::open(api, client);
  if (!system) throw std::runtime_error("there is no MIDI on this machine: `hocket doctor` says why");
  return system;
}

/// A port's bytes on their way to the terminal.
struct Watched {
  struct Byte {
    double at_s = 0;
    std::uint8_t byte = 0;
  };
  std::string name;
  Queue<Byte> queue{1 << 14};
  MidiParser parser;
  std::shared_ptr<MidiInput> handle;
};

int number_between(const std::string& text, int low, int high, const char* what) {
  int x = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, x);
  if (error != std::errc() || at != end || x < low || x > high)
    throw std::runtime_error(std::string(what) + " is a number from " + std::to_string(low) + " to " + std::to_string(high) + ", not `" +
                             text + '`');
  return x;
}

int note_of(const std::string& text) {
  if (const auto semis = note_from_name(text)) return std::min(127, std::max(0, static_cast<int>(*semis) + 60));
  return number_between(text, 0, 127, "a note");
}

}  // namespace

int midi_list(const MidiToolOptions&) {
  const auto found = list_midi_ports();
  for (const bool input : {true, false}) {
    std::printf("%s\n", input ? "inputs" : "outputs");
    int count = 0;
    for (const auto& port : found.ports) {
      if (port.input != input) continue;
      std::printf("  %s: %s\n", port.api.c_str(), port.name.c_str());
      ++count;
    }
    if (count == 0) std::printf("  none\n");
  }
  for (const auto& failure : found.failures) std::printf("%s\n", failure.c_str());
  return found.apis.empty() ? 1 : 0;
}

int midi_monitor(const MidiToolOptions& options) {
  const auto system = open_system(options.api, kMonitor);
  const auto start = std::chrono::steady_clock::now();
  const auto since = [start] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  std::vector<std::unique_ptr<Watched>> ports;
  const auto open = [&](const std::string& name) {
    auto watched = std::make_unique<Watched>();
    watched->name = name.empty() ? kMonitor + "-in:midi" : name;
    const auto receive = [&queue = watched->queue, since](std::span<const std::uint8_t> bytes) {
      const double at_s = since();
      for (const auto byte : bytes) queue.give({at_s, byte});
    };
    auto port = name.empty() ? system->open_virtual_input(receive) : system->open_input(name, receive);
    if (!port) return;
    watched->handle = *port;
    std::printf("listening to %s\n", watched->name.c_str());
    std::fflush(stdout);
    ports.push_back(std::move(watched));
  };
  if (options.port.empty()) open("");
  auto look = start;
  long left = options.count > 0 ? options.count : -1;
  while (!interrupted && left != 0) {
    if (const auto now = std::chrono::steady_clock::now(); now >= look) {
      look = now + 1s;
      // What is connected to our own port is heard there.
      const auto by_hand = system->connected_by_hand();
      auto there = system->inputs();
      std::erase_if(there, [&](const auto& name) { return std::find(by_hand.begin(), by_hand.end(), name) != by_hand.end(); });
      std::erase_if(ports, [&](const auto& p) {
        const bool gone = p->name != kMonitor + "-in:midi" && std::find(there.begin(), there.end(), p->name) == there.end();
        if (gone) std::printf("%s has gone\n", p->name.c_str());
        return gone;
      });
      for (const auto& name : there) {
        const bool known = std::any_of(ports.begin(), ports.end(), [&](const auto& p) { return p->name == name; });
        if (!known && port_fits(name, options.port)) open(name);
      }
    }
    for (const auto& port : ports) {
      Watched::Byte byte;
      while (left != 0 && port->queue.take(byte)) {
        const auto message = port->parser.take(byte.byte);
        if (!message || (!options.clock && (message->kind() == MidiKind::clock || message->kind() == MidiKind::sensing))) continue;
        std::printf("%10.3f  %s  (%s)\n", byte.at_s, to_text(*message).c_str(), port->name.c_str());
        if (left > 0) --left;
      }
    }
    std::fflush(stdout);
    std::this_thread::sleep_for(2ms);
  }
  return 0;
}

int midi_send(const MidiToolOptions& options) {
  const auto system = open_system(options.api, "hocket-send");
  const auto& words = options.words;
  const auto word = [&](std::size_t i, int low, int high, const char* what, int otherwise) {
    return i < words.size() ? number_between(words[i], low, high, what) : otherwise;
  };
  const auto kind = words.empty() ? std::string("note") : words[0];
  std::vector<std::pair<MidiMessage, double>> messages;  // and how long after it to wait
  if (kind == "note") {
    const int key = words.size() > 1 ? note_of(words[1]) : 60;
    messages = {{midi_message(MidiKind::note_on, options.channel, key, word(2, 1, 127, "a velocity", 100)), options.seconds},
                {midi_message(MidiKind::note_off, options.channel, key, 64), 0}};
  } else if (kind == "cc" && words.size() == 3) {
    messages = {{midi_message(MidiKind::control, options.channel, word(1, 0, 127, "a controller", 0), word(2, 0, 127, "its value", 0)), 0}};
  } else if (kind == "program" && words.size() == 2) {
    messages = {{midi_message(MidiKind::program, options.channel, word(1, 0, 127, "a program", 0)), 0}};
  } else if (kind == "bend" && words.size() == 2) {
    messages = {{midi_bend(options.channel, word(1, -8192, 8191, "a bend", 0)), 0}};
  } else if (kind == "touch" && words.size() == 2) {
    messages = {{midi_message(MidiKind::touch, options.channel, word(1, 0, 127, "a pressure", 0)), 0}};
  } else {
    throw std::runtime_error("what is sent is `note c4 100`, `cc 74 127`, `program 5`, `bend 8191` or `touch 64`");
  }
  const auto there = system->outputs();
  auto found = std::find(there.begin(), there.end(), options.port);
  if (found == there.end())
    found = std::find_if(there.begin(), there.end(), [&](const std::string& name) { return port_fits(name, options.port); });
  if (found == there.end())
    throw std::runtime_error("no MIDI output is named `" + options.port + "`: `hocket midi list` shows those that there are");
  auto port = system->open_output(*found);
  if (!port) throw std::runtime_error(port.error);
  std::this_thread::sleep_for(50ms);  // JACK connects in its own time
  for (const auto& [message, wait_s] : messages) {
    const std::uint8_t bytes[] = {message.status, message.a, message.b};
    (*port)->send({bytes, static_cast<std::size_t>(1 + midi_data_bytes(message.status))});
    std::printf("%s  (%s)\n", to_text(message).c_str(), found->c_str());
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::duration<double>(wait_s));
  }
  std::this_thread::sleep_for(50ms);  // and sends at its next period
  return 0;
}

}  // namespace hocket
