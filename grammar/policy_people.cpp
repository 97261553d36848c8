// Sentences about the file and the people: header, owner, expiry, sections, principal, context, roles, tables, other policies.
#include "grammar/policy.hpp"

namespace grille::grammar::policy {

// DECLARATION ::= name type [ 'optional' ]
auto const attribute_declaration_def = name[put<&ast::attribute_declaration::name>] > type[put<&ast::attribute_declaration::type>] >
                                       -word("optional")[set<&ast::attribute_declaration::optional>];

// HEADER ::= 'policy' name 'version' integer
auto const policy_header_def = word("policy") > name[put<&ast::policy_header::name>] > word("version") >
                               version[put<&ast::policy_header::version>];

// OWNER ::= 'owner' TEXT 'contact' TEXT
auto const owner_def = word("owner") > text[put<&ast::owner_sentence::owner>] > word("contact") >
                       text[put<&ast::owner_sentence::contact>];

// EXPIRES ::= 'expires' 'after' DATE
auto const expires_def = word("expires") > word("after") > date[put<&ast::expires_sentence::date>];

// SECTION ::= 'section' TEXT
auto const section_def = word("section") > text[put<&ast::section_sentence::title>];

// PRINCIPAL ::= 'principal' 'has' DECLARATION { ',' DECLARATION }
auto const principal_def = word("principal") > word("has") > list_of(attribute_declaration)[put<&ast::principal_sentence::attributes>];

// CONTEXT ::= 'context' 'has' DECLARATION { ',' DECLARATION }
auto const call_context_def = word("context") > word("has") > list_of(attribute_declaration)[put<&ast::context_sentence::attributes>];

// SOURCE ::= ( 'group' | 'user' ) TEXT
rule<ast::role_source> const role_source = "`group` or `user`";
auto const role_source_def = (word("group") | word("user")[set<&ast::role_source::is_user>]) > text[put<&ast::role_source::name>];

// ROLE ::= 'role' name [ 'per' DECLARATION { ',' DECLARATION } ] [ 'from' SOURCE { ',' SOURCE } ] [ 'includes' name { ',' name } ]
auto const role_def = word("role") > name[put<&ast::role_sentence::name>] >
                      -(word("per") > list_of(attribute_declaration)[put<&ast::role_sentence::scope>]) >
                      -(word("from") > list_of(role_source)[put<&ast::role_sentence::from>]) >
                      -(word("includes") > list_of(role_name)[put<&ast::role_sentence::includes>]);

// PROTECTS ::= 'protects' TABLE { ',' TABLE }
auto const protects_def = word("protects") > list_of(table)[put<&ast::protects_sentence::tables>];

// USES ::= 'uses' name 'version' integer
auto const uses_def = word("uses") > name[put<&ast::uses_sentence::policy>] > word("version") > version[put<&ast::uses_sentence::version>];

BOOST_SPIRIT_DEFINE(attribute_declaration, policy_header, owner, expires, section, principal, call_context, role_source, role, protects, uses)
BOOST_SPIRIT_INSTANTIATE(decltype(attribute_declaration), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(policy_header), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(owner), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(expires), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(section), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(principal), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(call_context), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(role), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(protects), iterator, context)
BOOST_SPIRIT_INSTANTIATE(decltype(uses), iterator, context)

}  // namespace grille::grammar::policy
