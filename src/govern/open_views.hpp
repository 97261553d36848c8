// PostgreSQL: which views hide rows that an error can tell of. Enters: a view, and the compiled set, which has the views' own queries. Leaves: yes or no.
#pragma once
#include "policy/compiled.hpp"

namespace grille::govern {

/// Whether rows of its tables are not in the view while the server may ask of them what is asked of the view: it has conditions, and is no
/// `security_barrier`. Of a view that Grille does not understand, and of another engine's, no.
bool lets_errors_tell(catalog::table const& view, policy::compiled const& p);

}  // namespace grille::govern
