// Names to objects, by the dialect's rules of scope. Enters: a tree as written and what exists for whoever wrote it.
// Leaves: a bound tree in which nothing is left to be looked up, or one fault with its place.
// Guaranteed: a name resolves as the engine would resolve it if only the visible existed, or the text is refused;
// `not_found` has one text for hidden and unknown alike.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "bound/write.hpp"

namespace grille::bind {

/// What exists of one table for the writer of a text.
struct visible_table {
  catalog::table const* table{};
  struct column {
    unsigned index{};   // into table->columns
    bool shown{true};   // false: for `filter` or `aggregate` only
  };
  std::vector<column> columns;
};
/// What exists of the table that a write is of.
struct written_table {
  visible_table const* reads{};  // what the statement may read of it: nothing where it has no columns
  std::vector<bool> known;       // by column of the table: whether the writer knows of it, other than by reading it
  std::span<bound::unique_index const> indexes{};  // of the table, whoever knows their columns
  bool exists(unsigned column) const;  // for the writer, to read or to write
};
/// What exists at all. `find` gives null for hidden and unknown alike; a table on which only other methods are granted is
/// `forbidden`.
class visible_catalog {
 public:
  virtual ~visible_catalog() = default;
  virtual dialect which() const = 0;
  virtual base::result<visible_table const*> find(std::string_view schema, std::string_view name) const = 0;
  /// As `find`, for the target of a write: nothing for hidden and unknown alike, `forbidden` where only other methods are granted.
  virtual base::result<std::optional<written_table>> find_written(std::string_view schema, std::string_view name, grille::method m) const;
  /// PostgreSQL: a type of the application's own that the writer may name. Null: there is none.
  virtual catalog::type const* find_type(std::string_view schema, std::string_view name) const;
  /// PostgreSQL: what is known of the type of a value, by the name that columns and fields have it under, whoever may name it. Null: nothing.
  virtual catalog::type const* type_of_value(std::string_view qualified_name) const;
};
/// Everything: for policies and for `verify`.
class full_catalog final : public visible_catalog {
 public:
  explicit full_catalog(catalog::catalog const& c);
  dialect which() const override { return catalog_.which(); }
  base::result<visible_table const*> find(std::string_view schema, std::string_view name) const override;
  catalog::type const* find_type(std::string_view schema, std::string_view name) const override;
  catalog::type const* type_of_value(std::string_view qualified_name) const override { return catalog_.find_type(qualified_name); }

 private:
  catalog::catalog const& catalog_;
  std::vector<visible_table> tables_;  // one for each of the catalog's, in its order
};

/// Everything, as the steps of a write name it: each table with its rowid, if it has one, and the temporary tables between the steps.
class step_catalog final : public visible_catalog {
 public:
  step_catalog(catalog::catalog const& c, std::vector<catalog::table const*> const& temporary);
  dialect which() const override { return catalog_.which(); }
  base::result<visible_table const*> find(std::string_view schema, std::string_view name) const override;
  catalog::type const* find_type(std::string_view schema, std::string_view name) const override;
  catalog::type const* type_of_value(std::string_view qualified_name) const override { return catalog_.find_type(qualified_name); }

 private:
  catalog::catalog const& catalog_;
  std::vector<visible_table> tables_, temporary_;
};

/// Resolves what is no column: `principal.x`, `context.x`, `scope.x`, a specification's parameter or a specification. Asked before the
/// relations in scope for two parts of which the first is reserved (`old` is, too), after them for other paths of one or two;
/// `qualifier` is then the innermost relation that the first of two parts names. Null: it is not mine.
using name_resolver = std::function<base::result<bound::expr_ptr>(ast::column_ref const&, bound::relation* qualifier, base::range at)>;
/// Resolves a call that is not in the function list: `days_ago(n)`, a specification with parameters. Null: it is not mine.
using call_resolver =
    std::function<base::result<bound::expr_ptr>(std::string_view name, std::span<bound::expr_ptr const> arguments, base::range at)>;

struct options {
  visible_catalog const& visible;
  base::arena& memory;
  name_resolver names{};
  call_resolver calls{};
  bool parameters{true};  // false: a parameter is refused (policies)
  bool assigns{};         // the query is what a write assigns: its items, or the rows of its `values`, may say `default` (PostgreSQL)
  bool locks{};           // its queries may lock rows (PostgreSQL): no predicate does, of whoever's
  bool printed{};         // the text is one that `unbind` has made: rows as values stand in it as they are put together, never as a table's own
  bool purge{};           // a delete is meant as a purge, which no text can say
  std::string_view text{};  // the source: names unaliased result columns as SQLite does, by their text
};

/// A statement of kind query.
base::result<bound::statement*> bind_statement(ast::statement const& s, options const& o);
/// A write of a caller's, in the form of queries over what exists for it.
base::result<bound::write*> bind_write(ast::statement const& s, options const& o);
/// A predicate or an expression over `subject`, whose columns can be named plainly or qualified by its name; `subject` may be null.
base::result<bound::expr_ptr> bind_expression(ast::expr const& e, bound::relation* subject, options const& o);
/// A base relation with all that is visible of a table, as it would stand in `from`.
bound::relation* make_relation(visible_table const& t, std::string_view name, base::range at, base::arena& memory);

}  // namespace grille::bind
