// What `unbind` is made of: one function for each kind of node. Nothing in it can fail: a bound tree always has a text.
#pragma once
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "bound/tree.hpp"
#include "bound/write.hpp"
#include "grille/dialect.hpp"

namespace grille::bind {

class unbinder {
 public:
  /// `positions`: of parameters that are others'; the slots take those behind.
  unbinder(dialect d, base::arena& memory, unsigned positions) : dialect_(d), memory_(memory), positions_(positions) {}
  ast::statement const* statement(bound::statement const& s);
  /// Of a write by `by` on `t`.
  ast::statement const* step(bound::step const& s, catalog::table const& t, grille::method by);
  std::vector<bound::slot> const& slots() const { return slots_; }

 private:
  friend struct expression_unbinder;
  using table_node = decltype(ast::table_ref::node);
  /// Who refers to the columns of a query's result by name.
  enum class names_for { nobody, query_around, caller };

  // unbind.cpp
  ast::query_ptr written_query(bound::statement const& s);  // whose columns nobody names
  ast::statement const* held_rows(ast::query_ptr q, bound::relation const* held);
  ast::list<ast::result_item> former_key(bound::step const& s, catalog::table const& t, std::vector<ast::name_path> const& returns);
  ast::upsert left_out_by(bound::conflict_key const& k, catalog::table const& t);
  std::string_view alias_of_first(bound::statement const& s) const;
  ast::query_ptr query(bound::query const& q, names_for whom);
  ast::locking locking(bound::row_lock const& lock);
  std::vector<std::string_view> const& names_of(bound::query const& q);
  ast::query_body const* body(bound::query_body const& b, std::vector<std::string_view> const* names, names_for whom);
  ast::query_body const* operand(bound::query_body const& b, bool binds_tighter, std::vector<std::string_view> const* names, names_for whom);
  ast::select_core select(bound::select const& s, std::vector<std::string_view> const* names, names_for whom);
  ast::expr_ptr grouping_sets(bound::list<bound::list<unsigned>> sets, std::vector<ast::expr_ptr> const& keys);
  ast::result_item caller_item(bound::item const& item, std::size_t position);
  ast::table_ref const* from(bound::from_item const& f);
  table_node relation(bound::relation const& r);
  ast::table_function functions(bound::relation const& r, std::string_view name);
  std::string_view function_column(bound::relation const& r, unsigned index);
  ast::column_ref column(bound::column const& c);
  ast::order_item order_item(bound::order_item const& i, ast::expr_ptr key);

  // unbind_expression.cpp
  ast::expr_ptr expression(bound::expr const& e);
  ast::expr_ptr optional(bound::expr const* e) { return e == nullptr ? nullptr : expression(*e); }
  ast::list<ast::expr_ptr> expressions(std::span<bound::expr_ptr const> items);
  ast::list<ast::argument> arguments(std::span<bound::expr_ptr const> items);
  /// For `group by` and `order by`, where a bare integer would be a position.
  ast::expr_ptr key(bound::expr const& e);
  ast::expr_ptr named_row(bound::record const& n);
  ast::window const* window(bound::window const& w);
  ast::expr_ptr parameter(unsigned position);
  ast::name_path own_name(std::string_view name);
  ast::name_path collation(std::string_view name);
  ast::call_syntax syntax_of(catalog::function const& f) const;
  ast::type_name postgresql_type(std::string_view text);

  template <class Node>
  ast::expr_ptr make(Node n) {
    return memory_.make<ast::expr>(ast::expr{std::move(n), {}});
  }
  static ast::identifier identifier(std::string_view text) { return {text, {}, true}; }
  static ast::identifier word(std::string_view text) { return {text, {}, false}; }

  dialect dialect_;
  base::arena& memory_;
  unsigned positions_{};
  std::vector<bound::slot> slots_;
  std::unordered_map<bound::relation const*, std::string_view> relations_;
  std::unordered_map<bound::common_table const*, std::string_view> common_;
  std::unordered_map<bound::query const*, std::vector<std::string_view>> names_;
};

}  // namespace grille::bind
