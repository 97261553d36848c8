// What `print` is made of: one function per node, each appending to one string. The bodies stand in expressions.cpp, queries.cpp,
// statements.cpp and names.cpp. Every visit is exhaustive: a node without a `put` does not compile.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "ast/tree.hpp"
#include "print/print.hpp"

namespace grille::print {

class writer {
 public:
  writer(dialect d, chains c) : dialect_(d), chains_(c) {}

  void statement(ast::statement const& s);
  void query(ast::query const& q);
  /// Where nothing binds from outside: a result item, an argument, a `where`.
  void expression(ast::expr const& e);
  std::string take() { return std::move(out_); }

 private:
  bool sqlite() const { return dialect_ == dialect::sqlite; }

  template <class... Parts>
  void emit(Parts const&... parts) {
    (out_.append(std::string_view(parts)), ...);
  }
  template <class List, class Each>
  void separated(List const& items, Each each, std::string_view by = ", ") {
    std::string_view before;
    for (auto const& item : items) {
      emit(before);
      each(item);
      before = by;
    }
  }

  // names.cpp
  void name(ast::identifier const& n);
  void path(ast::name_path p);
  void function_name(ast::name_path p);
  void columns(ast::list<ast::identifier> names);  // "(a, b)"
  void type(ast::type_name const& t);
  void type_word(ast::identifier const& n, ast::list<ast::expr_ptr> modifiers);
  void alias(ast::alias const& a);

  // expressions.cpp
  void operand(ast::expr const& e);  // in parentheses if it is an operator's
  void expressions(ast::list<ast::expr_ptr> items);
  void operator_symbol(std::string_view symbol, ast::name_path schema);
  void links(ast::list<ast::expr_ptr> items, std::string_view by);
  void subquery(ast::query const& q);  // in parentheses
  void order(std::string_view words, ast::list<ast::order_item> items);
  void special_call(ast::call const& n);
  void window(ast::window const& w);
  void bound(ast::frame_bound const& b);

  void put(ast::literal const& n);
  void put(ast::keyword_value const& n);
  void put(ast::parameter const& n);
  void put(ast::column_ref const& n);
  void put(ast::star const& n);
  void put(ast::unary const& n);
  void put(ast::binary const& n);
  void put(ast::prefix const& n);
  void put(ast::junction const& n);
  void put(ast::is_test const& n);
  void put(ast::distinct_test const& n);
  void put(ast::between const& n);
  void put(ast::pattern_match const& n);
  void put(ast::in_list const& n);
  void put(ast::in_query const& n);
  void put(ast::in_table const& n);
  void put(ast::quantified const& n);
  void put(ast::exists const& n);
  void put(ast::scalar_subquery const& n);
  void put(ast::case_expr const& n);
  void put(ast::cast const& n);
  void put(ast::collate const& n);
  void put(ast::call const& n);
  void put(ast::row const& n);
  void put(ast::array const& n);
  void put(ast::subscript const& n);
  void put(ast::field const& n);
  void put(ast::grouping_set const& n);
  void put(ast::default_value const& n);

  // queries.cpp
  void with(bool recursive, ast::list<ast::cte> items);
  void body(ast::query_body const& b);
  void set_operand(ast::query_body const& b, bool is_left);
  void result_items(ast::list<ast::result_item> items);
  void from(std::string_view words, ast::list<ast::table_ref const*> tables);
  void table(ast::table_ref const& t);
  void where(ast::expr_ptr condition);

  void put(ast::select_core const& n);
  void put(ast::values_rows const& n);
  void put(ast::set_operation const& n);
  void put(ast::nested_query const& n);
  void put(ast::table_command const& n);
  void put(ast::table_name const& n);
  void put(ast::derived_table const& n);
  void put(ast::table_function const& n);
  void put(ast::join const& n);
  void put(ast::table_sample const& n);
  void put(ast::locking const& n);

  // statements.cpp
  void assignments(ast::list<ast::assignment> items);
  void returning(ast::list<ast::result_item> items);
  void conflict_target(ast::expr const& e);

  void put(ast::query_ptr const& n);
  void put(ast::insert_statement const& n);
  void put(ast::update_statement const& n);
  void put(ast::delete_statement const& n);
  void put(ast::merge_statement const& n);
  void put(ast::merge_clause const& n);
  void overriding(int which);
  void put(ast::upsert const& n);

  dialect dialect_;
  chains chains_;
  std::string out_;
};

}  // namespace grille::print
