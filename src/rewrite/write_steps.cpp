#include "rewrite/write_steps.hpp"

#include <algorithm>
#include <memory>

namespace grille::rewrite {

using bound::expr_ptr;

catalog::table const& write_steps::temporary(std::string purpose, std::vector<catalog::scratch_column> columns) {
  out_.temporary.push_back({std::move(purpose), std::move(columns)});
  auto const& layout = out_.temporary.back();
  out_.tables.push_back(std::make_unique<catalog::table>(who_.which() == dialect::sqlite ? catalog::scratch_table(layout) : catalog::rows_table(layout)));
  return *out_.tables.back();
}

catalog::table const& write_steps::rows_of(bound::write& w, write_collection const& collected, std::string purpose) {
  std::vector<catalog::scratch_column> layout;
  for (auto const& c : collected.columns) layout.push_back(c ? catalog::like(table_, *c) : catalog::scratch_column{});
  auto const& rows = temporary(std::move(purpose), std::move(layout));
  collect(rows, w.rows, who_.which() == dialect::postgresql ? w.target : nullptr);
  return rows;
}

void write_steps::update(bound::write const& w, write_grants const& grants, write_collection const& collected, catalog::table const& rows,
                         catalog::table const* moved) {
  auto* r = row();
  auto* s = trees_.base(rows, false);
  std::vector<unsigned> columns(w.columns.begin(), w.columns.end());
  std::vector<expr_ptr> values;
  for (auto const& v : collected.values) values.push_back(v.place ? trees_.column(s, *v.place) : v.value);
  grants.force(r, columns, values);
  auto where = trees_.same_row(r, key_, s, collected.key);
  if (auto* may = may_be_changed(collected, s); may != nullptr) where.push_back(may);
  auto* written = trees_.query(values, trees_.from(r, s), trees_.all_of(std::move(where)));
  add({.kind = bound::step_kind::apply,
       .into = nullptr,
       .columns = memory_.copy(columns),
       .returns = memory_.copy(returned(method::update)),
       .former = moved == nullptr ? bound::list<unsigned>{} : memory_.copy(collected.key),
       .written = moved,
       .query = trees_.statement(written),
       .method = method::update});
}

/// from T r where r.K in (select s.K from S s)
void write_steps::remove(write_collection const& collected, catalog::table const& rows) {
  auto* r = row();
  auto* s = trees_.base(rows, false);
  std::vector<expr_ptr> mine, theirs;
  for (auto const k : key_) mine.push_back(trees_.column(r, k));
  for (auto const p : collected.key) theirs.push_back(trees_.column(s, p));
  auto* in = trees_.in(mine, trees_.query(theirs, trees_.from(s), may_be_changed(collected, s)));
  add({.kind = bound::step_kind::apply,
       .into = nullptr,
       .columns = {},
       .returns = memory_.copy(returned(method::remove)),
       .query = trees_.statement(trees_.query({trees_.one()}, trees_.from(r), in)),
       .method = method::remove});
}

expr_ptr write_steps::may_be_changed(write_collection const& collected, bound::relation* s) const {
  if (who_.which() == dialect::sqlite || !collected.others) return nullptr;
  std::vector<expr_ptr> any;
  for (auto const& [way, place] : collected.may) any.push_back(trees_.column(s, place));
  return trees_.any_of(std::move(any));
}

std::vector<unsigned> write_steps::returned(method m) const {
  if (who_.which() == dialect::sqlite) return m == method::insert ? key_ : std::vector<unsigned>{};
  std::vector<unsigned> all;
  for (unsigned c = 0; c < table_.columns.size(); ++c) all.push_back(c);
  return all;
}

/// select 1 from S s group by s.K having count(*) > 1
void write_steps::once(write_collection const& collected, catalog::table const& rows) {
  auto* s = trees_.base(rows, false);
  auto* q = trees_.query({trees_.one()}, trees_.from(s), nullptr);
  auto& select = *q->body->as<bound::select>();
  std::vector<expr_ptr> key;
  for (auto const k : collected.key) key.push_back(trees_.column(s, k));
  select.group_by = memory_.copy(key);
  select.having = operate(memory_, bound::op::greater, {trees_.count(who_.which()), trees_.one()});
  add(bound::step_kind::conflict, q);
}

catalog::table const& write_steps::keys() {
  std::vector<catalog::scratch_column> layout;
  for (auto const k : key_) layout.push_back(catalog::like(table_, k));
  return temporary("keys", std::move(layout));
}

row_by write_steps::after(bound::write const& w, write_collection const& collected) const {
  row_by out{key_, collected.key};
  if (!moves(w)) return out;
  if (catalog::has_rowid(table_)) out.columns = table_.primary_key;  // of what may be no alias of the rowid
  for (std::size_t i = 0; i < w.columns.size(); ++i)
    if (auto const k = std::ranges::find(out.columns, w.columns[i]); k != out.columns.end()) out.places[static_cast<std::size_t>(k - out.columns.begin())] = *collected.values[i].place;
  return out;
}

row_by write_steps::by_keys() const {
  row_by out{key_, {}};
  for (unsigned i = 0; i < key_.size(); ++i) out.places.push_back(i);
  return out;
}

/// select 1 from S s where not exists (select 1 from T r where r.K = s.K and (ALT or …))
void write_steps::check(write_grants const& grants, write_collection const& collected, catalog::table const& rows, row_by const& by) {
  auto* s = trees_.base(rows, false);
  auto* r = row();
  auto found = trees_.same_row(r, by.columns, s, by.places);
  if (auto* any = allowed(grants, collected, r, s)) found.push_back(any);
  auto* looked = trees_.query({trees_.one()}, trees_.from(r), trees_.all_of(found));
  auto* there = make(memory_, bound::subquery{bound::subquery_kind::exists, nullptr, looked});
  add(bound::step_kind::check, trees_.query({trees_.one()}, trees_.from(s), operate(memory_, bound::op::logical_not, {there})));
}

expr_ptr write_steps::allowed(write_grants const& grants, write_collection const& collected, bound::relation* r, bound::relation* s) const {
  std::vector<expr_ptr> any;
  for (std::size_t i = 0; i < grants.ways().all().size(); ++i) {
    auto all = grants.after(grants.ways().all()[i], r, [&](unsigned c) { return trees_.column(s, collected.old.at(c)); });
    if (auto const flag = collected.may.find(i); flag != collected.may.end()) all.insert(all.begin(), trees_.column(s, flag->second));
    if (all.empty()) return nullptr;
    any.push_back(trees_.all_of(std::move(all)));
  }
  return trees_.any_of(std::move(any));
}

/// select ITEMS from (T, guarded) t, S s where t.K = s.K
base::result<void> write_steps::returning(catalog::table const& rows, row_by const& by) {
  if (w_.returning == nullptr) return {};
  auto* select = w_.returning->query->body->as<bound::select>();
  target const of{w_.returned, nullptr, [&](occurrence& o) {
                    auto* s = trees_.base(rows, false);
                    std::vector<unsigned> key;
                    for (auto const k : by.columns)
                      key.push_back(add_extra(
                          o, "key", [this, k](bound::relation* r) { return trees_.column(r, k); }, memory_));
                    select->from = trees_.from(o.relation, s);
                    select->where = trees_.all_of(trees_.same_row(o.relation, key, s, by.places));
                  }};
  return result(of);
}

base::result<void> write_steps::result(target const& of) {
  auto read = rewrite(*w_.returning, who_, memory_, false, &of);
  if (!read) return tl::unexpected(read.error());
  note(*read);
  out_.result = *std::move(read);
  add({.kind = bound::step_kind::result, .into = nullptr, .columns = {}, .returns = {}, .query = w_.returning});
  return {};
}

}  // namespace grille::rewrite
