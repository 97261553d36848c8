#include "rewrite/write_history.hpp"

#include <algorithm>
#include <string_view>

#include "bound/walk.hpp"
#include "catalog/function.hpp"
#include "catalog/history.hpp"
#include "catalog/row_key.hpp"

namespace grille::rewrite {

using base::fail;
using bound::expr_ptr;

namespace {

namespace named = catalog::history_column;

policy::table_policy const& policy_of(catalog::table const& t, policy::access const& who) { return who.policy().tables.at(&t); }

bool is_recorded(catalog::table const& t, grille::method m, unsigned column) {
  return m != method::purge || std::find(t.primary_key.begin(), t.primary_key.end(), column) != t.primary_key.end();
}

/// The columns of the rows that were collected: as the table has them, or on PostgreSQL as they were locked.
class collected_rows {
 public:
  collected_rows(write_steps const& steps, catalog::table const& rows, write_collection const& collected, policy::access const& who)
      : trees_(steps.trees()), key_(steps.key()), collected_(collected), s_(trees_.base(rows, false)) {
    if (who.which() == dialect::sqlite) r_ = steps.row();
  }
  expr_ptr column(unsigned c) const {
    if (r_ != nullptr) return trees_.column(r_, c);
    auto const k = std::find(key_.begin(), key_.end(), c);
    return trees_.column(s_, k != key_.end() ? collected_.key[static_cast<std::size_t>(k - key_.begin())] : collected_.old.at(c));
  }
  bound::query* query(std::vector<expr_ptr> const& values) const {
    if (r_ == nullptr) return trees_.query(values, trees_.from(s_), nullptr);
    return trees_.query(values, trees_.from(r_, s_), trees_.all_of(trees_.same_row(r_, key_, s_, collected_.key)));
  }

 private:
  write_trees const& trees_;
  std::vector<unsigned> const& key_;
  write_collection const& collected_;
  bound::relation* s_;
  bound::relation* r_{};
};

expr_ptr clock(policy::access const& who, base::arena& memory) {
  if (who.which() == dialect::sqlite) return make(memory, bound::now{"current_timestamp"});
  bound::call c;  // `current_timestamp` is that of the transaction
  c.function = catalog::find_function(dialect::postgresql, "statement_timestamp", 0);
  return make(memory, c);
}

}  // namespace

std::set<unsigned> recorded_columns(catalog::table const& t, grille::method m, policy::access const& who) {
  std::set<unsigned> out;
  if (who.which() == dialect::sqlite || policy_of(t, who).history == nullptr) return out;
  auto const key = catalog::row_key(t);
  for (unsigned c = 0; c < t.columns.size(); ++c)
    if (is_recorded(t, m, c) && std::find(key.begin(), key.end(), c) == key.end()) out.insert(c);
  return out;
}

void record(write_steps& steps, catalog::table const& t, grille::method m, policy::access const& who, catalog::table const& rows,
            write_collection const& collected, base::arena& memory) {
  auto const& of = policy_of(t, who);
  if (of.history == nullptr) return;
  auto const& h = *of.history;
  collected_rows const was(steps, rows, collected, who);
  std::vector<unsigned> columns, returns;
  std::vector<expr_ptr> values;
  auto const put = [&](std::string_view column, expr_ptr value) {
    columns.push_back(*h.find(column));  // the policy does not compile without it
    values.push_back(value);
  };
  auto const of_the_call = [&](std::string_view what, unsigned which = 0) {
    return make(memory, bound::slot{bound::slot_kind::record, what, {}, which});
  };
  for (unsigned c = 0; c < t.columns.size(); ++c)
    if (is_recorded(t, m, c)) put(t.columns[c].name, was.column(c));
  put(named::at, clock(who, memory));
  put(named::by, of_the_call("by"));
  put(named::behalf, of_the_call("for"));
  put(named::policy, of_the_call("policy", of.file));
  put(named::method, make(memory, bound::literal{bound::literal_kind::text, to_string(m)}));
  if (who.which() == dialect::postgresql) returns.push_back(*h.find(named::number));
  steps.add({.kind = bound::step_kind::record,
             .into = &h,
             .columns = memory.copy(columns),
             .returns = memory.copy(returns),
             .query = steps.trees().statement(was.query(values))});
}

void erase(write_steps& steps, catalog::table const& t, write_grants const& grants, policy::access const& who, catalog::table const& rows,
           write_collection const& collected, base::arena& memory) {
  auto const& h = *policy_of(t, who).history;
  auto const& trees = steps.trees();
  auto const recorded = [&](bound::relation* of, unsigned column) { return trees.column(of, *h.find(t.columns[column].name)); };
  auto const method_of = [&](bound::relation* of, bound::op o, grille::method m) {
    return operate(memory, o, {trees.column(of, *h.find(named::method)), make(memory, bound::literal{bound::literal_kind::text, to_string(m)})});
  };
  auto const purged = [&](bound::relation* of) {
    collected_rows const gone(steps, rows, collected, who);
    std::vector<expr_ptr> theirs, mine;
    for (auto const k : t.primary_key) {
      theirs.push_back(recorded(of, k));
      mine.push_back(gone.column(k));
    }
    auto* key = theirs.size() == 1 ? theirs.front() : make(memory, bound::row{memory.copy(theirs)});
    return make(memory, bound::subquery{bound::subquery_kind::in, key, gone.query(mine)});
  };
  if (!grants.ways().unconditional()) {
    auto* of = trees.base(h, false);
    auto* row = steps.row();  // for which the record stands
    bound::copier copy{memory};
    copy.columns = [&](bound::column const& c) { return c.relation == row ? recorded(of, c.index) : nullptr; };
    auto* may = copy(grants.ways().guard(row));
    auto* bad = operate(memory, bound::op::is_not_true, {may});
    steps.add(bound::step_kind::former,
              trees.query({trees.one()}, trees.from(of), trees.all_of({method_of(of, bound::op::equal, method::remove), purged(of), bad})));
  }
  auto* of = trees.base(h, false);
  auto* query = trees.query({trees.one()}, trees.from(of), trees.all_of({method_of(of, bound::op::is_distinct, method::purge), purged(of)}));
  steps.add({.kind = bound::step_kind::erase, .into = nullptr, .columns = {}, .returns = {}, .query = trees.statement(query)});
}

base::result<void> refuse_of_history(bound::write const& w, policy::access const& who) {
  auto const& tables = who.policy().tables;
  if (std::any_of(tables.begin(), tables.end(), [&](auto const& t) { return t.second.history == w.table; }))
    return fail(errc::unsupported, "a write to a history", w.at, "it is written with the table whose history it is");
  if (policy_of(*w.table, who).history == nullptr && w.method == method::purge)
    return fail(errc::unsupported, "`purge` on a table that keeps no history", w.at, "there a delete is all there is");
  return {};
}

}  // namespace grille::rewrite
