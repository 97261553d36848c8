// Names and single literals.
#include "grammar/component.hpp"

namespace grille::grammar {

using namespace literals;

// PATH ::= name [ '.' label [ '.' label ] ]
std::optional<ast::name_path> read_path(cursor& c) {
  if (!c.at_name()) return std::nullopt;
  auto const begin = c.at;
  batch<ast::identifier, 3> parts;
  parts.push(c.take_name());
  while (c.is("."_sym) && c.next().sym != "*"_sym) {
    ++c.at;
    if (parts.size() == 3) refuse(errc::syntax, "a name has at most three parts", c.since(begin));
    parts.push(c.name(name_role::label));
  }
  return parts.keep(*c.state.arena);
}

std::optional<token> read_string(cursor& c) {
  if (c->kind != token_kind::string) return std::nullopt;
  return *c.at++;
}

std::optional<token> read_integer(cursor& c) {
  if (c->kind != token_kind::integer) return std::nullopt;
  return *c.at++;
}

}  // namespace grille::grammar
