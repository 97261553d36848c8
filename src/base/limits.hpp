// The bounds on what one statement may be. Everything beyond is the error `limit`, at once.
#pragma once
#include <cstddef>

namespace grille::base::limits {

inline constexpr std::size_t source_bytes = 1'000'000;  // SQLite's own default for a statement
inline constexpr std::size_t policy_bytes = 4'000'000;
inline constexpr std::size_t tokens = 250'000;
inline constexpr unsigned nesting = 400;         // of the tree as built, operator chains included
inline constexpr std::size_t relations = 60;     // in one from clause; SQLite joins at most 64
inline constexpr std::size_t list_items = 30'000;  // in one list; SQLite allows 2,000 result columns and 32,766 parameters
inline constexpr std::size_t output_bytes = 4'000'000;

}  // namespace grille::base::limits
