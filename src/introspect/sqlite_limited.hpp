// Which columns of a table its own text, or a trigger, may leave few values. Enters: `create table …`, `create trigger …`. Leaves: marks on the
// columns. What cannot be read marks all.
#pragma once
#include <string_view>

#include "catalog/catalog.hpp"

namespace grille::introspect {

/// Those that a `check` names: all of them, where it names a computed one.
void mark_checked(catalog::table& t, std::string_view create_table);
/// All, by a trigger that runs by an insert, which may raise for any row, or change it; none by another (https://www.sqlite.org/lang_createtrigger.html).
void mark_triggered(catalog::table& t, std::string_view create_trigger);

}  // namespace grille::introspect
