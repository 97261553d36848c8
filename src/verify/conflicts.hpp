// By what one row stands in the way of another, as the second check has it. Enters: a table of the catalogue and conditions of a printed text.
// Leaves: which of them say no more than that two rows have one key, which a key tells by nature.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "policy/access.hpp"

namespace grille::verify {

class conflict_keys {
 public:
  conflict_keys(catalog::table const& t, policy::access const& who, base::arena& memory) : table_(t), who_(who), memory_(memory) {}

  /// The column of the table that it is, in one of the two rows. Nothing: it is no column of that.
  using column_of_row = std::function<std::optional<unsigned>(bound::column const&)>;
  /// The positions of those that say of whole keys, each with all that belongs to it, that the rows have the same: of columns r.K = p.K, of an index
  /// E(r) = E(p) and that its conditions hold of both rows, where E that can fail is asked of no other row. None: no key is said in full.
  std::set<std::size_t> said(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const;
  /// Whether they say it of one key, and nothing else.
  bool are_one(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const;
  /// Whether it does no more than leave a row out that something stands in the way of: any key, whole columns, or an index by all that it says, where
  /// which of them it is tells of no row.
  bool leaves_out(ast::upsert const& u) const;
  /// What the target of a conflict names by all that it says. Null: no index.
  bound::unique_index const* named(ast::upsert const& u) const;

 private:
  std::vector<std::set<std::size_t>> each(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const;
  std::optional<std::set<std::size_t>> says(bound::unique_index const& index, std::span<bound::expr_ptr const> all, column_of_row const& mine,
                                            column_of_row const& theirs) const;
  bool tells_no_row(std::set<unsigned> const& by, void const* which) const;
  bound::expr_ptr over(bound::relation* row, bound::expr const* e, column_of_row const& column) const;
  bool can_fail(bound::expr const& e, bound::unique_index const& index) const;
  std::span<bound::unique_index const> indexes() const;

  catalog::table const& table_;
  policy::access const& who_;
  base::arena& memory_;
};

}  // namespace grille::verify
