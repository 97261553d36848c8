#include "rewrite/write.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "catalog/row_key.hpp"
#include "rewrite/write_collection.hpp"
#include "rewrite/write_trees.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

class planner {
 public:
  planner(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), who_(who), table_(*w.table), memory_(memory), key_(catalog::row_key(table_)), trees_(w.at, memory) {}

  result<write_plan> run() {
    if (auto const good = refuse_by_name(); !good) return tl::unexpected(good.error());
    auto grants = write_grants::of(w_, who_, memory_);
    if (!grants) return tl::unexpected(grants.error());
    grants_.emplace(*std::move(grants));
    for (auto const& f : grants_->settings())
      if (w_.method != method::insert && catalog::decides_key(table_, f.column))
        return fail(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);
    auto const done = w_.method == method::insert ? insert() : change();
    if (!done) return tl::unexpected(done.error());
    return std::move(out_);
  }

 private:
  // --- what is refused before anything is planned

  result<void> refuse_by_name() const {
    if (key_.empty()) return fail(errc::unsupported, "a write to a table whose rows have no key that can be named", w_.at);
    if (w_.method != method::insert)
      for (std::size_t i = 0; i < w_.columns.size(); ++i)
        if (catalog::decides_key(table_, w_.columns[i]))
          return fail(errc::unsupported, "an update of the primary key `" + table_.columns[w_.columns[i]].name + "`", w_.places[i],
                        "delete the row and insert it");
    return {};
  }

  // --- parts

  catalog::table const& temporary(std::string purpose, std::vector<catalog::scratch_column> columns) {
    out_.temporary.push_back({std::move(purpose), std::move(columns)});
    out_.tables.push_back(std::make_unique<catalog::table>(catalog::scratch_table(out_.temporary.back())));
    return *out_.tables.back();
  }
  bound::relation* row() const { return trees_.base(table_, true); }
  void add(bound::step s) { out_.steps.push_back(s); }
  void note(outcome const& o) { out_.relations.insert(out_.relations.end(), o.relations.begin(), o.relations.end()); }

  // --- checks

  /// select 1 from S s where not exists (select 1 from T r where r.K = s.K and (ALT or …))
  void check(catalog::table const& rows, std::vector<unsigned> const& places) {
    auto* s = trees_.base(rows, false);
    auto* r = row();
    auto found = trees_.same_row(r, key_, s, places);
    std::vector<expr_ptr> any;
    bool always = false;
    auto const& ways = grants_->ways().all();
    for (std::size_t i = 0; i < ways.size(); ++i) {
      auto all = stored(ways[i], i, r, s);
      always = always || all.empty();
      if (!all.empty()) any.push_back(trees_.all_of(std::move(all)));
    }
    if (!always) found.push_back(trees_.any_of(std::move(any)));
    auto* looked = trees_.query({trees_.one()}, trees_.from(r), trees_.all_of(found));
    auto* there = make(memory_, bound::subquery{bound::subquery_kind::exists, nullptr, looked});
    auto* missing = trees_.query({trees_.one()}, trees_.from(s), operate(memory_, bound::op::logical_not, {there}));
    add({.kind = bound::step_kind::check, .into = nullptr, .columns = {}, .key = {}, .query = trees_.statement(missing)});
  }
  /// What one grant asks of a row that was written.
  std::vector<expr_ptr> stored(alternative const& a, std::size_t index, bound::relation* r, bound::relation* s) const {
    auto out = grants_->after(a, r, [&](unsigned c) { return trees_.column(s, collected_.old.at(c)); });
    if (auto const flag = collected_.may.find(index); flag != collected_.may.end()) out.insert(out.begin(), trees_.column(s, flag->second));
    return out;
  }

  // --- update and delete

