// Every place where a caller's statement names a protected table, and how it uses its columns. Enters: a bound statement.
// Leaves: one occurrence for each reference, in order of appearance; the passes share it and fill the rest.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "policy/access.hpp"

namespace grille::rewrite {

enum class use {
  none,
  shown,  // only as a bare column of the top-level result: nothing computes with it
  computed,
};
struct occurrence {
  bound::relation* relation{};
  policy::table_access const* access{};
  std::vector<use> uses;           // by relation column
  std::vector<bool> filtered;      // by relation column: every use is by way of a `filter` grant
  bool aggregated{};               // read by way of `aggregate` grants
  unsigned at_least{};             // aggregated: K
  std::optional<unsigned> counting;  // aggregated: the relation column whose distinct values are counted
  std::map<unsigned, unsigned> marks;  // relation column that tells of withheld cells -> the relation column it tells of
  std::optional<unsigned> witness;     // relation column that tells whether the guard is true of the row
  std::string why_held;            // no query of the guard may become a join: what this is would meet the rows before; empty: it may
  std::string why_fenced;          // what made a fence necessary; empty: nothing
  std::optional<std::vector<policy::matched_grant>> locked_by;  // its rows are locked: those alone that one of these covers
  bool apart{};                    // PostgreSQL: nothing around is asked of a row before the guard, and a view's own conditions, are true
  // the table that a write is of:
  std::vector<policy::matched_grant> const* written_by{};  // nothing of its rows may be seen: they are those that these grants open
  catalog::table const* rows{};  // read in the place of the table: rows of it, in the same columns; null: the table itself
  std::map<unsigned, std::function<bound::expr_ptr(bound::relation*)>> extras;  // relation column -> what it is of the row, for the plan alone
};
/// One more relation column, behind the others. Leaves: its index.
unsigned add_extra(occurrence& o, std::string_view name, std::function<bound::expr_ptr(bound::relation*)> value, base::arena& memory);
/// The relations of one from clause, left to right, added to `out`.
void relations_of(bound::from_item const* f, std::vector<bound::relation*>& out);

class occurrences {
 public:
  /// Collects them, with the uses of their columns.
  occurrences(bound::statement& s, policy::access const& who);

  std::vector<occurrence>& all() { return all_; }
  occurrence* of(bound::relation const* r);
  /// Uses of columns that are approved for what a grant names (`filter`), by the address of the column's expression.
  std::set<bound::expr const*> approved;
  /// PostgreSQL: selects that read rows which are open to aggregates only; those of them whose `having` suppresses groups; and what stands behind
  /// a count, so that it has a value whatever the rows are.
  std::set<bound::select const*> counted, by_having;
  std::set<bound::expr const*> behind;

 private:
  std::vector<occurrence> all_;
  std::map<bound::relation const*, std::size_t> index_;
};

}  // namespace grille::rewrite
