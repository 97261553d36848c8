// PostgreSQL: the type of what a policy says, as far as its form tells it. Enters: a bound expression. Leaves: a type as the catalogue names it.
#pragma once
#include <string>
#include <string_view>

#include "bound/tree.hpp"

namespace grille::policy {

enum class category { number, truth, text, time, other };
/// With `pg_catalog.` before it or without.
category category_of(std::string_view type);

/// Empty: not known here, or what a constant is taken for.
std::string type_of(bound::expr const& e);

}  // namespace grille::policy
