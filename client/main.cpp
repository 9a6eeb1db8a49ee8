// hocket: live coding by text.
#include <cstdio>
#include <exception>

#include "client/command_line.h"

int main(int argc, char** argv) {
  try {
    return hocket::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hocket: %s\n", error.what());
    return 1;
  }
}
