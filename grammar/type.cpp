// Type names of both dialects.
#include "grammar/expression.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

// SQLite: NUMBER ::= [ '+' | '-' ] ( integer | decimal )
ast::expr_ptr read_signed(cursor& c) {
  auto const begin = c.at;
  bool const minus = c.is("-"_sym);
  if (!minus)
    c.accept("+"_sym);
  else
    ++c.at;
  if (c->kind != token_kind::integer && c->kind != token_kind::decimal) c.fail("a number");
  auto const digits = c.at++;
  auto const number = make_expr(
      c.state, ast::literal{digits->kind == token_kind::integer ? ast::literal_kind::integer : ast::literal_kind::decimal, digits->text},
      digits->at);
  return minus ? make_expr(c.state, ast::unary{ast::unary_op::minus, number}, c.since(begin)) : number;
}

ast::identifier joined(cursor const& c, iterator begin, iterator stop) {
  if (stop - begin == 1) return {begin->text, begin->at, begin->kind != token_kind::word};
  std::string words;
  for (auto t = begin; t != stop; ++t) {
    if (!words.empty()) words += ' ';
    words += t->text;
  }
  return {c.state.arena->copy(words), {begin->at.begin, stop[-1].at.end}, false};
}

// TYPE ::= name { name } [ '(' NUMBER [ ',' NUMBER ] ')' ]      (SQLite)
ast::type_name read_sqlite_type(cursor& c) {
  auto const begin = c.at;
  if (!c.at_name(name_role::bare_label)) c.fail("a type");
  while (c.at_name(name_role::bare_label)) ++c.at;
  batch<ast::identifier, 1> words;
  words.push(joined(c, begin, c.at));
  ast::type_name type;
  type.path = words.keep(*c.state.arena);
  if (c.accept("("_sym)) {
    batch<ast::expr_ptr, 2> numbers;
    numbers.push(read_signed(c));
    if (c.accept(","_sym)) numbers.push(read_signed(c));
    c.expect(")"_sym);
    type.modifiers = numbers.keep(*c.state.arena);
  }
  type.at = c.since(begin);
  return type;
}

// INTERVAL ::= [ 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' [ '(' integer ')' ] | … 'to' … ]
std::string_view read_interval_fields(cursor& c) {
  auto const at_field = [&](token const& t) {
    return t.is("year"_kw) || t.is("month"_kw) || t.is("day"_kw) || t.is("hour"_kw) || t.is("minute"_kw) || t.is("second"_kw);
  };
  if (!at_field(*c)) return {};
  auto const begin = c.at++;
  if (c.is("to"_kw)) {
    ++c.at;
    auto const rank = [](keyword k) {
      return k == "year"_kw ? 0 : k == "month"_kw ? 1 : k == "day"_kw ? 2 : k == "hour"_kw ? 3 : k == "minute"_kw ? 4 : 5;
    };
    bool const fits =
        at_field(*c) && rank(begin->word) < rank(c->word) && (begin->is("year"_kw) == c.is("month"_kw)) && !begin->is("month"_kw);
    if (!fits) c.fail("a smaller field of an interval");
    ++c.at;
  }
  auto fields = joined(c, begin, c.at).text;
  if (c.is("("_sym) && c.at[-1].is("second"_kw)) {
    ++c.at;
    if (c->kind != token_kind::integer) c.fail("an integer");
    fields = c.state.arena->copy(std::string(fields) + "(" + std::string(c->text) + ")");
    ++c.at;
    c.expect(")"_sym);
  }
  return fields;
}

