// The files of a policy set, read into trees. Enters: paths, or texts. Leaves: an immutable set that compiles against any catalogue
// of its dialect, again and again.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "grille/dialect.hpp"
#include "grille/policy.hpp"
#include "policy/compile.hpp"

namespace grille::detail {

struct policy_files {
  dialect which{};
  std::vector<policy::source_file> sources;
  std::vector<std::shared_ptr<base::arena const>> memory;  // of the trees
  std::string fingerprint;
};

}  // namespace grille::detail
