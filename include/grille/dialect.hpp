/// @file
/// The two SQL dialects and the methods that a policy grants.
#pragma once
#include <string_view>

namespace grille {

enum class dialect { sqlite, postgresql };
/// What a grant allows. `remove` is written `delete` in policies. `filter` and `aggregate` let a column be used, not shown.
enum class method { select, insert, update, remove, purge, filter, aggregate };
/// As policies write it.
std::string_view to_string(method m) noexcept;

}  // namespace grille
