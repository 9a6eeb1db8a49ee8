#include "server/app/files.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "server/io/soundfile.h"

namespace hocket {

namespace fs = std::filesystem;

std::optional<std::string> try_read_text(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string read_text(const std::string& path) {
  if (path == "-") {
    std::ostringstream text;
    text << std::cin.rdbuf();
    return text.str();
  }
  if (auto text = try_read_text(path)) return *text;
  throw std::runtime_error(path + " cannot be read");
}

SoundReader sound_reader() {
  return {[](const std::string& name) { return is_sound_file_name(name); },
          [](const std::string& path, std::int64_t most_frames) -> Result<SampleData> {
            auto file = read_sound_file(path, most_frames);
            if (!file) return Result<SampleData>::fail(file.error);
            return SampleData{std::move(file->left), std::move(file->right), file->rate};
          }};
}

std::vector<std::string> add_sample_folders(SampleLibrary& library, const std::vector<std::string>& folders) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& folder, bool asked_for) {
    const auto added = library.add_folder(folder);
    if (added)
      lines.push_back("samples: " + std::to_string(*added) + " sounds in " + folder);
    else if (asked_for)
      throw std::runtime_error(added.error);
  };
  if (const char* home = std::getenv("HOME")) add(std::string(home) + "/.local/share/hocket/samples", false);
  for (const auto& folder : folders) add(folder, true);
  return lines;
}

std::string folder_of(const std::string& path) {
  if (path == "-") return "";
  return fs::path(path).parent_path().string();
}

Reports reports_to_stderr() {
  return [](const Report& report) {
    if (report.kind != Report::Kind::info) std::fprintf(stderr, "%s\n", report.text.c_str());
  };
}

}  // namespace hocket
