// What in a policy's own predicate could fail on some row. A condition of the caller's that cannot fail may keep all rows but one from the
// predicate, so its failure would tell of that row. Enters: a bound predicate, the queries of the views that it may read. Leaves: what could
// fail, and where. What says nothing of a row fails for all of them alike, and is let be.
#pragma once
#include <optional>
#include <string>

#include "bound/tree.hpp"
#include "views/views.hpp"

namespace grille::policy {

struct partial {
  std::string what;  // as a message begins with it
  base::range at{};  // in the predicate's text
};

/// `written`: the predicate is asked of rows that the caller writes, and of no other, so that what fails on them tells it of these alone: then only
/// what a query in it reads is looked at.
std::optional<partial> first_partial(bound::expr_ptr predicate, dialect d, views::trees const& views, bool written = false);

}  // namespace grille::policy
