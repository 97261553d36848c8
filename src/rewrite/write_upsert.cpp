// An insert with `on conflict (K) do update`. Enters: the proposed rows, and the update of the row in the way. Leaves: a plan in which no row is
// looked at but by the policy's text, or as a query of the caller's may.
//
//   collect   insert into S QUERY                                 which may say `default` on PostgreSQL: the second check puts there what that is
//   collect   insert into P select s.c1, X, null, … from S s        the rows as they are proposed: a column for each of T's, in order
//   check     select 1 from P p where (ALT or …) is not true        of the grants to insert
//   collect   insert into U select E, …, t.key, t.old, …, t.may, … from (T, guarded) t, P p where t.K = p.K and t.shown and W
//   conflict  select 1 from U u where (u.may or …) is not true      a row in the way that the caller may not update
//   conflict  select 1 from U u group by u.key having count(*) > 1  a row that two of those proposed would change
//   collect   insert into I select p.c1, … from P p where not exists (select 1 from T r where r.K = p.K and SEEN)
//   then the apply and the check of an insert of I, those of an update by U (with its record, where T keeps a history), and where something
//   is returned
//   collect   insert into N select u.key from U u
//
// SEEN: the caller sees the row, and is shown K in it as it is: which row has K would tell what K is. Any other row in the way is the engine's to find,
// as in a plain insert: what becomes of that tells no more than a plain insert would, whatever other keys and constraints the table has.
//
// On PostgreSQL these are common tables of one statement; each check is a count as in write_postgresql.cpp, N is all that was written, and what
// is proposed is cast to the columns' types.
//
// A temporary table keeps the values as T would: so r.K = p.K where the key would stand in the way, and nowhere else.
#include <algorithm>
#include <array>
#include <set>

#include "bound/walk.hpp"
#include "catalog/cast_type.hpp"
#include "rewrite/passes.hpp"
#include "rewrite/totality.hpp"
#include "rewrite/write_conflict.hpp"
#include "rewrite/write_history.hpp"
#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

class upsert_planner {
 public:
  upsert_planner(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), update_(*w.conflict->update), who_(who), table_(*w.table), memory_(memory), steps_(w, who, memory), trees_(steps_.trees()) {}

  result<write_plan> run() {
    if (on_server_)
      for (auto const* one : {&w_, &update_})
        if (auto const good = refuse_on_server(*one, who_); !good) return tl::unexpected(good.error());
    if (auto const good = refuse_by_name(update_, who_); !good) return tl::unexpected(good.error());
    if (auto const why = unfit(key_, who_.which()); !why.empty()) return fail(errc::unsupported, "`do update` " + std::string(why), w_.conflict->at);
    for (auto const c : columns_of(key_))
      if (is_own_type(table_, c, who_)) return fail(errc::unsupported, "`do update` by `" + table_.columns[c].name + "`, which is of a type of the database's own", w_.conflict->at);
    auto const inserts = write_grants::of(w_, who_, memory_);
    if (!inserts) return tl::unexpected(inserts.error());
    auto const updates = write_grants::of(update_, who_, memory_);
    if (!updates) return tl::unexpected(updates.error());
    for (auto const& f : updates->settings())
      if (catalog::decides_key(table_, f.column)) return fail(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);

    if (auto const good = propose(*inserts); !good) return tl::unexpected(good.error());
    if (auto const good = look_for_shown(); !good) return tl::unexpected(good.error());
    if (auto const good = check_proposed(*inserts); !good) return tl::unexpected(good.error());
    write_proposed beside{w_.conflict->excluded, proposed_, columns_of_excluded(), key_, {}};
    if (only_shown_ && seen_in(steps_.row()) != nullptr) beside.shown = [&](bound::relation* r) { return seen_in(r); };
    auto const collected = collect(update_, who_, *updates, steps_.key(), memory_, &beside);
    if (!collected) return tl::unexpected(collected.error());
    steps_.note(collected->read);
    auto const& rows = steps_.rows_of(update_, *collected);
    not_updated(*updates, *collected, rows);
    steps_.once(*collected, rows);

    insert();
    if (on_server_) return rest_on_server(*inserts, *updates, *collected, rows);
    auto const& keys = steps_.keys();
    steps_.check(*inserts, {}, keys, steps_.by_keys());
    record(steps_, table_, update_.method, who_, rows, *collected, memory_);
    steps_.update(update_, *updates, *collected, rows);
    steps_.check(*updates, *collected, rows, {steps_.key(), collected->key});
    if (w_.returning == nullptr) return steps_.take();
    auto* u = trees_.base(rows, false);
    std::vector<expr_ptr> updated;
    for (auto const p : collected->key) updated.push_back(trees_.column(u, p));
    steps_.collect(keys, trees_.statement(trees_.query(updated, trees_.from(u), nullptr)));
    if (auto const good = steps_.returning(keys, steps_.by_keys()); !good) return tl::unexpected(good.error());
    return steps_.take();
  }

