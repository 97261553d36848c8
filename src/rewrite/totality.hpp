// PostgreSQL: what has a value for every row, never an error, so that it tells nothing when the server asks it of rows that no guard has let
// through. Enters: expressions of the caller's statement. Leaves: the name of what could fail in them.
// Total are comparisons of one built-in scalar type with another of its family or a constant, tests for null and of truth, `like` with a
// whole pattern, `lower` and `upper` of a text of bounded length, and what and, or, not make of these (https://www.postgresql.org/docs/15/functions.html, chapters 9.1, 9.2, 9.7).
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "bound/tree.hpp"

namespace grille::rewrite {

/// Types between whose values a comparison never fails. A constant takes the other side's type before any row is read; but next
/// to a `numeric` one of the floats would have the column converted, which can fail.
enum class family { none, truth, integer, numeric, real, text, day, time, clock, other, constant, real_constant };

class view_totality;

class totality {
 public:
  /// `is_plain`: of a table's column, that every row shows it as it is. `behind`: what a count stands before, which has a value for all rows.
  /// `views`: what is known of views; null: nothing is.
  totality(bound::statement& s, std::function<bool(bound::column const&)> is_plain, std::set<bound::expr const*> const* behind = nullptr, view_totality* views = nullptr);

  /// What of `e` is partial, its queries and the common tables that they read included: the innermost, by name. Empty: nothing.
  std::string_view partial(bound::expr_ptr e) const;
  std::string_view partial(bound::query& q) const;
  /// The same of what a column is made of, where the server may write that in its place: a plain query behind `from` is taken apart, and what it
  /// computes is then computed wherever it is asked for (PostgreSQL's is_simple_subquery). What groups, tells rows apart or counts them is not.
  std::string_view partial(bound::column const& c) const;
  /// The same of what the view asks by itself, wherever it is read. Of any other relation nothing.
  std::string_view partial(bound::relation const& r) const;
  /// The positions of a set operation, or of rows of values, at which the values of one may be converted to another's type by an expression
  /// that can fail. Whoever asks for the column asks for it.
  std::vector<unsigned> converted(bound::query_body const& b) const;
  /// A type as which a column of the query's result compares; empty: it is not known. Of texts, only where they are of the collation that is every
  /// database's own.
  std::string_view type_of(bound::query_body const& b, unsigned index) const;
  /// May stand in `and`, `or`, `not`: of type boolean, as far as is known, or behind a fence.
  bool is_truth(bound::expr const* e) const;
  /// Whether the query's value has one, and its operand compares with it, whatever its own parts are.
  bool total_subquery(bound::subquery const& q) const;
  /// Computed before any row is read, so that it fails whatever the rows are.
  static bool is_constant(bound::expr const* e);
  /// The same of a limit: arithmetic of constants, parameters, and queries' values too.
  static bool is_count(bound::expr const* e);
  /// An equality of two sides' own values by which the server can make a hash join.
  bool hashes(bound::expr const* e) const;

 private:
  class search;
  family of(bound::expr const* e) const;
  family of_arithmetic(bound::operation const& o) const;
  family of(bound::column const& c) const;
  // totality_calls.cpp
  family of(bound::call const& c) const;
  family of_first(bound::list<bound::expr_ptr> const& arguments) const;
  bool changes_case(bound::call const& c) const;
  static bool is_itself(bound::call const& c);
  bool bounded(bound::expr const* e) const;
  family of(bound::query_body const& b, unsigned index) const;
  family read(bound::query_body const& b, unsigned index) const;
  family of_result(bound::expr const* e) const;
  family constant_of(bound::expr const* e) const;
  bool alike(std::vector<bound::expr const*> const& items) const;
  bool collate_alike(bound::expr const* a, bound::expr const* b) const;
  std::optional<std::string_view> collation_of(bound::expr const* e) const;
  bool comparable(bound::expr const* a, bound::expr const* b) const;
  std::string_view node(bound::expr const& e) const;
  std::string_view operation(bound::operation const& o) const;
  bool over_literals(bound::operation const& o) const;

  std::function<bool(bound::column const&)> is_plain_;
  std::set<bound::expr const*> const* behind_;  // null: there is no count
  view_totality* views_;
  std::string_view partial(bound::query_body const& b, unsigned index) const;
  mutable std::map<std::pair<bound::query const*, unsigned>, std::string_view> computed_;  // what is partial of a result column
  mutable std::map<std::pair<bound::query_body const*, unsigned>, family> families_;  // of a result column: what stands behind a witness is of the same
  std::map<unsigned, unsigned> uses_;  // of each parameter
  std::map<unsigned, std::string_view> typed_;  // what every use of a parameter is cast to: that is its type, and the cast does nothing; without digits or fields
};

bool is_numeral(bound::expr const* e);

}  // namespace grille::rewrite
