// What stands between operators, in both dialects. PostgreSQL's own forms are in primary_postgresql.cpp.
#include "grammar/expression.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

template <class Node>
ast::expr_ptr make(cursor const& c, iterator begin, Node const& node) {
  return make_expr(c.state, node, c.since(begin));
}

ast::expr_ptr read_literal(cursor& c, ast::literal_kind kind, std::string_view text) {
  auto const begin = c.at++;
  return make(c, begin, ast::literal{kind, text});
}

// CASE ::= 'case' [ EXPRESSION ] { 'when' EXPRESSION 'then' EXPRESSION } [ 'else' EXPRESSION ] 'end'
ast::expr_ptr read_case(cursor& c) {
  auto const begin = c.at++;
  ast::case_expr node;
  if (!c.is("when"_kw)) node.operand = read_operators(c);
  batch<ast::when_arm> arms;
  if (!c.is("when"_kw)) c.fail("`when`");
  while (c.accept("when"_kw)) {
    ast::when_arm arm;
    arm.condition = read_operators(c);
    c.expect("then"_kw);
    arm.result = read_operators(c);
    arms.push(arm, c);
  }
  node.arms = arms.keep(*c.state.arena);
  if (c.accept("else"_kw)) node.otherwise = read_operators(c);
  c.expect("end"_kw);
  return make(c, begin, node);
}

// CAST ::= 'cast' '(' EXPRESSION 'as' TYPE ')'
ast::expr_ptr read_cast(cursor& c) {
  auto const begin = c.at++;
  c.expect("("_sym);
  auto const operand = read_operators(c);
  c.expect("as"_kw);
  auto const type = read_type(c);
  c.expect(")"_sym);
  return make(c, begin, ast::cast{operand, type, ast::cast_form::call});
}

// EXISTS ::= 'exists' '(' QUERY ')'
ast::expr_ptr read_exists(cursor& c) {
  auto const begin = c.at++;
  if (!c.is("("_sym)) c.fail("`(`");
  auto const held = read_parenthesis(c);
  if (!held.query) refuse(errc::syntax, "`exists` takes a query", held.items.front()->at);
  return make(c, begin, ast::exists{held.query});
}

// CURRENT ::= 'current_date' | 'current_time' | … [ '(' integer ')' ]
ast::expr_ptr read_current(cursor& c) {
  auto const begin = c.at++;
  ast::keyword_value node{spelling(begin->word), nullptr};
  bool const precise =
      node.word == "current_time" || node.word == "current_timestamp" || node.word == "localtime" || node.word == "localtimestamp";
  if (precise && !c.state.sqlite() && c.accept("("_sym)) {
    if (c->kind != token_kind::integer) c.fail("an integer");
    node.precision = read_literal(c, ast::literal_kind::integer, c->text);
    c.expect(")"_sym);
  }
  return make(c, begin, node);
}

ast::expr_ptr read_parameter(cursor& c) {
  auto const begin = c.at++;
  return make(c, begin, ast::parameter{begin->form, begin->number, begin->text});
}

// SUBSCRIPTS ::= { '.' ( label | '*' ) | '[' [ EXPRESSION ] [ ':' [ EXPRESSION ] ] ']' }      (PostgreSQL)
ast::expr_ptr read_subscripts(cursor& c, iterator begin, ast::expr_ptr operand) {
  // `(a[1])[2]` is not `a[1][2]`, which reads one element of a matrix; the tree does not tell them apart.
  if (c.is("["_sym) && operand->as<ast::subscript>()) refuse(errc::unsupported, "a subscript behind a subscript in parentheses", c->at);
  // An operand that has them already stood in parentheses; what is read here follows without.
  bool apart = operand->as<ast::field>() || operand->as<ast::subscript>();
  for (;; apart = false) {
    if (c.accept("."_sym)) {
      ast::field node{operand, {}, false, apart};
      if (c.is("*"_sym)) {
        node.all = true;
        ++c.at;
      } else {
        node.name = c.name(name_role::label);
      }
      operand = make(c, begin, node);
      if (node.all) return operand;
    } else if (c.accept("["_sym)) {
      ast::subscript node{operand, nullptr, nullptr, false, apart};
      if (!c.is(":"_sym)) node.lower = read_operators(c);
      if (c.accept(":"_sym)) {
        node.slice = true;
        if (!c.is("]"_sym)) node.upper = read_operators(c);
      }
      c.expect("]"_sym);
      operand = make(c, begin, node);
    } else {
      return operand;
    }
  }
}

