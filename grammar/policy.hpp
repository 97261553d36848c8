// The grammar of policy files: its vocabulary on top of component.hpp, and a rule a sentence. Enters: tokens of SQL's lexer.
// Leaves: nodes of ast/policy.hpp. Guaranteed: a sentence is decided by its first word and a clause by its own (LL(1), but for
// the two-word openings noted where they stand); Grille's words are no keywords, each is matched where the sentence wants it;
// expressions are SQL's, without parameters, writes and `and` mixed with `or`.
#pragma once
#include <array>
#include <string_view>

#include "ast/policy.hpp"
#include "grammar/component.hpp"

namespace grille::grammar::policy {

/// What starts a sentence, each by one word.
inline constexpr auto sentence_words = std::to_array<std::string_view>(
    {"policy", "owner",         "expires",    "section", "principal", "context", "role", "protects", "uses",  "tag",    "keep",
     "specification", "projection", "allow",  "restrict", "mask",     "deny",    "exempt", "share",  "given", "caller", "expect"});

// --- single words ------------------------------------------------------------------------------------------------------

/// A word that SQL does not reserve, or a quoted name; never a string.
std::optional<ast::identifier> read_policy_name(cursor& c);
inline constexpr read_parser<ast::identifier, &read_policy_name> name{"a name"};
inline constexpr read_parser<ast::identifier, &read_policy_name> role_name{"a role"};
inline constexpr read_parser<ast::identifier, &read_policy_name> column{"a column"};
inline constexpr read_parser<ast::identifier, &read_policy_name> type{"a type"};

/// TABLE ::= name [ '.' name ]
std::optional<ast::name_path> read_table(cursor& c);
inline constexpr read_parser<ast::name_path, &read_table> table{"a table"};

std::optional<ast::quoted_text> read_text(cursor& c);
inline constexpr read_parser<ast::quoted_text, &read_text> text{"a text in 'single quotes'"};
inline constexpr read_parser<ast::quoted_text, &read_text> date{"a date in 'single quotes'"};

std::optional<std::uint32_t> read_version(cursor& c);
std::optional<std::uint64_t> read_count(cursor& c);
inline constexpr read_parser<std::uint32_t, &read_version> version{"a version number"};
inline constexpr read_parser<std::uint64_t, &read_count> count{"a number"};

std::optional<grille::method> read_method(cursor& c);
inline constexpr read_parser<grille::method, &read_method> method{
    "a method (`select`, `insert`, `update`, `delete`, `purge`, `filter` or `aggregate`)"};

/// VERDICT ::= 'can' | 'cannot'
std::optional<bool> read_verdict(cursor& c);
inline constexpr read_parser<bool, &read_verdict> verdict{"`can` or `cannot`"};

/// An SQL expression as a policy may hold it.
std::optional<ast::expr_ptr> read_policy_expression(cursor& c);
inline constexpr read_parser<ast::expr_ptr, &read_policy_expression> value{"an expression"};
inline constexpr read_parser<ast::expr_ptr, &read_policy_expression> predicate{"a condition"};

// --- clauses that may stand in any order -------------------------------------------------------------------------------

inline bool given(ast::expr_ptr e) { return e != nullptr; }
inline bool given(ast::quoted_text const& t) { return t.at != base::range{}; }
template <class T>
bool given(ast::list<T> items) {
  return !items.empty();
}

/// `once<&T::member>(word("where"), predicate)`: the clause that fills a member of the sentence; a second one is refused by name.
template <auto Member, class Opening, class Subject>
struct once_parser : x3::parser<once_parser<Member, Opening, Subject>> {
  using attribute_type = x3::unused_type;
  static bool const has_attribute = false;
  Opening opening;
  Subject subject;
  constexpr once_parser(Opening const& o, Subject const& s) : opening(o), subject(s) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const& last, Context const& ctx, RContext& sentence, Attribute&) const {
    auto const begin = first;
    if (!opening.parse(first, last, ctx, sentence, x3::unused)) return false;
    if (given(sentence.*Member)) {
      std::string words(begin->text);
      for (auto t = begin + 1; t != first; ++t) words.append(" ").append(t->text);
      refuse(errc::syntax, "`" + words + "` stands twice in this sentence", cursor{first, state_of(ctx)}.since(begin));
    }
    typename x3::traits::attribute_of<Subject, context>::type read{};
    if (!subject.parse(first, last, ctx, sentence, read))
      boost::throw_exception(x3::expectation_failure<iterator>(first, x3::what(subject)));
    sentence.*Member = read;
    return true;
  }
};
template <auto Member, class Opening, class Subject>
constexpr auto once(Opening const& o, Subject const& s) {
  return once_parser<Member, Opening, Subject>(o, s);
}

