// Plans of writes on PostgreSQL, as the session makes them, to be broken by tests. Enters: a schema, policies, statements. Leaves: printed steps.
#pragma once
#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "grammar/parse.hpp"
#include "introspect/postgres/read.hpp"
#include "policy/access.hpp"
#include "policy/compile.hpp"
#include "postgres/backend.hpp"
#include "postgres/server.hpp"
#include "print/print.hpp"
#include "rewrite/write.hpp"
#include "verify/guarded_write.hpp"

namespace grille::verify::testing {

/// Of a database that is there no more.
inline std::shared_ptr<catalog::catalog const> tables_of(std::string const& schema) {
  testing_postgres::database db;
  db.run(schema);
  auto on = postgres::backend::connect(db.conninfo());
  return introspect::read_postgres(**on, {}).value();
}
/// What is wrong with a policy, and what would help; empty: nothing.
inline policy::compilation compiled(std::shared_ptr<catalog::catalog const> const& tables, std::string_view rules, base::arena& memory) {
  auto parsed = grammar::parse_policy(rules, dialect::postgresql, memory);
  for (auto const& f : parsed.faults) throw std::runtime_error(f.message);
  return policy::compile({{"shop.grille", std::string(rules), parsed.file, {}, false}}, tables);
}
inline std::shared_ptr<policy::compiled const> policy_on(std::shared_ptr<catalog::catalog const> const& tables, std::string_view rules) {
  base::arena memory;
  auto out = compiled(tables, rules, memory);
  for (auto const& f : out.faults) throw std::runtime_error(f.message + " (" + f.help + ")");
  return out.policy;
}

struct made {
  printed_write write;
  base::arena memory;
};

/// The plan, as the session makes it; or what it was refused for.
inline tl::expected<std::unique_ptr<made>, std::string> plan_of(std::string_view said, policy::access const& who) {
  auto const purge = said.starts_with("purge ");  // which no text says: a delete that is meant as one
  auto const sql = purge ? "delete " + std::string(said.substr(6)) : std::string(said);
  auto out = std::make_unique<made>();
  auto& memory = out->memory;
  auto const tree = grammar::parse_statement(sql, dialect::postgresql, memory);
  if (!tree) return tl::unexpected(tree.error().message);
  auto bound = bind::bind_write(**tree, {.visible = who, .memory = memory, .purge = purge, .text = sql});
  if (!bound) return tl::unexpected(bound.error().message);
  auto& w = **bound;
  auto plan = rewrite::plan(w, who, memory);
  if (!plan) return tl::unexpected(plan.error().message);
  out->write = {.method = w.method, .merges = w.merged != nullptr, .table = w.table, .temporary = plan->temporary, .steps = {}};
  auto positions = w.parameters;
  for (auto const& s : plan->steps) {
    auto const unbound = bind::unbind(s, *w.table, w.method, dialect::postgresql, memory, positions);
    positions += static_cast<unsigned>(unbound.slots.size());
    out->write.steps.push_back({.kind = s.kind,
                                .sql = print::print(*unbound.statement, dialect::postgresql, print::chains::balanced),
                                .slots = unbound.slots,
                                .caller_parameters = w.parameters,
                                .allowed = {}});
  }
  return out;
}

/// The first of that kind with that text in it, or the first of that kind.
inline write_step& step(printed_write& w, bound::step_kind k, std::string const& text) {
  auto const is = [&](write_step const& s) { return s.kind == k; };
  auto const found = std::find_if(w.steps.begin(), w.steps.end(), [&](write_step const& s) { return is(s) && s.sql.find(text) != std::string::npos; });
  return found != w.steps.end() ? *found : *std::find_if(w.steps.begin(), w.steps.end(), is);
}
inline std::string texts(printed_write const& w) {
  std::string out;
  for (auto const& s : w.steps) out += s.sql + "\n";
  return out;
}

}  // namespace grille::verify::testing