 private:
  bool written(unsigned column) const { return std::find(written_.begin(), written_.end(), column) != written_.end(); }
  /// Whether P has what would be stored: where nothing is said of a column, the schema may.
  bool known(unsigned column) const {
    auto const& c = table_.columns[column];
    return written(column) || (is_null(column) && c.generated == catalog::generated::no && !catalog::decides_key(table_, column));
  }
  /// Where nothing is said of it.
  bool is_null(unsigned column) const {
    auto const& c = table_.columns[column];
    return !c.has_default && c.default_text.empty() && c.identity == catalog::identity::no;
  }
  bool shown(unsigned column) const { return is_shown(*who_.of(&table_), column, memory_); }

  std::vector<unsigned> columns_of_excluded() const {
    std::vector<unsigned> out(w_.columns.begin(), w_.columns.end());
    auto const& columns = w_.conflict->excluded->columns;
    for (auto i = out.size(); i < columns.size(); ++i) out.push_back(*table_.find(columns[i].name));
    return out;
  }
  /// Those that `do update` names of the proposed row, though the insert does not.
  std::set<unsigned> asked_of_excluded() const {
    auto const all = columns_of_excluded();
    std::set<unsigned> out;
    for (auto i = w_.columns.size(); i < all.size(); ++i)
      if (w_.conflict->excluded->columns[i].used) out.insert(all[i]);
    return out;
  }
  /// Each is NULL where nothing is said of it, or the default that each row says of it.
  result<void> known_in_excluded() const {
    for (auto const c : asked_of_excluded()) {
      auto const name = '`' + table_.columns[c].name + '`';
      auto const by_default = std::find(given_.begin(), given_.end(), c) != given_.end();
      if (!by_default && written(c)) return fail(errc::unsupported, "`excluded` with " + name + ", which the policy sets", w_.conflict->at);
      if (!by_default && !known(c)) return fail(errc::unsupported, "`excluded` with " + name + ", which is left to its default", w_.conflict->at, "say its value");
      if (by_default && !shown(c)) return fail(errc::forbidden, "`excluded` with " + name + ", whose default is not shown", w_.at, "say its value");
    }
    return {};
  }

