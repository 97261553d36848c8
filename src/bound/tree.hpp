// The tree with every name resolved: columns point at relations, relations at tables, calls at functions; every `*` is
// expanded, `using` and `natural` are `on`, named windows are written out, ordinals point at items.
// Enters: from `bind`. Leaves: to `rewrite` (which changes it in place, pass by pass), `verify`, `unbind` and `eval`.
// Lives in an arena. A relation's identity is its address: a pass may change where its rows come from, and every column
// that points at it stays right.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/fault.hpp"
#include "catalog/catalog.hpp"

namespace grille::bound {

using base::range;
template <class T>
using list = std::span<T>;

struct expr;
struct query;
struct relation;
struct common_table;
using expr_ptr = expr*;
using query_ptr = query*;

// --- expressions -------------------------------------------------------------------------------------------------------

/// The last three are PostgreSQL's: `default`, of what a write assigns; an end of a slice that is not written; `b'1'`.
enum class literal_kind { null, boolean, integer, decimal, text, blob, by_default, left_out, bit_string };
struct literal {
  literal_kind kind{};
  std::string_view text;  // numerals as written, text and blob decoded, boolean "true" or "false", of bits the letter b or x, then the digits
};
/// The caller's parameter, by position from 1.
struct parameter {
  unsigned position{};
};
/// A value of the principal, of the call's context or of a held scope; or what a history records of the call, which no sentence can say:
/// "by", "for" (on whose behalf), "policy". Never printed: bound as a parameter.
enum class slot_kind { principal, context, scope, record };
struct slot {
  slot_kind kind{};
  std::string_view name;   // of the attribute
  std::string_view role;   // scope: the role it is held by
  unsigned tuple{};        // scope: which of the held tuples; 0 until a grant is instantiated. "policy": which of the files
  friend bool operator==(slot const&, slot const&) = default;
};
struct column {
  bound::relation* relation{};
  unsigned index{};  // into relation->columns
};
/// Only in `order by` and `distinct on`: the value of a result column.
struct output {
  unsigned index{};
};
/// `current_date`, `current_time`, `current_timestamp`: the database's clock, of this statement.
struct now {
  std::string_view word;
};

enum class op {
  // one operand
  minus, plus, bit_not, logical_not, is_null, is_not_null, is_true, is_not_true, is_false, is_not_false,
  // two
  add, subtract, multiply, divide, modulo, concat, bit_and, bit_or, shift_left, shift_right, arrow, arrow_text,
  equal, not_equal, less, less_equal, greater, greater_equal, is_distinct, is_not_distinct,
  // two or three: operand, pattern [, escape]
  like, not_like, glob, not_glob,
  // three: operand, low, high; PostgreSQL: `between symmetric`
  between, not_between, between_symmetric, not_between_symmetric,
  // one and more: operand, items
  in, not_in,
  // PostgreSQL: operand, pattern [, escape]; `~` and `~*`; `x op any (array)`, `x op all (array)`
  ilike, not_ilike, similar, not_similar, matches, not_matches, matches_ci, not_matches_ci, any_array, all_array,
  // of arrays and json documents: `@>`, `<@`, `&&`, `?`, `?|`, `?&`, `@?`, `@@`; of a text: `^@`; these are true or not
  contains, contained, overlaps, has_key, has_any_key, has_all_keys, path_exists, path_matches, starts_with,
  // `#>`, `#>>`, `#-`; `array[…]`; `x[i]`, `x[i][j]`; `x[i:j]`, `x[i:j][k:l]`, each end of them all, as written or left out
  path, path_text, delete_path, array, element, slice,
  // of numbers and of bits: `^`, `#`; one operand: `|/`, `||/`, `@`
  power, bit_xor, square_root, cube_root, absolute
};
struct operation {
  bound::op op{};
  list<expr_ptr> operands;
  bound::op by{};  // any_array, all_array: by which operator of two values
};
enum class junction_op { conjunction, disjunction };
struct junction {
  junction_op op{};
  list<expr_ptr> items;
};
struct when_arm {
  expr_ptr condition{};
  expr_ptr result{};
};
struct case_expr {
  expr_ptr operand{};
  list<when_arm> arms;
  expr_ptr otherwise{};
};
struct cast {
  expr_ptr operand{};
  std::string_view type;  // as SQL text: "integer", "numeric(10,2)"
};
struct collate {
  expr_ptr operand{};
  std::string_view collation;
};
struct row {
  list<expr_ptr> items;
};
/// PostgreSQL: a row as one value, which only some functions take. Of a relation: all its columns that can be seen, and what they are named;
/// `row(…)` has no names.
struct record {
  list<expr_ptr> items;
  list<std::string_view> names;
};
/// PostgreSQL: `(x).f`, of a value of a composite type.
struct field {
  expr_ptr operand{};
  catalog::type const* of{};
  unsigned index{};  // into of->fields
  std::pair<std::string, std::string> const& named() const { return of->fields[index]; }  // its name, its type
};
enum class subquery_kind { scalar, exists, in, not_in, array, any, all };  // PostgreSQL: `array(select …)`; `x op any (select …)`, `x op all (select …)`
struct subquery {
  subquery_kind kind{};
  expr_ptr operand{};  // in, not_in, any, all
  bound::query* query{};
  bound::op by{};  // any, all: by which operator
};
enum class nulls_order { unspecified, first, last };
struct order_item {
  expr_ptr key{};
  bool descending{};
  nulls_order nulls{};
};
enum class frame_unit { rows, range, groups };
enum class frame_bound_kind { unbounded_preceding, preceding, current_row, following, unbounded_following };
struct frame_bound {
  frame_bound_kind kind{};
  expr_ptr offset{};
};
enum class frame_exclusion { none, no_others, current_row, group, ties };
struct frame {
  frame_unit unit{};
  frame_bound start;
  frame_bound end;
  frame_exclusion exclude{};
};
struct window {
  list<expr_ptr> partition;
  list<order_item> order;
  bound::frame* frame{};
};
struct call {
  catalog::function const* function{};
  list<expr_ptr> arguments;
  bool star{};
  bool distinct{};
  list<order_item> order;
  expr_ptr filter{};
  window* over{};
};

struct expr {
  using node_type =
      std::variant<literal, parameter, slot, column, output, now, operation, junction, case_expr, cast, collate, row, record, field, subquery, call>;
  node_type node;
  range at{};  // in the text it was bound from
  template <class T>
  T* as() { return std::get_if<T>(&node); }
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};

// --- relations ---------------------------------------------------------------------------------------------------------

struct relation_column {
  std::string_view name;
  unsigned source{};   // base: index into table->columns; otherwise: position in the query's result
  bool shown{true};    // false: exists for `filter` or `aggregate` only; never in `*`, `natural`, `using`
  bool used{};         // referred to from anywhere
};
enum class relation_kind { base, derived, common, function };
/// PostgreSQL: one of the functions that stand side by side, and how many of the relation's arguments are its own.
struct table_call {
  catalog::function const* function{};
  unsigned arguments{};
};
struct relation {
  relation_kind kind{};
  list<relation_column> columns;
  catalog::table const* table{};        // base
  bound::query* query{};                // derived
  common_table* cte{};                  // common
  bool stands_for_table{};              // derived: all that is visible of the one table in it, and whether its row is there
  bool lateral{};                       // derived: may name columns of what stands further left in its from clause; a function always may
  catalog::function const* function{};  // function (table-valued)
  list<expr_ptr> arguments;             // function
  list<table_call> calls;               // function: all of them, the first is `function`; empty: only that
  bool ordinality{};                    // function: the last column numbers the rows
  list<std::string_view> types;         // function: of its columns, where the text defines them, as of a cast
  std::string_view name;                // as the text named it: alias, or the table's name
  range at{};
};
enum class join_kind { inner, cross, left, right, full };
struct from_item;
struct join {
  join_kind kind{};
  from_item* left{};
  from_item* right{};
  expr_ptr on{};
};
struct from_item {
  std::variant<relation*, join> node;
};

// --- queries -----------------------------------------------------------------------------------------------------------

struct item {
  expr_ptr value{};
  std::string_view name;  // what the caller sees as the column's name; may be empty or repeated
};
struct select {
  bool distinct{};
  list<item> items;
  from_item* from{};
  expr_ptr where{};
  list<expr_ptr> group_by;
  expr_ptr having{};
  list<expr_ptr> distinct_on;           // PostgreSQL: not empty only if `distinct`
  list<list<unsigned>> grouping_sets;  // PostgreSQL: which of `group_by` each set is made of; empty: one set, of all
};
struct values {
  list<list<expr_ptr>> rows;
};
enum class set_op { union_, intersect, except };
struct query_body;
struct set_operation {
  set_op op{};
  bool all{};  // rows that are the same are counted
  query_body* left{};
  query_body* right{};
  bool appends() const { return op == set_op::union_ && all; }
};
struct query_body {
  std::variant<select, values, set_operation> node;
  template <class T>
  T* as() { return std::get_if<T>(&node); }
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};
enum class materialization { unspecified, materialized, not_materialized };
struct common_table {
  std::string_view name;
  list<std::string_view> columns;  // names of its result columns, in order
  bound::query* query{};
  bool recursive{};                // refers to itself
  materialization hint{};
};
/// PostgreSQL: `for update of …`. Of a derived table: of all that its from clause reads, common tables and functions aside.
enum class lock_strength { update, no_key_update, share, key_share };
enum class lock_wait { block, nowait, skip_locked };
struct row_lock {
  lock_strength strength{};
  list<relation*> of;  // of the query's own from clause; what the text names, or else all that have rows to lock
  lock_wait wait{};
  range at{};
};
struct query {
  list<common_table*> with;
  query_body* body{};
  list<order_item> order;
  expr_ptr limit{};
  expr_ptr offset{};
  bool with_ties{};  // of a limit: what the order does not tell from the last row, too
  list<row_lock> locks;
};

/// The leftmost arm decides the names of a query's result.
inline query_body const& first_arm(query_body const& b) {
  auto const* at = &b;
  while (auto const* s = at->as<set_operation>()) at = s->left;
  return *at;
}

/// `default`, all of it.
inline bool is_default(expr const& e) {
  auto const* l = e.as<literal>();
  return l != nullptr && l->kind == literal_kind::by_default;
}

struct statement {
  bound::query* query{};
  unsigned parameters{};                       // how many positions the caller must fill
  list<std::string_view> parameter_names;      // by position; empty text where it has no name
  list<unsigned> used_beside;                  // PostgreSQL: positions that other queries of one text use too, and not all by one cast: their type may be another's
};

}  // namespace grille::bound
