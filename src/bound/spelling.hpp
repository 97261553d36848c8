// What the server spells out when it writes a view's query, or an index, and what stands for it here. Enters: a bound tree. Leaves: the same, changed in
// place, with the same value in every row.
#pragma once
#include "base/arena.hpp"
#include "bound/tree.hpp"

namespace grille::bound {

///     (v.name)::text = 'a'::text        v.name = 'a'::text          where v.name is a varchar: its values are texts as they are
///     v.n = any (array[1, 2])           v.n in (1, 2)               which is what was written
///     v.name like 'a%'::text            v.name like 'a%'
void undo_spelling(statement& s, base::arena& memory);
void undo_spelling(expr_ptr& e, base::arena& memory);

}  // namespace grille::bound
