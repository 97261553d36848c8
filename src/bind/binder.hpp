// What `bind` is made of: one function for each kind of node, in the files bind_*.cpp. A function throws a `base::fault` (through
// `refuse`) for what it cannot bind; the two entry points in bind.cpp turn that into a result, no exception leaves this folder.
// INVARIANT: `scope_` is where a name is looked for first and `with_` where a table is; every function leaves both as it found them.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "bind/bind.hpp"
#include "bind/scope.hpp"
#include "bind/write_form.hpp"

namespace grille::bind {

[[noreturn]] inline void refuse(errc kind, std::string message, base::range at, std::string help = {}) {
  throw base::fault{kind, std::move(message), at, std::move(help)};
}
/// It says in which table below a row is stored, as the system column `tableoid` does, which nobody is shown.
[[noreturn]] inline void refuse_only(base::range at) { refuse(errc::unsupported, "`only` is not supported", at, "it would tell in which of its tables a row is stored"); }
inline std::string in_ticks(std::string_view word) { return "`" + std::string(word) + "`"; }
/// `a.b.c` as the text has it, quotes aside.
std::string dotted(ast::name_path path);
base::range extent(ast::name_path path);

/// Sets a variable for the length of a block.
template <class T>
class hold {
 public:
  hold(T& variable, T value) : variable_(variable), before_(std::exchange(variable, std::move(value))) {}
  ~hold() { variable_ = std::move(before_); }
  hold(hold const&) = delete;
  hold& operator=(hold const&) = delete;

 private:
  T& variable_;
  T before_;
};

/// One item of a `with` clause. Where items see all their siblings, each is bound when it is first needed.
struct with_item {
  ast::cte const* written{};
  bound::common_table* table{};
  enum class state { waiting, reading, done } reached{};
  ast::select_core const* arm{};  // the recursive arm that may read the item now
  bool arm_reads{};               // and does
  std::vector<scope*> reaches{};  // scopes around the `with` whose columns its body names
};
struct with_clause {
  with_clause* outer{};
  scope* around{};  // where the columns are that a body may name besides its own
  bool sees_all{};  // its items see those behind them, and themselves
  std::vector<with_item> items;
  std::vector<bound::common_table*> bound;  // in the order of completion: an item stands after those it reads
};

class binder {
 public:
  explicit binder(options const& o) : options_(o), memory_(o.memory) {}

  bound::statement* statement(ast::statement const& s);
  bound::write* write(ast::statement const& s);
  bound::expr_ptr predicate(ast::expr const& e, bound::relation* subject);

 private:
  friend struct expression_binder;
  friend struct figure;

  // bind.cpp
  dialect which() const { return options_.visible.which(); }
  bool sqlite() const { return which() == dialect::sqlite; }
  bool same(std::string_view a, std::string_view b) const { return catalog::same_name(which(), a, b); }
  void count(std::size_t nodes, base::range at);
  void deeper(unsigned levels, base::range at) const;
  bound::expr_ptr parameter(ast::parameter const& p, base::range at);
  void refuse_own_operators(std::vector<bound::query*> const& queries) const;
  void refuse_own_operators(bound::expr_ptr e) const;
  std::pair<source_column const*, scope*> value_of_function(std::string_view name) const;
  bound::list<std::string_view> number_parameters(std::vector<bound::query*> const& queries);

  // bind_write.cpp
  void written_columns(std::vector<ast::identifier> const& names, written_table const& t, ast::table_name const& target, bound::write& made);
  written_table target_of(ast::table_name const& target, grille::method m);
  bound::write* change(write_form const& form, base::range at);
  void number(bound::write& made, std::vector<bound::statement*> const& all);
  bound::statement* written_rows(write_form const& form, written_table const& t, ast::select_core const* beside_excluded = nullptr);

  void find_defaults(ast::query const& assigned, bool items);
  static void refuse_aggregates(bound::query& q, std::string_view where);
  static void refuse_anew(write_form const& form, bound::write const& w);
  bound::write* replaced_rows(ast::table_name const& target, bound::write const& insert);
  // bind_returning.cpp
  void returning(write_form const& form, bound::write& made, base::range at);
  void returns_joined(bound::write& made, std::vector<bound::relation*> const& relations);
  // bind_merge.cpp
  bound::write* merge(ast::merge_statement const& s);

