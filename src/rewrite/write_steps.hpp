// The steps of a plan, as they are made one behind the other. Enters: queries, the grants that cover, the rows that were collected. Leaves: the plan.
// What each form is stands in rewrite/write.hpp; which steps a write has, and in which order, is its planner's.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "catalog/row_key.hpp"
#include "rewrite/write.hpp"
#include "rewrite/write_collection.hpp"
#include "rewrite/write_trees.hpp"

namespace grille::rewrite {

/// Columns of the table that tell its rows apart, and the places of their values in a table of the plan.
struct row_by {
  std::vector<unsigned> columns, places;
};

class write_steps {
 public:
  write_steps(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), who_(who), table_(*w.table), memory_(memory), key_(catalog::row_key(table_)), trees_(w.at, memory) {}

  write_trees const& trees() const { return trees_; }
  std::vector<unsigned> const& key() const { return key_; }
  bound::relation* row() const { return trees_.base(table_, true); }
  write_plan take() { return std::move(out_); }

  catalog::table const& temporary(std::string purpose, std::vector<catalog::scratch_column> columns);
  void add(bound::step s) { out_.steps.push_back(s); }
  /// `locks`: see bound::step.
  void collect(catalog::table const& into, bound::statement* query, bound::relation* locks = nullptr) {
    add({.kind = bound::step_kind::collect, .into = &into, .columns = {}, .returns = {}, .query = query, .locks = locks});
  }
  void add(bound::step_kind kind, bound::query* q) {
    add({.kind = kind, .into = nullptr, .columns = {}, .returns = {}, .query = trees_.statement(q)});
  }
  void note(outcome const& o) { out_.relations.insert(out_.relations.end(), o.relations.begin(), o.relations.end()); }

  /// The rows of an update or a delete, into a table of their own.
  catalog::table const& rows_of(bound::write& w, write_collection const& collected, std::string purpose = "rows");
  /// `moved`: PostgreSQL, what is written where that has the key as it was; else null.
  void update(bound::write const& w, write_grants const& grants, write_collection const& collected, catalog::table const& rows,
              catalog::table const* moved = nullptr);
  void remove(write_collection const& collected, catalog::table const& rows);
  /// PostgreSQL runs all steps, and a row that may not be changed must not meet the table's own constraints and triggers before the statement fails. Null: all may.
  bound::expr_ptr may_be_changed(write_collection const& collected, bound::relation* s) const;
  /// What an insert returns of each row: its key, on PostgreSQL all of it; and an update and a delete there too.
  std::vector<unsigned> returned(method m) const;
  /// That no row is to be changed in two ways.
  void once(write_collection const& collected, catalog::table const& rows);
  /// The keys of what an insert returns, into a table of their own.
  catalog::table const& keys();
  /// SQLite: by what the rows are found after the change.
  row_by after(bound::write const& w, write_collection const& collected) const;
  /// In that.
  row_by by_keys() const;
  void check(write_grants const& grants, write_collection const& collected, catalog::table const& rows, row_by const& by);
  /// PostgreSQL: select count(*), TOTAL - count(*) filter (where ALT or …) from W r, S s where r.K = s.K. `rows`: S, whose rows are the TOTAL; null:
  /// those of W are, which stands alone.
  base::result<void> count(write_grants const& grants, write_collection const& collected, catalog::table const* rows, catalog::table const& written);
  /// The caller's query of what was written, over `written` in the table's place; beside it the row of `rows` from which it was written, where the
  /// query names columns of that.
  base::result<void> result_of(catalog::table const& written, write_collection const* collected = nullptr, catalog::table const* rows = nullptr);
  /// A table that the steps point at.
  catalog::table const& keep(catalog::table t);
  /// What the grants ask of a row that was written, `r`, which is that of `s`: one of these, each for one way; null: nothing.
  bound::expr_ptr allowed(write_grants const& grants, write_collection const& collected, bound::relation* r, bound::relation* s) const;
  /// The caller's query of what was written, over what `of` says.
  base::result<void> result(target const& of);
  base::result<void> returning(catalog::table const& rows, row_by const& by);

 private:
  base::result<void> result_beside(catalog::table const& written, write_collection const& collected, catalog::table const& rows);

  bound::write& w_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena& memory_;
  std::vector<unsigned> key_;
  write_trees trees_;
  write_plan out_;
};

/// PostgreSQL: whether a query reads `t`, itself or by way of a view; and the refusal of what is asked of rows that were written.
bool asks(bound::query& q, catalog::table const& t, catalog::catalog const& all);
tl::unexpected<base::fault> asks_itself(base::range at);
/// What PostgreSQL would do otherwise than it says here.
base::result<void> refuse_on_server(bound::write const& w, policy::access const& who);
/// A plan for PostgreSQL, whose steps are put together to one statement.
base::result<write_plan> plan_statement(bound::write& w, policy::access const& who, base::arena& memory);
/// An insert that says what is to become of a row in the way.
/// Takes `id = excluded.id` out of what `do update` assigns, where the row in the way is found by `id`, and some grant to update names it: it is that already.
void leave_key_as_it_is(bound::write& w, policy::access const& who, base::arena& memory);
base::result<write_plan> plan_upsert(bound::write& w, policy::access const& who, base::arena& memory);
/// PostgreSQL: several changes, each of the rows to which a clause applies.
base::result<write_plan> plan_merge(bound::write& w, policy::access const& who, base::arena& memory);
/// Whether it is an update of the key by which rows are found.
bool moves(bound::write const& w);
/// What no write to the table can be.
base::result<void> refuse_by_name(bound::write const& w, policy::access const& who);
/// PostgreSQL: whether the column is of a type whose operators are the database's own.
bool is_own_type(catalog::table const& t, unsigned column, policy::access const& who);

}  // namespace grille::rewrite
