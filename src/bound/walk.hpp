// Going over a bound tree, copying it, and comparing two. Enters: trees. Leaves: callbacks, copies, a truth value.
// Each of the three visits every position of every node, and each visit is exhaustive: a new node does not compile until it is
// decided three times. Recursion is bounded by the depth of the tree, which `bind` keeps below limits::nesting.
#pragma once
#include <functional>
#include <unordered_map>

#include "base/arena.hpp"
#include "bound/tree.hpp"

namespace grille::bound {

/// What a walk calls. A pass overrides what it is about; `enter` is called before the children and says whether to go on.
/// A select's `from` is visited before its other clauses, a query's common tables before its body. A common table is walked
/// where it is defined, not where it is read.
class visitor {
 public:
  virtual ~visitor() = default;
  virtual bool enter(expr_ptr&) { return true; }  // the reference may be replaced; false: do not go into the children
  virtual void leave(expr_ptr&) {}
  virtual void enter(query&) {}
  virtual void enter(select&) {}
  virtual void leave(select&) {}
  virtual void enter(relation&) {}
  virtual void enter(join&) {}
};
/// A null expression is not visited.
void walk(expr_ptr& e, visitor& v);
void walk(query& q, visitor& v);
void walk(query_body& b, visitor& v);
void walk(from_item& f, visitor& v);

/// Copies a tree. Relations inside the tree are copied; those outside are mapped where the map has them, else kept.
/// `slots` may change a slot on its way (a grant is instantiated for one held tuple). Null gives null.
struct copier {
  base::arena& memory;
  std::unordered_map<relation const*, relation*> relations{};
  std::unordered_map<common_table const*, common_table*> tables{};
  std::function<slot(slot const&)> slots{};
  std::function<expr_ptr(column const&)> columns{};  // non-null result replaces the column

  expr_ptr operator()(expr const* e);
  query_ptr operator()(query const* q);

 private:
  friend struct node_copier;
  query_body* body(query_body const* b);
  from_item* from(from_item const* f);
  relation* copy(relation const* r);
  common_table* copy(common_table const* t);
  list<expr_ptr> exprs(list<expr_ptr> const& l);
  list<order_item> order(list<order_item> const& l);
  window* copy(window const* w);
};

/// Whether two trees are the same but for places, names of result columns, and which relation objects stand for which: `pairs`
/// maps those of `a` to those of `b`. Two base relations inside the trees correspond when they stand in one position and are of
/// one table; a relation outside the trees corresponds to the one that `pairs` was given for it, else only to itself. Columns
/// correspond by what they are of the table, not by their place in `relation::columns`.
struct comparison {
  std::unordered_map<relation const*, relation const*> pairs{};
  std::unordered_map<common_table const*, common_table const*> tables{};
  bool operator()(expr const* a, expr const* b);
  bool operator()(query const* a, query const* b);

 private:
  friend struct node_comparison;
  bool body(query_body const& a, query_body const& b);
  bool from(from_item const* a, from_item const* b);
  bool same(relation const* a, relation const* b);
  bool same(list<expr_ptr> const& a, list<expr_ptr> const& b);
  bool same(list<order_item> const& a, list<order_item> const& b);
  bool same(list<row_lock> const& a, list<row_lock> const& b);
  bool same(window const* a, window const* b);
  bool same(frame_bound const& a, frame_bound const& b);
};

}  // namespace grille::bound
