// A write in the form of a query and back. `update T set a = X from S where W` is `select X from T, S where W`: so names in a write are
// resolved, guarded and proven by the same code as names in a query, and only the outermost form is anew.
// Enters: a statement as written, or a query that was unbound. Leaves: the query and what is written, or the statement.
#pragma once
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/write.hpp"
#include "grille/dialect.hpp"

namespace grille::bind {

struct write_form {
  grille::method method{};
  ast::table_name target;
  std::vector<ast::identifier> columns;  // insert: as listed, may be none; update: of the assignments, in order
  ast::query_ptr query{};                // null: `default values`
  std::vector<unsigned> together{};       // update: those of the columns that are assigned from one query, which is then in each of their values
  bool reads_more{};                     // update: has a `from`
  ast::conflict_action action{};         // `or …`; a caller's `or abort` says what a write does anyway
  ast::list<ast::result_item> returning;
  ast::list<ast::upsert> conflicts;      // insert
};
/// Refuses, by name and place, what no part of Grille can do: `or …`, `using`, some forms of `with` and `from`.
base::result<write_form> form_of(ast::statement const& s, base::arena& memory);
/// The update that a conflict with a row of `target` leads to.
base::result<write_form> form_of(ast::upsert const& u, ast::table_name const& target, base::arena& memory);

/// `insert into INTO (c1, c2, …) QUERY returning RETURNS`; `left_out`: the keys on which it says `do nothing`. What changes a table of SQLite's
/// says `or abort` or `or ignore`: a constraint's own `on conflict replace` would destroy a row that nobody named.
ast::statement const* insert_into(catalog::table const& into, std::vector<std::string_view> const& columns, ast::query_ptr query,
                                  std::vector<ast::name_path> const& returns, ast::conflict_action action, base::arena& memory,
                                  std::vector<ast::upsert> const& left_out = {});
/// Columns, as what a write returns.
ast::list<ast::result_item> returned(std::vector<ast::name_path> const& paths, base::arena& memory);
/// `query` selects the new values from the table, or from the join of it and another.
ast::statement const* update_by(std::vector<std::string_view> const& columns, ast::query const& query, ast::list<ast::result_item> returns, dialect d,
                                base::arena& memory);
/// `query` selects from the table alone.
ast::statement const* delete_by(ast::query const& query, std::vector<ast::name_path> const& returns, base::arena& memory);

}  // namespace grille::bind
