// The grants that cover a write, and what they ask of its rows. Enters: the write, and the caller's grants. Leaves: the ways in which a row may
// be written, each with its conditions of the row before and as it is stored, and what the policy sets; or the caller's fault.
// Guaranteed: each way is one grant that could be the only one: it names all columns that the caller assigns, and forces what the first
// of them in the file forces, no more and no less but for what it names itself.
#pragma once
#include <functional>
#include <set>
#include <vector>

#include "bound/write.hpp"
#include "rewrite/alternatives.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

class write_grants {
 public:
  struct forced {
    unsigned column{};
    bound::expr const* value{};
  };
  /// Faults are the caller's: what no one grant covers, what is forced or masked.
  static base::result<write_grants> of(bound::write const& w, policy::access const& who, base::arena& memory);

  alternatives const& ways() const { return ways_; }
  std::vector<forced> const& settings() const { return settings_; }
  /// Where the caller may see no row of the table: the grants that stand in for those to read. Else null.
  std::vector<policy::matched_grant> const* instead_of_reading() const { return access_->select.empty() ? &grants_ : nullptr; }

  /// What a way asks of the row before, the cells that are assigned among it; null: nothing.
  bound::expr_ptr before(alternative const& a, bound::relation* r) const;
  bool asks_before(alternative const& a) const { return !a.conjuncts.empty() || (!a.grant->blind && !in_some_rows_.empty()); }
  /// What it asks of the row as it is stored. `old`: what stands for a column of the row before.
  std::vector<bound::expr_ptr> after(alternative const& a, bound::relation* r, std::function<bound::expr_ptr(unsigned column)> const& old) const;
  /// The columns of the row before that some way asks for after.
  std::set<unsigned> old_columns() const;
  /// Adds what the policy sets, over the row before.
  void force(bound::relation* r, std::vector<unsigned>& columns, std::vector<bound::expr_ptr>& values) const;

 private:
  write_grants(bound::write const& w, policy::table_access const& access, std::vector<policy::matched_grant> grants, policy::grant const* first,
               unsigned tuple, std::vector<forced> settings, std::vector<unsigned> in_some_rows, base::arena& memory)
      : method_(w.method), access_(&access), memory_(&memory), grants_(std::move(grants)), first_(first), tuple_(tuple), settings_(std::move(settings)),
        in_some_rows_(std::move(in_some_rows)), ways_(access, grants_, memory) {}
  bound::expr_ptr plain_in(unsigned column, bound::relation* r) const;

  method method_;
  policy::table_access const* access_;
  base::arena* memory_;
  std::vector<policy::matched_grant> grants_;
  policy::grant const* first_;  // in the file: it gives the settings
  unsigned tuple_;
  std::vector<forced> settings_;
  std::vector<unsigned> in_some_rows_;  // assigned columns that the caller sees as they are stored in some rows only
  alternatives ways_;
};

}  // namespace grille::rewrite
