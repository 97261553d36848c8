// A policy set as PostgreSQL's own row-level security and column grants: a second line of defence, for owners who want one. Enters: a
// set compiled against a PostgreSQL catalogue. Leaves: one SQL script, and what of the policy is not in it.
// Guaranteed: nobody sees a row or a cell by the script that the policy does not show; what has no native form is left out, so denied.
//
//   a role R         the role `grille_role_R`; who includes it is a member of it, everybody of `grille_role_public`
//   the caller       the setting `grille.principal`, as JSON in the form of `principal::from_json`. Whoever may set it is believed: the
//                    application makes it, and runs no SQL of its callers' that could
//   a grant          a permissive policy, and `grant select (columns)`; with the days, the restricts, `when`, each tuple of the scope
//   a subquery       a function of `grille_policy_reader`, who sees all rows, in a schema that no caller may use
//   a deny           a restrictive policy, wherever the columns cannot be left out of what the role is granted
//
// Not expressible: masks, `filter`, `aggregate`, writes (not exported yet), views, and cells of one row from different grants. Rows and
// columns are separate in PostgreSQL, each open to whoever is a member of any role that opens it; so two grants of a table that show
// different columns in different rows are held apart: who holds the roles of both gets no row by either.
#pragma once
#include <string>
#include <vector>

#include "policy/compiled.hpp"

namespace grille::govern {

struct left_out {
  std::string file;
  unsigned line{};
  std::string sentence;
  std::string reason;
};
struct row_security {
  std::string script;
  std::vector<left_out> without;  // in the order of the files
};

/// `unsupported` if the policy was compiled against another engine, or a name in it does not fit.
base::result<row_security> export_row_security(policy::compiled const& p);

}  // namespace grille::govern
