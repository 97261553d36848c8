// A specification as a tree of SQL. Enters: a specification and the caller's access. Leaves: the statement that selects by it, its
// values as parameters. Every column is qualified by the relation that it was said of, so that none is taken for another's.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "grille/specification.hpp"
#include "policy/access.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

struct specified {
  ast::statement const* statement{};
  std::vector<value> parameters;  // by position
  std::string projection;         // that was taken, if any was asked for
};
/// `wanted`: the columns of the mapped struct, empty for all.
outcome<specified> select_by(specification const& s, std::string_view resource, select_options const& o,
                             std::span<std::string_view const> wanted, policy::access const& who, base::arena& memory);

/// A write by a specification, or of one row.
struct written_by {
  grille::method method{};             // insert, update, remove, purge
  std::string_view resource;
  specification const* rows{};         // null for an insert
  attributes const* values{};          // null for a remove and a purge
};
outcome<specified> write_by(written_by const& what, policy::access const& who, base::arena& memory);

struct predicate {
  ast::expr_ptr tree{};
  std::vector<value> parameters;
};
/// The specification alone, over a relation that is called `name` and has the column `some_column`. `who` may be null.
predicate predicate_of(specification const& s, std::string_view name, std::string_view some_column, policy::access const* who,
                       base::arena& memory);

}  // namespace grille::pipeline
