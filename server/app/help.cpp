// hocket units, hocket help, hocket reference: what the words of the language are.
#include <cstdio>

#include "lang/diagnostic.h"
#include "server/app/commands.h"
#include "server/app/files.h"
#include "server/app/reference.h"
#include "server/control/catalogue.h"

namespace hocket {

int units() {
  const auto vocabulary = make_vocabulary(unit_table());
  std::fputs(Reference(vocabulary).units().c_str(), stdout);
  return 0;
}

int reference() {
  std::fputs(reference_page(make_vocabulary(unit_table())).c_str(), stdout);
  return 0;
}

int help(const HelpOptions& options) {
  SampleLibrary samples(sound_reader(), reports_to_stderr());
  add_sample_folders(samples, options.samples);
  const auto vocabulary = make_vocabulary(unit_table(), samples);
  const Reference reference(vocabulary);
  const auto text = reference.describe(options.name);
  if (!text.empty()) {
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  const auto hint = did_you_mean(nearest(options.name, reference.names()));
  std::fprintf(stderr, "nothing is called `%s`%s%s\n", options.name.c_str(), hint.empty() ? "" : ": ", hint.c_str());
  return 1;
}

}  // namespace hocket