/// What the parentheses mean as a value.
ast::expr_ptr from_parenthesis(cursor const& c, iterator begin, parenthesis const& held) {
  if (held.query) return make(c, begin, ast::scalar_subquery{held.query});
  if (held.items.size() == 1) return held.items.front();
  return make(c, begin, ast::row{held.items, false});
}

// ROW ::= '(' EXPRESSION ',' EXPRESSIONS ')'; PARENTHESES ::= '(' EXPRESSION ')'; SUBQUERY ::= '(' QUERY ')'
ast::expr_ptr read_parentheses(cursor& c) {
  auto const begin = c.at;
  auto const held = read_parenthesis(c);
  auto const value = from_parenthesis(c, begin, held);
  // A row has no fields unless it stands in parentheses of its own.
  return c.state.sqlite() || held.items.size() > 1 ? value : read_subscripts(c, begin, value);
}

// COLUMN ::= name { '.' label }      CALL ::= [ name '.' ] name '(' … ')'
ast::expr_ptr read_named(cursor& c) {
  auto const begin = c.at;
  bool const sqlite = c.state.sqlite();
  bool const callable = c.at_name(name_role::function);
  batch<ast::identifier, 4> parts;
  parts.push(c.take_name());
  while (c.is("."_sym) && !c.next().is("*"_sym)) {
    ++c.at;
    parts.push(c.name(name_role::label), c);
  }
  auto const path = parts.keep(*c.state.arena);
  if (c.is("("_sym) && (path.size() > 1 || callable)) {
    if (path.size() > (sqlite ? 1U : 3U))
      refuse(errc::syntax, sqlite ? "SQLite's functions have no schema" : "a function's name has at most three parts", c.since(begin));
    auto call = read_call(c, path);
    if (!sqlite && c->kind == token_kind::string)
      refuse(errc::unsupported, "a literal behind a type with modifiers", c->at, "write `cast('…' as type)`");
    return make(c, begin, call);
  }
  if (!sqlite && c->kind == token_kind::string && (path.size() > 1 || callable)) {
    auto const value = read_literal(c, ast::literal_kind::text, c->text);
    return make(c, begin,
                ast::cast{value, ast::type_name{path, {}, 0, {}, {begin->at.begin, value->at.begin}}, ast::cast_form::typed_literal});
  }
  // A name that can only be a function or a type is no column.
  if (!is_name(*begin, name_role::name, c.state.language)) {
    c.at = begin;
    c.fail("an expression");
  }
  if (path.size() > 3) refuse(errc::unsupported, "a column's name with more than three parts", c.since(begin));
  if (!sqlite && c.accept("."_sym, "*"_sym)) {
    if (c.is("::"_sym)) refuse(errc::unsupported, "a cast of a whole row", c->at);
    return make(c, begin, ast::star{path});
  }
  auto const column = make(c, begin, ast::column_ref{path});
  return sqlite ? column : read_subscripts(c, begin, column);
}

}  // namespace

ast::expr_ptr read_star(cursor& c) {
  auto const begin = c.at;
  if (c.accept("*"_sym)) return make(c, begin, ast::star{});
  if (!c.at_name()) return nullptr;
  // Two or three names and a star, found without reading anything twice.
  std::size_t names = 1;
  while (names < 4 && c.ahead(2 * names - 1).is("."_sym) && is_name(c.ahead(2 * names), name_role::label, c.state.language)) ++names;
  if (!c.ahead(2 * names - 1).is("."_sym) || !c.ahead(2 * names).is("*"_sym)) return nullptr;
  if (c.state.sqlite() && names > 1) refuse(errc::syntax, "`*` takes one table's name", {begin->at.begin, c.ahead(2 * names).at.end});
  batch<ast::identifier, 3> parts;
  for (std::size_t i = 0; i < names; ++i) {
    parts.push(c.take_name(), c);
    ++c.at;
  }
  ++c.at;
  return make(c, begin, ast::star{parts.keep(*c.state.arena)});
}

