// PostgreSQL: the columns that tell that no row here is hidden. Enters: the relations of a statement, and of which rows outside of it each part is
// computed, as fence_postgresql.cpp learns it. Leaves: for a place in the statement the condition that is true only where each guard is:
//
//     r1.ok is not false and r2.ok is not false                              of rows, and as a key of groups
//     bool_and(r1.ok is not false and r2.ok is not false) is not false       of the groups of grouping sets
//
// Each relation with a guard has a witness; each query passes on that of its rows (all of its relations' together). To the rows that the caller
// sees a witness is always true, or null where an outer join found no row, so it changes nothing; wherever the server moves the expression, the
// witness goes with it.
#pragma once
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "rewrite/occurrences.hpp"

namespace grille::rewrite {

/// Where an expression stands: whose rows reach it, or groups of them.
struct place {
  std::vector<bound::relation*> rows;
  std::vector<bound::relation*> around;                           // whose rows the whole query is of
  bound::select* grouped{};                                       // of whose groups; null: of rows
  bool single{};                                                  // of all rows together: a group without keys
  std::unordered_map<bound::expr const*, bound::expr_ptr> keys{};  // group keys, and what they have become
};

/// `What` could fail on a row that is not the caller's to see, and nothing keeps it from one.
base::fault unfenced(std::string_view what, base::range at);

class row_witnesses {
 public:
  using rows = std::vector<bound::relation*>;

  /// `refused`: the first reason why a statement cannot be fenced.
  row_witnesses(occurrences& all, base::arena& memory, std::optional<base::fault>& refused) : all_(all), memory_(memory), refused_(refused) {}

  /// Of which rows outside of it a select, a common table, a derived table or a function is computed.
  rows& around(void const* part) { return around_[part]; }
  /// All rows of `s` together are one group, without keys.
  void makes_one_group(bound::select const& s) { single_.insert(&s); }
  /// Where the results of `s` stand.
  place results_of(bound::select& s) const;

  /// That none of the rows here is hidden; null: none of them can be.
  bound::expr_ptr at(place const& here);
  /// Of groups some of which are too small: the server would ask it of these too, and no witness tells of them.
  bool suppresses(bound::relation const& r);
  /// Is passed on as a witness by a query.
  bool is_passed_on(bound::expr const* e) const { return made_.contains(e); }

 private:
  void refuse(base::fault f);
  bool suppresses(bound::query_body const& b);
  bool needs(bound::relation const& r);
  bool needs(rows const& all);
  bool needs(bound::query_body const& b);
  bound::expr_ptr of_each_row(bound::expr_ptr holds);
  unsigned column_of(bound::relation& r);
  unsigned pass_on(bound::query& q, rows const& around);
  void pass_on(bound::query_body& b, rows const& around);
  bound::list<bound::expr_ptr> with(bound::list<bound::expr_ptr> l, bound::expr_ptr last);

  occurrences& all_;
  base::arena& memory_;
  std::optional<base::fault>& refused_;
  std::unordered_map<void const*, rows> around_;
  std::set<bound::select const*> single_;
  std::set<bound::select const*> keyed_;  // have their witness among their group keys
  std::set<bound::expr const*> made_;
  std::unordered_map<bound::common_table const*, bool> needed_, suppresses_;
  std::unordered_map<bound::relation const*, unsigned> columns_;
  std::unordered_map<bound::query const*, unsigned> passed_on_;
};

}  // namespace grille::rewrite
