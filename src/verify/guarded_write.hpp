// What may be executed of a write: a plan of steps that belong together. Only `verify` can make one. Whoever runs it runs all steps, in
// order, and undoes what they did unless each of them ends well.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "bound/write.hpp"
#include "catalog/scratch.hpp"
#include "grille/dialect.hpp"
#include "verify/guarded_statement.hpp"

namespace grille::verify {

/// A step as it would be sent. Its parameters on SQLite: the caller's, then the slots; a step with none of the caller's counts none.
/// On PostgreSQL all steps have the caller's; then come the slots of the first step, of the second, and so on.
struct write_step {
  bound::step_kind kind{};
  std::string sql;
  std::vector<bound::slot> slots;
  unsigned caller_parameters{};
  allowed_objects allowed;  // filled by `verify`
  bool makes_room{};        // the same, of an apply: deletes what is replaced, and is not counted
  std::optional<std::size_t> source{};  // the same, of the apply of an insert: whose rows are inserted, in printed_write::temporary
  bool leaves_out{};        // the same: fewer rows may be inserted than are there
  std::optional<std::size_t> all_of{};   // the same, of an update of the key: it is to change as many rows as there are there, in printed_write::temporary
  std::optional<std::size_t> records{};  // the same, of a record: whose rows it is of, in printed_write::temporary
};
struct printed_write {
  grille::method method{};
  bool merges{};  // then `method` says nothing: each change has its own
  catalog::table const* table{};
  std::vector<catalog::scratch_layout> temporary;  // of the rows that are collected, if any are; of an insert, then of the new keys
  std::vector<write_step> steps;
};

/// PostgreSQL: the steps, put together to one statement. It yields at least one row: how many rows were written; a zero, or an error that
/// says `refused_row`, `row_in_the_way`, `row_that_changed` or `hidden_history`; and of a write that returns something a truth that is NULL where there is
/// no row, and the row.
struct whole_write {
  std::string lock;  // a statement to be run before, in the same transaction; empty: none
  std::string sql;
  std::vector<bound::slot> slots;  // of all steps; behind the caller's parameters
  unsigned caller_parameters{};
  bool returns{};
};
inline constexpr std::string_view refused_row = "grille: a row that no grant allows";
inline constexpr std::string_view row_that_changed = "grille: a row that another transaction has changed";
inline constexpr std::string_view row_in_the_way = "grille: a row that is hidden, that no grant updates, or that would be changed twice";

inline constexpr std::string_view hidden_history = "grille: a history of which row-level security may hide a part";

/// What runs it guarantees: on SQLite the temporary tables are there, and empty; what the apply of an insert returns is put into the last of
/// them, and is as many rows as were inserted; an update of the key changes all rows that were collected; a row of the check undoes all; a record is of as many rows as the temporary table
/// has, and so is the apply behind it. On PostgreSQL `whole` is run behind its lock, and undone if it fails.
class guarded_write {
 public:
  grille::method method() const noexcept { return what_.method; }
  std::vector<catalog::scratch_layout> const& temporary() const noexcept { return what_.temporary; }
  /// Of each of these, on SQLite.
  std::vector<std::string> const& temporary_names() const noexcept { return names_; }
  std::vector<write_step> const& steps() const noexcept { return what_.steps; }
  std::optional<whole_write> const& whole() const noexcept { return whole_; }

 private:
  friend base::result<guarded_write> verify(printed_write, policy::access const&);
  explicit guarded_write(printed_write what, std::optional<whole_write> whole = {}) : what_(std::move(what)), whole_(std::move(whole)) {
    for (auto const& l : what_.temporary) names_.push_back(catalog::scratch_table(l).name);
  }
  printed_write what_;
  std::optional<whole_write> whole_;
  std::vector<std::string> names_;
};

/// Proves from the printed texts and the policy's sentences that the plan reads no more and writes nothing but what `who` may: that the
/// caller's text is read as any query of it would be; that only columns are written which one grant covers, with its settings; and that
/// the check asks, of every row that is written, all that one such grant demands of it before and after.
base::result<guarded_write> verify(printed_write what, policy::access const& who);

}  // namespace grille::verify
