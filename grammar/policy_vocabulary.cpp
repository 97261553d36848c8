// Sentences that give names to be used below: tags, histories, specifications, projections.
#include "grammar/policy.hpp"

namespace grille::grammar::policy {

// TAG ::= 'tag' '(' column { ',' column } ')' 'on' TABLE 'as' name
auto const tag_def = word("tag") > sym("(") > list_of(column)[put<&ast::tag_sentence::columns>] > sym(")") > kw("on") >
                     table[put<&ast::tag_sentence::table>] > kw("as") > name[put<&ast::tag_sentence::tag>];

// HISTORY ::= 'keep' 'history' 'of' TABLE 'in' TABLE
auto const history_def = word("keep") > word("history") > word("of") > table[put<&ast::history_sentence::table>] > kw("in") >
                         table[put<&ast::history_sentence::history>];

// SPECIFICATION ::= 'specification' name [ '(' DECLARATION { ',' DECLARATION } ')' ] 'on' TABLE 'means' PREDICATE
auto const specification_def = word("specification") > name[put<&ast::specification_sentence::name>] >
                               -(sym("(") > list_of(attribute_declaration)[put<&ast::specification_sentence::parameters>] > sym(")")) >
                               kw("on") > table[put<&ast::specification_sentence::table>] > word("means") >
                               predicate[put<&ast::specification_sentence::predicate>];

using item = ast::projection_item;

// ALL ::= 'columns' [ 'except' '(' column { ',' column } ')' ] | 'of' name
x3::rule<struct all_items_id, item> const all_items = "`columns` or `of`";
auto const all_items_def = (word("columns")[set<&item::which, item::kind::all_columns>] >
                            -(kw("except") > sym("(") > list_of(column)[put<&item::except>] > sym(")"))) |
                           (word("of")[set<&item::which, item::kind::all_of>] > name[put<&item::name>]);

// ITEM ::= 'all' ALL | column [ 'masked' 'as' EXPR ]
x3::rule<struct projection_item_id, item> const projection_item = "a column";
auto const projection_item_def =
    (kw("all") > all_items[put_all]) |
    (column[put<&item::name>] > -(word("masked")[set<&item::which, item::kind::masked>] > kw("as") > value[put<&item::mask>]));

// PROJECTION ::= 'projection' name 'on' TABLE 'shows' ITEM { ',' ITEM }
auto const projection_def = word("projection") > name[put<&ast::projection_sentence::name>] > kw("on") >
                            table[put<&ast::projection_sentence::table>] > word("shows") >
                            list_of(ranged(projection_item))[put<&ast::projection_sentence::items>];

BOOST_SPIRIT_DEFINE(tag, history, specification, all_items, projection_item, projection)
BOOST_SPIRIT_INSTANTIATE(decltype(tag), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(history), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(specification), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(projection), iterator, context)

}  // namespace grille::grammar::policy
