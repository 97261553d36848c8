#include "rewrite/write_collection.hpp"

#include <algorithm>
#include <utility>

#include "bound/walk.hpp"
#include "catalog/cast_type.hpp"
#include "catalog/row_key.hpp"
#include "rewrite/write_conflict.hpp"
#include "rewrite/write_history.hpp"
#include "rewrite/write_trees.hpp"

namespace grille::rewrite {

namespace {

/// A column of the rows that stand in the way, as one of their relation: t.K.
unsigned key_column(occurrence& o, unsigned k, base::arena& memory) {
  return add_extra(o, "match", [&memory, k](bound::relation* r) { return make(memory, bound::column{r, k}); }, memory);
}

/// t.K in (select s.K from S s) or …
bound::expr_ptr to_be_replaced(bound::relation* t, std::map<unsigned, unsigned> const& mine, write_replaced const& what, base::range at, base::arena& memory) {
  write_trees const trees(at, memory);
  std::vector<bound::expr_ptr> any;
  for (auto const& key : what.keys) {
    auto* s = trees.base(*what.rows, false);
    std::vector<bound::expr_ptr> stored, inserted;
    for (auto const c : key) {
      auto const& v = what.values.at(c);
      stored.push_back(trees.column(t, mine.at(c)));
      inserted.push_back(v.place ? trees.column(s, *v.place) : bound::copier{memory}(v.value));
    }
    any.push_back(trees.in(stored, trees.query(inserted, trees.from(s), nullptr)));
  }
  return trees.any_of(std::move(any));
}

/// What stands for the proposed row while the passes look, with the columns' types: these decide what can fail beside it.
void give_types(write_proposed const& beside, catalog::table const& t, catalog::catalog const& all, base::arena& memory) {
  for (std::size_t i = 0; i < beside.columns.size(); ++i) {
    auto& item = beside.excluded->query->body->as<bound::select>()->items[i];
    if (auto const type = catalog::cast_type(t.columns[beside.columns[i]], all); !type.empty())
      item.value = make(memory, bound::cast{item.value, memory.copy(type)});
  }
}

/// where t.K = p.K and t.shown and W; `mine`: by column of the table, where `t` has it.
void add_match(bound::select& select, bound::relation* t, std::map<unsigned, unsigned> const& mine, std::optional<unsigned> shown, write_proposed const& beside, dialect d,
               base::arena& memory) {
  auto* p = beside.excluded;
  std::vector<bound::relation_column> columns(p->columns.begin(), p->columns.end());
  for (std::size_t i = 0; i < beside.columns.size(); ++i) columns[i].source = beside.columns[i];
  std::map<unsigned, unsigned> theirs;
  for (auto const& [k, place] : mine) {
    theirs[k] = static_cast<unsigned>(columns.size());
    columns.push_back({"key", k, false, true});
  }
  p->columns = memory.copy(columns);
  p->kind = bound::relation_kind::base;
  p->table = beside.rows;
  auto all = in_the_way(
      beside.key, [&](unsigned k) { return make(memory, bound::column{t, mine.at(k)}); }, [&](unsigned k) { return make(memory, bound::column{p, theirs.at(k)}); }, d,
      memory);
  if (shown) all.push_back(make(memory, bound::column{t, *shown}));
  if (select.where != nullptr) all.push_back(select.where);
  select.where = all.size() == 1 ? all.front() : join(memory, bound::junction_op::conjunction, std::move(all));
}

}  // namespace

base::result<write_collection> collect(bound::write& w, policy::access const& who, write_grants const& grants, std::vector<unsigned> const& key,
                                       base::arena& memory, write_proposed const* beside, which_rows which, write_replaced const* replaced) {
  auto* select = w.rows->query->body->as<bound::select>();
  write_collection out;
  if (beside != nullptr && who.which() == dialect::postgresql) give_types(*beside, *w.table, *who.policy().catalog, memory);
  std::vector<bound::item> items;
  for (std::size_t i = 0; w.method == method::update && i < w.columns.size(); ++i) {
    auto const& item = select->items[i];
    auto const untyped = item.value->as<bound::literal>() != nullptr || item.value->as<bound::parameter>() != nullptr;
    if (who.which() == dialect::postgresql && untyped) {
      out.values.push_back({{}, item.value});
      continue;
    }
    out.values.push_back({static_cast<unsigned>(items.size()), nullptr});
    items.push_back(item);
  }
  for (auto* c : w.joined) {
    out.joined.push_back(static_cast<unsigned>(items.size()));
    items.push_back({c, {}});
  }
  auto const callers = w.method == method::update || !w.joined.empty();
  out.columns.resize(items.size());
  for (std::size_t i = 0; who.which() == dialect::sqlite && i < out.values.size(); ++i)  // by which the row is looked for afterwards
    if (catalog::decides_key(*w.table, w.columns[i])) out.columns[*out.values[i].place] = w.columns[i];
  std::vector<bound::expr_ptr> may;
  bool always = false;
  std::map<unsigned, unsigned> compared;
  std::optional<unsigned> shown;
  if (callers) select->items = memory.copy(items);  // which may be none
  target const of{w.target, grants.instead_of_reading(), [&](occurrence& o) {
                    items.clear();
                    if (callers) items.assign(select->items.begin(), select->items.end());
                    auto const add = [&](char const* name, std::optional<unsigned> column, std::function<bound::expr_ptr(bound::relation*)> value) {
                      auto const i = add_extra(o, name, std::move(value), memory);
                      items.push_back({make(memory, bound::column{o.relation, i}), {}});
                      out.columns.push_back(column);
                      return static_cast<unsigned>(out.columns.size() - 1);
                    };
                    auto const keep = [&](char const* name, unsigned column) {
                      return add(name, column, [&memory, column](bound::relation* r) { return make(memory, bound::column{r, column}); });
                    };
                    for (auto const k : key) out.key.push_back(keep("key", k));
                    auto old = grants.old_columns();
                    old.merge(recorded_columns(*w.table, w.method, who));
                    for (auto const c : old) {
                      auto const k = std::ranges::find(key, c);
                      out.old[c] = k == key.end() ? keep("old", c) : out.key[static_cast<std::size_t>(k - key.begin())];
                    }
                    auto const& ways = grants.ways().all();
                    for (std::size_t i = 0; i < ways.size(); ++i) {
                      auto const& a = ways[i];
                      always = always || !grants.asks_before(a);
                      if (!grants.asks_before(a)) continue;
                      out.may[i] = add("may", {}, [&grants, &a, &memory](bound::relation* r) {
                        return operate(memory, bound::op::is_true, {grants.before(a, r)});
                      });
                      may.push_back(items.back().value);
                    }
                    select->items = memory.copy(items);
                    std::vector<unsigned> wanted;
                    if (beside != nullptr) wanted.assign(columns_of(beside->key).begin(), columns_of(beside->key).end());
                    if (replaced != nullptr)
                      for (auto const& k : replaced->keys) wanted.insert(wanted.end(), k.begin(), k.end());
                    for (auto const c : wanted)
                      if (!compared.contains(c)) compared[c] = key_column(o, c, memory);
                    if (beside != nullptr && beside->shown)
                      shown = add_extra(o, "shown", [&](bound::relation* r) { return operate(memory, bound::op::is_true, {beside->shown(r)}); }, memory);
                  }};
  auto read = rewrite(*w.rows, who, memory, false, &of);
  if (!read) return tl::unexpected(read.error());
  out.read = *std::move(read);
  out.others = !always && (which == which_rows::all || beside != nullptr);
  // behind the passes, for which this is no text of the caller's
  if (beside != nullptr) {
    add_match(*select, w.target, compared, shown, *beside, who.which(), memory);
    return out;
  }
  if (which == which_rows::all) return out;
  if (replaced != nullptr) select->where = to_be_replaced(w.target, compared, *replaced, w.at, memory);
  // trees of their own: the items are other places of the same columns
  for (auto*& m : may) m = make(memory, *m->as<bound::column>());
  auto* any = always ? nullptr : join(memory, bound::junction_op::disjunction, std::move(may));
  if (any != nullptr) select->where = select->where == nullptr ? any : join(memory, bound::junction_op::conjunction, {select->where, any});
  return out;
}

}  // namespace grille::rewrite
