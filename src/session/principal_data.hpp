// What stands behind a principal, and what the policy takes from it.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grille/principal.hpp"
#include "policy/access.hpp"
#include "session/refusal.hpp"

namespace grille::detail {

struct principal_data {
  std::string id;  // empty: nobody
  std::string on_behalf_of;
  std::vector<std::string> groups;
  std::vector<policy::caller::held> roles;
  attributes own;      // attributes
  attributes context;
  std::optional<timestamp> expires;
};

}  // namespace grille::detail

namespace grille::pipeline {

/// The caller as the policy decides about it. Decimals become reals, and texts days or times, where the policy declares them so.
/// `known` false: nobody, whatever the principal says.
outcome<policy::caller> caller_of(detail::principal_data const& p, attributes const& context, policy::compiled const& policy, bool known);

}  // namespace grille::pipeline
