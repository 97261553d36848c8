// Trees that the steps of a write are made of. Enters: tables and expressions. Leaves: relations, queries, statements, in the arena.
#pragma once
#include <vector>

#include "bound/tree.hpp"
#include "rewrite/alternatives.hpp"

namespace grille::rewrite {

class write_trees {
 public:
  write_trees(base::range at, base::arena& memory) : at_(at), memory_(memory) {}

  /// `rowid`: with SQLite's, as the column behind the last.
  bound::relation* base(catalog::table const& t, bool rowid) const;
  bound::expr_ptr column(bound::relation* r, unsigned i) const { return make(memory_, bound::column{r, i}); }
  bound::expr_ptr one() const { return make(memory_, bound::literal{bound::literal_kind::integer, "1"}); }
  bound::from_item* from(bound::relation* r) const { return memory_.make<bound::from_item>(bound::from_item{r}); }
  /// In any order: SQLite keeps that of a cross join, and would read the whole of the first.
  bound::from_item* from(bound::relation* a, bound::relation* b, bound::join_kind k = bound::join_kind::inner) const {
    return memory_.make<bound::from_item>(bound::from_item{bound::join{k, from(a), from(b), nullptr}});
  }
  /// count(*), of the rows that `filter` is true of; null: of all.
  bound::expr_ptr count(dialect d, bound::expr_ptr filter = nullptr) const;
  bound::query* query(std::vector<bound::expr_ptr> const& values, bound::from_item* f, bound::expr_ptr where) const;
  bound::statement* statement(bound::query* q) const;
  /// r.K = s.K
  std::vector<bound::expr_ptr> same_row(bound::relation* r, std::vector<unsigned> const& key, bound::relation* s, std::vector<unsigned> const& places) const;
  /// Every row without what stands at the place `i`.
  void leave_out(bound::values& rows, std::size_t i) const;
  /// (a, b) in (QUERY)
  bound::expr_ptr in(std::vector<bound::expr_ptr> const& row, bound::query* q) const;
  bound::expr_ptr all_of(std::vector<bound::expr_ptr> items) const { return join(memory_, bound::junction_op::conjunction, std::move(items)); }
  bound::expr_ptr any_of(std::vector<bound::expr_ptr> items) const { return join(memory_, bound::junction_op::disjunction, std::move(items)); }

 private:
  base::range at_;
  base::arena& memory_;
};

}  // namespace grille::rewrite
