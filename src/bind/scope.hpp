// What a name can mean at one place: the columns that a from clause gives, the aliases of the result, and the scopes around.
// Enters: the relations of a from clause, left to right, with how each is joined. Leaves: for a name, the one column, the several
// that a full join merges into one, or the number of candidates.
// The rules are those of SQLite 3.40.1 (https://www.sqlite.org/lang_select.html), as the tests against the engine show, and where
// they differ those of PostgreSQL 15: an item of its comma list is one operand, with all the joins in it, whose `columns` stand in
// the order of `*`, merged ones first (https://www.postgresql.org/docs/15/queries-table-expressions.html).
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ast/tree.hpp"
#include "bound/tree.hpp"
#include "grille/dialect.hpp"

namespace grille::bind {

/// One name that a source gives. Stands for a column of a relation or, where a join in parentheses merged several, for `merged`.
struct source_column {
  std::string_view table{};  // what it can be qualified by; empty if by nothing
  std::string_view name{};
  std::string_view result{};  // what a result column is named that is a plain reference to it
  bound::relation* relation{};
  unsigned index{};
  bound::expr_ptr merged{};
  std::string_view schema{};  // of a base table: `main.t.c` is it too; empty for what is in the schema `*` to SQLite, in none to PostgreSQL
  bool shown{true};       // in `*`, `natural` and `using`
  bool joined{};          // in parentheses: the column that a `using` in there made
  bool qualified{};       // can only be named with its table's name
  bool barred{};          // PostgreSQL: to a lateral subquery behind a right or full join, which may not name it
  bool expanded{true};    // in parentheses: false if `*` shows the joined column instead
};

/// One operand of a flat from clause: a relation, or a join in parentheses.
struct source {
  std::vector<source_column> columns;
  std::vector<bound::relation*> relations;
  std::vector<std::string_view> merged;  // columns of `using` or `natural` that join it to what stands on its left
  std::string_view name;                 // of the one relation, empty if it has none
  bound::from_item const* joins{};       // PostgreSQL: how they stand to each other
  bool parenthesised{};
  bool keeps_left{};   // left or full join: rows of the left stay
  bool keeps_right{};  // right or full join
  bool merges(std::string_view column) const;
  std::string_view schema() const;  // of the one relation
};

struct window_parts {
  std::string_view name;
  ast::list<ast::expr_ptr> partition;
  ast::list<ast::order_item> order;
  ast::frame const* frame{};
};

struct result_column {
  bound::expr_ptr value{};
  std::string_view alias;  // as `order by` and `where` can name it: an alias, or the name of a column out of `*`; PostgreSQL: whatever its name
  bool aggregate{}, window{};
};

/// What of a from clause is bound once the result list is, since it may name aliases: a condition, or a function's arguments.
struct postponed {
  ast::expr_ptr on{};
  bound::join* join{};
  ast::call const* call{};
  bound::relation* function{};
  std::size_t last{};  // the source it stands with: later ones cannot be named
};

/// Outcome of a lookup in one scope.
struct match {
  source_column const* column{};
  std::vector<source_column const*> before{};  // merged with `column` by full joins: coalesce(before…, column)
  unsigned candidates{};
  bool found() const { return candidates != 0; }
  bool unique() const { return candidates == 1 || (!before.empty() && before.size() + 1 == candidates); }
};

struct scope {
  explicit scope(dialect d, scope* around = nullptr) : which(d), outer(around) {}

  dialect which;
  scope* outer;    // where a name is looked for next
  bool alone{};    // in a clause that sees none of the scopes around; `outer` is null then
  std::vector<source> sources;
  std::vector<result_column> results;
  std::vector<window_parts> windows;
  std::vector<std::unique_ptr<scope>> parentheses;  // of the joins in parentheses inside, for what is postponed there
  std::vector<postponed> conditions;

  bool sees_results{};       // aliases of `results` can be named: in every clause but the result list itself
  bool allows_aggregates{};
  bool allows_windows{};
  bool has_aggregate{};      // in what was bound since it was last cleared
  bool has_window{};
  bool aggregates{};         // the select groups its rows

  /// `table` and `schema` may be empty.
  match find(std::string_view schema, std::string_view table, std::string_view name) const;
  match find(ast::name_path path) const;
  /// The column of that name among the sources `[from, to)` by which `using` and `natural` join; null if there is none.
  /// `at` is set to its source.
  source_column const* joinable(std::string_view name, std::size_t from, std::size_t to, std::size_t& at) const;
  /// The result column that a key which is a plain name stands for.
  std::optional<unsigned> result_named(ast::expr const& key) const;
  /// Whether two results of one name, where a key names them, are two things.
  bool result_ambiguous(ast::expr const& key) const;
  bool keeps_right_of(std::size_t source) const;  // a right or full join stands after it
  bool owns(bound::relation const* r) const;
};

/// Where the columns in an expression come from, relations inside it aside.
struct origins {
  bool local{};  // from the scope
  bool outer{};
};
origins origins_of(bound::expr_ptr e, scope const& s);

}  // namespace grille::bind
