// The two allow-lists, each sorted by name and number of arguments, in a file of its own: data to be read and reviewed.
#pragma once
#include <span>
#include <string_view>

#include "catalog/function.hpp"

namespace grille::catalog {

std::span<function const> sqlite_functions() noexcept;
std::span<function const> postgresql_functions() noexcept;

/// Lower case, sorted, and no number of arguments in two rows of one name: `find_function` has one answer.
constexpr bool well_formed(std::span<function const> all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& f = all[i];
    for (char const c : f.name)
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
    if (f.name.empty() || f.min_arguments < 0 || (f.max_arguments != -1 && f.max_arguments < f.min_arguments)) return false;
    if (i == 0) continue;
    auto const& before = all[i - 1];
    if (before.name > f.name) return false;
    if (before.name == f.name && (before.max_arguments == -1 || before.max_arguments >= f.min_arguments)) return false;
  }
  return true;
}

}  // namespace grille::catalog
