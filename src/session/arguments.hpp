// Arguments to the caller's parameter positions. Enters: arguments by position or by name. Leaves: one value for each position, or
// `usage`: what is missing, left over or mixed is never guessed.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "grille/session.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

/// `names`: of the positions in their order, empty where a position has none. `more`: for how many values there will be room behind them.
outcome<std::vector<value>> arrange(std::span<arg const> args, std::vector<std::string> const& names, std::size_t more = 0);

}  // namespace grille::pipeline
