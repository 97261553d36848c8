#include "rewrite/write_conflict.hpp"

#include <algorithm>
#include <set>

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

/// The columns of each key of the table's: whole ones, of expressions or of some rows, exclusions; and whether there is one that is not understood.
struct keys_of_table {
  keys_of_table(catalog::table const& t, policy::access const& who, bound::conflict_key const& but = {}) {
    std::set<unsigned> const own(but.columns.begin(), but.columns.end());
    for (auto const& k : t.unique_keys)
      if (std::set<unsigned> columns(k.begin(), k.end()); columns != own) all.push_back(std::move(columns));
    auto const found = who.policy().indexes.find(&t);
    std::size_t known = 0;
    if (found != who.policy().indexes.end())
      for (auto const& i : found->second) {
        ++known;
        if (&i != but.index) all.emplace_back(i.columns.begin(), i.columns.end());
      }
    not_understood = known < t.unique_indexes.size();
    for (auto const& x : t.exclusions)
      if (&x != but.exclusion) all.emplace_back(x.columns.begin(), x.columns.end());
  }
  std::vector<std::set<unsigned>> all;
  bool not_understood{};
};

}  // namespace

bound::list<unsigned> columns_of(bound::conflict_key const& key) { return key.index == nullptr ? key.columns : key.index->columns; }

bool tells_of_a_row(bound::conflict_key const& key, catalog::table const& t, policy::access const& who, base::arena& memory) {
  auto const named = columns_of(key);
  std::set<unsigned> own(named.begin(), named.end());
  if (key.exclusion != nullptr) own.insert(key.exclusion->columns.begin(), key.exclusion->columns.end());
  if (own.empty()) return false;
  auto const& access = *who.of(&t);
  alternatives const open(access, access.select, memory);
  auto const all_shown = [&](alternative const& a) { return a.conjuncts.empty() && std::ranges::all_of(own, [&](unsigned c) { return shows(access, a, c); }); };
  if (std::ranges::any_of(open.all(), all_shown)) return false;
  keys_of_table const others(t, who, key);
  return others.not_understood || std::ranges::any_of(others.all, [&](std::set<unsigned> const& k) { return std::ranges::includes(own, k); });
}

base::result<void> refuse_to_tell(bound::write const& w, policy::access const& who, base::arena& memory) {
  if (w.conflict == nullptr) return {};
  for (auto const& key : w.conflict->keys)
    if (tells_of_a_row(key, *w.table, who, memory))
      return base::fail(errc::unsupported, "`on conflict … do nothing` by one key, where another is of some of its columns", w.at,
                        "leave the target out, or name the other: by which of them a row is in the way would tell what a hidden one has");
  return {};
}

bool tells_by_what_goes(catalog::table const& t, policy::access const& who, base::arena& memory) {
  keys_of_table const keys(t, who);
  if (keys.all.size() + (keys.not_understood ? 1U : 0U) < 2) return false;
  auto const shown = [&](unsigned c) { return is_shown(*who.of(&t), c, memory); };
  return keys.not_understood || !std::ranges::all_of(keys.all, [&](std::set<unsigned> const& k) { return std::ranges::all_of(k, shown); });
}

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
