// What the sentences of a random policy mean, in plain SQL on SQLite, without Grille. Enters: the sentences, and a database. Leaves: for a write,
// what it must come to, done in that database.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cases/raw_database.hpp"
#include "write/random_rules.hpp"

namespace random_writes {

class meaning {
 public:
  meaning(rules const& r, cases::raw_database& db) : rules_(r), db_(db) {}
  /// The rows written, or nothing where the write must be refused. Then nothing has changed.
  std::optional<std::size_t> run(a_write const& w);

 private:
  /// What the caller's own condition is asked of: the rows it sees.
  std::string as_seen(std::string sql) const;
  std::size_t count(std::string const& sql);
  std::optional<std::size_t> change(a_write const& w, grant const& first, std::vector<grant> const& by);
  std::optional<std::size_t> insert(a_write const& w, grant const& first, std::vector<grant> const& by);

  rules const& rules_;
  cases::raw_database& db_;
};

}  // namespace random_writes