  // bind_conflict.cpp
  bound::on_conflict* conflict(write_form const& form, written_table const& t, bound::write const& insert);
  bound::conflict_key named_key(ast::identifier const& constraint, written_table const& t);
  bound::conflict_key conflict_key(ast::upsert const& u, written_table const& t, ast::table_name const& target);
  bound::relation* proposed_row(bound::write const& insert, written_table const& t, base::range at);
  void add_excluded(bound::select& made, scope& s);

  // bind_query.cpp
  struct arm {
    std::unique_ptr<scope> names;  // null for `values`
    bound::query_body* body{};
    base::range at{};
  };
  using bound_order = bound::list<bound::order_item>;
  /// `top`: the result's columns are named as the caller sees them; else as a query around sees them.
  bound::query* query(ast::query const& q, bool top, with_item* defines = nullptr);
  bound::query_body* body(ast::query const& q, bool top, bound_order& order, with_item* defines);
  arm leaf(ast::query_body const& b, bool top, ast::list<ast::order_item> order_by, bound_order& order);
  bound::query_body* values(ast::values_rows const& v);
  bound_order compound_order(ast::list<ast::order_item> items, std::vector<arm>& arms);
  unsigned compound_key(ast::expr const& key, std::size_t number, std::vector<arm>& arms);
  bound::expr_ptr limit(ast::expr_ptr e);

  // bind_with.cpp
  void open(with_clause& w, ast::query const& q);
  void define(with_clause& w, with_item& item);
  void name_columns(with_item& item, bound::query_body const& b);
  std::pair<with_clause*, with_item*> find_item(std::string_view name) const;
  bound::relation* read(with_clause& w, with_item& item, std::string_view name, base::range at, ast::select_core const* directly_in);
  void reach(scope* s);

  // bind_select.cpp
  static bool made_by_keys(bound::select& s, bound_order& order, bound::relation const& f);
  bound::select select(ast::select_core const& c, scope& s, bool top, ast::list<ast::order_item> order_by, bound_order& order);
  bound::list<bound::item> results(ast::select_core const& c, scope& s, bool top);
  void expand(ast::star const& n, base::range at, scope& s, std::vector<bound::item>& items);
  std::string_view result_name(ast::result_item const& i, bound::expr const& value, bool top, std::size_t position) const;
  std::string_view source_text(base::range at) const;
  bound_order order(ast::list<ast::order_item> items, scope& s);
  bound::list<bound::expr_ptr> distinct_on(ast::list<ast::expr_ptr> keys, scope& s);
  void group_by(bound::select& made, ast::select_core const& c, scope& s);
  bound::expr_ptr group_key(ast::expr const& written, scope& s);
  /// The result column that a key stands for, with the outermost collation that the key has.
  bound::expr_ptr collated_as(ast::expr const& written, bound::expr_ptr key);

  void define_windows(ast::select_core const& c, scope& s);

  // bind_from.cpp
  bound::from_item* from(ast::table_ref const& t, scope& s, ast::select_core const* core);
  bound::from_item* from_operand(ast::table_ref const& t, scope& s, ast::select_core const* core);
  bound::from_item* parentheses(ast::table_ref const& t, scope& s);
  bound::relation* table(ast::table_name const& t, base::range at, ast::select_core const* core);
  bound::relation* named_table(ast::name_path path, std::string_view name, base::range at, ast::select_core const* core);
  bound::relation* derived(ast::derived_table const& t, base::range at);
  bound::relation* function(ast::table_function const& t, scope& s, base::range at);
  void join(ast::join const& j, bound::join& made, scope& s, bool any_right, base::range at);
  bound::expr_ptr join_column(scope& s, ast::identifier const& name, bool any_right);
  void conditions(scope& s);
  void refuse_later(scope const& s, std::size_t last, bound::expr_ptr e, base::range at);

  // bind_from_postgresql.cpp
  /// What stands to the left in the from clauses at hand, each with whether a lateral subquery may not name it.
  using left_sides = std::vector<std::pair<source const*, bool>>;
  scope beside() const;
  bound::from_item* from_list(ast::select_core const& c, scope& s);
  bound::relation* function_postgresql(ast::table_function const& t, base::range at);
  void table_arguments(ast::call const& c, catalog::function const& f, std::vector<bound::expr_ptr>& to);
  bound::expr_ptr made_row(ast::call const& c) const;
  bound::relation* functions_in_results(ast::select_core const& c, scope& s);
  catalog::function const* table_function_of(ast::call const& c, base::range at);
  void define_columns(bound::relation& made, ast::table_function const& t);
  bound::from_item* from_tree(ast::table_ref const& t, scope& s, ast::select_core const* core, source& seen);
  bound::from_item* join_tree(ast::join const& j, scope& s, ast::select_core const* core, source& seen, base::range at);
  void merge_columns(std::vector<ast::identifier> const& names, bound::join& join, source& left, source& right, source& seen);
  void name_merged(source& seen, std::size_t merged, ast::identifier const& name);
  void name_join(source& seen, ast::alias const& a);
  static void refuse_repeated(std::span<source const> before, source const& next, base::range at);

