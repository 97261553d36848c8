// What a caller gets through Grille's public face, as text that compares. Enters: a database handle, a principal, a statement.
// Leaves: an answer with the facts beside it, or a refusal with all that the caller is told.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cases/case_file.hpp"
#include "cases/raw_database.hpp"
#include "grille/grille.hpp"

namespace cases {

struct refusal {
  std::string kind, message, help;
  std::string at;  // the text that is underlined
  friend bool operator==(refusal const&, refusal const&) = default;
};
struct outcome {
  answer got;
  std::string facts;  // the columns' types and masking, and whether a predicate was applied
  std::optional<refusal> refused;
  friend bool operator==(outcome const&, outcome const&) = default;
};
std::string to_text(outcome const& o);

grille::principal principal_of(std::string_view json);
outcome ask(grille::database const& db, grille::principal const& who, std::string_view sql, std::vector<parameter> const& parameters = {});
/// Whether a mark of forbidden cells is in the outcome, other than in words that the statement itself brings along.
bool shows_canary(outcome const& o, std::string_view sql);

}  // namespace cases
