// Lookups in the allow-lists. Enters: a name and a number of arguments. Leaves: the one row that fits, or null.
#include "catalog/function.hpp"

#include <algorithm>

#include "catalog/catalog.hpp"
#include "catalog/function_tables.hpp"

namespace grille::catalog {

namespace {

std::span<function const> named(dialect d, std::string_view name) {
  auto const all = functions(d);
  std::string folded(name);
  if (d == dialect::sqlite)
    std::ranges::transform(folded, folded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  auto const rows = std::ranges::equal_range(all, std::string_view(folded), {}, &function::name);
  return {rows.begin(), rows.end()};
}

}  // namespace

function const* find_function(dialect d, std::string_view name, int arguments) {
  for (auto const& f : named(d, name))
    if (arguments >= f.min_arguments && (f.max_arguments == -1 || arguments <= f.max_arguments)) return &f;
  return nullptr;
}

bool knows_function(dialect d, std::string_view name) { return !named(d, name).empty(); }

std::span<function const> functions(dialect d) {
  switch (d) {
    case dialect::sqlite:
      return sqlite_functions();
    case dialect::postgresql:
      return postgresql_functions();
  }
  return {};
}

}  // namespace grille::catalog
