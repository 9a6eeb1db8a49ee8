// The command line: what it may say, and which command it means.
#pragma once

namespace hocket {

/// Runs the subcommand that is named, and returns its exit status. Errors are exceptions, each one sentence.
int run_command_line(int argc, const char* const* argv);

}  // namespace hocket
