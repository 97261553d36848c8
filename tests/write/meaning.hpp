// What the sentences of a random policy mean, in plain SQL on SQLite, without Grille. Enters: the sentences, and a database. Leaves: for a write,
// what it must come to, done in that database.
#pragma once
#include <cstddef>
#include <map>
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
  /// Of those that the last write that was done wrote, what the caller is given back: what it sees of them. A line each, in the order of their text.
  strings const& returned() const { return returned_; }
  /// So many rows stood in the way of others, and were changed, or went.
  std::size_t overwritten() const { return overwritten_; }

 private:
  /// The grants by which the write can be, and the first of them, which says what is set.
  struct covering {
    grant first;
    std::vector<grant> all;
  };
  std::optional<covering> cover(std::string const& method, strings const& names) const;
  std::optional<std::size_t> done(a_write const& w);

  /// What the caller's own condition is asked of: the rows it sees.
  std::string as_seen(std::string sql) const;
  std::size_t count(std::string const& sql);
  /// Of `t`: that the grant in that place, if there is one, allows the row before.
  std::string allowed(std::string const& method, covering const& by, std::size_t which) const;
  /// Puts the rows that may be changed into `was`, each with by which grants.
  void take(std::string const& method, std::string const& where, covering const& by);
  /// Whether each of them is as its grants want it after.
  /// `key`: what those in `was` have now.
  bool good_after(covering const& by, std::string const& key);
  std::optional<std::size_t> change(a_write const& w, covering const& by);
  std::optional<std::size_t> insert(std::vector<std::map<std::string, std::string>> const& rows, covering const& by);
  std::optional<std::size_t> leave_out(a_write const& w, covering const& by);
  std::optional<std::size_t> replace(a_write const& w, covering const& by);
  std::optional<std::size_t> upsert(a_write const& w, covering const& by);
  /// Of `t`: that it has one of these keys of the proposed row.
  static std::string stands_in_the_way(std::vector<strings> const& keys, std::map<std::string, std::string> const& row);

  rules const& rules_;
  cases::raw_database& db_;
  std::size_t overwritten_{};
  strings written_;  // their keys
  strings returned_;
  void give_back(std::string const& where);
};

}  // namespace random_writes
