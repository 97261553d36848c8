// The X3 vocabulary of every grammar: parsers that read one token, lists, actions that fill a member. Enters: `token const*`.
// Leaves: attributes in the arena. Guaranteed: one iterator type and one context type for all rules (`context`), so that rules
// can be declared in one file and defined in another; a soft failure consumes nothing; `end` is never consumed.
//
//   kw("order") > kw("by")      a word, by its keyword        sym("(")        punctuation or an operator
//   word("policy")              a word that is no keyword     name, label     an ast::identifier by the dialect's rules
//   list_of(p)                  p, p, …: an ast::list         expression      an ast::expr_ptr
//   p[put<&T::member>]          the attribute of p            p[set<&T::member, value>]
#pragma once
#include <boost/spirit/home/x3.hpp>
#include <optional>
#include <string>
#include <type_traits>

#include "grammar/expression.hpp"
#include "grammar/state.hpp"

namespace grille::grammar {

namespace x3 = boost::spirit::x3;

struct state_tag;
using context = x3::context<state_tag, parse_state>;
static_assert(std::is_same_v<context, decltype(x3::make_context<state_tag>(std::declval<parse_state&>()))>);

template <class Context>
parse_state& state_of(Context const& c) {
  return x3::get<state_tag>(c);
}

// --- one token ---------------------------------------------------------------------------------------------------------

template <class Id>
struct token_parser : x3::parser<token_parser<Id>> {
  using attribute_type = x3::unused_type;
  static bool const has_attribute = false;
  Id id;
  constexpr explicit token_parser(Id i) : id(i) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const&, Context const&, RContext&, Attribute&) const {
    if (!first->is(id)) return false;
    ++first;
    return true;
  }
};
consteval token_parser<keyword> kw(std::string_view text) {
  return token_parser<keyword>(literals::operator""_kw(text.data(), text.size()));
}
consteval token_parser<symbol> sym(std::string_view text) {
  return token_parser<symbol>(literals::operator""_sym(text.data(), text.size()));
}

/// An unquoted word that need not be a keyword of SQL.
struct word_parser : x3::parser<word_parser> {
  using attribute_type = x3::unused_type;
  static bool const has_attribute = false;
  std::string_view text;
  constexpr explicit word_parser(std::string_view t) : text(t) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const&, Context const&, RContext&, Attribute&) const {
    if (!first->is_word(text)) return false;
    ++first;
    return true;
  }
};
constexpr word_parser word(std::string_view lower) { return word_parser(lower); }

struct end_parser : x3::parser<end_parser> {
  using attribute_type = x3::unused_type;
  static bool const has_attribute = false;
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const&, Context const&, RContext&, Attribute&) const {
    return first->kind == token_kind::end;
  }
};
inline constexpr end_parser end{};

/// A parser made of a function over a cursor that returns its attribute, or nothing after consuming nothing.
template <class T, auto Read>
struct read_parser : x3::parser<read_parser<T, Read>> {
  using attribute_type = T;
  static bool const has_attribute = true;
  char const* what;
  constexpr explicit read_parser(char const* w) : what(w) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const&, Context const& ctx, RContext&, Attribute& attribute) const {
    cursor c{first, state_of(ctx)};
    std::optional<T> read = Read(c);
    if (!read) return false;
    first = c.at;
    if constexpr (!std::is_same_v<std::remove_const_t<Attribute>, x3::unused_type>) attribute = *read;
    return true;
  }
};

template <name_role Role>
std::optional<ast::identifier> read_name(cursor& c) {
  if (!c.at_name(Role)) return std::nullopt;
  return c.take_name();
}
template <name_role Role>
using name_parser = read_parser<ast::identifier, &read_name<Role>>;
inline constexpr name_parser<name_role::name> name{"a name"};
inline constexpr name_parser<name_role::label> label{"a name"};
inline constexpr name_parser<name_role::bare_label> bare_label{"a name"};
inline constexpr name_parser<name_role::bare_alias> bare_alias{"a name"};

/// `a`, `a.b`, `a.b.c`.
inline constexpr read_parser<ast::name_path, &read_path> path{"a name"};

/// A string literal's decoded text and an integer's digits, as the token that holds them.
std::optional<token> read_string(cursor& c);
std::optional<token> read_integer(cursor& c);
inline constexpr read_parser<token, &read_string> string{"a string in single quotes"};
inline constexpr read_parser<token, &read_integer> integer{"an integer"};

/// Always an expression or a refusal, never a soft failure.
inline std::optional<ast::expr_ptr> read_expression(cursor& c) { return read_operators(c); }
inline constexpr read_parser<ast::expr_ptr, &read_expression> expression{"an expression"};

// --- lists and actions -------------------------------------------------------------------------------------------------

