// A specification on an object in memory. Enters: the object as columns and values. Leaves: whether the specification is true of it,
// by the dialect's rules, or a refusal where that cannot be told without the database.
#pragma once
#include <string_view>

#include "grille/specification.hpp"
#include "policy/access.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

/// Knows the policy's specifications and the caller's attributes.
outcome<bool> matches(specification const& s, std::string_view resource, attributes const& object, policy::access const& who);
/// Knows neither.
outcome<bool> matches(specification const& s, std::string_view resource, attributes const& object, dialect d);

}  // namespace grille::pipeline
