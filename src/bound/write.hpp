// Writes, in the form of queries. What a caller asks for is a query over what it sees, which yields the new values of each row, and
// a query for `returning`; what is run is a plan of steps, each again a query with what becomes of its rows.
// Enters: the first from `bind`, the second from `rewrite`. Leaves: to `unbind`, which gives each step the form of a statement.
#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "bound/tree.hpp"
#include "grille/dialect.hpp"

namespace grille::bound {

struct write;
/// A unique index of expressions, or of some rows only: no two of its rows have the same values of all its elements.
struct unique_index {
  statement* query{};         // select ELEMENT, … from T where CONDITION, …
  relation* row{};            // T, with all its columns in order
  list<expr_ptr> elements;
  list<expr_ptr> conditions;  // all of which hold of the index's rows; none: all rows are
  list<unsigned> columns;     // that any of these names
};
/// By what a row stands in the way of another.
struct conflict_key {
  list<unsigned> columns{};      // of a whole key; none:
  unique_index const* index{};   // an index; null:
  catalog::exclusion const* exclusion{};  // no two rows that exclude each other, nothing can be said of which do; null: whatever constraint there is
};
/// What is to become of a proposed row where a key stands in its way.
struct on_conflict {
  list<conflict_key> keys;    // each as written. Update: one, and not any
  write* update{};            // of the row in the way: `rows` selects from `target` beside `excluded`; null: the proposed row is left out
  base::range at{};           // of the first
  relation* excluded{};       // the proposed row: the columns that the insert assigns, in order, then others by their names. Its query stands for nothing
};

/// The clauses of a merge that change something, all of one snapshot of the table and of the source.
struct merge {
  statement* source{};   // whose rows are merged into the table
  list<write*> changes;  // each has a `source`
};

/// What a caller asks for.
struct write {
  grille::method method{};        // insert, update, remove, purge
  catalog::table const* table{};
  list<unsigned> columns;         // assigned, by the table's columns, as written
  list<range> places;             // of each
  bound::merge* merged{};         // where it is no one change: then of the rest there are the table, the parameters and `at` alone
  relation* source{};             // of a change that is a merge's: the relation in `rows` that has the columns of the merge's source. Its query is that once more
  statement* rows{};              // update: a value for each of `columns`; remove, purge: 1; insert: the source; null: `default values`
  relation* target{};             // update, remove, purge: the one relation that `rows` is of
  statement* returning{};         // may be null
  relation* returned{};           // the one relation that `returning` is of
  list<expr_ptr> joined;          // update, remove, purge, PostgreSQL: columns of what stands beside `target` in `rows`, and fields of these, which `returning` names
  relation* beside{};             // in `returning`, the row of these, in order. Its query stands for nothing; null: none is named
  on_conflict* conflict{};        // insert: may be null
  write* replaced{};              // insert, SQLite: `or replace`, the delete of rows in the way, whose `rows` are all of them; may be null
  bool ignores{};                 // insert, SQLite: `or ignore`, a row that the table's constraints do not take is left out
  range at{};                     // of the table's name
  unsigned parameters{};
  list<std::string_view> parameter_names;
};

/// Of an insert: whether each of its rows says `default` for the column, by its position in `columns`.
inline bool leaves_to_default(write const& w, std::size_t column) {
  if (w.method != grille::method::insert || w.rows == nullptr) return false;
  auto const& body = *w.rows->query->body;
  if (auto const* s = body.as<select>()) return is_default(*s->items[column].value);
  auto const* v = body.as<values>();
  return v != nullptr && std::all_of(v->rows.begin(), v->rows.end(), [column](auto const& row) { return is_default(*row[column]); });
}

/// All that the caller's statement is to change: `w`, and what that leads to where rows are in its way; of a merge those of its clauses.
template <class W>
std::vector<W*> changes(W& w) {
  if (w.merged != nullptr) return {w.merged->changes.begin(), w.merged->changes.end()};
  std::vector<W*> out{&w};
  for (W* one : {static_cast<W*>(w.conflict == nullptr ? nullptr : w.conflict->update), static_cast<W*>(w.replaced)})
    if (one != nullptr) out.push_back(one);
  return out;
}

/// Parts of a plan, in the order in which they are run.
enum class step_kind {
  collect,  // the rows of the query go into a temporary table
  apply,    // the table is changed: by the query's rows (insert), in them (update), without them (remove, purge)
  record,   // the rows of the query go into the table's history
  former,   // a row of the query is a record that may not be erased
  erase,    // the history loses the query's rows
  check,    // a row of the query is a row that may not be as it is
  conflict, // a row of the query is a row that stands in the way
  result,   // the query's rows are what `returning` gives
};
struct step {
  step_kind kind{};
  catalog::table const* into{};  // collect: the temporary table; record: the history
  list<unsigned> columns;        // apply: written, by the table's columns; record: by the history's; update, record: one for each item of the query
  list<unsigned> returns;        // apply: of each row that is written, by the table's columns: on SQLite the key of what is inserted; record: by the history's
  list<unsigned> former{};       // apply of an update of the key, PostgreSQL: returned behind `returns`, places in what was collected: the key as it was
  catalog::table const* written{};  // the same: whose columns behind the table's they are
  statement* query{};            // apply of an insert: null is `default values`
  std::optional<grille::method> method{};  // apply: where it is another than the write's own
  relation* locks{};             // collect, PostgreSQL: whose rows nobody else changes until the transaction ends
  bool ignores{};                   // apply of an insert: as in `write`
  list<conflict_key> left_out{};    // apply of an insert: the keys that leave a row out where they stand in its way
};

}  // namespace grille::bound
