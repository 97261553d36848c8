// Calls in their plain form, with all that may stand inside and behind the parentheses.
#include "grammar/expression.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

// ARGUMENT ::= [ name ( '=>' | ':=' ) ] EXPRESSION
ast::argument read_argument(cursor& c) {
  ast::argument a;
  if (!c.state.sqlite() && (c.next().is("=>"_sym) || c.next().is(":="_sym)) && c.at_name(name_role::function)) {
    a.name = c.take_name();
    ++c.at;
  }
  a.value = read_operators(c);
  return a;
}

// SQLite reads `filter` and `over` as words of their own only before what they take.
bool at_filter(cursor const& c) { return c.is("filter"_kw) && c.next().is("("_sym); }
bool at_over(cursor const& c) {
  if (!c.is("over"_kw)) return false;
  return c.next().is("("_sym) || is_name(c.next(), name_role::name, c.state.language);
}

}  // namespace

// CALL ::= '(' ( '*' | [ 'distinct' | 'all' ] [ [ 'variadic' ] ARGUMENT { ',' [ 'variadic' ] ARGUMENT } ] [ 'order' 'by' ORDER ] ) ')'
//          [ 'within' 'group' '(' 'order' 'by' ORDER ')' ] [ 'filter' '(' 'where' EXPRESSION ')' ] [ 'over' OVER ]
ast::call read_call(cursor& c, ast::name_path path) {
  bool const sqlite = c.state.sqlite();
  ast::call call;
  call.path = path;
  c.expect("("_sym);
  if (c.is("*"_sym) && c.next().is(")"_sym)) {
    call.star = true;
    ++c.at;
  } else {
    call.distinct = c.is("distinct"_kw);
    bool const quantified = call.distinct || c.is("all"_kw);
    if (quantified) ++c.at;
    if (!c.is(")"_sym)) {
      batch<ast::argument, 4> arguments;
      do {
        if (call.variadic) refuse(errc::syntax, "the `variadic` argument is the last one", c->at);
        if (!sqlite && !quantified && c.accept("variadic"_kw)) call.variadic = true;
        arguments.push(read_argument(c), c);
      } while (c.accept(","_sym));
      call.arguments = arguments.keep(*c.state.arena);
      if (c.is("order"_kw)) {
        if (sqlite) refuse(errc::unsupported, "`order by` inside a call", c->at, "order the rows in a subquery");
        ++c.at;
        c.expect("by"_kw);
        call.order = read_order(c);
      }
    } else if (quantified && !sqlite) {
      c.fail("an expression");
    }
  }
  c.expect(")"_sym);
  if (!sqlite && c.accept("within"_kw, "group"_kw)) {
    c.expect("("_sym);
    c.expect("order"_kw);
    c.expect("by"_kw);
    call.within_group = read_order(c);
    c.expect(")"_sym);
  }
  if (at_filter(c)) {
    c.at += 2;
    c.expect("where"_kw);
    call.filter = read_operators(c);
    c.expect(")"_sym);
  }
  if (at_over(c)) {
    ++c.at;
    call.over = read_over(c);
  }
  return call;
}

}  // namespace grille::grammar
