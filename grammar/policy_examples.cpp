// Sentences that give examples: rows, callers, and what they must see.
#include "grammar/policy.hpp"

namespace grille::grammar::policy {

// ATTRIBUTE ::= name '=' EXPR
auto const attribute_value_def = name[put<&ast::attribute_value::name>] > sym("=") > value[put<&ast::attribute_value::value>];

// ROW ::= '(' EXPR { ',' EXPR } ')'
rule<ast::list<ast::expr_ptr>> const row = "a row in parentheses";
auto const row_def = sym("(") > list_of(value)[put_all] > sym(")");

// GIVEN ::= 'given' TABLE '(' column { ',' column } ')' 'values' ROW { ',' ROW }
auto const given_rows_def = word("given") > table[put<&ast::given_sentence::table>] > sym("(") >
                            list_of(column)[put<&ast::given_sentence::columns>] > sym(")") > kw("values") >
                            list_of(row)[put<&ast::given_sentence::rows>];

// HELD ::= name [ '(' ATTRIBUTE { ',' ATTRIBUTE } ')' ]
rule<ast::held_role> const held_role = "a role";
auto const held_role_def = name[put<&ast::held_role::name>] >
                           -(sym("(") > list_of(attribute_value)[put<&ast::held_role::scope>] > sym(")"));

// CALLER ::= 'caller' name 'is' HELD { ',' HELD } [ 'with' ATTRIBUTE { ',' ATTRIBUTE } ]
auto const caller_def = word("caller") > name[put<&ast::caller_sentence::name>] > kw("is") >
                        list_of(held_role)[put<&ast::caller_sentence::roles>] >
                        -(kw("with") > list_of(attribute_value)[put<&ast::caller_sentence::attributes>]);

// EXPECTED ::= column [ ( 'as' | '=' ) EXPR ]
rule<ast::expected_column> const expected_column = "a column";
auto const expected_column_def = column[put<&ast::expected_column::name>] >
                                 -((kw("as") | sym("=")) > value[put<&ast::expected_column::value>]);

// EXPECT ::= 'expect' name [ 'with' ATTRIBUTE { ',' ATTRIBUTE } ] ( 'can' | 'cannot' ) method [ '(' EXPECTED { ',' EXPECTED } ')' ]
//            'on' TABLE [ 'where' PREDICATE ]
auto const expectation_def = word("expect") > name[put<&ast::expect_sentence::caller>] >
                             -(kw("with") > list_of(attribute_value)[put<&ast::expect_sentence::context>]) >
                             verdict[put<&ast::expect_sentence::can>] > method[put<&ast::expect_sentence::method>] >
                             -(sym("(") > list_of(expected_column)[put<&ast::expect_sentence::columns>] > sym(")")) > kw("on") >
                             table[put<&ast::expect_sentence::table>] > *once<&ast::expect_sentence::where>(kw("where"), predicate);

BOOST_SPIRIT_DEFINE(attribute_value, row, given_rows, held_role, caller, expected_column, expectation)
BOOST_SPIRIT_INSTANTIATE(decltype(attribute_value), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(given_rows), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(caller), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(expectation), iterator, context)

}  // namespace grille::grammar::policy
