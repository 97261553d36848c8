// Policies and writes made at random over a fixed world: scoped roles, masks, foreign keys, triggers, a generated column and a history. Enters: a source of
// chance. Leaves: the policy's text, a caller, writes; and, in plain SQL that both engines take, what the caller sees and what its grants let it do.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "grille/grille.hpp"
#include "write/random_rules.hpp"

namespace random_world {

using random_writes::chance;
using random_writes::strings;
using pairs = std::map<std::string, std::string>;

/// Those that are written; `line` goes with its order, `book` keeps its history in `book_then`. The policy alone looks into `shops` and `m`, and nobody into
/// `trail`, to which a trigger writes what lines were. Another one makes orders fit: totals to at most 90, kinds to small letters.
inline strings const tables{"orders", "line", "book"};
strings columns_of(std::string const& table);  // that can be written, without the key
std::string schema(bool on_server);

/// Predicates say `@` for the row's table, `#` for the row before and `$` for the scope; masks say `~` for the value.
struct grant {
  std::string method, table, role;
  strings columns;
  pairs masked, settings;
  std::string where, so_that;  // empty: none
  bool blind{};
};
/// A grant by one tuple of its role's scope.
struct held {
  grant const* by;
  pairs scope;
};

struct a_write {
  std::string table, method;  // a grant's, or `upsert` or `restore`
  std::string sql;            // empty: one of a method of its own
  strings columns, updated;   // that are inserted, that are assigned
  std::string from, where;    // of an update or a delete: over what the caller sees, as `returning` is
  std::string returning;
  std::string row, since;     // restore: the record of this row since which there are so many others
  bool left_out{};            // how many are tells of keys
  bool reads_masked{}, hidden{};  // hidden: names a column that is not there for the caller
};

class world {
 public:
  explicit world(chance& c);
  /// One of these, and a caller who holds `staff`.
  explicit world(std::vector<grant> grants) : roles_{{"staff", {}}}, grants_(std::move(grants)) {}
  std::string policy() const;
  grille::principal caller() const;
  std::string rows(chance& c) const;
  /// A change that the caller may not notice where it sees the same before and after; empty: none.
  std::string change(chance& c) const;
  a_write some_write(chance& c, unsigned step) const;

  bool sees(std::string const& table) const;
  /// What the caller sees of it, as a query.
  std::string view(std::string const& table) const;
  /// The rows behind it, whole.
  std::string behind(std::string const& table) const;
  /// Text of the caller's, over what it sees.
  std::string as_seen(std::string const& text, std::string const& table) const;
  // Of a row `b` before and `t` after: whether one grant lets a write do that.
  std::string may_take(a_write const& w) const { return taken(w, false); }  // as far as the row before tells
  std::string may_change(a_write const& w) const;
  std::string may_come(a_write const& w) const;
  std::string may_go(a_write const& w) const;

 private:
  struct restriction {
    std::string method, table, to, except_for;
  };
  struct mask {
    std::string table, column, as, where, except_for;
  };
  struct cell {
    std::string value, plain;
  };
  strings held_roles() const;
  bool exists(std::string const& table, std::string const& column) const;
  std::vector<held> matching(std::string const& method, std::string const& table) const;
  std::vector<held> covering(std::string const& method, std::string const& table, strings const& columns, pairs& settings) const;
  strings restricted(held const& h, std::string const& row) const;
  std::string guard(held const& h) const;
  std::string after(held const& h) const;
  std::string seen(std::string const& table) const;
  std::vector<mask> masks_of(held const& h, std::string const& column) const;
  cell shown(std::string const& table, std::string const& column) const;
  std::string taken(a_write const& w, bool changed) const;
  static strings others_are(strings const& these, pairs const& settings, std::string const& table, std::string const& before);
  std::string predicate(chance& c, std::string const& role, bool of_sight, bool before) const;
  strings assignable(std::string const& table) const;

  std::vector<std::pair<std::string, pairs>> roles_;  // of the caller's
  bool steady_{};     // no grant writes what a condition of what the caller sees reads: so it can't show itself cells that it does not see
  bool through_{};    // what is seen of `line` depends on its order
  bool remembers_{};  // `book_then` is seen
  strings read_;      // columns that conditions read
  std::vector<grant> grants_;
  std::vector<restriction> restrictions_;
  std::vector<mask> masks_;
};

}  // namespace random_world