  // result_names.cpp
  std::string_view figured_name(ast::expr const& e, bound::expr const& value) const;

  // bind_type_postgresql.cpp
  std::string_view type_name_of(ast::type_name const& t) const;
  std::string_view postgresql_type(ast::type_name const& t, bool before_literal = false);
  std::string own_type(ast::type_name const& t) const;

  // bind_query_postgresql.cpp
  bound::query_body* body_postgresql(ast::query const& q, bool top, bound_order& order, with_item* defines);
  bound::query_body* arms_postgresql(ast::query_body const& b, bool top);
  bound::query_body* recursive_arms(ast::set_operation const& s, with_item& defines, base::range at);
  bound::query_body* combine(ast::set_operation const& s, bound::query_body* left, bound::query_body* right, base::range at);
  bound::select select_all(bound::relation* r, base::range at);

  // bind_locks_postgresql.cpp
  bound::list<bound::row_lock> locks(ast::query const& q, bound::query const& made);
  std::vector<bound::relation*> locked(ast::locking const& l, bound::query const& made, base::range at) const;

  // bind_name.cpp
  bound::expr_ptr column(ast::column_ref const& n, base::range at);
  bound::expr_ptr refer(source_column const& c, base::range at);
  bound::expr_ptr refer(match const& m, base::range at);
  bound::expr_ptr merge(match const& m, base::range at);
  bound::expr_ptr rowid(scope& s, std::string_view table, base::range at);
  bound::expr_ptr alias(scope& s, std::string_view name, base::range at);
  bound::expr_ptr copy_result(scope const& s, result_column const& r, base::range at);
  bound::expr_ptr copy(bound::expr_ptr e, base::range at);

  // bind_expression.cpp
  bound::expr_ptr expression(ast::expr const& e);  // one value
  bound::expr_ptr operand(ast::expr const& e);     // one value, a row of values, or a subquery of several columns
  bound::expr_ptr optional(ast::expr_ptr e) { return e == nullptr ? nullptr : expression(*e); }
  bound::list<bound::expr_ptr> expressions(ast::list<ast::expr_ptr> items);
  template <class Node>
  bound::expr_ptr make(Node n, base::range at) {
    return memory_.make<bound::expr>(bound::expr{std::move(n), at});
  }
  bound::expr_ptr collate(bound::expr_ptr e, ast::name_path collation, base::range at);
  bound::query* in_table(ast::in_table const& n, base::range at);
  bound::expr_ptr operation(bound::op o, std::vector<bound::expr_ptr> const& operands, base::range at);

  // bind_field_postgresql.cpp
  std::pair<ast::identifier const*, scope*> whole_row(ast::expr const& e) const;
  bound::expr_ptr field(ast::field const& n, base::range at);
  /// Of an operator that stands for a word: `~~` is `like`.
  std::optional<ast::pattern_match> as_pattern_match(ast::binary const& n) const;
  std::pair<bound::expr_ptr, catalog::type const*> composite(ast::expr const& e, base::range at);
  bound::expr_ptr field_of_composite(ast::field const& n, base::range at);
  bool expand_fields(ast::expr const& e, scope& s, std::vector<bound::item>& items);
  ast::star const* all_of_row(ast::expr const& e, scope const& s);
  bound::expr_ptr argument(catalog::function const& f, ast::expr const& e);
  ast::expr const* inside_query(std::string_view function, ast::expr const& e, std::span<ast::argument const> others);
  bound::expr_ptr row_of_values(ast::expr const& e);
  bound::expr_ptr test_of_row(bound::op test, ast::expr const& e, base::range at);
  bound::expr_ptr row_value(ast::expr const& e);
  bound::expr_ptr printed_row(ast::expr const& e);
  std::pair<ast::identifier const*, scope*> row_named(ast::expr const& e) const;
  struct table_row {
    bound::relation* of{};
    bound::from_item const* joins{};  // what it stands in
    bound::record columns;
  };
  table_row columns_of(ast::identifier const& table, scope& in, base::range at);
  bound::expr_ptr row_of(ast::identifier const& table, scope& in, base::range at);
  bound::expr_ptr presence(bound::relation& r, base::range at);