// TYPE ::= ( BUILT_IN | path [ '(' EXPRESSIONS ')' ] ) { '[' [ integer ] ']' }      (PostgreSQL)
ast::type_name read_postgresql_type(cursor& c) {
  auto const begin = c.at;
  if (c.is("setof"_kw)) refuse(errc::unsupported, "`setof`", c->at);
  ast::type_name type;
  batch<ast::identifier, 3> parts;
  auto const modifiers = [&] {
    if (!c.accept("("_sym)) return;
    type.modifiers = read_expressions(c);
    c.expect(")"_sym);
  };
  // Most built-in types take one number, no expression.
  auto const length = [&] {
    if (!c.is("("_sym)) return;
    if (c.next().kind != token_kind::integer) {
      ++c.at;
      c.fail("an integer");
    }
    modifiers();
    if (type.modifiers.size() != 1 || !type.modifiers.front()->as<ast::literal>())
      refuse(errc::syntax, "this type takes one integer", c.since(begin));
  };
  auto const add_words = [&](iterator stop) { parts.push(joined(c, begin, stop)); };
  switch (c->word) {
    case "int"_kw:
    case "integer"_kw:
    case "smallint"_kw:
    case "bigint"_kw:
    case "real"_kw:
    case "boolean"_kw:
      ++c.at;
      add_words(c.at);
      break;
    case "double"_kw:
      ++c.at;
      if (c.accept("precision"_kw)) {
        add_words(c.at);
        break;
      }
      add_words(c.at);  // some type of that name
      modifiers();
      break;
    case "bit"_kw:
      ++c.at;
      c.accept("varying"_kw);
      add_words(c.at);
      modifiers();
      break;
    case "character"_kw:
    case "char"_kw:
    case "nchar"_kw:
      ++c.at;
      c.accept("varying"_kw);
      add_words(c.at);
      length();
      break;
    case "national"_kw:
      ++c.at;
      if (!c.accept("character"_kw)) c.expect("char"_kw);
      c.accept("varying"_kw);
      add_words(c.at);
      length();
      break;
    case "float"_kw:
    case "varchar"_kw:
      ++c.at;
      add_words(c.at);
      length();
      break;
    case "decimal"_kw:
    case "dec"_kw:
    case "numeric"_kw:
      ++c.at;
      add_words(c.at);
      modifiers();
      break;
    case "time"_kw:
    case "timestamp"_kw: {
      // The precision stands inside the words: `timestamp(3) with time zone`.
      std::string words(c->text);
      ++c.at;
      length();
      if ((c.is("with"_kw) || c.is("without"_kw)) && c.next().is("time"_kw)) {
        words += c.is("with"_kw) ? " with time zone" : " without time zone";
        c.at += 2;
        c.expect("zone"_kw);
      }
      parts.push({c.state.arena->copy(words), c.since(begin), false});
      break;
    }
    case "interval"_kw:
      ++c.at;
      add_words(c.at);
      length();
      if (type.modifiers.empty()) type.interval_fields = read_interval_fields(c);
      break;
    default: {
      parts.push(c.at_name(name_role::function) ? c.take_name() : (c.fail("a type"), ast::identifier{}));
      while (c.accept("."_sym)) parts.push(c.name(name_role::label), c);
      if (parts.size() > 3) refuse(errc::syntax, "a type's name has at most three parts", c.since(begin));
      modifiers();
    }
  }
  type.path = parts.keep(*c.state.arena);
  auto const bound = [&] {
    ++type.array_dimensions;
    if (type.array_dimensions > 6) refuse(errc::limit, "an array has more than 6 dimensions", c.since(begin));
  };
  if (c.accept("array"_kw)) {
    bound();
    if (c.accept("["_sym)) {
      if (c->kind != token_kind::integer) c.fail("an integer");
      ++c.at;
      c.expect("]"_sym);
    }
  } else {
    while (c.accept("["_sym)) {
      if (c->kind == token_kind::integer) ++c.at;
      c.expect("]"_sym);
      bound();
    }
  }
  type.at = c.since(begin);
  return type;
}

}  // namespace

ast::type_name read_type(cursor& c) { return c.state.sqlite() ? read_sqlite_type(c) : read_postgresql_type(c); }

// TYPED ::= TYPE string [ INTERVAL ]      (PostgreSQL's own types; others look like names)
ast::expr_ptr read_typed_literal(cursor& c) {
  switch (c->word) {
    case "int"_kw:
    case "integer"_kw:
    case "smallint"_kw:
    case "bigint"_kw:
    case "real"_kw:
    case "boolean"_kw:
    case "double"_kw:
    case "bit"_kw:
    case "character"_kw:
    case "char"_kw:
    case "nchar"_kw:
    case "national"_kw:
    case "float"_kw:
    case "decimal"_kw:
    case "dec"_kw:
    case "numeric"_kw:
    case "varchar"_kw:
    case "time"_kw:
    case "timestamp"_kw:
    case "interval"_kw:
      break;
    default:
      return nullptr;
  }
  auto const& next = c.next();
  bool const words = next.is("varying"_kw) || next.is("precision"_kw) ||
                     (c.is("national"_kw) && (next.is("char"_kw) || next.is("character"_kw))) ||
                     ((next.is("with"_kw) || next.is("without"_kw)) && c.ahead(2).is("time"_kw));
  if (next.kind != token_kind::string && !next.is("("_sym) && !words) return nullptr;
  auto const begin = c.at;
  if (c.is("double"_kw) && next.is("("_sym)) return nullptr;  // the only one of them that may name a function
  auto type = read_type(c);
  if (type.array_dimensions > 0 || c->kind != token_kind::string) c.fail("a string behind the type");
  auto const value = make_expr(c.state, ast::literal{ast::literal_kind::text, c->text}, c->at);
  ++c.at;
  if (begin->is("interval"_kw) && type.modifiers.empty()) type.interval_fields = read_interval_fields(c);
  return make_expr(c.state, ast::cast{value, type, ast::cast_form::typed_literal}, c.since(begin));
}

}  // namespace grille::grammar
