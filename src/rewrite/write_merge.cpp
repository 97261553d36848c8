// A merge on PostgreSQL. Enters: its source, and one write for each clause that changes something. Leaves: a plan in which each change has the
// steps that it has alone (write_postgresql.cpp), of rows that are told by the one statement's snapshot.
//
//   collect   SOURCE: what stands behind `using`, once (grille_source)
//   then for each clause i, with S (grille_rows_i) and W (grille_written_i) of its own
//   update    collect   select E, …, t.K, t.old, …, t.may, … from (T, guarded) t, SOURCE s where C and M and (earlier) is not true for update of t
//             record, where T keeps a history; apply, check, as of an update
//   delete    the same, as of a delete
//   insert    apply     insert into T (a, …, setting, …) select V, …, X, … from SOURCE s where not exists (select 1 from (T, guarded) t where C) and …
//             check, as of an insert
//
// All rows of which C and M hold are collected, those too that the caller may not change: the check finds them. No two rows of all S may be of one
// row of T, and none that was found may be gone when it is locked: that is in the frame which the verifier puts around the steps.
#include <algorithm>
#include <string>

#include "bound/walk.hpp"
#include "rewrite/totality.hpp"
#include "rewrite/write_history.hpp"
#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

class merge_planner {
 public:
  merge_planner(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), who_(who), table_(*w.table), memory_(memory), steps_(w, who, memory) {}

  result<write_plan> run() {
    auto& source = *w_.merged->source;
    auto const read = rewrite(source, who_, memory_, false, nullptr);
    if (!read) return tl::unexpected(read.error());
    steps_.note(*read);
    columns_ = memory_.copy(stand_ins(source));
    auto const& rows = steps_.temporary("source", std::vector<catalog::scratch_column>(columns_.size()));
    steps_.collect(rows, w_.merged->source);
    for (auto* change : w_.merged->changes) {
      auto const good = part(*change, rows);
      if (!good) return tl::unexpected(good.error());
    }
    return steps_.take();
  }

 private:
  /// Of each column of the source a value of its type, as far as that is known: it decides what can fail beside it.
  std::vector<bound::item> stand_ins(bound::statement& source) const {
    totality const total(source, [](bound::column const&) { return true; });
    std::vector<bound::item> out;
    auto const width = w_.merged->changes.front()->source->columns.size();
    for (unsigned i = 0; i < width; ++i) {
      auto* value = make(memory_, bound::literal{bound::literal_kind::null, {}});
      if (auto const type = total.type_of(*source.query->body, i); !type.empty()) value = make(memory_, bound::cast{value, type});
      out.push_back({value, {}});
    }
    return out;
  }
  /// While the passes look at the change, its source is rows of which none is hidden.
  void stand_in(bound::relation& s) const {
    bound::select nothing;
    std::vector<bound::item> items;
    for (auto const& c : columns_) items.push_back({bound::copier{memory_}(c.value), {}});
    nothing.items = memory_.copy(items);
    s.query = memory_.make<bound::query>();
    s.query->body = memory_.make<bound::query_body>(bound::query_body{nothing});
  }
  /// Behind the passes: the rows that were collected, column by column.
  static void read_from(bound::relation& s, catalog::table const& rows) {
    s.kind = bound::relation_kind::base;
    s.table = &rows;
    s.query = nullptr;
  }

  result<void> part(bound::write& change, catalog::table const& source) {
    auto const number = std::to_string(++parts_);
    if (auto const good = refuse_of_history(change, who_); !good) return good;
    if (auto const good = refuse_on_server(change, who_); !good) return good;
    auto const grants = write_grants::of(change, who_, memory_);
    if (!grants) return tl::unexpected(grants.error());
    auto const& written = steps_.keep(catalog::written_rows(table_, "written_" + number));
    if (change.method == method::insert) return insert(change, *grants, source, written);
    for (auto const& f : grants->settings())
      if (catalog::decides_key(table_, f.column)) return fail(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);
    stand_in(*change.source);
    auto const collected = collect(change, who_, *grants, steps_.key(), memory_, nullptr, which_rows::all);
    if (!collected) return tl::unexpected(collected.error());
    steps_.note(collected->read);
    read_from(*change.source, source);
    auto const& rows = steps_.rows_of(change, *collected, "rows_" + number);
    record(steps_, table_, change.method, who_, rows, *collected, memory_);
    if (change.method == method::update)
      steps_.update(change, *grants, *collected, rows);
    else
      steps_.remove(*collected, rows);
    return steps_.count(*grants, *collected, &rows, written);
  }

  result<void> insert(bound::write& change, write_grants const& grants, catalog::table const& source, catalog::table const& written) {
    auto& select = *change.rows->query->body->as<bound::select>();
    std::vector<unsigned> columns;
    std::vector<bound::item> items;
    for (std::size_t i = 0; i < select.items.size(); ++i) {
      if (bound::is_default(*select.items[i].value)) continue;  // of all rows of the clause: as a column that is not named
      columns.push_back(change.columns[i]);
      items.push_back(select.items[i]);
    }
    if (items.empty()) return fail(errc::unsupported, "`default` as all that a `merge` inserts", change.at, "say a value");
    select.items = memory_.copy(items);
    std::vector<expr_ptr> forced;
    grants.force(nullptr, columns, forced);
    stand_in(*change.source);
    auto const read = rewrite(*change.rows, who_, memory_, false, nullptr);
    if (!read) return tl::unexpected(read.error());
    steps_.note(*read);
    read_from(*change.source, source);
    items.assign(select.items.begin(), select.items.end());
    for (auto* f : forced) items.push_back({f, {}});
    select.items = memory_.copy(items);
    steps_.add({.kind = bound::step_kind::apply,
                .into = nullptr,
                .columns = memory_.copy(columns),
                .returns = memory_.copy(steps_.returned(method::insert)),
                .query = change.rows,
                .method = method::insert});
    return steps_.count(grants, {}, nullptr, written);
  }

  bound::write& w_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena& memory_;
  write_steps steps_;
  bound::list<bound::item> columns_;  // what stands for those of the source
  unsigned parts_{};
};

}  // namespace

result<write_plan> plan_merge(bound::write& w, policy::access const& who, base::arena& memory) { return merge_planner(w, who, memory).run(); }

}  // namespace grille::rewrite
