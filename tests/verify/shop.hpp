// A small shop, policies over it and callers of it: what the tests of verify/ have in common.
#pragma once
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "bound/tree.hpp"
#include "introspect/introspect.hpp"
#include "policy/access.hpp"
#include "policy/compile.hpp"

namespace grille::verify::testing {

std::string read_file(std::filesystem::path const& file);
std::string const& shop_schema();
introspect::catalog_ptr shop_catalog();

/// The people of people.grille and these rules. Throws with the faults, if there are any.
std::shared_ptr<policy::compiled const> shop_policy(std::string_view rules);

/// `buyer, merchant 1, agent n 7`: roles, each with the values of its scope.
std::shared_ptr<policy::access const> caller(std::shared_ptr<policy::compiled const> const& policy, std::string_view roles);

/// SQL in which `{user_id}` is a slot of the principal, `{context.network}` of the call, `{merchant.shop_id 1}` of a scope's second
/// tuple. Leaves: the text with a parameter for each, after the caller's own, which are written ?1, ?2, …
struct printed {
  std::string sql;
  std::vector<bound::slot> slots;
  unsigned parameters{};
};
printed with_slots(std::string_view text);

/// A statement of a *.case file, or one edit of it: sabotage_test.cpp says how they are written.
struct attempt {
  std::string file, name, rules, roles, sql;
  bool passes{};
  std::string reason;  // of a refusal; `*`: any
  friend std::ostream& operator<<(std::ostream& out, attempt const& a) { return out << a.sql; }
};
std::vector<attempt> all_attempts();

}  // namespace grille::verify::testing