  result<void> change() {
    auto collected = collect(w_, who_, *grants_, key_, memory_);
    if (!collected) return tl::unexpected(collected.error());
    note(collected->read);
    collected_ = *std::move(collected);
    std::vector<catalog::scratch_column> layout;
    for (auto const& c : collected_.columns) layout.push_back(c ? catalog::like(table_, *c) : catalog::scratch_column{});
    auto const& rows = temporary("rows", std::move(layout));
    add({.kind = bound::step_kind::collect, .into = &rows, .columns = {}, .key = {}, .query = w_.rows});
    if (w_.method == method::remove) {
      check(rows, collected_.key);
      if (auto const good = returning(rows, collected_.key); !good) return good;
      add({.kind = bound::step_kind::apply, .into = nullptr, .columns = {}, .key = {}, .query = trees_.statement(removal(rows))});
      return {};
    }
    auto* r = row();
    auto* s = trees_.base(rows, false);
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    std::vector<expr_ptr> values;
    for (unsigned i = 0; i < columns.size(); ++i) values.push_back(trees_.column(s, i));
    grants_->force(r, columns, values);
    auto* written = trees_.query(values, trees_.from(r, s), trees_.all_of(trees_.same_row(r, key_, s, collected_.key)));
    add({.kind = bound::step_kind::apply, .into = nullptr, .columns = memory_.copy(columns), .key = {}, .query = trees_.statement(written)});
    check(rows, collected_.key);
    return returning(rows, collected_.key);
  }
  bound::query* removal(catalog::table const& rows) const {
    auto* r = row();
    auto* s = trees_.base(rows, false);
    std::vector<expr_ptr> mine, theirs;
    for (auto const k : key_) mine.push_back(trees_.column(r, k));
    for (auto const p : collected_.key) theirs.push_back(trees_.column(s, p));
    auto* key = mine.size() == 1 ? mine.front() : make(memory_, bound::row{memory_.copy(mine)});
    auto* in = make(memory_, bound::subquery{bound::subquery_kind::in, key, trees_.query(theirs, trees_.from(s), nullptr)});
    return trees_.query({trees_.one()}, trees_.from(r), in);
  }

  // --- insert

  result<void> insert() {
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    std::vector<expr_ptr> values;
    bound::from_item* source = nullptr;
    if (w_.rows != nullptr) {
      auto const read = rewrite(*w_.rows, who_, memory_, false, nullptr);
      if (!read) return tl::unexpected(read.error());
      note(*read);
      auto const& rows = temporary("rows", std::vector<catalog::scratch_column>(columns.size()));
      add({.kind = bound::step_kind::collect, .into = &rows, .columns = {}, .key = {}, .query = w_.rows});
      auto* s = trees_.base(rows, false);
      for (unsigned i = 0; i < columns.size(); ++i) values.push_back(trees_.column(s, i));
      source = trees_.from(s);
    }
    grants_->force(nullptr, columns, values);
    auto* written = values.empty() ? nullptr : trees_.statement(trees_.query(values, source, nullptr));
    add(
        {.kind = bound::step_kind::apply, .into = nullptr, .columns = memory_.copy(columns), .key = memory_.copy(key_), .query = written});

    std::vector<catalog::scratch_column> layout;
    std::vector<unsigned> places;
    for (auto const k : key_) {
      places.push_back(static_cast<unsigned>(layout.size()));
      layout.push_back(catalog::like(table_, k));
    }
    auto const& keys = temporary("keys", std::move(layout));
    check(keys, places);
    return returning(keys, places);
  }

  // --- returning

  /// select ITEMS from (T, guarded) t, S s where t.K = s.K
  result<void> returning(catalog::table const& rows, std::vector<unsigned> const& places) {
    if (w_.returning == nullptr) return {};
    auto* select = w_.returning->query->body->as<bound::select>();
    target const of{w_.returned, nullptr, [&](occurrence& o) {
                      auto* s = trees_.base(rows, false);
                      std::vector<unsigned> key;
                      for (auto const k : key_)
                        key.push_back(add_extra(
                            o, "key", [this, k](bound::relation* r) { return trees_.column(r, k); }, memory_));
                      select->from = trees_.from(o.relation, s);
                      select->where = trees_.all_of(trees_.same_row(o.relation, key, s, places));
                    }};
    auto read = rewrite(*w_.returning, who_, memory_, false, &of);
    if (!read) return tl::unexpected(read.error());
    note(*read);
    out_.result = *std::move(read);
    add({.kind = bound::step_kind::result, .into = nullptr, .columns = {}, .key = {}, .query = w_.returning});
    return {};
  }

  bound::write& w_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena& memory_;
  std::vector<unsigned> key_;
  write_trees trees_;
  std::optional<write_grants> grants_;
  write_collection collected_;
  write_plan out_;
};

}  // namespace

result<write_plan> plan(bound::write& w, policy::access const& who, base::arena& memory) {
  auto const& tables = who.policy().tables;
  auto const of_history = who.of(w.table)->policy->history != nullptr ||
                          std::any_of(tables.begin(), tables.end(), [&](auto const& t) { return t.second.history == w.table; });
  if (w.conflict != nullptr) return fail(errc::unsupported, "`on conflict`", w.at, "insert, and update where that is a conflict");
  if (of_history) return fail(errc::unsupported, "a write to a table that keeps its history, or is one", w.at);
  return planner(w, who, memory).run();
}

}  // namespace grille::rewrite
