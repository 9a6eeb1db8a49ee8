// hocket fmt: programs laid out evenly.
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "lang/format.h"
#include "server/app/commands.h"
#include "server/app/files.h"

namespace hocket {

int format_files(const FormatOptions& options) {
  int status = 0;
  for (const auto& file : options.files) {
    const Source source{file, read_text(file)};
    Diagnostics diagnostics;
    const auto text = format(source, diagnostics);
    if (has_error(diagnostics)) {
      std::fprintf(stderr, "%s\n", render(source, diagnostics).c_str());
      status = 1;
    } else if (options.check) {
      if (text == source.text) continue;
      std::printf("%s would change\n", file.c_str());
      status = 1;
    } else if (!options.write || file == "-") {
      std::fputs(text.c_str(), stdout);
    } else if (text != source.text) {
      std::ofstream out(file, std::ios::binary);
      out << text;
      if (!out.flush()) throw std::runtime_error(file + " cannot be written");
    }
  }
  return status;
}

}  // namespace hocket
