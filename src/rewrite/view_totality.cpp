#include "rewrite/view_totality.hpp"

#include <algorithm>
#include <vector>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

constexpr std::string_view not_understood = "what is not understood";

/// What reading a table by way of a view may come to.
std::string_view reading(catalog::table const& t) {
  if (t.row_security) return "the server's own row security";
  switch (t.kind) {
    case catalog::relation_kind::table:
    case catalog::relation_kind::materialized_view:
    case catalog::relation_kind::view: return {};  // a totality asks for what is in a view
    case catalog::relation_kind::foreign_table: return "a foreign table";
    case catalog::relation_kind::virtual_table: break;
  }
  return not_understood;
}

/// What is computed however little of the view is read.
bool calls_anew(bound::query& q) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      auto const* c = e->as<bound::call>();
      found = found || (c != nullptr && !c->function->deterministic);
      return !found;
    }
    bool found{};
  } v;
  bound::walk(q, v);
  return v.found;
}

}  // namespace

std::string_view view_totality::look(bound::query& q, totality const& total) {
  struct relations final : bound::visitor {
    using bound::visitor::enter;
    void enter(bound::relation& r) override {
      if (r.kind == bound::relation_kind::base && what.empty()) what = reading(*r.table);
    }
    std::string_view what;
  } all;
  bound::walk(q, all);
  if (!all.what.empty()) return all.what;
  if (!views::is_by_row(q)) return total.partial(q);
  auto without_items = *q.body->as<bound::select>();
  without_items.items = {};
  bound::query_body body{without_items};
  auto conditions = q;
  conditions.body = &body;
  return total.partial(conditions);
}

view_totality::one& view_totality::of(catalog::table const& view) {
  auto const [known, added] = known_.try_emplace(&view);
  auto& out = known->second;
  if (!added) return out;
  auto const tree = trees_.find(&view);
  out.conditions = not_understood;  // also of a view that would read itself
  if (tree == trees_.end()) return out;
  out.total = std::make_unique<totality>(*tree->second, [](bound::column const&) { return true; }, nullptr, this);
  out.conditions = look(*tree->second->query, *out.total);
  return out;
}

std::string_view view_totality::conditions(catalog::table const& view) { return of(view).conditions; }

std::string_view view_totality::column(catalog::table const& view, unsigned column) {
  auto& v = of(view);
  if (!v.conditions.empty()) return v.conditions;
  auto const [known, added] = v.columns.try_emplace(column);
  if (added) {
    auto const* s = trees_.at(&view)->query->body->as<bound::select>();
    known->second = s == nullptr ? std::string_view{} : v.total->partial(s->items[column].value);  // else its items are among the conditions
  }
  return known->second;
}

view_totality::form const& view_totality::form_of(catalog::table const& view) {
  auto& v = of(view);
  if (!v.form) v.form = look_at_form(view);
  return *v.form;
}

/// Behind an order what is around is asked of what leaves it only as long as the server keeps the order. A barrier keeps out what it takes for able to
/// tell of rows, and it takes `array[…]` for no such thing, of which arrays of several lengths fail (PostgreSQL's contain_leaked_vars): it counts for nothing.
view_totality::form view_totality::look_at_form(catalog::table const& view) {
  auto const tree = trees_.find(&view);
  if (tree == trees_.end()) return {not_understood, true, false};
  auto& q = *tree->second->query;
  if (!views::is_by_row(q) || !q.order.empty()) return {"it groups, orders, counts or unites rows", true, false};
  form out;
  auto const& s = *q.body->as<bound::select>();
  auto* where = s.where;
  out.leaves_out = where != nullptr;
  out.one_scan = where == nullptr || !asks_a_query(where);
  std::vector<bound::relation*> all;
  relations_of(s.from, all);
  if (all.size() > 1) out.leaves_out = true, out.one_scan = false;
  for (auto const* r : all) {
    if (r->kind != bound::relation_kind::base) return {"it has a query or a function in its `from` clause", true, false};
    if (r->table->kind != catalog::relation_kind::view) continue;
    auto const& inner = form_of(*r->table);
    if (!inner.unfit.empty()) return inner;
    out.leaves_out = out.leaves_out || inner.leaves_out;
    out.one_scan = out.one_scan && inner.one_scan;
  }
  if (calls_anew(q)) return {"it calls what has another value each time", true, false};
  return out;
}

std::string_view view_totality::columns(catalog::table const& view) {
  for (unsigned i = 0; i < view.columns.size(); ++i)
    if (auto const what = column(view, i); !what.empty()) return what;
  return {};
}

}  // namespace grille::rewrite
