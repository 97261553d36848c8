#include "verify/witnesses.hpp"

#include <algorithm>
#include <set>

#include "verify/children.hpp"

namespace grille::verify {

witnesses::rows witnesses::of(bound::from_item const* f) {
  rows out;
  if (f != nullptr)
    for_from(
        *f, [&](bound::relation const& r) { out.push_back(&r); }, [](bound::expr const&) {});
  return out;
}

namespace {

/// The relations of which a column is named.
class naming final : public passage {
 public:
  std::set<bound::relation const*> all;

 protected:
  using passage::enter;
  bool enter(bound::relation const&) override { return true; }
  bool enter(bound::expr const& e) override {
    if (auto const* c = e.as<bound::column>()) all.insert(c->relation);
    return true;
  }
};

void add(witnesses::rows& to, witnesses::rows const& more) {
  for (auto const* r : more)
    if (std::find(to.begin(), to.end(), r) == to.end()) to.push_back(r);
}

/// Of `bool_and(x) is not false`, of all rows of a group: x.
bound::expr const* of_each_row(bound::expr const& e) {
  auto const* o = e.as<bound::operation>();
  auto const* c = o != nullptr && o->op == bound::op::is_not_false ? o->operands[0]->as<bound::call>() : nullptr;
  auto const plain = c != nullptr && witnesses::is_aggregate(*c) && c->function->name == "bool_and" && c->filter == nullptr && !c->star && c->arguments.size() == 1;
  return plain ? c->arguments[0] : nullptr;
}

}  // namespace

witnesses::rows const& witnesses::outside(void const* part) const {
  static rows const none;
  auto const known = outside_.find(part);
  return known == outside_.end() ? none : known->second;
}

witnesses::rows witnesses::named(bound::query const* q, std::span<bound::expr_ptr const> arguments, rows const& reach) const {
  naming names;
  if (q != nullptr) names.go(*q);
  for (auto const* a : arguments) names.go(*a);
  rows out;
  for (auto const* r : reach)
    if (names.all.contains(r)) {
      add(out, {r});
      if (r->kind == bound::relation_kind::function) add(out, outside(r));
    }
  return out;
}

void witnesses::learn(bound::query const& q, rows const& outside) {
  for (auto const* t : q.with) learn(*t->query, outside_[t] = named(t->query, {}, outside));
  learn(*q.body, outside);
  for (auto const& o : q.order) learn_queries(o.key);
  for (auto const* n : {q.limit, q.offset}) learn_queries(n);
}

void witnesses::learn_queries(bound::expr const* e) {
  if (e == nullptr) return;
  for_children(
      *e, [this](bound::expr const& x) { learn_queries(&x); }, [this](bound::query const& q) { learn(q, {}); });
}

void witnesses::learn(bound::query_body const& b, rows const& outside) {
  if (auto const* u = b.as<bound::set_operation>()) {
    learn(*u->left, outside);
    return learn(*u->right, outside);
  }
  if (auto const* v = b.as<bound::values>()) {
    outside_[v] = outside;
    for (auto const& row : v->rows)
      for (auto const* e : row) learn_queries(e);
    return;
  }
  auto const& s = *b.as<bound::select>();
  outside_[&s] = outside;
  auto reach = outside;
  add(reach, of(s.from));
  for (auto const* r : of(s.from)) learn(*r, reach);
  if (s.from != nullptr) for_from(*s.from, [](bound::relation const&) {}, [this](bound::expr const& on) { learn_queries(&on); });
  for (auto const& i : s.items) learn_queries(i.value);
  for (auto const* k : s.group_by) learn_queries(k);
  for (auto const* k : s.distinct_on) learn_queries(k);
  for (auto const* e : {s.where, s.having}) learn_queries(e);
}

void witnesses::learn(bound::relation const& r, rows const& reach) {
  if (guarded_.contains(&r)) return;
  if (r.kind == bound::relation_kind::function) outside_[&r] = named(nullptr, r.arguments, reach);
  for (auto const* a : r.arguments) learn_queries(a);
  if (r.kind == bound::relation_kind::derived) learn(*r.query, outside_[&r] = named(r.query, {}, reach));
}

bool witnesses::hides(rows const& all) {
  return std::any_of(all.begin(), all.end(), [this](bound::relation const* r) { return hides(*r); });
}

bool witnesses::hides(bound::relation const& r) {
  if (auto const g = guarded_.find(&r); g != guarded_.end()) return g->second.has_guard;
  switch (r.kind) {
    case bound::relation_kind::base: return true;
    case bound::relation_kind::function: return hides(outside(&r));
    case bound::relation_kind::derived: return hides(outside(&r)) || hides(*r.query->body);
    case bound::relation_kind::common: {
      if (auto const [known, added] = hides_.try_emplace(r.cte, false); !added) return known->second;  // false: of a reference to itself
      return (hides_[r.cte] = hides(outside(r.cte)) || hides(*r.cte->query->body));
    }
  }
  return true;
}

bool witnesses::hides(bound::query_body const& b) {
  if (auto const* u = b.as<bound::set_operation>()) return hides(*u->left) || hides(*u->right);
  auto const* s = b.as<bound::select>();
  return s != nullptr && (groups_.by_having.contains(s) || hides(of(s->from)));
}

bool witnesses::tells(bound::expr const& condition, rows const& all) {
  rows said;
  return all_witness(condition, all, said) && all_told(all, said);
}

bool witnesses::tells_of_groups(bound::expr const& condition, bound::select const& sets) {
  auto const own = of(sets.from);
  auto all = outside(&sets);
  rows said;
  for (auto const* c : conjuncts(&condition)) {
    auto const* each = of_each_row(*c);
    if (!(each != nullptr ? all_witness(*each, own, said) : all_witness(*c, outside(&sets), said))) return false;
  }
  add(all, own);
  return all_told(all, said);
}

bool witnesses::all_witness(bound::expr const& condition, rows const& of, rows& said) {
  for (auto const* c : conjuncts(&condition)) {
    auto const* o = c->as<bound::operation>();
    auto const* column = o != nullptr && o->op == bound::op::is_not_false ? o->operands[0]->as<bound::column>() : nullptr;
    if (column == nullptr || std::find(of.begin(), of.end(), column->relation) == of.end() || !is_witness(*column)) return false;
    add(said, {column->relation});
  }
  return true;
}

bool witnesses::all_told(rows const& all, rows const& said) {
  auto const told = [&](auto const& self, bound::relation const& r) -> bool {
    if (!hides(r) || std::find(said.begin(), said.end(), &r) != said.end()) return true;
    auto const& inputs = outside(&r);
    return r.kind == bound::relation_kind::function && std::all_of(inputs.begin(), inputs.end(), [&](bound::relation const* x) { return self(self, *x); });
  };
  return std::all_of(all.begin(), all.end(), [&](bound::relation const* r) { return told(told, *r); });
}

bool witnesses::is_witness(bound::column const& c) {
  auto const source = c.relation->columns[c.index].source;
  if (auto const g = guarded_.find(c.relation); g != guarded_.end()) return g->second.witness == source;
  switch (c.relation->kind) {
    case bound::relation_kind::base:
    case bound::relation_kind::function: return false;
    case bound::relation_kind::derived: return passes_on(*c.relation->query->body, source);
    case bound::relation_kind::common: {
      auto const [known, added] = passed_on_.try_emplace({c.relation->cte, source}, true);  // true: of a reference to itself, if all else is
      if (!added) return known->second;
      return (passed_on_[{c.relation->cte, source}] = passes_on(*c.relation->cte->query->body, source));
    }
  }
  return false;
}

bool witnesses::passes_on(bound::query_body const& b, unsigned index) {
  auto const always = [](bound::expr const* e) {
    auto const* l = e->as<bound::literal>();
    return l != nullptr && l->kind == bound::literal_kind::boolean && l->text == "true";
  };
  if (auto const* u = b.as<bound::set_operation>()) return passes_on(*u->left, index) && passes_on(*u->right, index);
  auto const says = [&](bound::expr const& item, rows const& all) { return always(&item) ? !hides(all) : tells(item, all); };
  if (auto const* v = b.as<bound::values>()) return std::all_of(v->rows.begin(), v->rows.end(), [&](auto const& row) { return says(*row[index], outside(v)); });
  auto const& s = *b.as<bound::select>();
  if (groups_.by_having.contains(&s)) return false;
  auto all = outside(&s);
  if (!is_one_group(s)) add(all, of(s.from));
  auto const& item = *s.items[index].value;
  return s.grouping_sets.empty() || always(&item) ? says(item, all) : tells_of_groups(item, s);
}

bool witnesses::is_one_group(bound::select const& s) {
  return s.group_by.empty() &&
         (s.having != nullptr || std::any_of(s.items.begin(), s.items.end(), [](bound::item const& i) { return has_aggregate(*i.value); }));
}

bool witnesses::has_aggregate(bound::expr const& e) {
  auto const* c = e.as<bound::call>();
  bool has = c != nullptr && is_aggregate(*c);
  for_children(
      e, [&](bound::expr const& x) { has = has || has_aggregate(x); }, [](bound::query const&) {});
  return has;
}

bool witnesses::is_aggregate(bound::call const& c) { return c.function->kind == catalog::function_kind::aggregate && c.over == nullptr; }

}  // namespace grille::verify
