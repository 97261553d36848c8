#include "verify/children.hpp"

namespace grille::verify {

void passage::go(bound::expr const& e) {
  if (!enter(e)) return;
  for_children(
      e, [this](bound::expr const& x) { go(x); }, [this](bound::query const& q) { inside(q); });
}

void passage::inside(bound::query const& q) {
  ++within_;
  go(q);
  --within_;
}

void passage::go(bound::query const& q) {
  enter(q);
  for (auto const* c : q.with) go(*c->query);
  go(*q.body);
  for (auto const& o : q.order) optional(o.key);
  optional(q.limit);
  optional(q.offset);
}

void passage::go(bound::query_body const& b) {
  struct visit {
    passage& p;
    void operator()(bound::select const& s) { p.go(s); }
    void operator()(bound::values const& v) {
      for (auto const& row : v.rows)
        for (auto const* e : row) p.go(*e);
    }
    void operator()(bound::set_operation const& s) {
      p.go(*s.left);
      p.go(*s.right);
    }
  };
  std::visit(visit{*this}, b.node);
}

void passage::go(bound::select const& s) {
  if (s.from != nullptr) go(*s.from);
  optional(s.where);
  for (auto const* k : s.group_by) optional(k);
  optional(s.having);
  for (auto const& i : s.items) optional(i.value);
  for (auto const* k : s.distinct_on) optional(k);
}

void passage::go(bound::from_item const& f) {
  for_from(
      f,
      [this](bound::relation const& r) {
        if (!enter(r)) return;
        for (auto const* a : r.arguments) optional(a);
        if (r.kind == bound::relation_kind::derived) go(*r.query);
      },
      [](bound::expr const&) {});
  for_from(
      f, [](bound::relation const&) {}, [this](bound::expr const& on) { go(on); });
}

}  // namespace grille::verify
