#include "introspect/sqlite_limited.hpp"

#include <algorithm>

#include "catalog/row_key.hpp"
#include "grammar/lexer.hpp"

namespace grille::introspect {

namespace {

using namespace grammar::literals;
using grammar::token_kind;

void mark_all(catalog::table& t) {
  for (auto& c : t.columns) c.limited = catalog::limited::few;
}

/// A name in any of its quotes, and in those of a text: SQLite takes that for a name where it finds one.
bool is_name(grammar::token const& k) { return k.kind == token_kind::word || k.kind == token_kind::quoted || k.kind == token_kind::string; }

/// CREATE_TRIGGER ::= 'create' [ 'temp' ] 'trigger' [ 'if' 'not' 'exists' ] NAME [ '.' NAME ] [ 'before' | 'after' | 'instead' 'of' ] EVENT …
bool runs_by_insert(grammar::token_array const& all) {
  auto at = std::ranges::find_if(all, [](auto const& k) { return k.is("trigger"_kw); });
  auto const next = [&] { return at == all.end() ? at : ++at; };
  if (next() == all.end()) return true;
  if (at->is("if"_kw) && all.end() - at > 3 && (at + 1)->is("not"_kw)) at += 3;
  if (next() != all.end() && at->is("."_sym)) at += std::min<std::ptrdiff_t>(2, all.end() - at);
  if (at == all.end()) return true;
  if (at->is("before"_kw) || at->is("after"_kw)) ++at;
  return at == all.end() || !(at->is("instead"_kw) || at->is("update"_kw) || at->is("delete"_kw));
}

}  // namespace

void mark_checked(catalog::table& t, std::string_view create_table) {
  base::arena memory;
  auto const tokens = grammar::lex(create_table, dialect::sqlite, memory, base::limits::policy_bytes);
  if (!tokens) return mark_all(t);
  unsigned depth = 0;  // of parentheses in a `check`
  bool computed = false;
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    auto const& k = (*tokens)[i];
    if (depth == 0) {
      if (k.is("check"_kw) && (*tokens)[i + 1].is("("_sym)) {
        depth = 1;
        ++i;
      }
      continue;
    }
    if (k.is("("_sym)) ++depth;
    if (k.is(")"_sym)) --depth;
    if (!is_name(k)) continue;
    computed = computed || catalog::is_rowid_name(k.text);  // which is a column's, too
    if (auto const c = t.find(k.text)) {
      t.columns[*c].limited = catalog::limited::few;
      computed = computed || t.columns[*c].generated != catalog::generated::no;
    }
  }
  if (computed) mark_all(t);
}

void mark_triggered(catalog::table& t, std::string_view create_trigger) {
  base::arena memory;
  auto const tokens = grammar::lex(create_trigger, dialect::sqlite, memory, base::limits::policy_bytes);
  if (!tokens || runs_by_insert(*tokens)) mark_all(t);
}

}  // namespace grille::introspect
