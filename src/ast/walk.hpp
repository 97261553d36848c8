// A walk over a tree, outermost first, in the order of the text. Enters: a node. Leaves: one call for each expression and each
// statement (those of common table expressions) under it, itself included. Recursion is bounded by limits::nesting.
#pragma once
#include "ast/tree.hpp"

namespace grille::ast {

class walker {
 public:
  walker() = default;
  walker(walker const&) = delete;
  walker& operator=(walker const&) = delete;
  virtual ~walker() = default;

  void walk(expr const& e);
  void walk(query const& q);
  void walk(statement const& s);

 protected:
  virtual void enter(expr const&) {}
  virtual void enter(statement const&) {}
};

}  // namespace grille::ast
