// Values as text, and rows as texts in an order of their own: what tests compare.
#pragma once
#include <string>
#include <vector>

#include "grille/rows.hpp"
#include "grille/value.hpp"

namespace shown {

/// `~` for NULL.
std::string text(grille::value const& v);
/// Cells with a bar between them; sorted.
std::vector<std::string> sorted(grille::rows<grille::row> const& rows);

}  // namespace shown
