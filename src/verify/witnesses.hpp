// PostgreSQL: the columns by which a query tells that none of its rows was hidden. Enters: the guarded relations of a statement. Leaves: which
// relations hide rows, and whether a condition says of all of them that they do not.
#pragma once
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "verify/proof.hpp"

namespace grille::verify {

/// Which relations have rows that no guard may have seen, and which of their columns tell. What a query passes on as its own witness says
/// that no row of its relations was hidden: `r1.ok is not false and r2.ok is not false`, in each of its arms. A lateral query says so of the
/// rows outside too that it is computed of; a function says nothing, so that these are asked in its place.
class witnesses {
 public:
  using rows = std::vector<bound::relation const*>;

  witnesses(guarded_relations const& guarded, suppressed_groups const& groups) : guarded_(guarded), groups_(groups) {}

  static rows of(bound::from_item const* f);
  /// Goes over a query that is computed anew for each row of `outside`, before anything is asked of its parts: which of these, and of what
  /// stands beside them in a from clause, each of its relations is computed of. A query of an expression is of none: it is part of that.
  void learn(bound::query const& q, rows const& outside);
  /// Of which rows outside of it a select, or a query's `values`, is computed.
  rows const& outside(void const* part) const;
  /// Those of `reach` of which a column is named, with what the functions among them are computed of.
  rows named(bound::query const* q, std::span<bound::expr_ptr const> arguments, rows const& reach) const;
  bool hides(rows const& all);
  /// Whether `condition` is made of witnesses of these rows alone, and says it of all that hide some.
  bool tells(bound::expr const& condition, rows const& all);
  /// The same of the groups of grouping sets: of their rows by `bool_and(…) is not false`, of which a key, null outside of its sets, says nothing.
  bool tells_of_groups(bound::expr const& condition, bound::select const& sets);

  /// All its rows together are one group, which no condition of a query around is asked before.
  static bool is_one_group(bound::select const& s);
  static bool has_aggregate(bound::expr const& e);
  static bool is_aggregate(bound::call const& c);

 private:
  void learn(bound::query_body const& b, rows const& outside);
  void learn(bound::relation const& r, rows const& reach);
  void learn_queries(bound::expr const* e);
  bool hides(bound::relation const& r);
  bool hides(bound::query_body const& b);
  bool is_witness(bound::column const& c);
  bool all_witness(bound::expr const& condition, rows const& of, rows& said);
  bool all_told(rows const& all, rows const& said);
  bool passes_on(bound::query_body const& b, unsigned index);

  guarded_relations const& guarded_;
  suppressed_groups const& groups_;  // one that is too small is hidden too, and nothing tells of it
  std::map<void const*, rows> outside_;  // by select, `values`, common table, derived table, function
  std::map<bound::common_table const*, bool> hides_;
  std::map<std::pair<bound::common_table const*, unsigned>, bool> passed_on_;
};

}  // namespace grille::verify
