// PostgreSQL: views of which only some rows are open. Enters: an occurrence of one. Leaves: a refusal that says what is in the way, or how it
// is read. The server writes a view's query in its place and asks the view's conditions and the guard in whatever order: with
// `1000 / (id - 500) < 5000` in the view and the hidden row 500, `id > 400` fails and `id < 400` does not, behind a security barrier too. So what the
// view asks by itself has to have a value for every row, as has each column that is read; then it is as a table is, but for
// the rows that it leaves out of its tables: no witness tells of these, since only the view's own conditions do.
#pragma once
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "rewrite/occurrences.hpp"
#include "rewrite/view_totality.hpp"

namespace grille::rewrite {

/// Nothing to refuse of a table, or of a view that is open.
base::result<void> check_guarded_view(occurrence const& o, view_totality& views, base::arena& memory);
/// After all is fenced: whether what is asked behind the witness, or beside the guard by another relation, must wait until the view has said which
/// rows it has.
bool stands_apart(occurrence const& o, view_totality& views, base::arena& memory);

}  // namespace grille::rewrite