  /// What the server would not take for a column of a plain insert, where the type of the value is known; in P it is cast, which takes more.
  result<void> refuse_other_types() const {
    auto const takes = [&](std::string_view type, std::size_t i) {
      auto const to = catalog::cast_type(table_.columns[given_[i]], *who_.policy().catalog);
      return type.empty() || to.empty() || catalog::is_assignable(type.substr(0, type.find('(')), to.substr(0, to.find('(')));
    };
    auto const refuse = [&](std::size_t i, base::range at) {
      return fail(errc::type, "a value for `" + table_.columns[given_[i]].name + "` that is of another type", at, "a cast would have to be written");
    };
    auto& body = *w_.rows->query->body;
    if (auto const* values = body.as<bound::values>()) {
      for (auto const& row : values->rows)
        for (std::size_t i = 0; i < row.size(); ++i)
          if (!takes(type_written(*row[i]), i)) return refuse(i, row[i]->at);
      return {};
    }
    totality const types(*w_.rows, [](bound::column const&) { return true; });
    auto const* select = body.as<bound::select>();
    for (std::size_t i = 0; i < given_.size(); ++i) {
      auto const* value = select == nullptr ? nullptr : select->items[i].value;
      auto type = value == nullptr ? std::string_view{} : type_written(*value);
      auto const constant = value != nullptr && (value->as<bound::literal>() != nullptr || value->as<bound::parameter>() != nullptr);
      if (type.empty() && !constant) type = types.type_of(body, static_cast<unsigned>(i));
      if (!takes(type, i)) return refuse(i, value == nullptr ? w_.places[i] : value->at);
    }
    return {};
  }
  /// Of a constant, as the server reads it, and of a cast; empty: it has none yet, or it is not known.
  static std::string_view type_written(bound::expr const& e) {
    if (auto const* c = e.as<bound::cast>()) return c->type;
    auto const* o = e.as<bound::operation>();
    auto const* l = o != nullptr && (o->op == bound::op::minus || o->op == bound::op::plus) ? o->operands[0]->as<bound::literal>() : e.as<bound::literal>();
    if (l == nullptr) return {};
    switch (l->kind) {
      case bound::literal_kind::integer: return "int8";
      case bound::literal_kind::decimal: return "numeric";
      case bound::literal_kind::boolean: return "bool";
      case bound::literal_kind::bit_string: return "bit";
      case bound::literal_kind::null:
      case bound::literal_kind::text:
      case bound::literal_kind::blob:
      case bound::literal_kind::left_out:
      case bound::literal_kind::by_default: break;
    }
    return {};
  }
  /// A constant or a parameter that is all of a column's value has the column's type, as in a plain insert.
  void give_types() {
    auto const give = [&](expr_ptr& value, std::size_t i) {
      if ((value->as<bound::literal>() == nullptr && value->as<bound::parameter>() == nullptr) || bound::is_default(*value)) return;
      auto const type = catalog::cast_type(table_.columns[given_[i]], *who_.policy().catalog);
      if (!type.empty()) value = make(memory_, bound::cast{value, memory_.copy(type)});
    };
    auto& body = *w_.rows->query->body;
    if (auto* select = body.as<bound::select>())
      for (std::size_t i = 0; i < select->items.size(); ++i) give(select->items[i].value, i);
    if (auto* values = body.as<bound::values>())
      for (auto& row : values->rows)
        for (std::size_t i = 0; i < row.size(); ++i) give(row[i], i);
  }

  /// `default` stays where the second check puts the column's own expression for it, and is NULL where there is none. A column that has neither is proposed
  /// as one that is not named, if every row says so: the table says what it is, once, where the row is inserted.
  result<void> leave_to_defaults() {
    given_.assign(w_.columns.begin(), w_.columns.end());
    auto* values = w_.rows->query->body->as<bound::values>();
    if (values == nullptr) return {};
    for (auto i = given_.size(); i-- > 0;) {
      auto const says = [i](auto const& row) { return bound::is_default(*row[i]); };
      if (std::none_of(values->rows.begin(), values->rows.end(), says)) continue;
      auto const c = given_[i];
      auto const name = '`' + table_.columns[c].name + '`';
      auto const read = w_.conflict->excluded->columns[i].used;
      auto const castable = !catalog::cast_type(table_.columns[c], *who_.policy().catalog).empty();
      if (castable && is_null(c)) {
        for (auto& row : values->rows)
          if (says(row)) row = with(row, i, make(memory_, bound::literal{bound::literal_kind::null, {}}));
        continue;
      }
      if (castable && who_.policy().defaults.contains({&table_, c})) {
        if (read && !shown(c)) return fail(errc::forbidden, "`excluded` with " + name + ", whose default is not shown", w_.places[i], "say its value");
        continue;
      }
      if (!std::all_of(values->rows.begin(), values->rows.end(), says))
        return fail(errc::unsupported, "`default` for " + name + " in some of the rows, beside `do update`", w_.places[i],
                    "insert these rows by a statement of their own");
      if (read)
        return fail(errc::unsupported, "`excluded` with " + name + ", which is left to its default", w_.places[i], "say its value");
      given_.erase(given_.begin() + static_cast<std::ptrdiff_t>(i));
      trees_.leave_out(*values, i);
    }
    return {};
  }

