// What would be sent, and by which sentences. Enters: a planned statement. Leaves: the same twice, for people and for programs.
#pragma once
#include <string>

#include "grille/session.hpp"
#include "session/database_state.hpp"

namespace grille::pipeline {

outcome<void> may_explain(options const& o);
/// What would be sent; of a write, step by step.
std::string sql_of(call const& c);
rewritten rewritten_of(call const& c);
explanation explain(call const& c);

}  // namespace grille::pipeline
