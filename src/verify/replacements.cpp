// The proof of an insert that replaces (SQLite). Enters: the printed steps. Leaves: a proof, or a refusal. It is a delete and an insert, each proven as
// one (verify/writes.cpp), with this between them: which rows are deleted is not for a query of the caller's to say, but they are those rows
// that it sees and may delete, of which a whole key is that of a row to be inserted. That there is such a row is what a key tells by nature; which
// one it is would tell what the key is, so it is a key that the caller is shown.
// A row in the way that is not among them stays, and ends it all when the insert meets it.
#include <algorithm>
#include <functional>
#include <span>

#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

/// Whether `e` is what the row to be inserted, of `s`, has in column `k`.
bool is_inserted(bound::expr const& e, unsigned k, bound::relation const& s, replacing_rows const& by) {
  if (auto const* c = column_of(e, s)) {
    auto const place = s.columns[c->index].source;
    return place < by.stored.size() && by.stored[place] == k;
  }
  auto const& forced = by.assigned.forced;
  return std::any_of(forced.begin(), forced.end(), [&](auto const& f) { return f.first == k && same(*f.second, e); });
}

using shown_column = std::function<bool(unsigned)>;

/// r.K in (select s.K from S s)
bool has_a_key(bound::expr const& e, bound::relation const& r, catalog::table const& t, replacing_rows const& by, shown_column const& shown) {
  auto const* in = e.as<bound::subquery>();
  if (in == nullptr || in->kind != bound::subquery_kind::in) return false;
  bound::statement const inner{in->query, 0, {}, {}};
  auto const* select = plain_select(inner);
  auto const* s = select == nullptr ? nullptr : only(select->from);
  auto const* row = in->operand->as<bound::row>();
  auto const width = row == nullptr ? 1 : row->items.size();
  if (s == nullptr || !is_table(*s, *by.table) || select->where != nullptr || select->items.size() != width) return false;
  std::vector<unsigned> columns;
  for (std::size_t i = 0; i < width; ++i) {
    auto const* mine = column_of(row == nullptr ? *in->operand : *row->items[i], r);
    auto const k = mine == nullptr ? std::nullopt : yields_plain(r, *mine);
    if (!k || !shown(*k) || !is_inserted(*select->items[i].value, *k, *s, by)) return false;
    columns.push_back(*k);
  }
  std::sort(columns.begin(), columns.end());
  return std::any_of(t.unique_keys.begin(), t.unique_keys.end(), [&](catalog::column_list key) {
    std::sort(key.begin(), key.end());
    return key == columns;
  });
}
/// One of them, or another.
bool has_some_key(bound::expr const& e, bound::relation const& r, catalog::table const& t, replacing_rows const& by, shown_column const& shown) {
  auto const all = ways(&e);
  return !all.empty() && std::all_of(all.begin(), all.end(), [&](conjunction const& way) { return way.size() == 1 && has_a_key(*way.front(), r, t, by, shown); });
}

}  // namespace

proof apart_from_replacing(bound::select& select, bound::relation const& r, catalog::table const& t, replacing_rows const& by, policy::access const& who,
                           base::arena& memory) {
  auto policy = sentences::about(*whole_row(t, memory), who, memory);
  if (!policy) return tl::unexpected(policy.error());
  shown_column const shown = [&](unsigned k) { return policy->shown_as_stored(k); };
  // what goes may have had another key of the row that comes, too: that it did is told by the outcome
  auto const found = who.policy().indexes.find(&t);
  auto const indexes = found == who.policy().indexes.end() ? std::span<bound::unique_index const>{} : std::span<bound::unique_index const>(found->second);
  auto const all_shown = [&](auto const& columns) { return std::ranges::all_of(columns, shown); };
  if (t.unique_keys.size() + t.unique_indexes.size() > 1 &&
      (indexes.size() != t.unique_indexes.size() || !std::ranges::all_of(t.unique_keys, all_shown) ||
       !std::ranges::all_of(indexes, [&](bound::unique_index const& i) { return all_shown(i.columns); })))
    return disagree("rows that are replaced in a table with several keys, of which not all are shown");
  auto const nothing_else = disagree("rows that are replaced by something else than a key");
  if (only(select.from) == nullptr || select.where == nullptr) return nothing_else;
  if (has_some_key(*select.where, r, t, by, shown)) {
    select.where = nullptr;
    return {};
  }
  auto* all = select.where->as<bound::junction>();
  if (all == nullptr || all->op != bound::junction_op::conjunction || all->items.size() != 2 || !has_some_key(*all->items[0], r, t, by, shown)) return nothing_else;
  select.where = all->items[1];
  return {};
}

proof prove_replace(printed_write& what, policy::access const& who, std::vector<catalog::table> const& temporary) {
  enum : std::size_t { rows, gone, keys };
  write_part removed{.method = method::remove, .collected = &temporary[gone], .written = &temporary[gone], .collected_at = gone, .written_at = gone};
  write_part inserted{.method = method::insert, .collected = &temporary[rows], .written = &temporary[keys], .collected_at = rows, .written_at = keys};
  auto& steps = what.steps;
  std::size_t at = 0;
  auto const take = [&](write_step*& into, bound::step_kind k) {
    if (at == steps.size() || steps[at].kind != k) return false;
    into = &steps[at++];
    return true;
  };
  using kind = bound::step_kind;
  bool good = what.method == method::insert && take(inserted.collect, kind::collect) && take(removed.collect, kind::collect) && take(removed.check, kind::check);
  if (good) take(removed.record, kind::record);
  good = good && take(removed.apply, kind::apply) && take(inserted.apply, kind::apply) && take(inserted.check, kind::check);
  if (good) take(inserted.result, kind::result);
  if (!good || at != steps.size()) return disagree("the steps of an insert that replaces, which are not all there, in their order");
  for (std::size_t i = 0; i < temporary.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (temporary[i].name == temporary[j].name) return disagree("one temporary table for two");
  if (removed.collect->caller_parameters != 0) return disagree("a parameter of the caller's in a step that is not its query");

  write_proof insert(what, who, inserted);
  if (auto const proven = insert.run(); !proven) return proven;
  auto const by = insert.replacing();
  auto const& layout = what.temporary[rows].columns;
  for (std::size_t i = 0; i < layout.size(); ++i)
    if (i >= by.stored.size() || !by.stored[i] || layout[i] != catalog::like(*what.table, *by.stored[i]))
      return disagree("a temporary table that keeps values otherwise than the table");
  removed.replaced_by = &by;
  removed.apply->makes_room = true;
  return write_proof(what, who, removed).run();
}

}  // namespace grille::verify