  /// Columns that nobody says, of which it must be known what they will be: those of the key, and those that the grants to insert ask for. Where the
  /// rows are written out, and the column's own expression is known, each says `default` for them.
  void name_defaults(write_grants const& inserts) {
    auto const& q = *w_.rows->query;
    auto* values = q.body->as<bound::values>();
    if (values == nullptr || !q.order.empty() || q.limit != nullptr || q.offset != nullptr) return;
    struct look final : bound::visitor {
      using bound::visitor::enter;
      bool enter(expr_ptr& e) override {
        auto const* c = e->as<bound::column>();
        if (c != nullptr && c->relation == of) found.insert(c->index);
        return true;
      }
      bound::relation const* of{};
      std::set<unsigned> found;
    } asked;
    auto* r = steps_.row();
    asked.of = r;
    asked.found.insert(named_.begin(), named_.end());
    asked.found.merge(asked_of_excluded());
    for (auto const& a : inserts.ways().all())
      for (auto* e : inserts.after(a, r, [](unsigned) { return nullptr; })) bound::walk(e, asked);
    for (auto const c : asked.found) {
      auto const is = [c](unsigned other) { return other == c; };
      auto const said = std::any_of(w_.columns.begin(), w_.columns.end(), is) ||
                        std::any_of(inserts.settings().begin(), inserts.settings().end(), [&](write_grants::forced const& f) { return is(f.column); });
      if (said || !who_.policy().defaults.contains({&table_, c}) || catalog::cast_type(table_.columns[c], *who_.policy().catalog).empty()) continue;
      given_.push_back(c);
      for (auto& row : values->rows) {
        std::vector<expr_ptr> all(row.begin(), row.end());
        all.push_back(make(memory_, bound::literal{bound::literal_kind::by_default, {}}));
        row = memory_.copy(all);
      }
    }
  }
  bound::list<expr_ptr> with(bound::list<expr_ptr> row, std::size_t i, expr_ptr value) const {
    std::vector<expr_ptr> all(row.begin(), row.end());
    all[i] = value;
    return memory_.copy(all);
  }

  result<void> propose(write_grants const& inserts) {
    if (auto const good = leave_to_defaults(); !good) return good;
    if (on_server_) name_defaults(inserts);
    if (given_.empty()) return fail(errc::unsupported, "`default` as all that is proposed", w_.at, "say the values of the key");
    if (on_server_)
      if (auto const good = refuse_other_types(); !good) return good;
    if (on_server_) give_types();
    auto const read = rewrite(*w_.rows, who_, memory_, false, nullptr);
    if (!read) return tl::unexpected(read.error());
    steps_.note(*read);
    auto const& source = steps_.temporary("source", std::vector<catalog::scratch_column>(given_.size()));
    steps_.collect(source, w_.rows);
    auto* s = trees_.base(source, false);
    written_ = given_;
    std::vector<expr_ptr> given;
    for (unsigned i = 0; i < written_.size(); ++i) given.push_back(trees_.column(s, i));
    inserts.force(nullptr, written_, given);
    if (auto const good = known_in_excluded(); !good) return good;
    for (auto const k : named_)
      if (key_.index == nullptr ? !written(k) : !known(k))
        return fail(errc::unsupported, "a conflict with a key of which the statement does not say all columns", w_.conflict->at, "say `" + table_.columns[k].name + "`");
    std::vector<expr_ptr> values;
    std::vector<catalog::scratch_column> layout;
    for (unsigned c = 0; c < table_.columns.size(); ++c) {
      auto const at = std::find(written_.begin(), written_.end(), c);
      auto const value = of_column(at == written_.end() ? make(memory_, bound::literal{bound::literal_kind::null, {}})
                                                        : given[static_cast<std::size_t>(at - written_.begin())],
                                   c);
      if (!value) return tl::unexpected(value.error());
      values.push_back(*value);
      layout.push_back(catalog::like(table_, c));
    }
    proposed_ = &steps_.temporary("proposed", std::move(layout));
    steps_.collect(*proposed_, trees_.statement(trees_.query(values, trees_.from(s), nullptr)));
    return {};
  }

  std::vector<expr_ptr> in_the_way(bound::relation* r, bound::relation* p) const {
    return rewrite::in_the_way(
        key_, [&](unsigned c) { return trees_.column(r, c); }, [&](unsigned c) { return trees_.column(p, c); }, who_.which(), memory_);
  }

