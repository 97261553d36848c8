// The functions that may be called at all: an allow-list, as data. Enters: a dialect, a name, a number of arguments.
// Leaves: what is known of that function, or null, and then the statement is refused. No function that runs SQL text, reads
// files, settings, catalogues, sequences, other statements or large objects is in it.
#pragma once
#include <span>
#include <string_view>

#include "grille/dialect.hpp"

namespace grille::catalog {

enum class function_kind { scalar, aggregate, window, table };  // an aggregate may also be used as a window function
struct function {
  std::string_view name;  // lower case
  int min_arguments{};
  int max_arguments{};      // -1: any number
  function_kind kind{};
  bool can_raise{};         // an argument exists for which it fails, or signals otherwise (an enormous result): needs a fence
  bool deterministic{true}; // same arguments, same statement: same result
  bool reads_order{};       // group_concat, json_group_array: the result depends on the order of rows
  bool within_group{};      // an ordered-set aggregate: its arguments are of the group, its rows stand in `within group (order by …)`
  bool takes_rows{};        // PostgreSQL: makes JSON of a row, by the names of its columns, or counts it, by its being there: nothing else of it is asked
};

/// Null if it is not allowed. `name` in any ASCII case (SQLite) or as folded (PostgreSQL).
function const* find_function(dialect d, std::string_view name, int arguments);
/// True if the name is allowed with some other number of arguments: the message differs.
bool knows_function(dialect d, std::string_view name);
std::span<function const> functions(dialect d);

}  // namespace grille::catalog
