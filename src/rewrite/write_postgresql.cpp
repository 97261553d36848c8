// A caller's write on PostgreSQL. Enters: the write in the form of queries, and the caller's access. Leaves: steps that are put together to one
// statement (verify/writes_postgresql.cpp), in which each step's rows are a common table of those behind it; nothing is kept on the server.
//
// T is the table, K its primary key, S (grille_rows) what is collected, W (grille_written) what was written: all columns of T, as they
// are stored, after defaults, generated columns and BEFORE triggers; of a delete as they were.
//
//   update   collect   select E, …, t.K, t.old, …, t.may, … from (T, guarded as for reading) t where W and (t.may or …) for update of t
//            apply     update T r set a = s.c1, b = $1, …, setting = X, … from S s where r.K = s.K returning r.*
//            check     select count(*), (select count(*) from S) - count(*) filter (where ALT or …) from W r, S s where r.K = s.K
//            result    write_returning.cpp
//            where K is assigned, W has behind T's columns the key by which the row was found: … returning r.*, s.K as grille_key, and the check says
//            r.grille_key = s.K
//            with `from`, behind collect: conflict  select 1 from S s group by s.K having count(*) > 1
//            where T keeps its history, before the apply: record; see write_history.hpp
//   delete, purge   the same, a purge with former and erase behind the record; apply: delete from T r where r.K in (select s.K from S s) returning r.*
//            with `using`, S is one row of each key
//   insert   apply     insert into T (a, …, setting, …) QUERY returning *        the caller's query, with what is forced behind its values
//            check     select count(*), count(*) - count(*) filter (where ALT or …) from W r
//            result    the same
//
// A common table sees the database as it was when the statement began, whatever stands before it. So a condition on a row that was written
// may not ask T itself. Rows are locked as they are collected: one that another transaction changed in between is looked at anew.
// The caller's constants and parameters are assigned as they are, for the column to give them their type.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bound/walk.hpp"
#include "rewrite/write_conflict.hpp"
#include "rewrite/write_history.hpp"
#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

std::string named(catalog::table const& t) { return catalog::qualified(t.schema, t.name); }

}  // namespace

bool asks(bound::query& q, catalog::table const& t, catalog::catalog const& all) {
  struct look final : bound::visitor {
    look(catalog::table const& of, catalog::catalog const& c) : table(of), tables(c) {}
    using bound::visitor::enter;
    void enter(bound::relation& r) override { found = found || (r.kind == bound::relation_kind::base && reads(*r.table, 0)); }
    bool reads(catalog::table const& x, unsigned depth) const {
      if (&x == &table) return true;
      return depth > 32 || std::ranges::any_of(tables.tables(), [&](catalog::table const& y) {
               return std::ranges::find(x.reads, named(y)) != x.reads.end() && reads(y, depth + 1);
             });
    }
    catalog::table const& table;
    catalog::catalog const& tables;
    bool found{};
  } v(t, all);
  bound::walk(q, v);
  return v.found;
}

tl::unexpected<base::fault> asks_itself(base::range at) {
  return fail(errc::unsupported, "a condition of the policy on what is written that asks the table itself", at,
              "PostgreSQL shows it as it was before the statement");
}

namespace {

class statement_planner {
 public:
  statement_planner(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), who_(who), table_(*w.table), memory_(memory), steps_(w, who, memory), trees_(steps_.trees()),
        written_(steps_.keep(catalog::written_rows(table_, "written", moves(w) ? steps_.key().size() : 0))) {}

  result<write_plan> run() {
    if (auto const good = refuse_on_server(w_, who_); !good) return tl::unexpected(good.error());
    auto grants = write_grants::of(w_, who_, memory_);
    if (!grants) return tl::unexpected(grants.error());
    grants_.emplace(*std::move(grants));
    for (auto const& f : grants_->settings())
      if (w_.method != method::insert && catalog::decides_key(table_, f.column))
        return fail(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);
    if (auto const good = w_.method == method::insert ? insert() : change(); !good) return tl::unexpected(good.error());
    return steps_.take();
  }

 private:
  result<void> change() {
    auto const joined = std::holds_alternative<bound::join>(w_.rows->query->body->as<bound::select>()->from->node);
    auto collected = collect(w_, who_, *grants_, steps_.key(), memory_);
    if (!collected) return tl::unexpected(collected.error());
    steps_.note(collected->read);
    auto const& rows = steps_.rows_of(w_, *collected);
    if (joined && w_.method == method::update) steps_.once(*collected, rows);
    record(steps_, table_, w_.method, who_, rows, *collected, memory_);
    if (w_.method == method::purge) erase(steps_, table_, *grants_, who_, rows, *collected, memory_);
    if (w_.method == method::update)
      steps_.update(w_, *grants_, *collected, rows, moves(w_) ? &written_ : nullptr);
    else
      steps_.remove(*collected, rows);
    if (auto const good = steps_.count(*grants_, *collected, &rows, written_); !good) return good;
    return steps_.result_of(moves(w_) ? steps_.keep(catalog::written_rows(table_)) : written_, &*collected, &rows);
  }

