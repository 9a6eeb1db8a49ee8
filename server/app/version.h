// The version of this program.
#pragma once

#include <string>

namespace hocket {

std::string version_text();

}  // namespace hocket
