#include "session/matching.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog/catalog.hpp"
#include "eval/evaluate.hpp"
#include "session/named_specification.hpp"
#include "session/specification_tree.hpp"

namespace grille::pipeline {

namespace {

/// The object's columns as a table: what a specification without a database can know.
catalog::catalog catalog_of(std::string_view resource, attributes const& object, dialect d) {
  catalog::table t;
  t.schema = d == dialect::sqlite ? "main" : "public";
  t.name = resource;
  for (auto const& [name, v] : object) t.columns.push_back({.name = name});
  return {d, {std::move(t)}};
}

outcome<bool> tested(specification const& s, std::string_view resource, attributes const& object, bind::visible_catalog const& visible,
                     policy::access const* who) {
  base::arena memory;
  auto const table = visible.find({}, resource);
  if (!table) return refuse(table.error());
  if (*table == nullptr) return refuse(errc::not_found, fmt::format("no such table: `{}`", resource));
  if ((*table)->columns.empty()) return refuse(errc::usage, "the object has no columns");
  auto const& columns = (*table)->table->columns;
  auto const tree = predicate_of(s, resource, columns[(*table)->columns.front().index].name, who, memory);

  bind::options o{.visible = visible, .memory = memory};
  o.calls = [&](std::string_view name, std::span<bound::expr_ptr const> arguments, base::range at) -> base::result<bound::expr_ptr> {
    if (who != nullptr) return named_specifications(*who, visible, memory)(name, arguments, at);
    return base::fail(errc::unsupported, "the policy's specifications are known to a session only", at);
  };
  auto* const subject = bind::make_relation(**table, memory.copy(resource), {}, memory);
  auto const predicate = bind::bind_expression(*tree.tree, subject, o);
  if (!predicate) return refuse(predicate.error());

  eval::environment env;
  env.which = visible.which();
  env.column = [&](bound::column const& c) -> base::result<value> {
    auto const& name = columns[c.relation->columns[c.index].source].name;
    auto const found = std::ranges::find_if(object, [&](auto const& a) { return catalog::same_name(a.first, name); });
    if (found == object.end()) return base::fail(errc::not_found, fmt::format("the object has no `{}`", name));
    return found->second;
  };
  env.slot = [&](bound::slot const& slot) -> base::result<value> { return who == nullptr ? value() : who->resolve(slot); };
  env.parameter = [&](bound::parameter const& p) -> base::result<value> { return tree.parameters.at(p.position - 1); };
  auto const holds = eval::holds(**predicate, env);
  if (!holds) return refuse(holds.error());
  return *holds;
}

}  // namespace

outcome<bool> matches(specification const& s, std::string_view resource, attributes const& object, policy::access const& who) {
  return tested(s, resource, object, bind::full_catalog(*who.policy().catalog), &who);
}

outcome<bool> matches(specification const& s, std::string_view resource, attributes const& object, dialect d) {
  auto const tables = catalog_of(resource, object, d);
  return tested(s, resource, object, bind::full_catalog(tables), nullptr);
}

}  // namespace grille::pipeline

namespace grille::detail {

bool matches(specification const& s, std::string_view resource, attributes const& object, dialect d) {
  return pipeline::value_or_raise(pipeline::matches(s, resource, object, d));
}

}  // namespace grille::detail
