// What brings a row back out of its history. Enters: a resource, the number of a record, and the caller's access. Leaves: a query for the record, and the
// statement that writes what it says. Both are the caller's own, and no more than it could send itself: what it may not see of the record, or may
// not write, it cannot restore. Guaranteed: a row comes back whole, with no cell masked, or not at all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/access.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

struct kept_rows {
  dialect which{};
  catalog::table const* table{};
  catalog::table const* history{};
  std::vector<std::string_view> columns;  // of a record, in order; the last says by which method the row went
};
/// Faults: there is no such table for the caller, or it keeps no history.
outcome<kept_rows> kept_rows_of(std::string_view resource, policy::access const& who);
/// The one parameter is the number. `deleted`: the row is inserted; else it is there, and is overwritten.
std::string restoring(kept_rows const& k, bool deleted);

}  // namespace grille::pipeline
