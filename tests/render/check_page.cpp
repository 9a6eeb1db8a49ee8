// Reads a page of the documentation as a reader would: check_page HOCKET PAGE.md
// Every block marked ```hocket must be a whole program that evaluates without a word.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "check_page HOCKET PAGE.md\n"), 2;
  std::string folder = (std::filesystem::temp_directory_path() / "hocket-page-XXXXXX").string();
  if (!mkdtemp(folder.data())) return std::perror("mkdtemp"), 2;
  const std::string program = folder + "/block.hk", said = folder + "/said.txt";
  std::ifstream page(argv[2]);
  std::string line, block;
  int number = 0, first_line = 0, blocks = 0, wrong = 0;
  while (std::getline(page, line)) {
    ++number;
    if (line == "```hocket") {
      first_line = number + 1;
      block.clear();
    } else if (first_line > 0 && line == "```") {
      std::ofstream(program) << block;
      const std::string command = "'" + std::string(argv[1]) + "' show graph '" + program + "' >/dev/null 2>'" + said + "'";
      const int status = std::system(command.c_str());
      std::ostringstream errors;
      errors << std::ifstream(said).rdbuf();
      if (status != 0 || !errors.str().empty()) {
        std::printf("%s:%d: this block does not evaluate\n%s\n", argv[2], first_line, errors.str().c_str());
        ++wrong;
      }
      ++blocks;
      first_line = 0;
    } else if (first_line > 0) {
      block += line + '\n';
    }
  }
  std::filesystem::remove_all(folder);
  std::printf("%d blocks, %d wrong\n", blocks, wrong);
  return blocks > 0 && wrong == 0 ? 0 : 1;
}
