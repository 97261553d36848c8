// How the grammars refuse, and which words are names where.
#include "grammar/state.hpp"

namespace grille::grammar {

void refuse(errc kind, std::string message, base::range at, std::string help) {
  throw refused{{kind, std::move(message), at, std::move(help)}};
}

void refuse_nesting(base::range at) {
  refuse(errc::limit, "the text is nested more than " + std::to_string(base::limits::nesting) + " levels deep", at);
}

namespace {

/// Whether a name could have stood there.
bool names_wanted(std::string_view what) {
  for (std::string_view const part : {"name", "expression", "a table", "a column"})
    if (what.find(part) != std::string_view::npos) return true;
  return false;
}

std::string hint(std::string_view what, token const& found, dialect d) {
  if (found.kind != token_kind::word) return {};
  for (std::string_view const quote : {"‘", "’", "“", "”", "„", "‚"})
    if (found.text.find(quote) != std::string_view::npos)
      return "this holds the curly quote `" + std::string(quote) + "`; SQL uses `'` and `\"`";
  if (found.text.find("\u00A0") != std::string_view::npos) return "this holds a no-break space; use a plain one";
  if (found.word != no_keyword && names_wanted(what) && !is_name(found, name_role::name, d))
    return "`" + std::string(found.text) + "` is a reserved word; to use it as a name write `\"" + std::string(found.text) + "\"`";
  return {};
}

}  // namespace

base::fault expected_fault(std::string_view what, token const& found, dialect d) {
  return {errc::syntax, "expected " + std::string(what) + ", found " + describe(found), found.at, hint(what, found, d)};
}

void refuse_expected(std::string_view what, token const& found, dialect d) { throw refused{expected_fault(what, found, d)}; }

bool is_name(token const& t, name_role role, dialect d) {
  bool const bare = role == name_role::bare_label || role == name_role::bare_alias;
  if (t.kind == token_kind::quoted) return true;
  if (t.kind == token_kind::string) return d == dialect::sqlite && role != name_role::function;
  if (t.kind != token_kind::word) return false;
  if (t.word == no_keyword) return true;
  auto const& k = entry(t.word);
  if (d == dialect::sqlite) {
    switch (k.sqlite) {
      case sqlite_class::none:
      case sqlite_class::fallback:
      case sqlite_class::contextual:
        return true;
      case sqlite_class::join:
        return !bare && role != name_role::function;
      case sqlite_class::identifier:
        return !bare;
      case sqlite_class::reserved:
        return false;
    }
  }
  switch (role) {
    case name_role::name:
    case name_role::bare_alias:
      return k.postgresql == postgresql_class::unreserved || k.postgresql == postgresql_class::col_name;
    case name_role::label:
      return true;
    case name_role::bare_label:
      return k.bare_label;
    case name_role::function:
      return k.postgresql == postgresql_class::unreserved || k.postgresql == postgresql_class::type_func;
  }
  return false;
}

ast::query_ptr make_query(parse_state& s, ast::query q, base::range at) {
  auto const depth = 1U + depth_below(q);
  if (depth > base::limits::nesting) refuse_nesting(at);
  q.at = at;
  q.depth = static_cast<std::uint16_t>(depth);
  return s.arena->make<ast::query>(q);
}

}  // namespace grille::grammar
