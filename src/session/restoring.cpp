#include "session/restoring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/history.hpp"
#include "print/print.hpp"

namespace grille::pipeline {

namespace {

std::string quoted(std::string_view name) { return print::quote(name, dialect::sqlite); }

}  // namespace

outcome<kept_rows> kept_rows_of(std::string_view resource, policy::access const& who) {
  auto const* const t = who.policy().catalog->find({}, resource);
  auto const* const mine = t == nullptr ? nullptr : who.of(t);
  if (mine == nullptr) return refuse(errc::not_found, fmt::format("no such table: `{}`", resource));
  auto const* const h = mine->policy->history;
  if (h == nullptr) return refuse(errc::unsupported, fmt::format("`{}` keeps no history to restore from", resource));
  if (who.which() != dialect::sqlite) return refuse(errc::unsupported, "to restore a row, on PostgreSQL");
  kept_rows out{.table = t, .history = h, .columns = {}};
  for (auto const& c : t->columns)
    if (c.generated == catalog::generated::no) out.columns.emplace_back(c.name);
  out.columns.push_back(catalog::history_column::method);
  return out;
}

std::string restoring(kept_rows const& k, bool deleted) {
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
  auto const chosen = fmt::format("from {} where {} = ?1", history, recorded(catalog::history_column::number));
  if (deleted) return fmt::format("insert into {} ({}) select {} {}", table, names, values, chosen);
  return fmt::format("update {} set {} {}{}", table, set, chosen, same);
}

}  // namespace grille::pipeline
