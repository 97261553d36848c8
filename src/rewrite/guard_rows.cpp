// Rows: each occurrence of a table becomes a derived relation of the rows and columns that are open to the caller. The relation
// keeps its identity, so that every column that points at it is still right.
#include <algorithm>

#include "catalog/row_key.hpp"
#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

std::vector<policy::matched_grant> const& opened_by(occurrence const& o) {
  if (o.written_by != nullptr) return *o.written_by;
  return o.aggregated ? o.access->aggregate : o.access->select;
}

bool asks_a_query(expr_ptr e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& x) override {
      auto const* q = x->as<bound::subquery>();
      found = found || (q != nullptr && q->kind != bound::subquery_kind::scalar);
      return !found;
    }
    bool found{};
  } v;
  bound::walk(e, v);
  return v.found;
}

bool shows_all(occurrence const& o, base::arena& memory) {
  auto const all = [&](auto const& grants) { return alternatives(*o.access, grants, memory).unconditional(); };
  return all(opened_by(o)) && (!o.locked_by || all(*o.locked_by));
}

namespace {

/// That the row is open, and where it is locked that it may be as well; what both ask for once. Null: every row is.
expr_ptr guard_of(occurrence const& o, alternatives const& open, bound::relation* row, base::arena& memory) {
  auto* opened = open.guard(row);
  auto* locked = o.locked_by ? alternatives(*o.access, *o.locked_by, memory).guard(row) : nullptr;
  std::vector<expr_ptr> items;
  for (auto* e : {opened, locked}) {
    if (e == nullptr) continue;
    auto const* j = e->as<bound::junction>();
    auto const all = j != nullptr && j->op == bound::junction_op::conjunction;
    for (auto* item : all ? std::vector<expr_ptr>(j->items.begin(), j->items.end()) : std::vector<expr_ptr>{e})
      if (std::ranges::none_of(items, [&](expr_ptr said) { return bound::comparison{}(said, item); })) items.push_back(item);
  }
  return items.empty() ? nullptr : join(memory, bound::junction_op::conjunction, std::move(items));
}

/// What every way to be true says without a query: `a = $1 or a = $2` of `a = $1 and exists (…) or a = $2 and exists (…)`. Null: nothing.
expr_ptr without_queries(expr_ptr guard, base::arena& memory) {
  auto const* ways = guard->as<bound::junction>();
  if (ways == nullptr || ways->op != bound::junction_op::disjunction) return nullptr;
  std::vector<expr_ptr> arms;
  for (auto* way : ways->items) {
    auto const* j = way->as<bound::junction>();
    if (j == nullptr || j->op != bound::junction_op::conjunction) return nullptr;
    std::vector<expr_ptr> said;
    for (auto* item : j->items)
      if (!asks_a_query(item)) said.push_back(bound::copier{memory}(item));
    if (said.empty()) return nullptr;
    auto* arm = join(memory, bound::junction_op::conjunction, std::move(said));
    if (std::ranges::none_of(arms, [&](expr_ptr known) { return bound::comparison{}(known, arm); })) arms.push_back(arm);
  }
  return join(memory, bound::junction_op::disjunction, std::move(arms));
}

///     where exists (…)      where exists (…) is true
/// PostgreSQL makes a join of the first, in any place among the others; the second it asks of each row as it is read. It finds no key in the
/// second either: no index, partition or shard. So what needs no query is said beside it once more.
expr_ptr held_at_scan(expr_ptr guard, base::arena& memory) {
  std::vector<expr_ptr> items;
  auto const add = [&](expr_ptr e) {
    if (!asks_a_query(e)) return items.push_back(e);
    if (auto* beside = without_queries(e, memory)) items.push_back(beside);
    items.push_back(operate(memory, bound::op::is_true, {e}));
  };
  auto const* j = guard->as<bound::junction>();
  if (j == nullptr || j->op != bound::junction_op::conjunction) {
    add(guard);
  } else {
    for (auto* item : j->items) add(item);
  }
  return join(memory, bound::junction_op::conjunction, std::move(items));
}

}  // namespace

void guard_rows(occurrence& o, dialect d, base::arena& memory) {
  auto const* table = o.relation->table;
  auto* row = memory.make<bound::relation>();
  row->kind = bound::relation_kind::base;
  row->table = o.rows != nullptr ? o.rows : table;
  row->name = memory.copy(table->name);
  row->at = o.relation->at;
  std::vector<bound::relation_column> columns(table->columns.size() + (o.extras.empty() || !catalog::has_rowid(*table) ? 0 : 1));  // the rowid, for a plan
  for (unsigned i = 0; i < columns.size(); ++i) columns[i] = {memory.copy(catalog::name_of(*table, i)), i, i < table->columns.size(), true};
  row->columns = memory.copy(columns);

  alternatives const open(*o.access, opened_by(o), memory);
  auto const guard = [&] {
    auto* made = guard_of(o, open, row, memory);
    return !o.why_held.empty() ? held_at_scan(made, memory) : made;
  };
  bound::select s;
  std::vector<bound::item> items;
  std::vector<unsigned> positions(o.relation->columns.size());
  for (unsigned i = 0; i < o.relation->columns.size(); ++i) {
    auto& c = o.relation->columns[i];
    bool const counted = o.counting == i;
    c.used = o.uses[i] != use::none || counted;
    if (!c.used) continue;
    if (auto const extra = o.extras.find(i); extra != o.extras.end()) {
      items.push_back({extra->second(row), c.name});
      positions[i] = static_cast<unsigned>(items.size() - 1);
      continue;
    }
    auto const mark = o.marks.find(i);
    items.push_back({o.witness == i           ? operate(memory, bound::op::is_true, {guard()})
                     : counted               ? make(memory, bound::column{row, c.source})
                     : mark != o.marks.end() ? withheld(o, mark->second, open, row, memory)
                                              : mask_column(o, i, open, row, d, memory),
                     c.name});
    positions[i] = static_cast<unsigned>(items.size() - 1);
  }
  for (std::size_t i = 0; i < positions.size(); ++i) o.relation->columns[i].source = positions[i];  // all made: columns point at items now
  if (items.empty()) items.push_back({make(memory, bound::literal{bound::literal_kind::integer, "1"}), "one"});
  s.items = memory.copy(items);
  s.from = memory.make<bound::from_item>(bound::from_item{row});
  s.where = shows_all(o, memory) ? nullptr : guard();

  auto* q = memory.make<bound::query>();
  q->body = memory.make<bound::query_body>(bound::query_body{s});
  if (o.apart) q->offset = make(memory, bound::literal{bound::literal_kind::integer, "0"});  // which the server neither takes apart nor moves conditions into
  if (!o.why_fenced.empty() && s.where != nullptr && d == dialect::sqlite)
    q->limit = operate(memory, bound::op::minus, {make(memory, bound::literal{bound::literal_kind::integer, "1"})});
  o.relation->kind = bound::relation_kind::derived;
  o.relation->query = q;
}

}  // namespace grille::rewrite