  result<void> insert() {
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    if (auto const good = leave_identities(columns); !good) return good;
    if (auto const good = refuse_to_tell(w_, who_, memory_); !good) return good;
    std::vector<expr_ptr> forced;
    grants_->force(nullptr, columns, forced);
    auto* rows = w_.rows;
    if (rows != nullptr) {
      auto const read = rewrite(*rows, who_, memory_, false, nullptr);
      if (!read) return tl::unexpected(read.error());
      steps_.note(*read);
      if (!forced.empty()) append(*rows->query, forced);
    } else if (!forced.empty()) {
      rows = trees_.statement(trees_.query(forced, nullptr, nullptr));
    }
    steps_.add({.kind = bound::step_kind::apply,
                .into = nullptr,
                .columns = memory_.copy(columns),
                .returns = memory_.copy(steps_.returned(method::insert)),
                .query = rows,
                .left_out = w_.conflict == nullptr ? bound::list<bound::conflict_key>{} : w_.conflict->keys});
    if (auto const good = steps_.count(*grants_, {}, nullptr, written_); !good) return good;
    return steps_.result_of(written_);
  }

  /// An identity that is always the server's is not written, `default` or not.
  result<void> leave_identities(std::vector<unsigned>& columns) {
    auto* values = w_.rows == nullptr ? nullptr : w_.rows->query->body->as<bound::values>();
    for (auto i = columns.size(); values != nullptr && i-- > 0;) {
      if (table_.columns[columns[i]].identity != catalog::identity::always) continue;
      columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(i));
      trees_.leave_out(*values, i);
    }
    if (!columns.empty() || values == nullptr) return {};
    return fail(errc::unsupported, "`default` for an identity as all that is inserted", w_.at, "say `default values`");
  }
  /// What is forced, behind the values of each row.
  void append(bound::query& q, std::vector<expr_ptr> const& forced) {
    auto* select = q.body->as<bound::select>();
    if (select != nullptr && !select->distinct) {
      std::vector<bound::item> items(select->items.begin(), select->items.end());
      for (auto* f : forced) items.push_back({f, {}});
      select->items = memory_.copy(items);
      return;
    }
    if (auto* values = q.body->as<bound::values>()) {
      for (auto& row : values->rows) {
        std::vector<expr_ptr> all(row.begin(), row.end());
        for (auto* f : forced) all.push_back(bound::copier{memory_}(f));
        row = memory_.copy(all);
      }
      return;
    }
    auto* inner = memory_.make<bound::query>(q);
    auto* around = memory_.make<bound::relation>();
    around->kind = bound::relation_kind::derived;
    around->query = inner;
    around->name = "rows";
    std::vector<bound::relation_column> columns;
    for (unsigned i = 0; i < w_.columns.size(); ++i) columns.push_back({memory_.copy("c" + std::to_string(i + 1)), i, true, true});
    around->columns = memory_.copy(columns);
    std::vector<expr_ptr> values;
    for (unsigned i = 0; i < columns.size(); ++i) values.push_back(trees_.column(around, i));
    values.insert(values.end(), forced.begin(), forced.end());
    q = *trees_.query(values, trees_.from(around), nullptr);
  }

  bound::write& w_;
  policy::access const& who_;
  catalog::table const& table_;
  base::arena& memory_;
  write_steps steps_;
  write_trees const& trees_;
  catalog::table const& written_;
  std::optional<write_grants> grants_;
};

}  // namespace

result<void> refuse_on_server(bound::write const& w, policy::access const& who) {
  auto const& t = *w.table;
  if (t.rules) return fail(errc::unsupported, "a write to a table with rules, which make something else of it", w.at);
  auto const has_children = std::ranges::any_of(
      who.policy().catalog->tables(), [&](catalog::table const& c) { return std::ranges::find(c.parents, named(t)) != c.parents.end(); });
  if (has_children && !t.partitioned)
    return fail(errc::unsupported, "a write to a table that others inherit from", w.at, "name the table whose rows are meant");
  for (std::size_t i = 0; i < w.columns.size(); ++i)
    if (t.columns[w.columns[i]].identity == catalog::identity::always && !bound::leaves_to_default(w, i))
      return fail(errc::forbidden, "column `" + t.columns[w.columns[i]].name + "` is an identity, and cannot be assigned", w.places[i]);
  return refuse_by_name(w, who);
}

catalog::table const& write_steps::keep(catalog::table t) {
  out_.tables.push_back(std::make_unique<catalog::table>(std::move(t)));
  return *out_.tables.back();
}

base::result<void> write_steps::count(write_grants const& grants, write_collection const& collected, catalog::table const* rows, catalog::table const& written) {
  auto const d = who_.which();
  auto* r = trees_.base(written, false);
  auto* s = rows == nullptr ? nullptr : trees_.base(*rows, false);
  auto key = key_;
  for (auto i = static_cast<unsigned>(table_.columns.size()); i < written.columns.size(); ++i) key[i - table_.columns.size()] = i;
  auto* total = trees_.count(d);
  if (rows != nullptr)
    total = make(memory_, bound::subquery{bound::subquery_kind::scalar, nullptr, trees_.query({trees_.count(d)}, trees_.from(trees_.base(*rows, false)), nullptr)});
  auto* bad = operate(memory_, bound::op::subtract, {total, trees_.count(d, allowed(grants, collected, r, s))});
  auto* q = s == nullptr ? trees_.query({trees_.count(d), bad}, trees_.from(r), nullptr)
                         : trees_.query({trees_.count(d), bad}, trees_.from(r, s, bound::join_kind::cross), trees_.all_of(trees_.same_row(r, key, s, collected.key)));
  if (asks(*q, table_, *who_.policy().catalog)) return asks_itself(w_.at);
  add(bound::step_kind::check, q);
  return {};
}

result<write_plan> plan_statement(bound::write& w, policy::access const& who, base::arena& memory) { return statement_planner(w, who, memory).run(); }

}  // namespace grille::rewrite
