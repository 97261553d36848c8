// The tree of a statement as it was written: what the grammar makes, `print` prints, `bind` reads and `unbind` makes again.
// Plain aggregates in an arena; every node carries its range in the source. Names are kept as the dialect reads them
// (PostgreSQL: unquoted folded to lower case; SQLite: as written, compared without ASCII case). Literals are decoded.
//
// Every visitor over these variants is exhaustive: a new node does not compile until each stage has decided about it.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "base/fault.hpp"

namespace grille::ast {

using base::range;

template <class T>
using list = std::span<T const>;

struct identifier {
  std::string_view text;
  range at{};
  bool quoted{};  // in any of the dialect's quotes
};
/// `a`, `a.b`, `a.b.c`: outermost qualifier first.
using name_path = list<identifier>;

struct expr;
struct query;
struct table_ref;
struct window;
using expr_ptr = expr const*;
using query_ptr = query const*;

// --- expressions -------------------------------------------------------------------------------------------------------

enum class literal_kind { null, boolean, integer, decimal, text, blob, bit_string };
struct literal {
  literal_kind kind{};
  std::string_view text;  // numerals: as written; text: decoded; blob: the raw bytes; bit_string: its letter b or x, then its digits; boolean: "true" or "false"
};
/// `current_date`, `current_time`, `current_timestamp`, PostgreSQL's `localtime`, `localtimestamp`, `current_user`, …
struct keyword_value {
  std::string_view word;  // lower case
  expr_ptr precision{};
};

enum class parameter_form { question, numbered, colon, at, dollar };  // ?  ?n or $n  :a  @a  $a (SQLite)
struct parameter {
  parameter_form form{};
  unsigned number{};      // numbered: n as written; question: its position by the dialect's rule (SQLite: largest so far + 1)
  std::string_view name;  // without the sigil
};

struct column_ref {
  name_path path;
};
/// `*` or `t.*`; only as a result item, as the argument of `count`, in `returning`, and PostgreSQL's row positions.
struct star {
  name_path qualifier;
};

enum class unary_op { minus, plus, bit_not, logical_not };
struct unary {
  unary_op op{};
  expr_ptr operand{};
};
/// Any infix operator but those with a node of their own. `symbol` is the operator's text ("+", "||", "=", "->>");
/// `==` and `<>` of SQLite are kept as written. `schema` is set for PostgreSQL's `operator(schema.+)`.
struct binary {
  std::string_view symbol;
  name_path schema;
  expr_ptr left{};
  expr_ptr right{};
};
/// A prefix operator other than `unary_op` (PostgreSQL: `@ x`, `|/ x`, …).
struct prefix {
  std::string_view symbol;
  name_path schema;
  expr_ptr operand{};
};
/// `a and b and c` is one node; items that are junctions of the same kind on the right stay nested, as parentheses had it.
enum class junction_op { conjunction, disjunction };
struct junction {
  junction_op op{};
  list<expr_ptr> items;  // at least two
};
enum class truth { null, true_, false_, unknown };
struct is_test {  // `is [not] null|true|false|unknown`, `isnull`, `notnull`, SQLite's `not null`
  expr_ptr operand{};
  truth value{};
  bool negated{};
};
struct distinct_test {  // `is [not] distinct from`; SQLite's general `a is b` is {negated: true}, `a is not b` {negated: false}
  expr_ptr left{};
  expr_ptr right{};
  bool negated{};  // true: *not* distinct
};
struct between {
  expr_ptr operand{};
  expr_ptr low{};
  expr_ptr high{};
  bool negated{};
  bool symmetric{};
};
enum class match_op { like, glob, ilike, similar, regexp, match };
struct pattern_match {
  match_op op{};
  expr_ptr operand{};
  expr_ptr pattern{};
  expr_ptr escape{};  // may be null
  bool negated{};
};
struct in_list {
  expr_ptr operand{};
  list<expr_ptr> items;  // may be empty on SQLite
  bool negated{};
};
struct in_query {
  expr_ptr operand{};
  query_ptr subquery{};
  bool negated{};
};
struct in_table {  // SQLite: `x in t`, `x in schema.t`
  expr_ptr operand{};
  name_path table;
  bool negated{};
};
enum class quantifier { any, all };
struct quantified {  // `x op any (query)`, PostgreSQL: `x op any (array)`; exactly one of subquery and array is set
  expr_ptr operand{};
  std::string_view symbol;
  name_path schema;
  quantifier which{};
  query_ptr subquery{};
  expr_ptr array{};
};
struct exists {
  query_ptr subquery{};
};
struct scalar_subquery {
  query_ptr subquery{};
};
struct when_arm {
  expr_ptr condition{};
  expr_ptr result{};
};
struct case_expr {
  expr_ptr operand{};  // may be null
  list<when_arm> arms;
  expr_ptr otherwise{};  // may be null
};
struct type_name {
  name_path path;             // `double precision` and SQLite's free-form words: one identifier, words joined by a blank
  list<expr_ptr> modifiers;   // numeric(10,2)
  unsigned array_dimensions{};
  std::string_view interval_fields;  // PostgreSQL: "year to month"
  range at{};
};
enum class cast_form { call, colons, typed_literal };  // cast(x as t), x::t, date '2020-01-01'
struct cast {
  expr_ptr operand{};
  type_name type;
  cast_form form{};
};
struct collate {
  expr_ptr operand{};
  name_path collation;
};
enum class nulls_order { unspecified, first, last };
struct order_item {
  expr_ptr key{};
  bool descending{};
  bool explicit_direction{};
  nulls_order nulls{};
  name_path using_operator;  // PostgreSQL: `order by x using <`
};
struct argument {
  identifier name;  // PostgreSQL: `name => value`; text empty if positional
  expr_ptr value{};
};
/// A call: function, aggregate or window function. Special syntax (extract, overlay, position, substring from, trim)
/// is a call with `syntax` set, so that it prints in its own form.
enum class call_syntax { plain, extract, overlay, position, substring, trim_both, trim_leading, trim_trailing, at_time_zone, normalize, is_normalized, collation_for, coalesce, nullif, greatest, least, xml };
struct call {
  name_path path;
  list<argument> arguments;
  call_syntax syntax{};
  bool star{};      // count(*)
  bool distinct{};
  bool variadic{};  // PostgreSQL: the last argument
  list<order_item> order;
  list<order_item> within_group;
  expr_ptr filter{};
  window const* over{};
};
struct row {  // (a, b) or row(a, b)
  list<expr_ptr> items;
  bool explicit_keyword{};
};
struct array {  // PostgreSQL: array[...] or array(query)
  list<expr_ptr> items;
  query_ptr subquery{};
};
struct subscript {  // x[1], x[1:2]
  expr_ptr operand{};
  expr_ptr lower{};
  expr_ptr upper{};
  bool slice{};
  bool apart{};  // the operand, a field or subscript itself, stood in parentheses: `((x).a)[1]` is the value of `(x).a[1]`
};
struct field {  // (x).a, (x).*
  expr_ptr operand{};
  identifier name;
  bool all{};
  bool apart{};  // as above: `(x[1]).f` is the value of `x[1].f`
};
struct grouping_set {  // PostgreSQL in `group by`: rollup, cube, grouping sets, ()
  enum class kind { empty, rollup, cube, sets } which{};
  list<expr_ptr> items;
};
/// `default` in a write's value list.
struct default_value {};

struct expr {
  using node_type = std::variant<literal, keyword_value, parameter, column_ref, star, unary, binary, prefix, junction, is_test, distinct_test,
                                 between, pattern_match, in_list, in_query, in_table, quantified, exists, scalar_subquery, case_expr, cast,
                                 collate, call, row, array, subscript, field, grouping_set, default_value>;
  node_type node;
  range at{};
  std::uint16_t depth{};  // of the subtree, subqueries included; the grammar keeps it below limits::nesting
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};

// --- windows -----------------------------------------------------------------------------------------------------------

enum class frame_unit { rows, range, groups };
enum class frame_bound_kind { unbounded_preceding, preceding, current_row, following, unbounded_following };
struct frame_bound {
  frame_bound_kind kind{};
  expr_ptr offset{};
};
enum class frame_exclusion { none, no_others, current_row, group, ties };  // none: not written
struct frame {
  frame_unit unit{};
  frame_bound start;
  frame_bound end;
  bool between{};
  frame_exclusion exclude{};
  range at{};
};
/// `over name` is {base: name, reference: true}; `over (name partition by …)` is {base: name}.
struct window {
  identifier base;  // text empty if none
  bool reference{};
  list<expr_ptr> partition;
  list<order_item> order;
  frame const* frame_clause{};
  range at{};
};
struct named_window {
  identifier name;
  window const* definition{};
};

// --- tables ------------------------------------------------------------------------------------------------------------

struct alias {
  identifier name;           // text empty if none
  list<identifier> columns;  // t(a, b)
};
struct table_name {
  name_path path;
  ast::alias alias;
  bool only{};             // PostgreSQL
  identifier indexed_by;   // SQLite
  bool not_indexed{};      // SQLite
};
struct derived_table {
  query_ptr subquery{};
  ast::alias alias;
  bool lateral{};
};
struct column_definition {
  identifier name;
  type_name type;
  name_path collation;
};
struct table_function {  // f(x) in `from`; rows from(...) has several
  list<call const*> functions;
  ast::alias alias;
  list<column_definition> definitions;
  bool lateral{};
  bool ordinality{};
  bool rows_from{};
};
enum class join_kind { inner, left, right, full, cross, comma };  // comma: SQLite's, where it is an operator like the others
struct join {
  join_kind kind{};
  bool natural{};
  table_ref const* left{};
  table_ref const* right{};
  expr_ptr on{};
  list<identifier> using_columns;
  ast::alias alias;  // PostgreSQL: (a join b using (x)) as j
  identifier using_alias;
};
struct table_sample {
  table_ref const* table{};
  name_path method;
  list<expr_ptr> arguments;
  expr_ptr repeatable{};
};
struct table_ref {
  std::variant<table_name, derived_table, table_function, join, table_sample> node;
  range at{};
  std::uint16_t depth{};
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};

// --- queries -----------------------------------------------------------------------------------------------------------

struct result_item {
  expr_ptr value{};
  identifier alias;  // text empty if none
  range at{};        // of the value as written: SQLite names an unaliased column after it
};
enum class distinct_kind { none, all, distinct, distinct_on };  // all: `select all`
struct select_core {
  distinct_kind distinct{};
  list<expr_ptr> distinct_on;
  list<result_item> items;
  list<table_ref const*> from;  // SQLite: at most one, commas are joins; PostgreSQL: the comma list
  expr_ptr where{};
  list<expr_ptr> group_by;
  bool group_distinct{};  // PostgreSQL: group by distinct
  expr_ptr having{};
  list<named_window> windows;
};
struct values_rows {
  list<list<expr_ptr>> rows;
};
enum class set_op { union_, intersect, except };
struct query_body;
struct set_operation {
  set_op op{};
  bool all{};
  bool distinct{};  // PostgreSQL: written `distinct`
  query_body const* left{};
  query_body const* right{};
};
struct nested_query {  // PostgreSQL: (select … order by … limit …) as an operand or in double parentheses
  query_ptr subquery{};
};
struct table_command {  // PostgreSQL: `table t`
  name_path path;
  bool only{};
};
struct query_body {
  std::variant<select_core, values_rows, set_operation, nested_query, table_command> node;
  range at{};
  std::uint16_t depth{};
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};
enum class materialization { unspecified, materialized, not_materialized };
struct cte {
  identifier name;
  list<identifier> columns;
  materialization hint{};
  struct statement const* body{};  // SQLite: always a query; PostgreSQL: also data-modifying
  range at{};
};
enum class lock_strength { update, no_key_update, share, key_share };
enum class lock_wait { block, nowait, skip_locked };
struct locking {
  lock_strength strength{};
  list<name_path> of;
  lock_wait wait{};
};
struct query {
  bool recursive{};
  list<cte> with;
  query_body const* body{};
  list<order_item> order;
  expr_ptr limit{};
  expr_ptr offset{};
  bool limit_all{};
  bool with_ties{};
  list<locking> locks;
  range at{};
  std::uint16_t depth{};
};

// --- statements --------------------------------------------------------------------------------------------------------

struct assignment {
  list<identifier> columns;  // one, or the row form (a, b) = …
  bool row_form{};
  expr_ptr value{};
};
enum class conflict_action { none, rollback, abort, fail, ignore, replace };  // SQLite: `insert or …`
struct upsert {
  list<expr_ptr> target;  // columns, expressions; empty: any conflict
  expr_ptr target_where{};
  identifier constraint;  // PostgreSQL: on constraint
  bool do_nothing{};
  list<assignment> set;
  expr_ptr where{};
  base::range at{};  // its first words
};
struct insert_statement {
  bool recursive{};
  list<cte> with;
  conflict_action action{};
  bool replace{};  // SQLite: `replace into`
  table_name target;
  list<identifier> columns;
  query_ptr source{};  // null: `default values`
  int overriding{};    // PostgreSQL: 1 system value, 2 user value
  list<upsert> conflicts;
  list<result_item> returning;
};
struct update_statement {
  bool recursive{};
  list<cte> with;
  conflict_action action{};
  table_name target;
  list<assignment> set;
  list<table_ref const*> from;
  expr_ptr where{};
  list<result_item> returning;
};
struct delete_statement {
  bool recursive{};
  list<cte> with;
  table_name target;
  list<table_ref const*> using_tables;
  expr_ptr where{};
  list<result_item> returning;
};
enum class merge_action { nothing, insert, update, remove };
/// `when [not] matched [and condition] then …`
struct merge_clause {
  bool matched{};
  expr_ptr condition{};
  merge_action action{};
  list<assignment> set;      // update
  list<identifier> columns;  // insert: as listed, may be none
  int overriding{};          // insert: as of an insert_statement
  list<expr_ptr> values;     // insert: none is `default values`
  range at{};
};
struct merge_statement {  // PostgreSQL
  bool recursive{};
  list<cte> with;
  table_name target;
  table_ref const* source{};
  expr_ptr on{};
  list<merge_clause> clauses;
};
struct statement {
  std::variant<query_ptr, insert_statement, update_statement, delete_statement, merge_statement> node;
  range at{};
  template <class T>
  T const* as() const { return std::get_if<T>(&node); }
};

}  // namespace grille::ast
