// Small things that several commands share: whole files, sample folders, the sound library over libsndfile.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/control/samples.h"

namespace hocket {

/// The text of a file, or of stdin for `-`; throws std::runtime_error.
std::string read_text(const std::string& path);
std::optional<std::string> try_read_text(const std::string& path);

/// Reads sound files.
SoundReader sound_reader();

/// Adds the folders given and, where it exists, the user's own (~/.local/share/hocket/samples). Throws on a folder given that
/// cannot be read. One line a folder that was found.
std::vector<std::string> add_sample_folders(SampleLibrary&, const std::vector<std::string>& folders);

/// The folder that holds a file: where its relative sample folders start.
std::string folder_of(const std::string& path);

/// Prints warnings and errors of the library and the engine on stderr.
Reports reports_to_stderr();

}  // namespace hocket