/// LIST ::= ITEM { ',' ITEM }
template <class Subject>
struct list_parser : x3::unary_parser<Subject, list_parser<Subject>> {
  using item = typename x3::traits::attribute_of<Subject, context>::type;
  using attribute_type = ast::list<item>;
  static bool const has_attribute = true;
  constexpr explicit list_parser(Subject const& s) : x3::unary_parser<Subject, list_parser<Subject>>(s) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const& last, Context const& ctx, RContext& rctx, Attribute& attribute) const {
    using namespace literals;
    batch<item> items;
    do {
      if (items.size() > 0) ++first;
      item one{};
      if (!this->subject.parse(first, last, ctx, rctx, one)) {
        if (items.size() == 0) return false;
        boost::throw_exception(x3::expectation_failure<iterator>(first, x3::what(this->subject)));
      }
      items.push(one, cursor{first, state_of(ctx)});
    } while (first->is(","_sym));
    if constexpr (!std::is_same_v<std::remove_const_t<Attribute>, x3::unused_type>) attribute = items.keep(*state_of(ctx).arena);
    return true;
  }
};
template <class P>
constexpr auto list_of(P const& p) {
  return list_parser<std::remove_cvref_t<decltype(x3::as_parser(p))>>(x3::as_parser(p));
}

template <auto Member>
struct put_action {
  template <class Context>
  void operator()(Context const& ctx) const {
    x3::_val(ctx).*Member = x3::_attr(ctx);
  }
};
template <auto Member>
inline constexpr put_action<Member> put{};

template <auto Member, auto Value>
struct set_action {
  template <class Context>
  void operator()(Context const& ctx) const {
    x3::_val(ctx).*Member = Value;
  }
};
template <auto Member, auto Value = true>
inline constexpr set_action<Member, Value> set{};

/// The whole attribute of the rule.
struct put_all_action {
  template <class Context>
  void operator()(Context const& ctx) const {
    x3::_val(ctx) = x3::_attr(ctx);
  }
};
inline constexpr put_all_action put_all{};

/// Fills the member `at` of its subject's attribute: from its first token to its last.
template <class Subject>
struct ranged_parser : x3::unary_parser<Subject, ranged_parser<Subject>> {
  using attribute_type = typename x3::traits::attribute_of<Subject, context>::type;
  static bool const has_attribute = true;
  constexpr explicit ranged_parser(Subject const& s) : x3::unary_parser<Subject, ranged_parser<Subject>>(s) {}
  template <class Context, class RContext, class Attribute>
  bool parse(iterator& first, iterator const& last, Context const& ctx, RContext& rctx, Attribute& attribute) const {
    auto const begin = first;
    attribute_type value{};
    if (!this->subject.parse(first, last, ctx, rctx, value)) return false;
    value.at = cursor{first, state_of(ctx)}.since(begin);
    if constexpr (!std::is_same_v<std::remove_const_t<Attribute>, x3::unused_type>) attribute = value;
    return true;
  }
};
template <class P>
constexpr auto ranged(P const& p) {
  return ranged_parser<P>(p);
}

/// A rule from the parts that are written by hand; a soft failure is refused here.
template <class Rule, class Attribute>
void run(cursor& c, Rule const& rule, Attribute& attribute) {
  context const ctx(c.state);
  iterator const last = nullptr;  // never reached: `end` is not consumed
  if (!rule.parse(c.at, last, ctx, x3::unused, attribute)) c.fail(rule.name);
}

/// Runs a parse; what it throws (expectation failures, refusals) comes back as a fault.
template <class Parse>
std::optional<base::fault> attempt(dialect d, Parse&& parse) {
  try {
    parse();
    return std::nullopt;
  } catch (refused& r) {
    return std::move(r.fault);
  } catch (x3::expectation_failure<iterator> const& e) {
    return expected_fault(e.which(), *e.where(), d);
  }
}

}  // namespace grille::grammar

// How the parsers are named after "expected".
namespace boost::spirit::x3 {
template <class Id>
struct get_info<grille::grammar::token_parser<Id>> {
  using result_type = std::string;
  std::string operator()(grille::grammar::token_parser<Id> const& p) const {
    return "`" + std::string(grille::grammar::spelling(p.id)) + "`";
  }
};
template <>
struct get_info<grille::grammar::word_parser> {
  using result_type = std::string;
  std::string operator()(grille::grammar::word_parser const& p) const { return "`" + std::string(p.text) + "`"; }
};
template <>
struct get_info<grille::grammar::end_parser> {
  using result_type = std::string;
  std::string operator()(grille::grammar::end_parser const&) const { return "the end"; }
};
template <class T, auto Read>
struct get_info<grille::grammar::read_parser<T, Read>> {
  using result_type = std::string;
  std::string operator()(grille::grammar::read_parser<T, Read> const& p) const { return p.what; }
};
template <class Subject>
struct get_info<grille::grammar::list_parser<Subject>> {
  using result_type = std::string;
  std::string operator()(grille::grammar::list_parser<Subject> const& p) const { return what(p.subject); }
};
template <class Subject>
struct get_info<grille::grammar::ranged_parser<Subject>> {
  using result_type = std::string;
  std::string operator()(grille::grammar::ranged_parser<Subject> const& p) const { return what(p.subject); }
};
template <class Left, class Right>
struct get_info<alternative<Left, Right>> {
  using result_type = std::string;
  std::string operator()(alternative<Left, Right> const& p) const { return what(p.left) + " or " + what(p.right); }
};
template <class Left, class Right>
struct get_info<sequence<Left, Right>> {
  using result_type = std::string;
  std::string operator()(sequence<Left, Right> const& p) const { return what(p.left); }
};
template <class Subject, class Action>
struct get_info<action<Subject, Action>> {
  using result_type = std::string;
  std::string operator()(action<Subject, Action> const& p) const { return what(p.subject); }
};
}  // namespace boost::spirit::x3
