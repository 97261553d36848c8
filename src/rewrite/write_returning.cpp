// What a write on PostgreSQL returns. Enters: the caller's query of what was written. Leaves: the last step:
//
//   result    select ITEMS from (W, guarded as T for reading) t
//   and where it names columns of what stands behind `from` or `using`, which S has among the caller's own
//             select ITEMS from (W, guarded) t, S s where t.K = s.K
//
// S has one row of each key: an update of a row in two ways ends it all, and of a delete one row of each is taken.
#include "bound/walk.hpp"
#include "rewrite/totality.hpp"
#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

/// While the passes look at the query, a row of which nothing is hidden; its columns' types decide what can fail beside it.
static void give_types(bound::write const& w, write_collection const& collected, base::arena& memory) {
  totality const total(*w.rows, [](bound::column const&) { return true; });
  auto items = w.beside->query->body->as<bound::select>()->items;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (auto const type = total.type_of(*w.rows->query->body, collected.joined[i]); !type.empty())
      items[i].value = make(memory, bound::cast{items[i].value, type});
}

base::result<void> write_steps::result_beside(catalog::table const& written, write_collection const& collected, catalog::table const& rows) {
  give_types(w_, collected, memory_);
  std::vector<unsigned> key;
  target const of{.relation = w_.returned, .written_by = nullptr, .add = [&](occurrence& o) {
                    for (auto const k : key_) key.push_back(add_extra(o, "key", [this, k](bound::relation* r) { return trees_.column(r, k); }, memory_));
                  },
                  .rows = &written};
  auto read = rewrite(*w_.returning, who_, memory_, false, &of);
  if (!read) return tl::unexpected(read.error());
  // behind the passes, for which this is no text of the caller's
  auto& s = *w_.beside;
  std::vector<bound::relation_column> columns(s.columns.begin(), s.columns.end());
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].source = collected.joined[i];
  std::vector<unsigned> places;
  for (auto const k : collected.key) {
    places.push_back(static_cast<unsigned>(columns.size()));
    columns.push_back({.name = "key", .source = k, .shown = false, .used = true});
  }
  s.columns = memory_.copy(columns);
  s.kind = bound::relation_kind::base;
  s.table = &rows;
  s.query = nullptr;
  w_.returning->query->body->as<bound::select>()->where = trees_.all_of(trees_.same_row(w_.returned, key, &s, places));
  note(*read);
  out_.result = *std::move(read);
  add({.kind = bound::step_kind::result, .into = nullptr, .columns = {}, .returns = {}, .query = w_.returning});
  return {};
}

base::result<void> write_steps::result_of(catalog::table const& written, write_collection const* collected, catalog::table const* rows) {
  if (w_.returning == nullptr) return {};
  auto const read = w_.beside != nullptr ? result_beside(written, *collected, *rows) : result({.relation = w_.returned, .written_by = nullptr, .add = {}, .rows = &written});
  if (!read) return read;
  return asks(*w_.returned->query, table_, *who_.policy().catalog) ? base::result<void>(asks_itself(w_.at)) : base::result<void>();
}

}  // namespace grille::rewrite