  /// By which alternatives the key's columns are shown: those of each are some of all that open rows.
  result<void> look_for_shown() {
    auto const& access = *who_.of(&table_);
    if (access.select.empty())
      return fail(errc::forbidden, "`on conflict … do update` on `" + table_.name + "`, of which no row is shown", w_.conflict->at, "the row in the way is found by what it has");
    alternatives const open(access, access.select, memory_);
    for (auto const k : named_) {
      std::set<std::size_t> show;
      for (std::size_t i = 0; i < open.all().size(); ++i)
        if (shows(access, open.all()[i], k)) show.insert(i);
      if (show.empty()) return fail(errc::forbidden, "`on conflict … do update` by `" + table_.columns[k].name + "`, which is not shown", w_.conflict->at);
      only_shown_ = only_shown_ || show.size() < open.all().size();
      showing_.insert(std::move(show));
    }
    return {};
  }
  /// SEEN of `r`. Null: always.
  expr_ptr seen_in(bound::relation* r) const {
    auto const& access = *who_.of(&table_);
    alternatives const open(access, access.select, memory_);
    std::vector<expr_ptr> seen;
    for (auto const& some : showing_) {
      std::vector<alternative const*> ways;
      for (auto const i : some) ways.push_back(&open.all()[i]);
      if (auto* one = open.any_of(ways, r); one != nullptr) seen.push_back(one);
    }
    return seen.empty() ? nullptr : trees_.all_of(std::move(seen));
  }

  result<void> check_proposed(write_grants const& inserts) {
    auto* p = trees_.base(*proposed_, false);
    auto* r = steps_.row();
    bool unknown = false;
    bound::copier copy{memory_};
    copy.columns = [&](bound::column const& c) -> expr_ptr {
      if (c.relation != r) return nullptr;
      unknown = unknown || c.index >= table_.columns.size() || !known(c.index);
      return unknown ? trees_.one() : trees_.column(p, c.index);
    };
    std::vector<expr_ptr> any;
    for (auto const& a : inserts.ways().all()) {
      auto all = inserts.after(a, r, [](unsigned) { return nullptr; });
      if (all.empty()) return {};
      any.push_back(copy(trees_.all_of(std::move(all))));
    }
    if (unknown)
      return fail(errc::unsupported, "`do update`, where the policy asks for a column of the proposed row that is left to its default", w_.conflict->at,
                  "say its value");
    auto* bad = operate(memory_, bound::op::is_not_true, {trees_.any_of(std::move(any))});
    steps_.add(bound::step_kind::check, trees_.query({trees_.one()}, trees_.from(p), bad));
    return {};
  }

  void not_updated(write_grants const& updates, write_collection const& collected, catalog::table const& rows) {
    auto* u = trees_.base(rows, false);
    std::vector<expr_ptr> may;
    for (std::size_t i = 0; i < updates.ways().all().size(); ++i) {
      auto const flag = collected.may.find(i);
      if (flag == collected.may.end()) return;
      may.push_back(trees_.column(u, flag->second));
    }
    auto* none = operate(memory_, bound::op::is_not_true, {trees_.any_of(std::move(may))});
    steps_.add(bound::step_kind::conflict, trees_.query({trees_.one()}, trees_.from(u), none));
  }
  void insert() {
    auto* p = trees_.base(*proposed_, false);
    auto* r = steps_.row();
    auto taken = in_the_way(r, p);
    if (auto* seen = seen_in(r); seen != nullptr) taken.push_back(seen);
    auto* looked = trees_.query({trees_.one()}, trees_.from(r), trees_.all_of(std::move(taken)));
    auto* there = make(memory_, bound::subquery{bound::subquery_kind::exists, nullptr, looked});
    std::vector<expr_ptr> whole;
    std::vector<catalog::scratch_column> layout;
    for (unsigned c = 0; c < table_.columns.size(); ++c) {
      whole.push_back(trees_.column(p, c));
      layout.push_back(catalog::like(table_, c));
    }
    auto const& free = steps_.temporary("new", std::move(layout));
    steps_.collect(free, trees_.statement(trees_.query(whole, trees_.from(p), operate(memory_, bound::op::logical_not, {there}))));
    auto* i = trees_.base(free, false);
    std::vector<expr_ptr> values;
    for (auto const c : written_) values.push_back(trees_.column(i, c));
    steps_.add({.kind = bound::step_kind::apply,
                .into = nullptr,
                .columns = memory_.copy(written_),
                .returns = memory_.copy(steps_.returned(method::insert)),
                .query = trees_.statement(trees_.query(values, trees_.from(i), nullptr))});
  }
  /// What was written stands in two tables, and in one of both for the result.
  result<write_plan> rest_on_server(write_grants const& inserts, write_grants const& updates, write_collection const& collected, catalog::table const& rows) {
    auto const& inserted = steps_.keep(catalog::written_rows(table_, "inserted"));
    if (auto const good = steps_.count(inserts, {}, nullptr, inserted); !good) return tl::unexpected(good.error());
    record(steps_, table_, update_.method, who_, rows, collected, memory_);
    steps_.update(update_, updates, collected, rows);
    if (auto const good = steps_.count(updates, collected, &rows, steps_.keep(catalog::written_rows(table_, "updated"))); !good) return tl::unexpected(good.error());
    if (auto const good = steps_.result_of(steps_.keep(catalog::written_rows(table_))); !good) return tl::unexpected(good.error());
    return steps_.take();
  }
  /// On PostgreSQL, as a value of the column's type: it is compared there before it is stored.
  result<expr_ptr> of_column(expr_ptr value, unsigned column) const {
    if (!on_server_) return value;
    auto const type = catalog::cast_type(table_.columns[column], *who_.policy().catalog);
    if (!type.empty()) return make(memory_, bound::cast{value, memory_.copy(type)});
    if (!written(column)) return value;
    return fail(errc::unsupported, "`do update` with a value for `" + table_.columns[column].name + "`, whose type cannot be cast to here", w_.conflict->at);
  }

