// What is suspicious in a policy set that compiles. Enters: the compiled set, its files, the day. Leaves: warnings in the order of the
// files, each at the sentence it is about; none of them changes what the policy means.
#pragma once
#include <vector>

#include "grille/error.hpp"
#include "policy/compile.hpp"

namespace grille::govern {

/// * a specification or a role that no sentence uses
/// * a grant that gives nothing: expired, its predicate constantly not true, or all of it denied to its role
/// * a protected table that no grant reaches
/// * a column that is new since the policy was accepted, or no acceptance where the policy says `all columns`
/// * a role without a scope that reads or writes whole rows of a table which other roles hold per scope
/// * columns of one name with different tags
/// * PostgreSQL: a view that is open as a whole, leaves out rows of its tables, and is no `security_barrier`
/// * a policy that has expired, or will within 60 days
///
/// `all columns` over tagged ones, and what else `policy::compile` remarks by itself, stands in `compiled::warnings` and is included.
std::vector<diagnostic> lint(policy::compiled const& p, std::vector<policy::source_file> const& files, policy::day today);

}  // namespace grille::govern
