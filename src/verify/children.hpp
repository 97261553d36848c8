// Going over a bound tree without being able to forget a part of it. Enters: a tree. Leaves: calls for its parts.
// Written anew beside bound/walk.hpp: what the proof does not see it cannot refuse, so it sees with its own eyes. Every visit
// is exhaustive; a new node does not compile until it is decided here.
#pragma once
#include <utility>
#include <variant>

#include "bound/tree.hpp"

namespace grille::verify {

/// `each(expr const&)` for every direct operand of `e`, `inner(query const&)` for its query if it has one.
template <class Each, class Inner>
void for_children(bound::expr const& e, Each&& each, Inner&& inner) {
  struct visit {
    Each& each_;
    Inner& inner_;
    void one(bound::expr const* x) {
      if (x != nullptr) each_(*x);
    }
    void all(bound::list<bound::expr_ptr> const& l) {
      for (auto const* x : l) one(x);
    }
    void all(bound::list<bound::order_item> const& l) {
      for (auto const& i : l) one(i.key);
    }
    void operator()(bound::literal const&) {}
    void operator()(bound::parameter const&) {}
    void operator()(bound::slot const&) {}
    void operator()(bound::column const&) {}
    void operator()(bound::output const&) {}
    void operator()(bound::now const&) {}
    void operator()(bound::operation const& n) { all(n.operands); }
    void operator()(bound::junction const& n) { all(n.items); }
    void operator()(bound::case_expr const& n) {
      one(n.operand);
      for (auto const& a : n.arms) {
        one(a.condition);
        one(a.result);
      }
      one(n.otherwise);
    }
    void operator()(bound::cast const& n) { one(n.operand); }
    void operator()(bound::collate const& n) { one(n.operand); }
    void operator()(bound::row const& n) { all(n.items); }
    void operator()(bound::record const& n) { all(n.items); }
    void operator()(bound::field const& n) { one(n.operand); }
    void operator()(bound::subquery const& n) {
      one(n.operand);
      inner_(*n.query);
    }
    void operator()(bound::call const& n) {
      all(n.arguments);
      all(n.order);
      one(n.filter);
      if (n.over == nullptr) return;
      all(n.over->partition);
      all(n.over->order);
      if (n.over->frame == nullptr) return;
      one(n.over->frame->start.offset);
      one(n.over->frame->end.offset);
    }
  };
  std::visit(visit{each, inner}, e.node);
}

/// Goes over a statement, outermost first; in a select the relations come before the expressions that may name them.
class passage {
 public:
  virtual ~passage() = default;
  void go(bound::query const& q);
  void go(bound::expr const& e);
  void inside(bound::query const& q);  // as a query of an expression

 protected:
  virtual bool enter(bound::relation const& r) = 0;  // false: stay out of a derived table's query and a function's arguments
  virtual bool enter(bound::expr const& e) = 0;      // false: stay out of its operands
  virtual void enter(bound::query const&) {}
  int within_expressions() const { return within_; }  // how many subqueries of expressions enclose the current place

 private:
  void go(bound::query_body const& b);
  void go(bound::select const& s);
  void go(bound::from_item const& f);
  void optional(bound::expr const* e) {
    if (e != nullptr) go(*e);
  }
  int within_{};
};

/// `each(relation)` for the relations of one from clause, left to right; `on(expr)` for its join conditions.
template <class Each, class On>
void for_from(bound::from_item const& f, Each&& each, On&& on) {
  struct visit {
    Each& each_;
    On& on_;
    void operator()(bound::relation* r) { each_(*r); }
    void operator()(bound::join const& j) {
      for_from(*j.left, each_, on_);
      for_from(*j.right, each_, on_);
      if (j.on != nullptr) on_(*j.on);
    }
  };
  std::visit(visit{each, on}, f.node);
}

}  // namespace grille::verify
