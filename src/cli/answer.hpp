// What a statement gave, apart from how it is shown.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "grille/value.hpp"

namespace grille::cli {

struct answer {
  std::vector<std::string> columns;
  std::vector<std::vector<value>> rows;
  std::uint64_t affected{};
};

}  // namespace grille::cli
