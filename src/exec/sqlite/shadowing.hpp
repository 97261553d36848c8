// Functions of the application's that stand in the place of allow-listed ones: policies and statements would call these instead.
// Enters: a handle. Leaves: the name of the first one found, or nothing.
#pragma once
#include <optional>
#include <string>

#include "exec/failure.hpp"

struct sqlite3;

namespace grille::exec::sqlite {

result<std::optional<std::string>> shadowed_function(sqlite3* db);

}  // namespace grille::exec::sqlite
