// The doors: a text in, one tree or one fault out.
#include "grammar/parse.hpp"

#include "grammar/component.hpp"
#include "grammar/lexer.hpp"
#include "grammar/write.hpp"

namespace grille::grammar {

using namespace literals;

namespace {

/// Lexes, reads with `read` and demands that nothing is left.
template <class Result, class Read>
base::result<Result> whole(std::string_view text, dialect d, base::arena& a, Read read) {
  auto const tokens = lex(text, d, a);
  if (!tokens) return tl::unexpected(tokens.error());
  parse_state state{d, &a, 0};
  cursor c{tokens->data(), state};
  Result result{};
  if (auto fault = attempt(d, [&] { result = read(c); })) return tl::unexpected(std::move(*fault));
  return result;
}

}  // namespace

// INPUT ::= STATEMENT { ';' }
base::result<ast::statement const*> parse_statement(std::string_view sql, dialect d, base::arena& a) {
  return whole<ast::statement const*>(sql, d, a, [](cursor& c) {
    auto const* statement = read_statement(c);
    bool const closed = c.is(";"_sym);
    while (c.accept(";"_sym)) {
    }
    if (closed && c->kind != token_kind::end) refuse(errc::unsupported, "more than one statement", c->at, "send them one by one");
    if (c->kind != token_kind::end) c.fail("the end of the statement");
    return statement;
  });
}

base::result<ast::expr_ptr> parse_expression(std::string_view text, dialect d, base::arena& a) {
  return whole<ast::expr_ptr>(text, d, a, [](cursor& c) {
    auto const e = read_operators(c);
    if (c->kind != token_kind::end) c.fail("the end of the expression");
    return e;
  });
}

}  // namespace grille::grammar
