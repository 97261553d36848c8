#include "rewrite/write.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "rewrite/write_conflict.hpp"
#include "rewrite/write_history.hpp"
#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

class planner {
 public:
  planner(bound::write& w, policy::access const& who, base::arena& memory) : w_(w), who_(who), memory_(memory), steps_(w, who, memory), trees_(steps_.trees()) {}

  result<write_plan> run() {
    if (auto const good = refuse_by_name(w_, who_); !good) return tl::unexpected(good.error());
    auto grants = write_grants::of(w_, who_, memory_);
    if (!grants) return tl::unexpected(grants.error());
    grants_.emplace(*std::move(grants));
    for (auto const& f : grants_->settings())
      if (w_.method != method::insert && catalog::decides_key(*w_.table, f.column))
        return fail(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);
    auto const done = w_.method == method::insert ? insert() : change();
    if (!done) return tl::unexpected(done.error());
    return steps_.take();
  }

 private:
  // --- update and delete

  result<void> change() {
    auto const joined = std::holds_alternative<bound::join>(w_.rows->query->body->as<bound::select>()->from->node);
    auto collected = collect(w_, who_, *grants_, steps_.key(), memory_);
    if (!collected) return tl::unexpected(collected.error());
    steps_.note(collected->read);
    auto const& rows = steps_.rows_of(w_, *collected);
    if (joined && w_.method == method::update) steps_.once(*collected, rows);
    auto const record_it = [&] { record(steps_, *w_.table, w_.method, who_, rows, *collected, memory_); };
    if (w_.method == method::update) {
      record_it();
      steps_.update(w_, *grants_, *collected, rows);
    }
    auto const by = steps_.after(w_, *collected);
    steps_.check(*grants_, *collected, rows, by);
    if (auto const good = steps_.returning(rows, by); !good) return good;
    if (w_.method == method::update) return {};
    record_it();
    if (w_.method == method::purge) erase(steps_, *w_.table, *grants_, who_, rows, *collected, memory_);
    steps_.remove(*collected, rows);
    return {};
  }

  // --- insert

  result<void> insert() {
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    std::vector<expr_ptr> values;
    bound::from_item* source = nullptr;
    catalog::table const* collected = nullptr;
    if (w_.rows != nullptr) {
      auto const read = rewrite(*w_.rows, who_, memory_, false, nullptr);
      if (!read) return tl::unexpected(read.error());
      steps_.note(*read);
      std::vector<catalog::scratch_column> layout(columns.size());
      for (std::size_t i = 0; w_.replaced != nullptr && i < columns.size(); ++i) layout[i] = catalog::like(*w_.table, columns[i]);
      collected = &steps_.temporary(w_.replaced == nullptr ? "rows" : "source", std::move(layout));
      steps_.collect(*collected, w_.rows);
      auto* s = trees_.base(*collected, false);
      for (unsigned i = 0; i < columns.size(); ++i) values.push_back(trees_.column(s, i));
      source = trees_.from(s);
    }
    grants_->force(nullptr, columns, values);
    if (w_.replaced != nullptr)
      if (auto const good = replace(columns, values, *collected); !good) return good;
    auto const left_out = w_.conflict == nullptr ? bound::list<bound::conflict_key>{} : w_.conflict->keys;
    if (auto const good = refuse_to_tell(w_, who_, memory_); !good) return good;
    // SQLite would read the `on` of a bare `from` as a join's
    auto* const all = left_out.empty() ? nullptr : trees_.one();
    auto* written = values.empty() ? nullptr : trees_.statement(trees_.query(values, source, all));
    steps_.add({.kind = bound::step_kind::apply,
                .into = nullptr,
                .columns = memory_.copy(columns),
                .returns = memory_.copy(steps_.returned(method::insert)),
                .query = written,
                .ignores = w_.ignores,
                .left_out = left_out});
    auto const& keys = steps_.keys();
    steps_.check(*grants_, {}, keys, steps_.by_keys());
    return steps_.returning(keys, steps_.by_keys());
  }

