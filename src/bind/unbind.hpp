// The way back: a bound tree to a tree that can be printed. Every relation gets a fresh alias, every column is qualified by it,
// every base table by its schema, every top-level result column is aliased with the name the caller may see.
// Enters: a bound statement. Leaves: a tree, and which source stands behind each parameter position.
#pragma once
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "bound/tree.hpp"
#include "bound/write.hpp"
#include "grille/dialect.hpp"

namespace grille::bind {

struct unbound {
  ast::statement const* statement{};
  std::vector<bound::slot> slots;  // parameters `first_slot`, `first_slot + 1`, … take these, in this order
  unsigned first_slot{};           // = the caller's positions + 1
};
unbound unbind(bound::statement const& s, dialect d, base::arena& memory);
/// One step of a write of method `m` on `t`. `positions`: of parameters that are others', the caller's among them.
unbound unbind(bound::step const& s, catalog::table const& t, grille::method m, dialect d, base::arena& memory, unsigned positions = 0);

}  // namespace grille::bind
