#include "rewrite/write_history.hpp"

#include <algorithm>
#include <string_view>

#include "bound/walk.hpp"
#include "catalog/history.hpp"

namespace grille::rewrite {

using base::fail;
using bound::expr_ptr;

namespace {

namespace named = catalog::history_column;

policy::table_policy const& policy_of(catalog::table const& t, policy::access const& who) { return who.policy().tables.at(&t); }

}  // namespace

void record(write_steps& steps, catalog::table const& t, grille::method m, policy::access const& who, catalog::table const& rows,
            std::vector<unsigned> const& places, base::arena& memory) {
  auto const& of = policy_of(t, who);
  if (of.history == nullptr) return;
  auto const& h = *of.history;
  auto const& trees = steps.trees();
  auto* r = steps.row();
  auto* s = trees.base(rows, false);
  std::vector<unsigned> columns;
  std::vector<expr_ptr> values;
  auto const put = [&](std::string_view column, expr_ptr value) {
    columns.push_back(*h.find(column));  // the policy does not compile without it
    values.push_back(value);
  };
  auto const of_the_call = [&](std::string_view what, unsigned which = 0) {
    return make(memory, bound::slot{bound::slot_kind::record, what, {}, which});
  };
  for (unsigned c = 0; c < t.columns.size(); ++c)
    if (m != method::purge || std::find(t.primary_key.begin(), t.primary_key.end(), c) != t.primary_key.end())
      put(t.columns[c].name, trees.column(r, c));
  put(named::at, make(memory, bound::now{"current_timestamp"}));
  put(named::by, of_the_call("by"));
  put(named::behalf, of_the_call("for"));
  put(named::policy, of_the_call("policy", of.file));
  put(named::method, make(memory, bound::literal{bound::literal_kind::text, to_string(m)}));
  auto* query = trees.query(values, trees.from(r, s), trees.all_of(trees.same_row(r, steps.key(), s, places)));
  steps.add({.kind = bound::step_kind::record, .into = &h, .columns = memory.copy(columns), .returns = {}, .query = trees.statement(query)});
}

void erase(write_steps& steps, catalog::table const& t, write_grants const& grants, policy::access const& who, catalog::table const& rows,
           std::vector<unsigned> const& places, base::arena& memory) {
  auto const& h = *policy_of(t, who).history;
  auto const& trees = steps.trees();
  auto const recorded = [&](bound::relation* of, unsigned column) { return trees.column(of, *h.find(t.columns[column].name)); };
  auto const method_of = [&](bound::relation* of, bound::op o, grille::method m) {
    return operate(memory, o, {trees.column(of, *h.find(named::method)), make(memory, bound::literal{bound::literal_kind::text, to_string(m)})});
  };
  auto const purged = [&](bound::relation* of) {
    auto* r = steps.row();
    auto* s = trees.base(rows, false);
    std::vector<expr_ptr> theirs, mine;
    for (auto const k : t.primary_key) {
      theirs.push_back(recorded(of, k));
      mine.push_back(trees.column(r, k));
    }
    auto* key = theirs.size() == 1 ? theirs.front() : make(memory, bound::row{memory.copy(theirs)});
    auto* in = trees.query(mine, trees.from(r, s), trees.all_of(trees.same_row(r, steps.key(), s, places)));
    return make(memory, bound::subquery{bound::subquery_kind::in, key, in});
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
  auto const* const history = policy_of(*w.table, who).history;
  if (history != nullptr && who.which() != dialect::sqlite) return fail(errc::unsupported, "a write to a table that keeps its history", w.at);
  if (history == nullptr && w.method == method::purge)
    return fail(errc::unsupported, "`purge` on a table that keeps no history", w.at, "there a delete is all there is");
  return {};
}

}  // namespace grille::rewrite
