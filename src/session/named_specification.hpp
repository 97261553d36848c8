// The policy's specifications in a caller's hands. Enters: a call that only a tree can make. Leaves: the specification's predicate,
// bound on what exists for the caller. One that says more than the caller may see is not there, as one that does not exist.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bind/bind.hpp"
#include "policy/access.hpp"

namespace grille::pipeline {

/// How a tree calls it: no function and no identifier of a policy has a blank in its name. The arguments: a column of the relation
/// that it is said of, then its own, then the values of `attributes_of`, as parameters: the policy's own slots are not a caller's to use.
std::string call_of_specification(std::string_view name);
/// All attributes of callers and calls that the policy knows, in a fixed order, and then the caller's groups, one by one.
std::vector<bound::slot> attributes_of(policy::access const& who);

/// `who`, `visible` and `memory` must outlive it. `visible`: what exists; for a statement, `who`.
bind::call_resolver named_specifications(policy::access const& who, bind::visible_catalog const& visible, base::arena& memory);

}  // namespace grille::pipeline
