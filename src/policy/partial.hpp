// What in a policy's own predicate could fail on some row. Enters: one node of a bound predicate of PostgreSQL. Leaves: the word for what
// could, or nothing. What says nothing of a row fails for all of them alike, and is let be.
#pragma once
#include <string_view>

#include "bound/tree.hpp"

namespace grille::policy {

std::string_view partial_on_postgresql(bound::expr& e);

}  // namespace grille::policy
