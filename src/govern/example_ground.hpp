// What examples run on: the tables of a catalogue with nothing in them but the rows `given`, seen twice, as stored and as a caller's
// session sees them. Each engine has one. Guaranteed: no row of the application's is read or written.
#pragma once
#include <string>
#include <vector>

#include "ast/policy.hpp"
#include "grille/dialect.hpp"
#include "grille/principal.hpp"
#include "grille/session.hpp"
#include "grille/value.hpp"

namespace grille::govern {

class example_ground {
 public:
  virtual ~example_ground() = default;
  virtual dialect which() const = 0;
  /// @throws grille::error with the engine's message; nothing in a policy file is secret to its owner.
  virtual void insert(ast::given_sentence const& g) = 0;
  /// After all rows. @throws policy_error
  virtual void open() = 0;
  /// One at a time.
  virtual session session_of(principal const& caller, attributes const& context) = 0;
  /// The first column of all rows as they are stored. @throws grille::error
  virtual std::vector<value> column_of(std::string const& sql) const = 0;
  /// A literal as the column's own type has it, so that it compares with what the column shows.
  virtual std::string typed(ast::name_path const& table, std::string_view column, std::string literal) const = 0;
  /// Undoes what the last example has left.
  virtual void settle() = 0;
};

}  // namespace grille::govern
