// A bound statement of a caller to one that reads only what the caller may see. Enters: a bound statement and the caller's
// access. Leaves: the same tree, changed in place, pass by pass in the order below, and the static facts of the change.
//
// The shapes that leave, which `verify` demands, each occurrence of a protected table T on its own (aliases are made by unbind):
//
//   guarded relation   (select ITEM as "column", … from "main"."T" as r where GUARD [limit -1])
//                      only columns that the statement uses; no guard where a grant without conditions matches;
//                      `limit -1` is SQLite's fence: nothing of the caller's is evaluated on a row before GUARD was true
//   inlined            "main"."T" as u … where GUARD and …      a guarded relation that yields only columns as they are, without a fence, a lock or
//                      an aggregate grant: T itself, and the conjuncts of GUARD in front of the conditions that its rows are under: of the
//                      query's `where`, or of the `on` of the outer join that fills its side up with NULLs. Not in a write; not under a
//                      full join, if there is a GUARD; not alone in a derived table, which would look like a guarded relation; not, on PostgreSQL, in a
//                      statement in which something that can fail could be moved beside its rows
//   GUARD              ALT or ALT or …      one ALT for each matching grant and each held tuple of its scope
//   ALT                W and R and R …      the grant's `where`, then every `restrict` that is not lifted for it, file order;
//                      the conjuncts of a conjunction stand as one flat list
//   ITEM, plain        r.c                                      every alternative projects it plain and no mask applies
//   ITEM, mixed        case when ALT then VALUE … else null end  the alternatives that project it: plain ones first, then
//                      masked ones in file order; an alternative without conditions ends the list as `else VALUE`
//   ITEM, kept         where the cell is compared, grouped, ordered or leaves the derived table for anything but the top-level
//                      result, SQLite's affinity and collation of the column must stay (`case` drops both):
//                      (select M where (P) is not true union all select r.c where P) [collate C]
//                      P: the disjunction of the plain alternatives; M: the `case` of the masked ones, null where there are none;
//                      with no plain alternative P is `false`; with no masked one just (select r.c where P) [collate C]
//   VALUE              r.c, or the projection's mask expression over it; then each `mask` sentence that is not lifted for the
//                      grant, in file order: MASK(VALUE), or case when (W) is false then VALUE else MASK(VALUE) end
//   ITEM, withheld     (ALT or ALT …) is not true     over the alternatives that project the column: whether the cell is withheld
//                      in this row; only where the caller asked for it
//   a `filter` column  case when ALT then r.c else null end over the `filter` grants (kept form as above); outside the relation
//                      only as an operand of `=` or `in` whose other operands are literals, parameters; in `where` and `on`
//   an aggregate-only  the relation's GUARD is over the `aggregate` grants instead and it also yields the counting column "k"
//   reference          (distinct_column, or the rowid); outside the relation its columns stand only
//                      in  case when count(distinct r.k) filter (where r.c is not null [and F]) >= K then AGG(r.c) [filter (where F)] end
//                      (count(*): case when count(distinct r.k) [filter (where F)] >= K then count(*) [filter (where F)] end),
//                      or as a `group by` key and the same column in items and order, and then `having` has the conjunct
//                      count(distinct r.k) >= K
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "policy/access.hpp"

namespace grille::rewrite {

enum class masking { none, some_rows, all_rows };

/// One base-table reference and what was applied to it: for `explain`.
struct applied {
  catalog::table const* table{};
  std::string relation;                          // as the caller named it
  std::vector<std::string> grants;               // the sentences that opened it, with file and line
  std::vector<std::string> restrictions, masks;
  std::vector<std::string> masked_columns, hidden_columns;
  bool filtered{}, fenced{}, aggregated{};
  std::string why_fenced;                        // the construct that made it
  std::string why_held;                          // PostgreSQL: the one for which the guard's queries are asked where rows are read; empty: they are not
};
struct outcome {
  bool filtered{};                // some predicate of a policy was applied
  std::vector<masking> columns;   // by result column
  std::vector<std::string> types; // declared type of the source column, empty for expressions
  /// By result column: the position of the extra result column, behind the others, that is true where the cell is withheld;
  /// nothing where it never is, or nobody asked.
  std::vector<std::optional<unsigned>> withheld;
  std::vector<applied> relations;
};

/// Faults are the caller's: a use mode that does not allow what the statement does with a column, `unsupported` or `forbidden`.
/// `mark_withheld`: each bare column of a plain top-level select gets a companion that tells in which rows it is withheld.
base::result<outcome> rewrite(bound::statement& s, policy::access const& who, base::arena& memory, bool mark_withheld = false);

}  // namespace grille::rewrite
