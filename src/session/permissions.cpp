#include "session/permissions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "rewrite/passes.hpp"

namespace grille::pipeline {

namespace {

bool names(std::vector<grille::method> const& methods, grille::method m) {
  return std::ranges::any_of(methods, [&](auto each) {
    return each == m || (each == method::select && (m == method::filter || m == method::aggregate));
  });
}

bool restricted(policy::table_policy const& t, policy::grant const& g) {
  return std::ranges::any_of(t.restrictions, [&](auto const& r) {
    return names(r.methods, g.method) && std::ranges::find(r.except, g.role) == r.except.end();
  });
}

bool reads(grille::method m) { return m == method::select || m == method::filter || m == method::aggregate; }
bool takes_whole_rows(grille::method m) { return m == method::remove || m == method::purge; }

void list(std::vector<permission>& all, policy::table_access const& t, policy::grant const& g, policy::compiled const& p) {
  permission one{.resource = t.policy->table->name,
                 .column = {},
                 .method = g.method,
                 .filtered = g.where != nullptr || g.so_that != nullptr || restricted(*t.policy, g),
                 .by = fmt::format("{}: {} ({}:{})", p.roles[g.role].name, g.sentence->text, g.sentence->file, g.sentence->line)};
  if (takes_whole_rows(g.method)) {
    all.push_back(std::move(one));
    return;
  }
  for (unsigned i = 0; i < g.cells.size(); ++i) {
    if (g.cells[i].which == policy::cell::kind::none || (reads(g.method) && t.denied[i])) continue;
    one.column = t.policy->table->columns[i].name;
    one.masked = g.cells[i].which == policy::cell::kind::masked || (reads(g.method) && !rewrite::masks_for(*t.policy, g, i).empty());
    all.push_back(one);
  }
}

}  // namespace

std::vector<permission> permissions_of(policy::access const& who) {
  std::vector<permission> all;
  for (auto const& t : who.tables())
    for (auto const* grants : {&t.select, &t.filter, &t.aggregate, &t.insert, &t.update, &t.remove, &t.purge}) {
      policy::grant const* last = nullptr;
      for (auto const& m : *grants)
        if (std::exchange(last, m.grant) != m.grant) list(all, t, *m.grant, who.policy());  // once, for however many scopes it is held
    }
  std::ranges::stable_sort(all, {}, [](permission const& p) { return std::tie(p.resource, p.column, p.method); });
  return all;
}

}  // namespace grille::pipeline
