#include "session/restoring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/history.hpp"
#include "print/print.hpp"

namespace grille::pipeline {

namespace {

/// Its schema too, where there are several.
std::string path_of(catalog::table const& t, dialect d) {
  return (d == dialect::postgresql ? print::quote(t.schema, d) + '.' : std::string{}) + print::quote(t.name, d);
}

}  // namespace

outcome<kept_rows> kept_rows_of(std::string_view resource, policy::access const& who) {
  auto const* const t = who.policy().catalog->find({}, resource);
  auto const* const mine = t == nullptr ? nullptr : who.of(t);
  if (mine == nullptr) return refuse(errc::not_found, fmt::format("no such table: `{}`", resource));
  auto const* const h = mine->policy->history;
  if (h == nullptr) return refuse(errc::unsupported, fmt::format("`{}` keeps no history to restore from", resource));
  if (who.policy().catalog->find({}, h->name) != h)
    return refuse(errc::unsupported, "to restore a row from a history that the search path does not find");
  kept_rows out{.which = who.which(), .table = t, .history = h, .columns = {}};
  for (auto const& c : t->columns)
    if (c.generated == catalog::generated::no) out.columns.emplace_back(c.name);
  out.columns.push_back(catalog::history_column::method);
  return out;
}

std::string restoring(kept_rows const& k, bool deleted) {
  auto const quoted = [&](std::string_view name) { return print::quote(name, k.which); };
  auto const table = quoted(k.table->name), history = quoted(k.history->name);
  auto const recorded = [&](std::string_view column) { return history + '.' + quoted(column); };
  std::string names, values, set, same;
  for (unsigned i = 0; i < k.table->columns.size(); ++i) {
    auto const& c = k.table->columns[i];
    if (c.generated != catalog::generated::no) continue;
    auto const in_key = std::find(k.table->primary_key.begin(), k.table->primary_key.end(), i) != k.table->primary_key.end();
    names += (names.empty() ? "" : ", ") + quoted(c.name);
    values += (values.empty() ? "" : ", ") + recorded(c.name);
    auto const is = quoted(c.name) + " = " + recorded(c.name);
    if (in_key)
      same += " and " + table + '.' + is;
    else
      set += (set.empty() ? "" : ", ") + is;
  }
  auto const chosen =
      fmt::format("from {} where {} = {}1", path_of(*k.history, k.which), recorded(catalog::history_column::number), k.which == dialect::sqlite ? '?' : '$');
  auto const written = path_of(*k.table, k.which);
  if (deleted) return fmt::format("insert into {} ({}) select {} {}", written, names, values, chosen);
  return fmt::format("update {} set {} {}{}", written, set, chosen, same);
}

}  // namespace grille::pipeline