/// Consumes nothing: succeeds if a clause was there.
template <auto Member>
struct needed_parser : x3::parser<needed_parser<Member>> {
  using attribute_type = x3::unused_type;
  static bool const has_attribute = false;
  char const* what;
  constexpr explicit needed_parser(char const* w) : what(w) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator&, iterator const&, Context const&, RContext& sentence, Attribute&) const {
    return given(sentence.*Member);
  }
};
template <auto Member>
constexpr auto needed(char const* what) {
  return needed_parser<Member>(what);
}

// --- rules -------------------------------------------------------------------------------------------------------------

template <class Node>
struct rule_id;
template <class Node>
using rule = x3::rule<rule_id<Node>, Node>;

// Said in several places.
inline rule<ast::attribute_declaration> const attribute_declaration = "an attribute";
inline rule<ast::column_set> const column_set = "columns in parentheses, a projection or `all columns`";
inline rule<ast::attribute_value> const attribute_value = "an attribute";

// policy_people.cpp
inline rule<ast::policy_header> const policy_header = "`policy`";
inline rule<ast::owner_sentence> const owner = "`owner`";
inline rule<ast::expires_sentence> const expires = "`expires`";
inline rule<ast::section_sentence> const section = "`section`";
inline rule<ast::principal_sentence> const principal = "`principal`";
inline rule<ast::context_sentence> const call_context = "`context`";
inline rule<ast::role_sentence> const role = "`role`";
inline rule<ast::protects_sentence> const protects = "`protects`";
inline rule<ast::uses_sentence> const uses = "`uses`";
// policy_vocabulary.cpp
inline rule<ast::tag_sentence> const tag = "`tag`";
inline rule<ast::history_sentence> const history = "`keep`";
inline rule<ast::specification_sentence> const specification = "`specification`";
inline rule<ast::projection_sentence> const projection = "`projection`";
// policy_grants.cpp
inline rule<ast::allow_sentence> const allow = "`allow`";
inline rule<ast::restrict_sentence> const restriction = "`restrict`";
inline rule<ast::mask_sentence> const mask = "`mask`";
inline rule<ast::deny_sentence> const denial = "`deny`";
inline rule<ast::exempt_sentence> const exemption = "`exempt`";
inline rule<ast::share_sentence> const share = "`share`";
// policy_examples.cpp
inline rule<ast::given_sentence> const given_rows = "`given`";
inline rule<ast::caller_sentence> const caller = "`caller`";
inline rule<ast::expect_sentence> const expectation = "`expect`";

BOOST_SPIRIT_DECLARE(decltype(attribute_declaration), decltype(column_set), decltype(attribute_value))
BOOST_SPIRIT_DECLARE(decltype(policy_header), decltype(owner), decltype(expires), decltype(section), decltype(principal))
BOOST_SPIRIT_DECLARE(decltype(call_context), decltype(role), decltype(protects), decltype(uses))
BOOST_SPIRIT_DECLARE(decltype(tag), decltype(history), decltype(specification), decltype(projection))
BOOST_SPIRIT_DECLARE(decltype(allow), decltype(restriction), decltype(mask), decltype(denial), decltype(exemption), decltype(share))
BOOST_SPIRIT_DECLARE(decltype(given_rows), decltype(caller), decltype(expectation))

}  // namespace grille::grammar::policy

namespace boost::spirit::x3 {
template <auto Member>
struct get_info<grille::grammar::policy::needed_parser<Member>> {
  using result_type = std::string;
  std::string operator()(grille::grammar::policy::needed_parser<Member> const& p) const { return p.what; }
};
}  // namespace boost::spirit::x3