  // known_type_postgresql.cpp
  std::string_view known_type(bound::expr const& e) const;
  std::string_view known_type(bound::query_body const& b, unsigned index) const;
  std::string_view known_type_of_all(std::span<bound::expr_ptr const> values) const;
  std::string_view common_type(std::string_view a, std::string_view b) const;
  bool is_of_columns(std::string_view type) const;
  bool may_be_of_columns(bound::expr const& e) const;
  bool may_be_of_columns(bound::query_body const& b, unsigned index) const;
  catalog::type const* below_domains(std::string_view name) const;

  // bind_call.cpp
  bound::expr_ptr call(ast::call const& c, base::range at);
  void require_position(ast::call const& c, base::range at);
  bound::expr_ptr special_call(ast::call const& c, base::range at);
  ast::call const& by_position(ast::call const& c) const;
  ast::call const& with_configuration(ast::call const& c) const;
  ast::call const& with_arguments(ast::call const& c, std::vector<ast::argument> const& arguments) const;
  static bool is_of_the_server(std::string_view collation);
  catalog::function const* function_of(ast::call const& c, base::range at);
  void within_group(ast::call const& c, catalog::function const& f, base::range at) const;
  void refuse_outer_aggregate(bound::expr_ptr call, base::range at);
  window_parts parts(ast::window const& w, std::span<window_parts const> known) const;
  bound::window* window(window_parts const& p);
  bound::frame* frame(ast::frame const& f, std::size_t keys);
  bound::frame_bound frame_bound(ast::frame_bound const& b);

  options const& options_;
  bool may_lock_{options_.locks};
  base::arena& memory_;
  scope* scope_{};
  unsigned betweens_{};  // around what is bound: one for each copy that the server doubles
  left_sides left_;
  std::string_view renamed_;  // a merge's source, a table with other names for its columns
  bound::relation const* row_keys_{};                       // what the groups may be made of beside: the rows that calls in the list of results make
  std::map<ast::call const*, bound::expr_ptr> row_makers_;  // calls in the list of results that make rows: the columns that these have
  std::map<bound::relation const*, unsigned> presences_;  // the column that is true in every row of it
  mutable std::map<std::pair<bound::query_body const*, unsigned>, bool> of_columns_;
  mutable std::map<std::pair<bound::query_body const*, unsigned>, std::string_view> known_types_;  // of result columns
  with_clause* with_{};
  ast::identifier const* target_{};        // the name of the table that a write is of, in its text
  visible_table const* target_reads_{};    // what may be read of it
  std::vector<ast::default_value const*> defaults_;  // that stand where a column is assigned
  ast::select_core const* beside_excluded_{};  // the select that can name the proposed row, which is:
  bound::relation* excluded_{};
  std::vector<std::pair<with_clause*, with_item*>> defining_;  // innermost last
  unsigned depth_{};
  std::size_t nodes_{};

  unsigned positions_{};
  bool numbered_{};
  struct named_parameter {
    ast::parameter_form form{};
    base::range first{};
    unsigned key{};
  };
  std::map<std::string_view, named_parameter> named_;
};

/// A relation as an operand of a from clause.
source source_of(bound::relation* r);
/// Makes names distinct, without ASCII case, as SQLite does for the columns of a subquery: `a`, `a:1`, …; and names those that it
/// does not let be named `column1`, `column2`, ….
void make_unique(std::vector<std::string_view>& names, base::arena& memory);
/// What a query around sees: the names of the first arm.
std::vector<std::string_view> column_names(bound::query_body const& b, base::arena& memory);
/// `true` and `false` are no names of columns on SQLite: https://www.sqlite.org/lang_expr.html#boolexpr
bool is_truth_word(std::string_view name);

/// The key of an `order by` or `group by` without its collations: what can be an ordinal or an alias.
ast::expr const& without_collation(ast::expr const& key);
/// From 0, if the key is an integer as the dialect reads one there: of 32 bits, on SQLite with any signs. Refuses one out of range.
std::optional<unsigned> ordinal(ast::expr const& key, std::size_t width, dialect d);
bound::order_item order_item(ast::order_item const& written, bound::expr_ptr key);

bound::set_operation set_operation_of(ast::set_operation const& s, bound::query_body* left, bound::query_body* right);
/// How many columns a query yields.
std::size_t width(bound::query const& q);
std::size_t width(bound::query_body const& b);
/// How many values an expression stands for: more than one for a row, and for a scalar subquery of several columns.
std::size_t width(bound::expr const& e);

}  // namespace grille::bind
