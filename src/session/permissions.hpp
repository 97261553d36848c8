// What a caller holds, derived from the schema and the policy. Enters: the caller's access. Leaves: one line for each grant, method
// and column, in the order of resource, column, method.
#pragma once
#include <string_view>
#include <vector>

#include "grille/session.hpp"
#include "policy/access.hpp"

namespace grille::pipeline {

std::vector<permission> permissions_of(policy::access const& who);

}  // namespace grille::pipeline
