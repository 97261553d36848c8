// The clock is the database's, of the statement. On PostgreSQL `current_timestamp` is of the transaction: it becomes
// `statement_timestamp()`. Time on SQLite is text: whatever is compared with the clock is compared through julianday. Enters: a bound predicate.
// Leaves: the same one, its comparisons with the clock changed in place.
#pragma once
#include <span>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "grille/dialect.hpp"

namespace grille::policy {

/// `days_ago(n)`: the clock less n days.
base::result<bound::expr_ptr> days_ago(std::span<bound::expr_ptr const> arguments, base::range at, dialect d, base::arena& memory);
void read_statement_clock(bound::expr_ptr predicate);
void compare_by_julian_day(bound::expr_ptr predicate, base::arena& memory);

}  // namespace grille::policy
