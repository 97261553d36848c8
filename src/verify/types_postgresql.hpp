// PostgreSQL: of which type a value is, and whether one node of an expression has a value for every row. Enters: the bound tree of a statement.
// Leaves: types by their bare names, of those whose comparisons with each other have an answer for all values. What is not listed can fail.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "bound/walk.hpp"

namespace grille::verify {

/// How often each parameter is used, and what it is cast to.
class parameter_uses final : public bound::visitor {
 public:
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override;
  /// Of the type that it is cast to, since it is used in no other way: the cast does nothing.
  bool has_type(bound::expr const& e, std::string_view name) const;
  std::multiset<unsigned> positions;
  std::multimap<unsigned, std::string_view> cast_to;
};

class value_types {
 public:
  /// A type by its bare name in pg_catalog; "?": a constant that takes the other side's type; empty: not known.
  using type = std::string_view;
  static constexpr type any = "?";
  static constexpr type some_text = "a text";  // of a collation that is not known: it compares with constants, and is like nothing
  static constexpr std::string_view default_collation = "pg_catalog.default";

  explicit value_types(bound::statement const& s);

  type of(bound::expr const& e) const;
  /// The type of a whole number, or of a numeral that is one; empty: none, or not known.
  type integer(bound::expr const& e) const;
  type of(bound::column const& c) const;
  /// Of a time and what is added to it, or taken from it; of an exact number and another.
  type of_sum(bound::operation const& n) const;
  /// What `coalesce` makes of them.
  type of_any(bound::list<bound::expr_ptr> const& all) const;
  type of_result(bound::query_body const& b, unsigned index) const;
  /// As a column: a constant has a type of its own there.
  type of_value(bound::expr const& e) const;
  /// What a set operation makes of two types.
  static type united(type a, type b);
  static bool gives_truth(bound::op o);
  /// Texts of two collations compare by none: an error, of the first two that are met.
  static bool one_collation(bound::expr const& a, bound::expr const& b);
  static std::optional<std::string_view> collation(bound::expr const& e);
  /// The table's column that it is, however it was passed on; or what is of no table: a constant, or a parameter of which a cast says the type.
  static bound::expr const* source_of(bound::expr const& e);
  static bound::literal const* literal_cast(bound::expr const& e);
  /// A constant, or a parameter, of a type that the statement says.
  bool fixed_type(bound::expr const& e) const;
  bool compare(bound::expr const& a, bound::expr const& b) const;
  bool compares(bound::subquery const& n) const;
  bool truth(bound::expr const* e) const;
  /// `lower` or `upper` of a table's own text that is no longer than its column says, which is too short for them to fail.
  bool lowers_or_raises(bound::call const& n) const;
  /// The greatest of one value, which is that: nothing is compared.
  static bool is_of_one(bound::call const& n);
  /// One node alone; its parts are looked at by themselves.
  bool total_node(bound::expr const& e) const;
  bool total_operation(bound::operation const& n) const;
  bool meets_constants(bound::operation const& n) const;
  static bool is_whole_pattern(bound::literal const& pattern);
  static bool constant(bound::expr const& e);
  static bool of_default_collation(bound::query_body const& b, unsigned index);
  static bool has_window(bound::expr const& e);
  /// Stays whole above the groups. What `and`, `or`, `not` are made of does not.
  static bool of_groups(bound::expr const& e);
  static bool whole_frame(bound::frame const* f);
  /// A condition that may come to an equality of what is of rows on both sides: what is no test by itself may come to anything.
  static bool equates(bound::expr const& e);
  static bool is_of_rows(bound::expr const& e);
  static bound::literal const* literal(bound::expr const* e) { return e == nullptr ? nullptr : e->as<bound::literal>(); }
  static bool is_numeral(bound::expr const* e);
  static bool is_listed(type t);
  /// `numeric(10,2)` is `numeric`; an array is nothing here.
  static type bare(std::string_view cast_type);
  static type of_column(catalog::column const& c);
  static type of_field(bound::field const& f);
  /// What the server has computed, or refused, before it reads a row: a value of the statement's own text.
  static bool is_constant_sum(bound::operation const& o);
  static bool is_signed_numeral(bound::operation const& o);

 private:
  type read_result(bound::query_body const& b, unsigned index) const;

  parameter_uses parameters_;
  mutable std::map<std::pair<bound::query_body const*, unsigned>, type> results_;  // a column is of what it is made of, however often it is named
};

}  // namespace grille::verify
