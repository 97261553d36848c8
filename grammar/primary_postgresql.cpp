// PostgreSQL's primaries with a syntax of their own: https://www.postgresql.org/docs/15/functions-string.html, -datetime,
// -conditional, sql-expressions (array and row constructors).
#include <initializer_list>

#include "grammar/expression.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

class special {
 public:
  explicit special(cursor& c) : c_(c), begin_(c.at) {}

  ast::expr_ptr read() {
    switch (c_->word) {
      case "array"_kw:
        return array();
      case "row"_kw:
        return c_.next().is("("_sym) ? row() : nullptr;
      case "grouping"_kw:
      case "coalesce"_kw:
      case "greatest"_kw:
      case "least"_kw:
      case "nullif"_kw:
      case "extract"_kw:
      case "overlay"_kw:
      case "position"_kw:
      case "substring"_kw:
      case "trim"_kw:
      case "normalize"_kw:
        if (!c_.next().is("("_sym)) return nullptr;
        return word();
      case "collation"_kw:
        if (!c_.next().is("for"_kw)) return nullptr;
        c_.at += 2;
        c_.expect("("_sym);
        return close(ast::call_syntax::collation_for, {read_operators(c_)});
      case "treat"_kw:
      case "xmlconcat"_kw:
      case "xmlelement"_kw:
      case "xmlexists"_kw:
      case "xmlforest"_kw:
      case "xmlparse"_kw:
      case "xmlpi"_kw:
      case "xmlroot"_kw:
      case "xmlserialize"_kw:
        if (!c_.next().is("("_sym)) return nullptr;
        refuse(errc::unsupported, "`" + std::string(spelling(c_->word)) + "`", c_->at);
      default:
        return read_typed_literal(c_);
    }
  }

 private:
  // ARRAY ::= 'array' ( '(' QUERY ')' | '[' [ EXPRESSIONS ] ']' )
  ast::expr_ptr array() {
    ++c_.at;
    ast::array node;
    if (c_.is("("_sym)) {
      auto const held = read_parenthesis(c_);
      if (!held.query) refuse(errc::syntax, "`array(…)` takes a query, `array[…]` takes values", held.items.front()->at);
      node.subquery = held.query;
    } else {
      node.items = bracketed();
    }
    return make_expr(c_.state, node, c_.since(begin_));
  }
  // Inside `array[…]` the rows of a matrix stand without the word.
  ast::list<ast::expr_ptr> bracketed() {
    nested const level(c_.state, c_->at);
    c_.expect("["_sym);
    batch<ast::expr_ptr, 8> items;
    if (!c_.is("]"_sym)) {
      bool const rows = c_.is("["_sym);
      do {
        if (rows != c_.is("["_sym)) c_.fail(rows ? "`[`" : "an expression");
        if (rows) {
          auto const begin = c_.at;
          auto const inner = bracketed();
          items.push(make_expr(c_.state, ast::array{inner, nullptr}, c_.since(begin)), c_);
        } else {
          items.push(read_operators(c_), c_);
        }
      } while (c_.accept(","_sym));
    }
    c_.expect("]"_sym);
    return items.keep(*c_.state.arena);
  }

  // ROW ::= 'row' '(' [ EXPRESSIONS ] ')'
  ast::expr_ptr row() {
    c_.at += 2;
    ast::row node{{}, true};
    if (!c_.is(")"_sym)) node.items = read_expressions(c_);
    c_.expect(")"_sym);
    return make_expr(c_.state, node, c_.since(begin_));
  }

  ast::name_path name_of(std::string_view text) {
    batch<ast::identifier, 1> one;
    one.push({text, begin_->at, false});
    return one.keep(*c_.state.arena);
  }
  ast::expr_ptr close(ast::call_syntax syntax, std::initializer_list<ast::expr_ptr> arguments) {
    return close(syntax, std::span<ast::expr_ptr const>(arguments.begin(), arguments.size()));
  }
  ast::expr_ptr close(ast::call_syntax syntax, std::span<ast::expr_ptr const> arguments) {
    batch<ast::argument, 4> list;
    for (auto const a : arguments) list.push({{}, a}, c_);
    ast::call call;
    call.path = name_of(spelling(begin_->word));
    call.arguments = list.keep(*c_.state.arena);
    call.syntax = syntax;
    c_.expect(")"_sym);
    return make_expr(c_.state, call, c_.since(begin_));
  }

  ast::expr_ptr word() {
    auto const id = c_->word;
    c_.at += 2;
    switch (id) {
      case "grouping"_kw:
        return close(ast::call_syntax::plain, read_expressions(c_));
      case "coalesce"_kw:
        return close(ast::call_syntax::coalesce, read_expressions(c_));
      case "greatest"_kw:
        return close(ast::call_syntax::greatest, read_expressions(c_));
      case "least"_kw:
        return close(ast::call_syntax::least, read_expressions(c_));
      case "nullif"_kw: {
        auto const a = read_operators(c_);
        c_.expect(","_sym);
        return close(ast::call_syntax::nullif, {a, read_operators(c_)});
      }
      case "extract"_kw:
        return extract();
      case "overlay"_kw:
        return overlay();
      case "position"_kw: {
        auto const what = read_operators(c_, 0, scope::restricted);
        c_.expect("in"_kw);
        return close(ast::call_syntax::position, {what, read_operators(c_, 0, scope::restricted)});
      }
      case "substring"_kw:
        return substring();
      case "trim"_kw:
        return trim();
      default:
        return normalize();
    }
  }

