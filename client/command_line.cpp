#include "client/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "client/commands/commands.h"
#include "server/app/commands.h"
#include "server/app/version.h"

namespace hocket {

namespace {

using Action = std::function<int()>;

// One subcommand: its options bound to `options`, which lives as long as the app.
template <class Options>
CLI::App* add(CLI::App& app, const char* name, const char* doc, Action& chosen, int (*run)(const Options&),
              const std::shared_ptr<Options>& options) {
  auto* command = app.add_subcommand(name, doc);
  command->callback([&chosen, run, options] { chosen = [run, options] { return run(*options); }; });
  return command;
}

void add_sound(CLI::App* command, SoundOptions& sound) {
  command->add_option("--samples", sound.samples, "folder of samples, one sub-folder a sound (may be given several times)")
      ->type_name("DIR");
  command->add_option("--threads", sound.threads, "audio threads; 0: as many as the processor has, four at most")->check(CLI::Range(0, 64));
  command->add_option("--block", sound.block, "frames a block")->check(CLI::Range(1, 1024));
  command->add_flag("!--no-batching", sound.batching, "run like units of different buses one by one, not side by side");
  command->add_option("--player", sound.player, "what runs the plan")->check(CLI::IsMember({"serial", "staged", "dataflow"}));
}

void add_serve(CLI::App* command, ServeOptions& serve) {
  command->add_option("--port", serve.port, "TCP port on the loopback interface; 0: any free one")->capture_default_str();
  command->add_flag("--null", serve.null_device, "no device: time goes on without sound");
  command->add_option("--device", serve.device, "part of a device's name, or its number in `hocket devices`");
  command->add_option("--rate", serve.rate, "frames a second; the device's own unless given");
  command->add_option("--latency", serve.latency_ms, "wanted latency in ms; the device's own low one unless given");
  command->add_option("--channels", serve.channels, "of the output")->check(CLI::Range(1, 64))->capture_default_str();
  command->add_option("--inputs", serve.inputs, "input channels to open")->check(CLI::Range(0, 64))->capture_default_str();
  command->add_option("--session", serve.session, "file to write the session to as it goes, and to take it up from")->type_name("FILE");
  command->add_option("--recordings", serve.recordings, "folder for recordings")->type_name("DIR");
  command->add_flag("--no-midi", serve.midi.off, "open no MIDI ports");
  command->add_option("--midi-api", serve.midi.api, "ALSA or JACK; the first that works unless given");
  command->add_option("--midi-in", serve.midi.inputs, "part of a MIDI input's name (may be given several times); all unless given");
  command->add_option("--midi-offset", serve.midi.offset_ms, "send MIDI so many ms later")->check(CLI::Range(-500., 500.));
  add_sound(command, serve.sound);
}

void add_live(CLI::App& app, Action& chosen) {
  const auto serving = std::make_shared<ServeOptions>();
  add_serve(add(app, "serve", "play what clients send", chosen, serve, serving), *serving);

  const auto playing = std::make_shared<PlayOptions>();
  auto* command = add(app, "play", "play a file, anew whenever it is saved", chosen, play, playing);
  command->add_option("FILE", playing->file, "program")->required();
  add_serve(command, playing->serve);
}

void add_render(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<RenderOptions>();
  auto* command = add(app, "render", "render a file to a sound file", chosen, render, options);
  command->add_option("FILE", options->file, "program; - is stdin")->required();
  command->add_option("-o,--output", options->out, "sound file: .wav, .flac, .aif or .ogg; /dev/null only renders")->required();
  auto* seconds = command->add_option("--seconds", options->seconds, "length in seconds");
  command->add_option("--cycles", options->cycles, "length in cycles (8)")->excludes(seconds);
  command->add_option("--start", options->start, "cycle to start at")->capture_default_str();
  command->add_option("--rate", options->rate, "frames a second")->capture_default_str();
  command->add_option("--bits", options->bits, "16, 24 or 32 (float)")->capture_default_str();
  command->add_flag("--stems", options->stems, "write each output to a file of its own as well");
  command->add_option("--midi", options->midi, "MIDI file that is played into the program's `midi`")->type_name("FILE");
  command->add_option("--midi-out", options->midi_out, "MIDI file of what `midiout` sends")->type_name("FILE");
  add_sound(command, options->sound);
}

void add_language(CLI::App& app, Action& chosen) {
  const auto asking = std::make_shared<QueryOptions>();
  auto* command = add(app, "query", "list the events of a pattern", chosen, query, asking);
  command->add_option("PATTERN", asking->code, "an expression; - is stdin");
  command->add_option("--cycles", asking->cycles, "begin and end")->expected(2)->capture_default_str();
  command->add_option("--program", asking->program, "a file whose names are in reach");
  command->add_option("--seed", asking->seed, "of random patterns")->capture_default_str();
  auto* json = command->add_flag("--json", asking->json, "as one JSON array");
  command->add_flag("--jsonl", asking->json_lines, "answer requests on stdin, one JSON object a line")->excludes(json);

  const auto formatting = std::make_shared<FormatOptions>();
  command = add(app, "fmt", "lay programs out evenly", chosen, format_files, formatting);
  command->add_option("FILE", formatting->files, "programs; - is stdin")->required();
  auto* write = command->add_flag("-w,--write", formatting->write, "write the files back");
  command->add_flag("--check", formatting->check, "only say which files would change")->excludes(write);

  const auto showing = std::make_shared<ShowOptions>();
  command = add(app, "show", "print a stage between text and sound", chosen, show, showing);
  command->add_option("STAGE", showing->stage, "tokens, ast, program, graph, plan or tracker")->required();
  command->add_option("FILE", showing->file, "program; - is stdin")->required();
  auto* graph_json = command->add_flag("--json", showing->json, "graph: as JSON");
  command->add_flag("--dot", showing->dot, "graph: for Graphviz")->excludes(graph_json);
  command->add_option("--lines", showing->lines, "tracker: lines of a block, else as few as needed")->check(CLI::Range(1, 4096));
  add_sound(command, showing->sound);

  const auto helping = std::make_shared<HelpOptions>();
  command = add(app, "help", "describe a unit, function, control or instrument", chosen, help, helping);
  command->add_option("NAME", helping->name, "any word of the language")->required();
  command->add_option("--samples", helping->samples, "folder of samples")->type_name("DIR");

  app.add_subcommand("units", "list the units")->callback([&chosen] { chosen = units; });
  app.add_subcommand("reference", "print every word of the language, as Markdown")->callback([&chosen] { chosen = reference; });
}

void add_machine(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<DevicesOptions>();
  auto* command = add(app, "devices", "list audio devices and MIDI ports", chosen, devices, options);
  command->add_flag("--quiet", options->quiet, "print nothing; the exit status is 0 where there is an audio output");
  app.add_subcommand("doctor", "what was found on this machine, and what to do about each lack")->callback([&chosen] { chosen = doctor; });
  app.add_subcommand("version", "print the version")->callback([&chosen] {
    chosen = [] { return std::printf("hocket %s\n", version_text().c_str()) > 0 ? 0 : 1; };
  });
}

void add_midi(CLI::App& app, Action& chosen) {
  auto* midi = app.add_subcommand("midi", "MIDI ports: list them, watch what comes, send test notes");
  midi->require_subcommand(1);
  const auto listing = std::make_shared<MidiToolOptions>();
  add(*midi, "list", "list the ports", chosen, midi_list, listing);

  const auto watching = std::make_shared<MidiToolOptions>();
  auto* command = add(*midi, "monitor", "print what comes, one message a line", chosen, midi_monitor, watching);
  command->add_option("PORT", watching->port, "part of an input's name; all unless given");
  command->add_option("--count", watching->count, "end after so many messages");
  command->add_flag("--clock", watching->clock, "show clock and active sensing too");
  command->add_option("--api", watching->api, "ALSA or JACK; the first that works unless given");

  const auto sending = std::make_shared<MidiToolOptions>();
  command = add(*midi, "send", "send a test message: note c4 100, cc 74 127, program 5, bend 8191, touch 64", chosen, midi_send, sending);
  command->add_option("PORT", sending->port, "part of an output's name")->required();
  command->add_option("WHAT", sending->words, "note c4 100 unless given");
  command->add_option("--channel", sending->channel, "1 to 16")->check(CLI::Range(1, 16))->capture_default_str();
  command->add_option("--seconds", sending->seconds, "length of a note")->check(CLI::Range(0., 60.))->capture_default_str();
  command->add_option("--api", sending->api, "ALSA or JACK; the first that works unless given");
}

void add_client(CLI::App& app, Action& chosen) {
  const auto evaluating = std::make_shared<EvalOptions>();
  auto* command = add(app, "eval", "send code to a running server", chosen, eval, evaluating);
  command->add_option("CODE", evaluating->code, "statements; - is stdin")->required();
  command->add_flag("--replace", evaluating->replace, "as the whole program: what it does not name is dropped");
  command->add_option("--port", evaluating->client.port, "of the server")->capture_default_str();

  const auto client = std::make_shared<ClientOptions>();
  command = add(app, "repl", "evaluate line by line", chosen, repl, client);
  command->add_option("--port", client->port, "of the server")->capture_default_str();

  const auto asking = std::make_shared<StatusOptions>();
  command = add(app, "status", "where the performance stands", chosen, status, asking);
  command->add_option("--port", asking->client.port, "of the server")->capture_default_str();
  command->add_flag("--json", asking->json, "as JSON");
  command->add_flag("--load", asking->load, "where the time goes: the load of each bus and its units");
  command->add_flag("--watch", asking->watch, "the load again every second");
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Hocket: music as text, played while it is written", "hocket");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  Action chosen;
  add_live(app, chosen);
  add_render(app, chosen);
  add_client(app, chosen);
  add_language(app, chosen);
  add_machine(app, chosen);
  add_midi(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return chosen();
}

}  // namespace hocket
