// The ways in which rows of a table are open to a caller: one alternative for each matching grant and each tuple of its scope,
// with the restricts that narrow it. Enters: matched grants. Leaves: conditions over a relation of the statement, copied anew at
// every call, since later passes change trees in place.
#pragma once
#include <vector>

#include "base/arena.hpp"
#include "bound/tree.hpp"
#include "policy/access.hpp"

namespace grille::rewrite {

struct alternative {
  policy::grant const* grant{};
  unsigned tuple{};
  unsigned groups{};  // of the caller
  std::vector<bound::expr_ptr> conjuncts;  // as the policy has them, over the sentences' own subjects
  std::vector<bound::relation const*> subjects;  // of each conjunct
};

class alternatives {
 public:
  alternatives(policy::table_access const& table, std::vector<policy::matched_grant> const& grants, base::arena& memory);

  bool empty() const { return all_.empty(); }
  std::vector<alternative> const& all() const { return all_; }
  /// Some alternative has no conditions: every row is open.
  bool unconditional() const;
  /// The conjunction of one alternative over `target`; null if it has no conditions.
  bound::expr_ptr condition(alternative const& a, bound::relation* target) const;
  /// The disjunction of those given; null if one of them has no conditions, or there are none.
  bound::expr_ptr any_of(std::vector<alternative const*> const& some, bound::relation* target) const;
  bound::expr_ptr guard(bound::relation* target) const;
  /// Of the policy, applied to the grants here: what `explain` lists.
  std::vector<policy::restriction const*> const& restrictions() const { return restrictions_; }

 private:
  base::arena& memory_;
  std::vector<alternative> all_;
  std::vector<policy::restriction const*> restrictions_;
};

/// Copies an expression of a policy onto `target`, for the tuple of the scope and the groups of an alternative.
bound::expr_ptr instantiate(bound::expr const* e, bound::relation const* subject, bound::relation* target, alternative const& a, base::arena& memory);

// makers of small trees
bound::expr_ptr make(base::arena& memory, bound::expr::node_type node);
bound::expr_ptr operate(base::arena& memory, bound::op o, std::vector<bound::expr_ptr> operands);
/// One: itself; several: a junction.
bound::expr_ptr join(base::arena& memory, bound::junction_op o, std::vector<bound::expr_ptr> items);

}  // namespace grille::rewrite