  // EXTRACT ::= 'extract' '(' ( name | string ) 'from' EXPRESSION ')'
  ast::expr_ptr extract() {
    bool const known =
        c_.is("year"_kw) || c_.is("month"_kw) || c_.is("day"_kw) || c_.is("hour"_kw) || c_.is("minute"_kw) || c_.is("second"_kw);
    bool const named =
        c_->kind == token_kind::quoted || c_->kind == token_kind::string || (c_->kind == token_kind::word && c_->word == no_keyword);
    if (!known && !named) c_.fail("a field such as `year`");
    auto const field = make_expr(c_.state, ast::literal{ast::literal_kind::text, c_->text}, c_->at);
    ++c_.at;
    c_.expect("from"_kw);
    return close(ast::call_syntax::extract, {field, read_operators(c_)});
  }

  // OVERLAY ::= 'overlay' '(' EXPRESSION 'placing' EXPRESSION 'from' EXPRESSION [ 'for' EXPRESSION ] ')'
  ast::expr_ptr overlay() {
    if (plain_arguments()) return plain_call();
    auto const text = read_operators(c_);
    if (!c_.is("placing"_kw)) return plain_call_behind(text);
    ++c_.at;
    auto const with = read_operators(c_);
    c_.expect("from"_kw);
    auto const from = read_operators(c_);
    if (!c_.accept("for"_kw)) return close(ast::call_syntax::overlay, {text, with, from});
    return close(ast::call_syntax::overlay, {text, with, from, read_operators(c_)});
  }

  // SUBSTRING ::= 'substring' '(' EXPRESSION ( 'from' EXPRESSION [ 'for' EXPRESSION ] | 'for' EXPRESSION [ 'from' EXPRESSION ] ) ')'
  ast::expr_ptr substring() {
    if (plain_arguments()) return plain_call();
    auto const text = read_operators(c_);
    if (c_.is("similar"_kw)) refuse(errc::unsupported, "`substring … similar`", c_->at);
    if (c_.accept("from"_kw)) {
      auto const from = read_operators(c_);
      if (!c_.accept("for"_kw)) return close(ast::call_syntax::substring, {text, from});
      return close(ast::call_syntax::substring, {text, from, read_operators(c_)});
    }
    if (c_.accept("for"_kw)) {
      auto const length = read_operators(c_);
      auto const from =
          c_.accept("from"_kw) ? read_operators(c_) : make_expr(c_.state, ast::literal{ast::literal_kind::integer, "1"}, length->at);
      return close(ast::call_syntax::substring, {text, from, length});
    }
    return plain_call_behind(text);
  }

  // TRIM ::= 'trim' '(' [ 'both' | 'leading' | 'trailing' ] [ EXPRESSION ] [ 'from' ] EXPRESSION ')'
  ast::expr_ptr trim() {
    auto syntax = ast::call_syntax::trim_both;
    if (c_.accept("leading"_kw))
      syntax = ast::call_syntax::trim_leading;
    else if (c_.accept("trailing"_kw))
      syntax = ast::call_syntax::trim_trailing;
    else
      c_.accept("both"_kw);
    if (c_.accept("from"_kw)) return close(syntax, {read_operators(c_)});
    auto const first = read_operators(c_);
    if (c_.is(","_sym)) refuse(errc::unsupported, "`trim` with a list", c_->at, "write `trim(characters from text)`");
    if (!c_.accept("from"_kw)) return close(syntax, {first});
    auto const text = read_operators(c_);
    if (c_.is(","_sym)) refuse(errc::unsupported, "`trim` with a list", c_->at, "write `trim(characters from text)`");
    return close(syntax, {first, text});
  }

  // NORMALIZE ::= 'normalize' '(' EXPRESSION [ ',' ( 'nfc' | 'nfd' | 'nfkc' | 'nfkd' ) ] ')'
  ast::expr_ptr normalize() {
    auto const text = read_operators(c_);
    if (!c_.accept(","_sym)) return close(ast::call_syntax::normalize, {text});
    if (!c_.is("nfc"_kw) && !c_.is("nfd"_kw) && !c_.is("nfkc"_kw) && !c_.is("nfkd"_kw)) c_.fail("`nfc`, `nfd`, `nfkc` or `nfkd`");
    auto const form = make_expr(c_.state, ast::keyword_value{spelling(c_->word), nullptr}, c_->at);
    ++c_.at;
    return close(ast::call_syntax::normalize, {text, form});
  }

  // `substring` and `overlay` are functions of that name too.
  bool plain_arguments() const { return c_.is(")"_sym) || c_.next().is("=>"_sym) || c_.next().is(":="_sym) || c_.is("variadic"_kw); }
  ast::expr_ptr plain_call() {
    --c_.at;
    return make_expr(c_.state, read_call(c_, name_of(spelling(begin_->word))), c_.since(begin_));
  }
  ast::expr_ptr plain_call_behind(ast::expr_ptr first) {
    batch<ast::expr_ptr, 4> arguments;
    arguments.push(first);
    while (c_.accept(","_sym)) arguments.push(read_operators(c_), c_);
    return close(ast::call_syntax::plain, arguments.keep(*c_.state.arena));
  }

  cursor& c_;
  iterator begin_;
};

}  // namespace

ast::expr_ptr read_special_call(cursor& c) { return special(c).read(); }

}  // namespace grille::grammar
