// What a statement asks of which tables, for the audit. Enters: a bound statement or write, before it is rewritten. Leaves: each table with
// the method and the columns that the statement names, whether or not what stands there leaves it. A text of the policy is no part of it.
#pragma once
#include <vector>

#include "bound/write.hpp"
#include "grille/audit.hpp"

namespace grille::pipeline {

std::vector<audit_access> touched(bound::statement& s);
/// What is written first.
std::vector<audit_access> touched(bound::write& w);

}  // namespace grille::pipeline
