// What of a policy set has a native form, on its way to the script. Enters: from `export_row_security`. Leaves: to `script_of`.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "govern/row_security.hpp"

namespace grille::govern {

/// One grant.
struct native_policy {
  policy::grant const* grant{};
  std::string rows;           // a condition
  std::vector<bool> columns;  // by column of the table
  bool always{};              // every row, whenever the role is held
};
struct native_denial {
  policy::denial const* denial{};
  std::string callers;  // a condition: who sees no row
};
struct native_table {
  catalog::table const* table{};
  std::vector<native_policy> policies;
  std::vector<native_denial> denials;
};
struct native_policies {
  std::vector<native_table> tables;
  std::vector<std::string> functions;    // of `native_text`
  std::set<catalog::table const*> read;  // by the functions
};

/// The role of PostgreSQL's that stands for one of the policy's.
std::string native_role(std::string_view name);
std::string script_of(policy::compiled const& p, native_policies const& n, std::vector<left_out> const& without);

}  // namespace grille::govern