  /// What stands in the way goes before the rows come. `values`: of `columns`, places in `rows` in front.
  result<void> replace(std::vector<unsigned> const& columns, std::vector<expr_ptr> const& values, catalog::table const& rows) {
    auto& w = *w_.replaced;
    if (auto const good = refuse_by_name(w, who_); !good) return good;
    write_replaced what{.rows = &rows, .values = {}, .keys = {}};
    for (unsigned i = 0; i < columns.size(); ++i)
      what.values[columns[i]] = i < w_.columns.size() ? write_value{i, nullptr} : write_value{{}, values[i]};
    auto const grants = write_grants::of(w, who_, memory_);
    if (!grants) return tl::unexpected(grants.error());
    if (grants->instead_of_reading() != nullptr)
      return fail(errc::forbidden, "`or replace` on `" + w.table->name + "`, of which no row is shown", w_.at, "the row in the way is found by what it has");
    // which row goes would tell who has a value that is not shown
    auto const names = [&](unsigned c) { return what.values.contains(c) && is_shown(*who_.of(w.table), c, memory_); };
    for (auto const& key : w.table->unique_keys)
      if (std::ranges::all_of(key, names)) what.keys.push_back(key);
    if (tells_by_what_goes(*w.table, who_, memory_))
      return fail(errc::forbidden, "`or replace` in a table with several keys, of which not all are shown", w_.at, "which row goes would tell who has a value of the others");
    if (what.keys.empty()) return {};
    auto const found = collect(w, who_, *grants, steps_.key(), memory_, nullptr, which_rows::changeable, &what);
    if (!found) return tl::unexpected(found.error());
    steps_.note(found->read);
    auto const& gone = steps_.rows_of(w, *found);
    steps_.check(*grants, *found, gone, {steps_.key(), found->key});
    record(steps_, *w.table, w.method, who_, gone, *found, memory_);
    steps_.remove(*found, gone);
    return {};
  }

  bound::write& w_;
  policy::access const& who_;
  base::arena& memory_;
  write_steps steps_;
  write_trees const& trees_;
  std::optional<write_grants> grants_;
};

}  // namespace

bool is_own_type(catalog::table const& t, unsigned column, policy::access const& who) {
  auto const& known = *who.policy().catalog;
  return who.which() == dialect::postgresql && catalog::is_own_type(t.columns[column].type, [&](std::string_view name) { return known.find_type(name); });
}

result<void> refuse_by_name(bound::write const& w, policy::access const& who) {
  auto const named = w.method != method::insert || w.table->ignores_case;  // PostgreSQL returns all that was inserted
  if (named && catalog::row_key(*w.table).empty()) return fail(errc::unsupported, "a write to a table whose rows have no key that can be named", w.at);
  if (named && std::ranges::any_of(w.table->primary_key, [&](unsigned c) { return is_own_type(*w.table, c, who); }))
    return fail(errc::unsupported, "a write to a table whose primary key is of a type of the database's own", w.at, "its rows are found by it, with PostgreSQL's own operators");
  return {};
}

bool moves(bound::write const& w) {
  return w.method == method::update && std::ranges::any_of(w.columns, [&](unsigned c) { return catalog::decides_key(*w.table, c); });
}

namespace {

result<void> refuse_to_move(bound::write const& w, std::string_view where, std::string_view help) {
  for (std::size_t i = 0; w.method == method::update && i < w.columns.size(); ++i)
    if (catalog::decides_key(*w.table, w.columns[i]))
      return fail(errc::unsupported, "an update of the primary key `" + w.table->columns[w.columns[i]].name + "` " + std::string(where), w.places[i],
                  std::string(help));
  return {};
}

/// Where a row is looked for by its key later than the change, or as it was before.
result<void> refuse_moves(bound::write const& w, policy::access const& who) {
  for (auto const* one : bound::changes(w)) {
    auto const* const where = who.policy().tables.at(w.table).history != nullptr ? "of a table that keeps its history"
                              : w.merged != nullptr                              ? "in a `merge`"
                              : one != &w                                        ? "in `do update`"
                              : one->beside != nullptr                           ? "that returns columns of another table"
                                                                                 : "";
    if (*where == '\0') continue;
    auto const of_upsert = one != &w && w.merged == nullptr;
    if (auto const good = refuse_to_move(*one, where, of_upsert ? "leave it out of `set`: the row is found by its key" : "delete the row and insert it"); !good) return good;
  }
  return {};
}

}  // namespace

result<write_plan> plan(bound::write& w, policy::access const& who, base::arena& memory) {
  if (auto const good = refuse_of_history(w, who); !good) return tl::unexpected(good.error());
  if (w.merged != nullptr && who.which() != dialect::postgresql) return fail(errc::unsupported, "`merge` statements", w.at);
  leave_key_as_it_is(w, who, memory);
  if (auto const good = refuse_moves(w, who); !good) return tl::unexpected(good.error());
  if (w.merged != nullptr) return plan_merge(w, who, memory);
  if (w.conflict != nullptr && w.rows == nullptr) return fail(errc::unsupported, "`default values` with `on conflict`", w.at);
  if (w.conflict != nullptr && w.conflict->update != nullptr) return plan_upsert(w, who, memory);
  if (who.which() == dialect::postgresql) return plan_statement(w, who, memory);
  return planner(w, who, memory).run();
}

}  // namespace grille::rewrite
