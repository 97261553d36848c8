// PostgreSQL lets `select u.id, u.name, count(*) … group by u.id` stand, since a primary key decides the rest of its row
// (https://www.postgresql.org/docs/15/queries-table-expressions.html, section 7.2.3); of a derived table it knows no key. So what the
// caller's groups decide is added to their keys, which makes the same groups. A key that is masked in some row decides nothing.
#include <algorithm>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

class completing final : public bound::visitor {
 public:
  completing(occurrences& all, base::arena& memory) : all_(all), memory_(memory) {}
  using bound::visitor::enter;

  void enter(bound::query& q) override { complete(*q.body, q); }

 private:
  void complete(bound::query_body& b, bound::query& whole) {
    if (auto* u = b.as<bound::set_operation>()) {
      complete(*u->left, whole);
      return complete(*u->right, whole);
    }
    auto* s = b.as<bound::select>();
    if (s == nullptr || s->group_by.empty() || !s->grouping_sets.empty()) return;  // sets without the key are decided by nothing
    std::vector<bound::relation*> relations;
    relations_of(s->from, relations);
    for (auto* r : relations) {
      if (!is_decided(*r, s->group_by)) continue;
      collect columns{*r};
      for (auto& i : s->items) bound::walk(i.value, columns);
      bound::walk(s->having, columns);
      for (auto& k : s->distinct_on) bound::walk(k, columns);
      if (whole.body == &b)
        for (auto& o : whole.order) bound::walk(o.key, columns);
      std::vector<bound::expr_ptr> keys(s->group_by.begin(), s->group_by.end());
      for (auto const index : columns.found)
        if (!is_key(*r, index, s->group_by)) keys.push_back(make(memory_, bound::column{r, index}));
      s->group_by = memory_.copy(keys);
    }
  }

  struct collect final : bound::visitor {
    explicit collect(bound::relation& of) : r(of) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (auto const* c = e->as<bound::column>(); c != nullptr && c->relation == &r) found.insert(c->index);
      auto const* c = e->as<bound::call>();  // what an aggregate takes in is of rows
      return c == nullptr || c->over != nullptr || c->function->kind != catalog::function_kind::aggregate;
    }
    bound::relation& r;
    std::set<unsigned> found;
  };

  static bool is_key(bound::relation const& r, unsigned index, bound::list<bound::expr_ptr> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](bound::expr const* k) {
      auto const* c = k->as<bound::column>();
      return c != nullptr && c->relation == &r && c->index == index;
    });
  }
  bool is_decided(bound::relation const& r, bound::list<bound::expr_ptr> keys) {
    auto const* o = r.kind == bound::relation_kind::base ? all_.of(&r) : nullptr;
    if (o == nullptr || r.table->primary_key.empty()) return false;
    return std::all_of(r.table->primary_key.begin(), r.table->primary_key.end(), [&](unsigned part) {
      for (unsigned i = 0; i < r.columns.size(); ++i)
        if (r.columns[i].source == part && is_key(r, i, keys)) return state_of(*o, i, memory_) == cell_state::plain;
      return false;
    });
  }

  occurrences& all_;
  base::arena& memory_;
};

}  // namespace

void complete_groups(bound::statement& s, occurrences& all, base::arena& memory) {
  completing v(all, memory);
  bound::walk(*s.query, v);
}

}  // namespace grille::rewrite
