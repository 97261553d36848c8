// Sentences that give and take: allow, restrict, mask, deny, exempt, share.
#include "grammar/policy.hpp"

namespace grille::grammar::policy {

// COLUMNS ::= '(' column { ',' column } ')'
// WHAT ::= COLUMNS | 'all' 'columns' [ 'except' COLUMNS ] | name
using columns = ast::column_set;
auto const column_set_def =
    (sym("(")[set<&columns::which, columns::kind::listed>] > list_of(column)[put<&columns::columns>] > sym(")")) |
    (kw("all")[set<&columns::which, columns::kind::all>] > word("columns") >
     -(kw("except") > sym("(") > list_of(column)[put<&columns::except>] > sym(")"))) |
    (name[put<&columns::projection>] >> x3::eps[set<&columns::which, columns::kind::projection>]);

auto const what = ranged(column_set);

// GRANTED ::= ( 'select' | 'insert' | 'filter' ) WHAT | 'update' [ 'blind' before '(' ] WHAT | 'delete' | 'purge'
//           | 'aggregate' WHAT 'over' 'at' 'least' integer [ 'distinct' column ]
using granted = ast::granted_method;
template <grille::method Method>
inline constexpr auto sets_method = set<&granted::method, Method>;
auto const put_columns = what[put<&granted::columns>];

rule<granted> const granted_method = method.what;
auto const granted_method_def =
    (word("select")[sets_method<grille::method::select>] > put_columns) | (word("insert")[sets_method<grille::method::insert>] > put_columns) |
    (word("filter")[sets_method<grille::method::filter>] > put_columns) |
    (word("update")[sets_method<grille::method::update>] > -(word("blind") >> &sym("("))[set<&granted::blind>] > put_columns) |
    word("delete")[sets_method<grille::method::remove>] | word("purge")[sets_method<grille::method::purge>] |
    (word("aggregate")[sets_method<grille::method::aggregate>] > put_columns > word("over") > word("at") > word("least") >
     count[put<&granted::at_least>] > -(kw("distinct") > column[put<&granted::distinct_column>]));

// SETTING ::= column '=' EXPR
rule<ast::setting> const setting = "a column";
auto const setting_def = column[put<&ast::setting::column>] > sym("=") > value[put<&ast::setting::value>];

// ALLOW ::= 'allow' role { ',' role } 'to' GRANTED { ',' GRANTED } 'on' TABLE { ',' TABLE } { CLAUSE }
// CLAUSE ::= 'setting' SETTING { ',' SETTING } | 'where' PREDICATE | 'so' 'that' PREDICATE | 'when' CONDITION
//          | 'because' TEXT | 'until' DATE          each at most once, in any order
auto const allow_def = word("allow") > list_of(role_name)[put<&ast::allow_sentence::roles>] > kw("to") >
                       list_of(ranged(granted_method))[put<&ast::allow_sentence::methods>] > kw("on") >
                       list_of(table)[put<&ast::allow_sentence::tables>] >
                       *(once<&ast::allow_sentence::settings>(word("setting"), list_of(setting)) |
                         once<&ast::allow_sentence::where>(kw("where"), predicate) |
                         once<&ast::allow_sentence::so_that>(word("so") > word("that"), predicate) |
                         once<&ast::allow_sentence::when>(kw("when"), predicate) |
                         once<&ast::allow_sentence::because>(word("because"), text) |
                         once<&ast::allow_sentence::until>(word("until"), date));

// EXCEPT ::= 'except' 'for' role { ',' role }
auto const except_for = kw("except") > kw("for");

// RESTRICT ::= 'restrict' method { ',' method } 'on' TABLE { ',' TABLE } 'to' PREDICATE [ EXCEPT ]
auto const restriction_def = word("restrict") > list_of(method)[put<&ast::restrict_sentence::methods>] > kw("on") >
                             list_of(table)[put<&ast::restrict_sentence::tables>] > kw("to") >
                             predicate[put<&ast::restrict_sentence::predicate>] >
                             *once<&ast::restrict_sentence::except_roles>(except_for, list_of(role_name));

// MASK ::= 'mask' '(' column 'as' EXPR { ',' column 'as' EXPR } ')' 'on' TABLE { 'where' PREDICATE | EXCEPT }
rule<ast::mask_item> const mask_item = "a column";
auto const mask_item_def = column[put<&ast::mask_item::column>] > kw("as") > value[put<&ast::mask_item::value>];
auto const mask_def = word("mask") > sym("(") > list_of(mask_item)[put<&ast::mask_sentence::items>] > sym(")") > kw("on") >
                      table[put<&ast::mask_sentence::table>] >
                      *(once<&ast::mask_sentence::where>(kw("where"), predicate) |
                        once<&ast::mask_sentence::except_roles>(except_for, list_of(role_name)));

// What follows the methods of a denial holds for each of them.
struct put_denied_columns {
  template <class Context>
  void operator()(Context const& ctx) const {
    auto& sentence = x3::_val(ctx);
    std::vector<granted> methods(sentence.methods.begin(), sentence.methods.end());
    for (auto& m : methods) m.columns = x3::_attr(ctx);
    sentence.methods = state_of(ctx).arena->copy(methods);
  }
};

// DENY ::= 'deny' role { ',' role } 'to' method { ',' method } [ 'columns' 'tagged' name | WHAT ] [ 'on' TABLE { ',' TABLE } ]
//          [ 'when' CONDITION ]
// `columns` alone is a projection of that name.
x3::rule<struct denied_method_id, granted> const denied_method = method.what;
auto const denied_method_def = method[put<&granted::method>];
auto const denial_def = word("deny") > list_of(role_name)[put<&ast::deny_sentence::roles>] > kw("to") >
                        list_of(ranged(denied_method))[put<&ast::deny_sentence::methods>] >
                        -(((word("columns") >> word("tagged")) > name[put<&ast::deny_sentence::tag>]) | what[put_denied_columns{}]) >
                        -(kw("on") > list_of(table)[put<&ast::deny_sentence::tables>]) >
                        *once<&ast::deny_sentence::when>(kw("when"), predicate);

// SHARE ::= 'share' '(' column { ',' column } ')' 'on' TABLE 'with' 'policy' name
auto const share_def = word("share") > sym("(") > list_of(column)[put<&ast::share_sentence::columns>] > sym(")") > kw("on") >
                       table[put<&ast::share_sentence::table>] > kw("with") > word("policy") > name[put<&ast::share_sentence::policy>];

// EXEMPT ::= 'exempt' TABLE { ',' TABLE } 'for' method { ',' method } { 'because' TEXT | 'until' DATE }          both, once each
auto const exemption_def = word("exempt") > list_of(table)[put<&ast::exempt_sentence::tables>] > kw("for") >
                           list_of(method)[put<&ast::exempt_sentence::methods>] >
                           *(once<&ast::exempt_sentence::because>(word("because"), text) |
                             once<&ast::exempt_sentence::until>(word("until"), date)) >
                           needed<&ast::exempt_sentence::because>("`because`") > needed<&ast::exempt_sentence::until>("`until`");

BOOST_SPIRIT_DEFINE(column_set, granted_method, setting, allow, restriction, mask_item, mask, denied_method, denial, share, exemption)
BOOST_SPIRIT_INSTANTIATE(decltype(column_set), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(allow), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(restriction), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(mask), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(denial), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(share), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(exemption), iterator, context)

}  // namespace grille::grammar::policy
