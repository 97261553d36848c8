// PostgreSQL: whether an expression, a relation or a query has a value for every row, with all that is inside of it. Enters: the bound tree and its
// guards. Leaves: a truth value for each part that is asked for.
#pragma once
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "verify/proof.hpp"
#include "verify/types_postgresql.hpp"

namespace grille::verify {

class view_totals;

class total_trees : public value_types {
 public:
  /// `behind`: what stands behind a count, so that it has a value whatever the rows are. `views`: of a view's own query, which reads tables
  /// without guards; null: the query is a caller's.
  total_trees(bound::statement const& s, guarded_relations const& guarded, std::set<bound::expr const*> const& behind, view_totals* views = nullptr)
      : value_types(s), guarded_(guarded), behind_(behind), views_(views) {}

  /// Of a set operation, or of rows of values: where a value of one arm becomes another's type on its way out, and that can fail.
  std::vector<std::size_t> converted(bound::query_body const& b) const;
  static bool same_without_fail(std::set<type> const& all);
  bool total(bound::expr const& e);
  /// The server takes a query behind `from` apart where that groups nothing and limits nothing: then a column of it is what it is made of, and
  /// is computed beside whatever row it is compared with.
  bool total_as_made(bound::column const& c);
  bool total_result(bound::query_body const& b, unsigned index);
  bool total(bound::query const& q);
  bool total(bound::query_body const& b);
  bool total(bound::relation const& r);

 private:
  guarded_relations const& guarded_;
  std::set<bound::expr const*> const& behind_;
  view_totals* views_;
  std::map<bound::common_table const*, bool> total_tables_;
  std::map<std::pair<bound::query const*, unsigned>, bool> made_total_;  // result columns
};

}  // namespace grille::verify
