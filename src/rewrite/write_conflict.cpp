#include "rewrite/write_conflict.hpp"

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"
#include "rewrite/totality.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

bool can_fail(expr_ptr e, bound::unique_index const& index, dialect d) {
  if (d == dialect::sqlite) return can_fail_on_sqlite(e);
  return !totality(*index.query, [](bound::column const&) { return true; }).partial(e).empty();
}

/// PostgreSQL: a column that is more than its value where something is computed of it.
struct find_own final : bound::visitor {
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    if (c == nullptr) return true;
    auto const& column = c->relation->table->columns[c->relation->columns[c->index].source];
    found = found || column.type == "pg_catalog.bpchar" || (!column.collation.empty() && column.collation != "pg_catalog.default");
    return true;
  }
  bool found{};
};

expr_ptr of_row(bound::expr const* e, std::function<expr_ptr(unsigned)> const& row, base::arena& memory) {
  bound::copier copy{memory};
  copy.columns = [&](bound::column const& c) { return row(c.relation->columns[c.index].source); };
  return copy(e);
}

}  // namespace

bound::list<unsigned> columns_of(bound::conflict_key const& key) { return key.index == nullptr ? key.columns : key.index->columns; }

std::string_view unfit(bound::conflict_key const& key, dialect d) {
  if (key.index == nullptr) return {};
  for (auto* c : key.index->conditions)
    if (can_fail(c, *key.index, d)) return "by an index with a condition that could fail";
  find_own own;
  for (auto* list : {&key.index->elements, &key.index->conditions})
    for (auto* e : *list)
      if (e->as<bound::column>() == nullptr) bound::walk(e, own);
  return own.found && d == dialect::postgresql ? "by an index that computes what it has of a column with a collation of its own, or of `char(n)`" : "";
}

std::vector<expr_ptr> in_the_way(bound::conflict_key const& key, std::function<expr_ptr(unsigned)> const& r, std::function<expr_ptr(unsigned)> const& p, dialect d,
                                 base::arena& memory) {
  std::vector<expr_ptr> out;
  for (auto const c : key.columns) out.push_back(operate(memory, bound::op::equal, {r(c), p(c)}));
  if (key.index == nullptr) return out;
  auto const& index = *key.index;
  for (auto* e : index.elements) {
    auto* value = e;
    if (!index.conditions.empty() && can_fail(e, index, d)) {
      auto* all = join(memory, bound::junction_op::conjunction, {index.conditions.begin(), index.conditions.end()});
      value = make(memory, bound::case_expr{nullptr, memory.copy(std::vector{bound::when_arm{all, e}}), nullptr});
    }
    out.push_back(operate(memory, bound::op::equal, {of_row(value, r, memory), of_row(value, p, memory)}));
  }
  for (auto const& row : {r, p})
    for (auto* c : index.conditions) out.push_back(of_row(c, row, memory));
  return out;
}

}  // namespace grille::rewrite
