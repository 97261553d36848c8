// The SQLite database in memory that examples run on. Enters: a catalogue, `given` sentences. Leaves: the handle, and stored values by
// plain SQL.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ast/policy.hpp"
#include "catalog/catalog.hpp"
#include "grille/value.hpp"

struct sqlite3;

namespace grille::govern {

class example_store {
 public:
  /// Empty tables for all that the catalogue has. @throws grille::error
  explicit example_store(catalog::catalog const& c);

  /// @throws grille::error with the engine's message; nothing in a policy file is secret to its owner.
  void insert(ast::given_sentence const& g);
  /// The first column of all rows. @throws grille::error
  std::vector<value> column_of(std::string const& sql) const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* db) const;
  };
  void run(std::string const& sql) const;
  std::unique_ptr<sqlite3, closer> handle_;
};

}  // namespace grille::govern
