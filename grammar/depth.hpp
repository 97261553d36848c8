// How deep a node's parts are: one overload a node, so that a new node does not compile before it is decided about. Enters: a
// node whose parts are finished. Leaves: the largest depth below it, 0 if it has no parts.
#pragma once
#include "ast/tree.hpp"

namespace grille::grammar {

unsigned depth_below(ast::literal const&);
unsigned depth_below(ast::keyword_value const&);
unsigned depth_below(ast::parameter const&);
unsigned depth_below(ast::column_ref const&);
unsigned depth_below(ast::star const&);
unsigned depth_below(ast::unary const&);
unsigned depth_below(ast::binary const&);
unsigned depth_below(ast::prefix const&);
unsigned depth_below(ast::junction const&);
unsigned depth_below(ast::is_test const&);
unsigned depth_below(ast::distinct_test const&);
unsigned depth_below(ast::between const&);
unsigned depth_below(ast::pattern_match const&);
unsigned depth_below(ast::in_list const&);
unsigned depth_below(ast::in_query const&);
unsigned depth_below(ast::in_table const&);
unsigned depth_below(ast::quantified const&);
unsigned depth_below(ast::exists const&);
unsigned depth_below(ast::scalar_subquery const&);
unsigned depth_below(ast::case_expr const&);
unsigned depth_below(ast::cast const&);
unsigned depth_below(ast::collate const&);
unsigned depth_below(ast::call const&);
unsigned depth_below(ast::row const&);
unsigned depth_below(ast::array const&);
unsigned depth_below(ast::subscript const&);
unsigned depth_below(ast::field const&);
unsigned depth_below(ast::grouping_set const&);
unsigned depth_below(ast::default_value const&);

unsigned depth_below(ast::table_name const&);
unsigned depth_below(ast::derived_table const&);
unsigned depth_below(ast::table_function const&);
unsigned depth_below(ast::join const&);
unsigned depth_below(ast::table_sample const&);

unsigned depth_below(ast::select_core const&);
unsigned depth_below(ast::values_rows const&);
unsigned depth_below(ast::set_operation const&);
unsigned depth_below(ast::nested_query const&);
unsigned depth_below(ast::table_command const&);
unsigned depth_below(ast::query const&);

unsigned depth_of(ast::statement const&);

}  // namespace grille::grammar