parenthesis read_parenthesis(cursor& c) {
  nested const level(c.state, c->at);
  bool const sqlite = c.state.sqlite();
  c.expect("("_sym);
  if (at_query(*c, c.state.language)) {
    auto const q = read_query(c);
    c.expect(")"_sym);
    return {q, {}};
  }
  batch<ast::expr_ptr, 4> items;
  // PostgreSQL takes queries in further parentheses as queries: `((select 1) union select 2)`. What the inner ones hold decides.
  if (!sqlite && c.is("("_sym)) {
    auto const begin = c.at;
    auto const held = read_parenthesis(c);
    if (held.query && at_query_rest(c)) {
      auto const q = read_query_behind(c, begin, held.query);
      c.expect(")"_sym);
      return {q, {}};
    }
    if (held.query && c.accept(")"_sym)) return {held.query, {}};
    auto first = from_parenthesis(c, begin, held);
    if (held.items.size() < 2) first = read_subscripts(c, begin, first);
    first = climb(c, begin, first, 0, scope::full);
    items.push(first);
    if (!c.is(","_sym)) {
      c.expect(")"_sym);
      return {nullptr, items.keep(*c.state.arena)};
    }
    ++c.at;
  }
  do items.push(read_operators(c), c);
  while (c.accept(","_sym));
  c.expect(")"_sym);
  return {nullptr, items.keep(*c.state.arena)};
}

ast::expr_ptr read_primary(cursor& c) {
  bool const sqlite = c.state.sqlite();
  auto const begin = c.at;
  switch (c->kind) {
    case token_kind::integer:
      return read_literal(c, ast::literal_kind::integer, c->text);
    case token_kind::decimal:
      return read_literal(c, ast::literal_kind::decimal, c->text);
    case token_kind::blob:
      return read_literal(c, ast::literal_kind::blob, c->text);
    case token_kind::bit_string:
      return read_literal(c, ast::literal_kind::bit_string, c->text);
    case token_kind::string:
      if (sqlite && c.next().is("."_sym)) return read_named(c);
      return read_literal(c, ast::literal_kind::text, c->text);
    case token_kind::parameter: {
      auto const value = read_parameter(c);
      return sqlite ? value : read_subscripts(c, begin, value);
    }
    case token_kind::quoted:
      return read_named(c);
    case token_kind::symbol:
      if (c.is("("_sym)) return read_parentheses(c);
      break;
    case token_kind::end:
      break;
    case token_kind::word:
      switch (c->word) {
        case "null"_kw:
          return read_literal(c, ast::literal_kind::null, "null");
        case "true"_kw:
        case "false"_kw:
          if (sqlite && (c.next().is("."_sym) || c.next().is("("_sym))) break;
          return read_literal(c, ast::literal_kind::boolean, spelling(c->word));
        case "case"_kw:
          return read_case(c);
        case "cast"_kw:
          return read_cast(c);
        case "exists"_kw:
          if (sqlite || c.next().is("("_sym)) return read_exists(c);
          break;
        case "current_date"_kw:
        case "current_time"_kw:
        case "current_timestamp"_kw:
          return read_current(c);
        case "raise"_kw:
          if (sqlite) refuse(errc::unsupported, "`raise`", c->at, "it belongs in triggers");
          break;
        case "localtime"_kw:
        case "localtimestamp"_kw:
        case "current_catalog"_kw:
        case "current_role"_kw:
        case "current_user"_kw:
        case "session_user"_kw:
        case "user"_kw:
          if (!sqlite) return read_current(c);
          break;
        case "current_schema"_kw:
          if (!sqlite && !c.next().is("("_sym)) return read_current(c);
          break;
        default:
          break;
      }
      if (!sqlite && c->word != no_keyword)
        if (auto const special = read_special_call(c)) return special;
      if (c.at_name() || c.at_name(name_role::function)) return read_named(c);
      break;
  }
  c.fail("an expression");
}

}  // namespace grille::grammar
