// Guarded statements for the tests of the executor. Only verify::verify can make one, so this test brings a verify::verify of its own,
// which proves nothing: the executor must do its part even where the proof was wrong. The library's own is not linked here.
#pragma once
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verify/guarded_statement.hpp"

namespace proving {

using guarded = std::shared_ptr<grille::verify::guarded_statement const>;

/// What a proof would let a statement touch: columns as {"main.t", "c"}.
struct may {
  std::set<std::pair<std::string, std::string>> columns{};
  std::set<std::string> functions{};
  bool recursive{};
  std::set<std::string> views{};
};
guarded statement(std::string sql, may allowed, unsigned parameters = 0);

}  // namespace proving