  bound::write& w_;
  bound::write& update_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena& memory_;
  bool on_server_{who_.which() == dialect::postgresql};
  write_steps steps_;
  write_trees const& trees_;
  bound::conflict_key const& key_{w_.conflict->keys.front()};  // that may stand in the way
  bound::list<unsigned> named_{columns_of(key_)};
  std::vector<unsigned> given_;    // columns of which the caller proposes a value
  std::vector<unsigned> written_;  // columns of the insert: these, then those that are forced
  catalog::table const* proposed_{};
  std::set<std::set<std::size_t>> showing_;  // for each column of the key: the alternatives that show it
  bool only_shown_{};                        // not all of them do
};

/// Of a type whose equal values are one value.
bool is_exact(catalog::table const& t, unsigned column, dialect d) {
  if (d == dialect::sqlite) return catalog::has_rowid(t) && catalog::decides_key(t, column);
  static constexpr std::array<std::string_view, 5> types{"pg_catalog.int2", "pg_catalog.int4", "pg_catalog.int8", "pg_catalog.uuid", "pg_catalog.date"};
  return std::ranges::find(types, t.columns[column].type) != types.end();
}

}  // namespace

void leave_key_as_it_is(bound::write& w, policy::access const& who, base::arena& memory) {
  if (w.conflict == nullptr || w.conflict->update == nullptr || w.conflict->keys.front().index != nullptr || w.rows == nullptr) return;
  auto& update = *w.conflict->update;
  auto& select = *update.rows->query->body->as<bound::select>();
  auto const& key = w.conflict->keys.front().columns;
  auto const stays = [&](std::size_t i) {
    auto const c = update.columns[i];
    auto const* value = select.items[i].value->as<bound::column>();
    auto const proposed = value != nullptr && value->relation == w.conflict->excluded && value->index < w.columns.size() && w.columns[value->index] == c;
    auto const granted = [&](auto const& g) { return g.grant->cells[c].which == policy::cell::kind::plain; };
    return proposed && std::ranges::find(key, c) != key.end() && is_exact(*w.table, c, who.which()) && std::ranges::any_of(who.of(w.table)->update, granted);
  };
  std::vector<unsigned> columns;
  std::vector<base::range> places;
  std::vector<bound::item> items;
  for (std::size_t i = 0; i < update.columns.size(); ++i) {
    if (stays(i)) continue;
    columns.push_back(update.columns[i]);
    places.push_back(update.places[i]);
    items.push_back(select.items[i]);
  }
  if (columns.empty()) return;  // an update of nothing is none
  update.columns = memory.copy(columns);
  update.places = memory.copy(places);
  select.items = memory.copy(items);
}

result<write_plan> plan_upsert(bound::write& w, policy::access const& who, base::arena& memory) { return upsert_planner(w, who, memory).run(); }

}  // namespace grille::rewrite
