#include "session/pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/limits.hpp"
#include "bind/unbind.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"
#include "rewrite/write.hpp"
#include "session/touched.hpp"

namespace grille::pipeline {

namespace {

masking masking_of(rewrite::masking m) {
  switch (m) {
    case rewrite::masking::none: return masking::none;
    case rewrite::masking::some_rows: return masking::some_rows;
    case rewrite::masking::all_rows: return masking::all_rows;
  }
  return masking::all_rows;
}

/// The names of the result's columns; `values` has the engine's own.
std::vector<std::string> names_of(bound::statement const& s) {
  std::vector<std::string> names;
  auto const& first = bound::first_arm(*s.query->body);
  if (auto const* const select = first.as<bound::select>())
    for (auto const& item : select->items) names.emplace_back(item.name);
  else if (auto const* const values = first.as<bound::values>())
    for (std::size_t i = 1; i <= (values->rows.empty() ? 0 : values->rows[0].size()); ++i) names.push_back(fmt::format("column{}", i));
  return names;
}

detail::heading_ptr heading_of(std::vector<std::string> names, rewrite::outcome const& facts, bool mark) {
  auto heading = std::make_shared<detail::heading>();
  heading->filtered = facts.filtered;
  heading->marked = mark;
  heading->withheld.assign(facts.withheld.begin(), facts.withheld.end());
  heading->marks = static_cast<std::size_t>(std::ranges::count_if(heading->withheld, [](auto const& m) { return m.has_value(); }));
  for (std::size_t i = 0; i < names.size(); ++i)
    heading->columns.push_back({.name = std::move(names[i]),
                                .type = i < facts.types.size() ? facts.types[i] : std::string{},
                                .mask = i < facts.columns.size() ? masking_of(facts.columns[i]) : masking::all_rows});
  return heading;
}

std::unique_ptr<told_heading> to_be_told(detail::heading const& h, dialect d) {
  bool const whole = std::ranges::none_of(h.columns, [](auto const& c) { return c.type.empty(); });
  return whole || d != dialect::postgresql ? nullptr : std::make_unique<told_heading>();
}

/// The sentences that opened what is read, and those by which `to` may be written.
void add(std::vector<std::string>& to, std::string sentence) {
  if (std::ranges::find(to, sentence) == to.end()) to.push_back(std::move(sentence));
}

/// Of an upsert both halves, of a merge all that its clauses do.
std::vector<change> changes_of(bound::write const& w, policy::access const& who) {
  std::vector<change> out;
  for (auto const* one : bound::changes(w)) {
    auto const* granted = who.of(one->table);
    if (granted == nullptr) continue;
    change c{one->table->name, one->method};
    for (auto const& m : granted->of(one->method)) {
      auto const names = [&](unsigned column) { return column < m.grant->cells.size() && m.grant->cells[column].which == policy::cell::kind::plain; };
      if (!std::ranges::all_of(one->columns, names)) continue;
      add(c.grants, m.grant->sentence->told());
      for (auto const& r : granted->policy->restrictions)
        if (std::ranges::find(r.methods, one->method) != r.methods.end() && std::ranges::find(r.except, m.grant->role) == r.except.end()) add(c.restrictions, r.sentence->told());
    }
    out.push_back(std::move(c));
  }
  return out;
}

std::vector<std::string> grants_of(std::vector<rewrite::applied> const& reads, std::vector<change> const& changes) {
  std::vector<std::string> out;
  for (auto const& c : changes)
    for (auto const& sentence : c.grants) add(out, sentence);
  for (auto const& r : reads)
    for (auto const& sentence : r.grants) add(out, sentence);
  return out;
}

bool is_write(ast::statement const& tree) { return tree.as<ast::query_ptr>() == nullptr; }

outcome<compiled_ptr> compile_write(ast::statement const& tree, policy::access const& who, bind::options const& o) {
  auto const d = who.which();
  auto of_write = o;
  // what is read of an upsert, or of a merge, may be asked twice, and would lock other rows then
  of_write.locks = tree.as<ast::update_statement>() != nullptr || tree.as<ast::delete_statement>() != nullptr;
  auto bound = bind::bind_write(tree, of_write);
  if (!bound) return refuse(std::move(bound.error()), o.text);
  auto& write = **bound;
  std::vector<std::string> names;
  if (write.returning != nullptr) names = names_of(*write.returning);
  auto const* const source = write.rows;
  auto const* const changes = write.conflict == nullptr || write.conflict->update == nullptr ? nullptr : write.conflict->update->rows;
  auto accesses = touched(write);  // before it is changed in place
  auto plan = rewrite::plan(write, who, o.memory);
  if (!plan) return refuse(std::move(plan.error()), o.text);
  verify::printed_write printed{.method = write.method, .merges = write.merged != nullptr, .table = write.table, .temporary = std::move(plan->temporary), .steps = {}};
  unsigned positions = 0;  // PostgreSQL: of parameters that stand before a step's own
  if (d == dialect::postgresql) positions = write.parameters;
  for (auto const& step : plan->steps) {
    auto const unbound = bind::unbind(step, *write.table, write.method, d, o.memory, positions);
    if (d == dialect::postgresql) positions += static_cast<unsigned>(unbound.slots.size());
    auto sql = print::print(*unbound.statement, d, print::chains::balanced);
    if (sql.size() > base::limits::source_bytes) return refuse(errc::limit, "the rewritten statement is too long");
    auto const callers =
        d == dialect::postgresql || (step.query != nullptr && (step.query == source || step.query == changes || step.query == write.returning));
    printed.steps.push_back({.kind = step.kind,
                             .sql = std::move(sql),
                             .slots = unbound.slots,
                             .caller_parameters = callers ? write.parameters : 0,
                             .allowed = {}});
  }
  std::string texts;
  for (auto const& s : printed.steps) texts += "; " + s.sql;
  auto guarded = verify::verify(std::move(printed), who);
  if (!guarded)
    return refuse({.parts = {.kind = errc::unsupported, .message = "the second check refused the rewritten statement"},
                   .detail = fmt::format("{}: {}{}", guarded.error().message, guarded.error().help, texts)});
  auto written = changes_of(write, who);
  auto grants = grants_of(plan->relations, written);
  auto heading = heading_of(std::move(names), plan->result, false);
  auto told = to_be_told(*heading, d);
  return std::make_shared<compiled_statement const>(
      compiled_statement{.policy = who.policy_ptr(),
                         .guarded = {},
                         .write = *std::move(guarded),
                         .heading = std::move(heading),
                         .told = std::move(told),
                         .parameter_names = {write.parameter_names.begin(), write.parameter_names.end()},
                         .relations = std::move(plan->relations),
                         .changes = std::move(written),
                         .grants = std::move(grants),
                         .accesses = std::move(accesses)});
}

outcome<compiled_ptr> compile_tree(ast::statement const& tree, policy::access const& who, bind::options const& o, bool mark) {
  auto const d = who.which();
  if (is_write(tree)) return compile_write(tree, who, o);
  auto of_query = o;
  of_query.locks = true;
  auto bound = bind::bind_statement(tree, of_query);
  if (!bound) return refuse(std::move(bound.error()), o.text);
  auto& statement = **bound;
  auto names = names_of(statement);
  auto accesses = touched(statement);  // before it is changed in place
  auto facts = rewrite::rewrite(statement, who, o.memory, mark);
  if (!facts) return refuse(std::move(facts.error()), o.text);
  auto const unbound = bind::unbind(statement, d, o.memory);
  auto sql = print::print(*unbound.statement, d, print::chains::balanced);
  if (sql.size() > base::limits::source_bytes) return refuse(errc::limit, "the rewritten statement is too long", "an unnamed column is named after its whole text: name it");
  auto guarded = verify::verify(sql, unbound.slots, statement.parameters, who);
  if (!guarded)  // the two disagree: what one of them says of the policy is not for the caller
    return refuse({.parts = {.kind = errc::unsupported, .message = "the second check refused the rewritten statement"},
                   .detail = fmt::format("{}: {}", guarded.error().message, sql)});
  auto grants = grants_of(facts->relations, {});
  auto heading = heading_of(std::move(names), *facts, mark);
  auto told = to_be_told(*heading, d);
  return std::make_shared<compiled_statement const>(
      compiled_statement{.policy = who.policy_ptr(),
                         .guarded = *std::move(guarded),
                         .write = {},
                         .heading = std::move(heading),
                         .told = std::move(told),
                         .parameter_names = {statement.parameter_names.begin(), statement.parameter_names.end()},
                         .relations = std::move(facts->relations),
                         .grants = std::move(grants),
                         .accesses = std::move(accesses)});
}

}  // namespace

outcome<compiled_ptr> compile(std::string_view sql, policy::access const& who) {
  base::arena memory;
  auto tree = grammar::parse_statement(sql, who.which(), memory);
  if (!tree) return refuse(std::move(tree.error()), sql);
  return compile_tree(**tree, who, {.visible = who, .memory = memory, .text = sql}, false);
}

outcome<compiled_ptr> compile(ast::statement const& tree, policy::access const& who, base::arena& memory, bind::call_resolver calls,
                              bool mark_withheld, bool purge) {
  return compile_tree(tree, who, {.visible = who, .memory = memory, .calls = std::move(calls), .purge = purge}, mark_withheld);
}

}  // namespace grille::pipeline
