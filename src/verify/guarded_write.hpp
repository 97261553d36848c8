// What may be executed of a write: a plan of steps that belong together. Only `verify` can make one. Whoever runs it runs all steps, in
// order, and undoes what they did unless each of them ends well.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/fault.hpp"
#include "bound/tree.hpp"
#include "bound/write.hpp"
#include "catalog/scratch.hpp"
#include "grille/dialect.hpp"
#include "verify/guarded_statement.hpp"

namespace grille::verify {

/// A step as it would be sent. Its parameters: the caller's, then the slots; a step with none of the caller's counts none.
struct write_step {
  bound::step_kind kind{};
  std::string sql;
  std::vector<bound::slot> slots;
  unsigned caller_parameters{};
  allowed_objects allowed;  // filled by `verify`
  bool leaves_out{};        // the same: fewer rows may be inserted than are there
  std::optional<std::size_t> records{};  // the same, of a record: whose rows it is of, in printed_write::temporary
};
struct printed_write {
  grille::method method{};
  catalog::table const* table{};
  std::vector<catalog::scratch_layout> temporary;  // of the rows that are collected, if any are; of an insert, then of the new keys
  std::vector<write_step> steps;
};

/// What runs it guarantees: the temporary tables are there, and empty; what the apply of an insert returns is put into the last of
/// them, and is as many rows as were inserted; a row of the check undoes all. A record is of as many rows as the temporary table has, and so is
/// the apply behind it.
class guarded_write {
 public:
  grille::method method() const noexcept { return what_.method; }
  std::vector<catalog::scratch_layout> const& temporary() const noexcept { return what_.temporary; }
  std::vector<write_step> const& steps() const noexcept { return what_.steps; }

 private:
  friend base::result<guarded_write> verify(printed_write, policy::access const&);
  explicit guarded_write(printed_write what) : what_(std::move(what)) {}
  printed_write what_;
};

/// Proves from the printed texts and the policy's sentences that the plan reads no more and writes nothing but what `who` may: that the
/// caller's text is read as any query of it would be; that only columns are written which one grant covers, with its settings; and that
/// the check asks, of every row that is written, all that one such grant demands of it before and after.
base::result<guarded_write> verify(printed_write what, policy::access const& who);

}  // namespace grille::verify
