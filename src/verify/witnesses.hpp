// PostgreSQL: the columns by which a query tells that none of its rows was hidden. Enters: the guarded relations of a statement. Leaves: which
// relations hide rows, and whether a condition says of all of them that they do not.
#pragma once
#include <map>
#include <utility>
#include <vector>

#include "verify/proof.hpp"

namespace grille::verify {

/// Which relations have rows that no guard may have seen, and which of their columns tell. What a query passes on as its own witness says
/// that no row of its relations was hidden: `r1.ok is not false and r2.ok is not false`, in each of its arms.
class witnesses {
 public:
  using rows = std::vector<bound::relation const*>;

  witnesses(guarded_relations const& guarded, suppressed_groups const& groups) : guarded_(guarded), groups_(groups) {}

  static rows of(bound::from_item const* f);
  bool hides(rows const& all);
  /// Whether `condition` is made of witnesses of these rows alone, and says it of all that hide some.
  bool tells(bound::expr const& condition, rows const& all);

  /// All its rows together are one group, which no condition of a query around is asked before.
  static bool is_one_group(bound::select const& s);
  static bool has_aggregate(bound::expr const& e);
  static bool is_aggregate(bound::call const& c);

 private:
  bool hides(bound::relation const& r);
  bool hides(bound::query_body const& b);
  bool is_witness(bound::column const& c);
  bool passes_on(bound::query_body const& b, unsigned index);

  guarded_relations const& guarded_;
  suppressed_groups const& groups_;  // one that is too small is hidden too, and nothing tells of it
  std::map<bound::common_table const*, bool> hides_;
  std::map<std::pair<bound::common_table const*, unsigned>, bool> passed_on_;
};

}  // namespace grille::verify
