// The passes, in the order in which `rewrite` makes them. Each is a file of its name and changes the tree in place.
#pragma once
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "rewrite/alternatives.hpp"
#include "rewrite/occurrences.hpp"
#include "rewrite/rewrite.hpp"
#include "views/views.hpp"

namespace grille::rewrite {

/// The one occurrence that a write is of, in the form of a query.
struct target {
  bound::relation* relation{};
  std::vector<policy::matched_grant> const* written_by{};   // null: its rows are those that the caller may see
  std::function<void(occurrence&)> add;                     // the plan's own columns, conditions and relations; may be empty
  catalog::table const* rows{};                             // what is read in the table's place; null: the table
};
/// All passes. `of` may be null. `writes`: the statement is part of a write.
base::result<outcome> rewrite(bound::statement& s, policy::access const& who, base::arena& memory, bool mark_withheld, target const* of, bool writes = true);

/// Approves `u.email = ?` for a column that a grant opens to `filter`; what remains of a column that is not shown must be for an
/// aggregate, else the statement is refused. Decides for each occurrence whether it is read by `aggregate` grants.
base::result<void> check_uses(bound::statement& s, occurrences& all);

///     select status, sum(total) from orders group by status
///     select status, case when count(distinct k) filter (where total is not null) >= 5 then sum(total) end from orders
///     group by status having count(distinct k) >= 5
base::result<void> suppress_groups(bound::statement& s, occurrences& all, dialect d, base::arena& memory);

///     select id from orders for update      select id from orders where UPDATE or DELETE for update
/// PostgreSQL: a row is locked only for who may also change it (lock_rows.cpp). Refuses what nobody may lock.
base::result<void> lock_rows(bound::statement& s, occurrences& all, policy::access const& who);

///     select email from users      select email, (ALT or …) is not true from users
/// By result column, where its mark stands.
std::vector<std::optional<unsigned>> mark_withheld(bound::statement& s, occurrences& all, base::arena& memory);

///     group by u.id      group by u.id, u.name
/// PostgreSQL: what a primary key among the keys decides is a key too; the server does not know it of a derived table.
base::result<void> complete_groups(bound::statement& s, occurrences& all, base::arena& memory);

///     where 1 / (o.id - 2) > 0      where case when o.ok is not false then 1 / (o.id - 2) > 0 end
/// PostgreSQL, which has no fence around rows: what can raise stands behind witnesses of the guards.
base::result<void> fence_expressions(bound::statement& s, occurrences& all, views::trees const& views, base::arena& memory);

///     select t … group by rollup (t)      select greatest(t) … group by rollup (greatest(t))
/// PostgreSQL: behind the fences, so that no guard says of a key what is not so above the sets.
void hide_constant_keys(bound::statement& s, occurrences& all, base::arena& memory);

/// SQLite: whether there is a row for which an expression has no value.
bool can_fail_on_sqlite(bound::expr_ptr e);
/// SQLite: finds what can raise or signal in the caller's text, and marks every occurrence for a fence; of a view, or of a generated column that is
/// computed as it is read, that one.
void fence_rows(bound::statement& s, occurrences& all, base::arena& memory);

///     from users u      from (select r.id as id, … from main.users as r where GUARD) u
void guard_rows(occurrence& o, dialect d, base::arena& memory);

///     from (select r.id as id from main.users as r where GUARD) u where C      from main.users as u where GUARD and C
///     … left join (select r.id as id from main.users as r where GUARD) u on C      … left join main.users as u on GUARD and C
/// Behind all of the above: where a guard only selects.
void inline_guards(bound::statement& s, occurrences& all, dialect d, base::arena& memory);

/// Whether a part of a guard asks another table, and not for one value: what PostgreSQL may make a join of.
bool asks_a_query(bound::expr_ptr e);
/// Whether no guard is needed: every row is open, and may be locked if it is.
bool shows_all(occurrence const& o, base::arena& memory);
/// By which grants the rows of an occurrence are open.
std::vector<policy::matched_grant> const& opened_by(occurrence const& o);
/// One column of an occurrence as the caller may see it, over the base relation `row`.
bound::expr_ptr mask_column(occurrence const& o, unsigned column, alternatives const& open, bound::relation* row, dialect d, base::arena& memory);
/// Whether the cell is withheld in a row: no alternative that projects it holds. Null if it never is.
bound::expr_ptr withheld(occurrence const& o, unsigned column, alternatives const& open, bound::relation* row, base::arena& memory);
/// Whether `mask_column` would leave it plain, mask it in some rows, or show it nowhere plain.
enum class cell_state { plain, some_rows, all_rows };
cell_state state_of(occurrence const& o, unsigned column, base::arena& memory);
/// The grants by which a column of an occurrence is read.
std::vector<policy::matched_grant> const& grants_for(occurrence const& o, unsigned column);
/// The mask sentences that apply to what a grant shows of a column.
std::vector<policy::column_mask const*> masks_for(policy::table_policy const& t, policy::grant const& g, unsigned table_column);
/// Whether one alternative to read shows the column as it is, in every row that it opens.
bool shows(policy::table_access const& t, alternative const& a, unsigned table_column);
/// Whether the caller sees it as it is in every row that it may see. Of no row: no.
bool is_shown(policy::table_access const& t, unsigned table_column, base::arena& memory);

}  // namespace grille::rewrite
