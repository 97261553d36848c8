// Equality of trees, member by member. Ranges, depths and the quotes of identifiers do not count; everything else does.
#include "ast/equal.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace grille::ast {
namespace {

// One `same` for each node, found by overload: a node without one does not compile. In a class, so that each sees all the others.
struct comparison {
  template <class T>
  requires(std::is_enum_v<T> || std::is_arithmetic_v<T> || std::is_same_v<T, std::string_view>) static bool same(T a, T b) {
    return a == b;
  }
  template <class T>
  static bool same(T const* a, T const* b) {
    return a == b || (a != nullptr && b != nullptr && same(*a, *b));
  }
  template <class T>
  static bool same(list<T> a, list<T> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](T const& x, T const& y) { return same(x, y); });
  }
  template <class... Ts>
  static bool same(std::variant<Ts...> const& a, std::variant<Ts...> const& b) {
    auto const same_node = [&]<class Node>(Node const& x) { return same(x, std::get<Node>(b)); };
    return a.index() == b.index() && std::visit(same_node, a);
  }
  // The members that count, in the order of their declaration.
  template <class Node, class... Members>
  static bool agree(Node const& a, Node const& b, Members... members) {
    return (same(a.*members, b.*members) && ...);
  }

  static bool same(identifier const& a, identifier const& b) { return agree(a, b, &identifier::text); }

  static bool same(type_name const& a, type_name const& b) {
    return agree(a, b, &type_name::path, &type_name::modifiers, &type_name::array_dimensions, &type_name::interval_fields);
  }
  static bool same(order_item const& a, order_item const& b) {
    return agree(a, b, &order_item::key, &order_item::descending, &order_item::explicit_direction, &order_item::nulls,
                 &order_item::using_operator);
  }
  static bool same(when_arm const& a, when_arm const& b) { return agree(a, b, &when_arm::condition, &when_arm::result); }
  static bool same(argument const& a, argument const& b) { return agree(a, b, &argument::name, &argument::value); }

  static bool same(literal const& a, literal const& b) { return agree(a, b, &literal::kind, &literal::text); }
  static bool same(keyword_value const& a, keyword_value const& b) { return agree(a, b, &keyword_value::word, &keyword_value::precision); }
  static bool same(parameter const& a, parameter const& b) { return agree(a, b, &parameter::form, &parameter::number, &parameter::name); }
  static bool same(column_ref const& a, column_ref const& b) { return agree(a, b, &column_ref::path); }
  static bool same(star const& a, star const& b) { return agree(a, b, &star::qualifier); }
  static bool same(unary const& a, unary const& b) { return agree(a, b, &unary::op, &unary::operand); }
  static bool same(binary const& a, binary const& b) {
    return agree(a, b, &binary::symbol, &binary::schema, &binary::left, &binary::right);
  }
  static bool same(prefix const& a, prefix const& b) { return agree(a, b, &prefix::symbol, &prefix::schema, &prefix::operand); }
  static bool same(junction const& a, junction const& b) { return agree(a, b, &junction::op, &junction::items); }
  static bool same(is_test const& a, is_test const& b) { return agree(a, b, &is_test::operand, &is_test::value, &is_test::negated); }
  static bool same(distinct_test const& a, distinct_test const& b) {
    return agree(a, b, &distinct_test::left, &distinct_test::right, &distinct_test::negated);
  }
  static bool same(between const& a, between const& b) {
    return agree(a, b, &between::operand, &between::low, &between::high, &between::negated, &between::symmetric);
  }
  static bool same(pattern_match const& a, pattern_match const& b) {
    return agree(a, b, &pattern_match::op, &pattern_match::operand, &pattern_match::pattern, &pattern_match::escape,
                 &pattern_match::negated);
  }
  static bool same(in_list const& a, in_list const& b) { return agree(a, b, &in_list::operand, &in_list::items, &in_list::negated); }
  static bool same(in_query const& a, in_query const& b) {
    return agree(a, b, &in_query::operand, &in_query::subquery, &in_query::negated);
  }
  static bool same(in_table const& a, in_table const& b) { return agree(a, b, &in_table::operand, &in_table::table, &in_table::negated); }
  static bool same(quantified const& a, quantified const& b) {
    return agree(a, b, &quantified::operand, &quantified::symbol, &quantified::schema, &quantified::which, &quantified::subquery,
                 &quantified::array);
  }
  static bool same(exists const& a, exists const& b) { return agree(a, b, &exists::subquery); }
  static bool same(scalar_subquery const& a, scalar_subquery const& b) { return agree(a, b, &scalar_subquery::subquery); }
  static bool same(case_expr const& a, case_expr const& b) {
    return agree(a, b, &case_expr::operand, &case_expr::arms, &case_expr::otherwise);
  }
  static bool same(cast const& a, cast const& b) { return agree(a, b, &cast::operand, &cast::type, &cast::form); }
  static bool same(collate const& a, collate const& b) { return agree(a, b, &collate::operand, &collate::collation); }
  static bool same(call const& a, call const& b) {
    return agree(a, b, &call::path, &call::arguments, &call::syntax, &call::star, &call::distinct, &call::variadic, &call::order,
                 &call::within_group, &call::filter, &call::over);
  }
  static bool same(row const& a, row const& b) { return agree(a, b, &row::items, &row::explicit_keyword); }
  static bool same(array const& a, array const& b) { return agree(a, b, &array::items, &array::subquery); }
  static bool same(subscript const& a, subscript const& b) {
    return agree(a, b, &subscript::operand, &subscript::lower, &subscript::upper, &subscript::slice, &subscript::apart);
  }
  static bool same(field const& a, field const& b) { return agree(a, b, &field::operand, &field::name, &field::all, &field::apart); }
  static bool same(grouping_set const& a, grouping_set const& b) { return agree(a, b, &grouping_set::which, &grouping_set::items); }
  static bool same(default_value const&, default_value const&) { return true; }
  static bool same(expr const& a, expr const& b) { return agree(a, b, &expr::node); }

  static bool same(frame_bound const& a, frame_bound const& b) { return agree(a, b, &frame_bound::kind, &frame_bound::offset); }
  static bool same(frame const& a, frame const& b) {
    return agree(a, b, &frame::unit, &frame::start, &frame::end, &frame::between, &frame::exclude);
  }
  static bool same(window const& a, window const& b) {
    return agree(a, b, &window::base, &window::reference, &window::partition, &window::order, &window::frame_clause);
  }
  static bool same(named_window const& a, named_window const& b) { return agree(a, b, &named_window::name, &named_window::definition); }

  static bool same(alias const& a, alias const& b) { return agree(a, b, &alias::name, &alias::columns); }
  static bool same(column_definition const& a, column_definition const& b) {
    return agree(a, b, &column_definition::name, &column_definition::type, &column_definition::collation);
  }
  static bool same(table_name const& a, table_name const& b) {
    return agree(a, b, &table_name::path, &table_name::alias, &table_name::only, &table_name::indexed_by, &table_name::not_indexed);
  }
  static bool same(derived_table const& a, derived_table const& b) {
    return agree(a, b, &derived_table::subquery, &derived_table::alias, &derived_table::lateral);
  }
  static bool same(table_function const& a, table_function const& b) {
    return agree(a, b, &table_function::functions, &table_function::alias, &table_function::definitions, &table_function::lateral,
                 &table_function::ordinality, &table_function::rows_from);
  }
  static bool same(join const& a, join const& b) {
    return agree(a, b, &join::kind, &join::natural, &join::left, &join::right, &join::on, &join::using_columns, &join::alias,
                 &join::using_alias);
  }
  static bool same(table_sample const& a, table_sample const& b) {
    return agree(a, b, &table_sample::table, &table_sample::method, &table_sample::arguments, &table_sample::repeatable);
  }
  static bool same(table_ref const& a, table_ref const& b) { return agree(a, b, &table_ref::node); }

  static bool same(result_item const& a, result_item const& b) { return agree(a, b, &result_item::value, &result_item::alias); }
  static bool same(select_core const& a, select_core const& b) {
    return agree(a, b, &select_core::distinct, &select_core::distinct_on, &select_core::items, &select_core::from, &select_core::where,
                 &select_core::group_by, &select_core::group_distinct, &select_core::having, &select_core::windows);
  }
  static bool same(values_rows const& a, values_rows const& b) { return agree(a, b, &values_rows::rows); }
  static bool same(set_operation const& a, set_operation const& b) {
    return agree(a, b, &set_operation::op, &set_operation::all, &set_operation::distinct, &set_operation::left, &set_operation::right);
  }
  static bool same(nested_query const& a, nested_query const& b) { return agree(a, b, &nested_query::subquery); }
  static bool same(table_command const& a, table_command const& b) { return agree(a, b, &table_command::path, &table_command::only); }
  static bool same(query_body const& a, query_body const& b) { return agree(a, b, &query_body::node); }
  static bool same(cte const& a, cte const& b) { return agree(a, b, &cte::name, &cte::columns, &cte::hint, &cte::body); }
  static bool same(locking const& a, locking const& b) { return agree(a, b, &locking::strength, &locking::of, &locking::wait); }
  static bool same(query const& a, query const& b) {
    return agree(a, b, &query::recursive, &query::with, &query::body, &query::order, &query::limit, &query::offset, &query::limit_all,
                 &query::with_ties, &query::locks);
  }

  static bool same(assignment const& a, assignment const& b) {
    return agree(a, b, &assignment::columns, &assignment::row_form, &assignment::value);
  }
  static bool same(upsert const& a, upsert const& b) {
    return agree(a, b, &upsert::target, &upsert::target_where, &upsert::constraint, &upsert::do_nothing, &upsert::set, &upsert::where);
  }
  static bool same(insert_statement const& a, insert_statement const& b) {
    return agree(a, b, &insert_statement::recursive, &insert_statement::with, &insert_statement::action, &insert_statement::replace,
                 &insert_statement::target, &insert_statement::columns, &insert_statement::source, &insert_statement::overriding,
                 &insert_statement::conflicts, &insert_statement::returning);
  }
  static bool same(update_statement const& a, update_statement const& b) {
    return agree(a, b, &update_statement::recursive, &update_statement::with, &update_statement::action, &update_statement::target,
                 &update_statement::set, &update_statement::from, &update_statement::where, &update_statement::returning);
  }
  static bool same(delete_statement const& a, delete_statement const& b) {
    return agree(a, b, &delete_statement::recursive, &delete_statement::with, &delete_statement::target, &delete_statement::using_tables,
                 &delete_statement::where, &delete_statement::returning);
  }
  static bool same(merge_clause const& a, merge_clause const& b) {
    return agree(a, b, &merge_clause::matched, &merge_clause::condition, &merge_clause::action, &merge_clause::set, &merge_clause::columns,
                 &merge_clause::overriding, &merge_clause::values);
  }
  static bool same(merge_statement const& a, merge_statement const& b) {
    return agree(a, b, &merge_statement::recursive, &merge_statement::with, &merge_statement::target, &merge_statement::source, &merge_statement::on,
                 &merge_statement::clauses);
  }
  static bool same(statement const& a, statement const& b) { return agree(a, b, &statement::node); }
};

}  // namespace

bool equal(statement const& a, statement const& b) { return comparison::same(a, b); }
bool equal(query const& a, query const& b) { return comparison::same(a, b); }
bool equal(expr const& a, expr const& b) { return comparison::same(a, b); }

}  // namespace grille::ast
