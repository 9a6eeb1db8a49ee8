// Random programs, with the tree that they must become.
#pragma once

#include <cstdint>
#include <string>

namespace hocket {

struct Generated {
  std::string text;  ///< with spaces, line breaks and comments wherever the language allows them
  std::string tree;  ///< as to_text(Ast) prints it
};

/// `size` (0 …) bounds how many statements there are and how deep they nest.
Generated generate_program(std::uint64_t seed, int size);

}  // namespace hocket
