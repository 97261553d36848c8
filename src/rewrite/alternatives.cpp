#include "rewrite/alternatives.hpp"

#include <algorithm>

#include "bound/walk.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

/// `select` in a restrict covers filter and aggregate.
bool narrows(policy::restriction const& r, grille::method m) {
  return std::any_of(r.methods.begin(), r.methods.end(), [&](grille::method named) {
    return named == m || (named == method::select && (m == method::filter || m == method::aggregate));
  });
}

void add_conjuncts(alternative& a, expr_ptr e, bound::relation const* subject) {
  if (e == nullptr) return;
  if (auto* j = e->as<bound::junction>(); j != nullptr && j->op == bound::junction_op::conjunction) {
    for (auto* item : j->items) add_conjuncts(a, item, subject);
    return;
  }
  a.conjuncts.push_back(e);
  a.subjects.push_back(subject);
}

}  // namespace

expr_ptr make(base::arena& memory, bound::expr::node_type node) { return memory.make<bound::expr>(bound::expr{node, {}}); }

expr_ptr operate(base::arena& memory, bound::op o, std::vector<expr_ptr> operands) {
  return make(memory, bound::operation{o, memory.copy(operands)});
}

expr_ptr join(base::arena& memory, bound::junction_op o, std::vector<expr_ptr> items) {
  return items.size() == 1 ? items.front() : make(memory, bound::junction{o, memory.copy(items)});
}

expr_ptr instantiate(bound::expr const* e, bound::relation const* subject, bound::relation* target, alternative const& a, base::arena& memory) {
  bound::copier copy{memory};
  copy.columns = [&](bound::column const& c) -> expr_ptr {
    if (c.relation != subject) return nullptr;
    auto const source = subject->columns[c.index].source;
    for (unsigned i = 0; i < target->columns.size(); ++i)
      if (target->columns[i].source == source) return make(memory, bound::column{target, i});
    return nullptr;
  };
  copy.slots = [&a](bound::slot const& s) {
    auto out = s;
    if (s.kind == bound::slot_kind::scope) out.tuple = a.tuple;
    return out;
  };
  auto* made = copy(e);
  policy::spell_groups(made, a.groups, memory);
  return made;
}

alternatives::alternatives(policy::table_access const& table, std::vector<policy::matched_grant> const& grants, base::arena& memory)
    : memory_(memory) {
  for (auto const& m : grants)
    for (unsigned t = 0; t < m.tuples; ++t) {
      alternative a{m.grant, m.first + t, table.groups, {}, {}};
      add_conjuncts(a, m.grant->where, m.grant->subject);
      for (auto const& r : table.policy->restrictions) {
        if (!narrows(r, m.grant->method)) continue;
        if (std::find(r.except.begin(), r.except.end(), m.grant->role) != r.except.end()) continue;
        add_conjuncts(a, r.predicate, r.subject);
        if (std::find(restrictions_.begin(), restrictions_.end(), &r) == restrictions_.end()) restrictions_.push_back(&r);
      }
      all_.push_back(std::move(a));
    }
}

bool alternatives::unconditional() const {
  return std::any_of(all_.begin(), all_.end(), [](alternative const& a) { return a.conjuncts.empty(); });
}

expr_ptr alternatives::condition(alternative const& a, bound::relation* target) const {
  if (a.conjuncts.empty()) return nullptr;
  std::vector<expr_ptr> items;
  for (std::size_t i = 0; i < a.conjuncts.size(); ++i)
    items.push_back(instantiate(a.conjuncts[i], a.subjects[i], target, a, memory_));
  return join(memory_, bound::junction_op::conjunction, std::move(items));
}

expr_ptr alternatives::any_of(std::vector<alternative const*> const& some, bound::relation* target) const {
  std::vector<expr_ptr> items;
  for (auto const* a : some) {
    auto* c = condition(*a, target);
    if (c == nullptr) return nullptr;
    items.push_back(c);
  }
  return items.empty() ? nullptr : join(memory_, bound::junction_op::disjunction, std::move(items));
}

expr_ptr alternatives::guard(bound::relation* target) const {
  std::vector<alternative const*> some;
  for (auto const& a : all_) some.push_back(&a);
  return any_of(some, target);
}

}  // namespace grille::rewrite
