// `(t).c` and `(t).*`, where t is a relation of the from clause: the columns of t that are there for whoever wrote it, as `t.c` and `t.*` are. A
// row is never made of a table, so that nothing of it is in there that is not named: no hidden column, no system column, and no call of
// a function by the name of a column (https://www.postgresql.org/docs/15/rowtypes.html#ROWTYPES-USAGE).
#include <algorithm>

#include "bind/binder.hpp"

namespace grille::bind {

/// The relation that a name stands for, and the scope in which it is found; none: it is a column's, or nobody's. The server looks for columns first.
std::pair<ast::identifier const*, scope*> binder::whole_row(ast::expr const& e) const {
  auto const* n = e.as<ast::column_ref>();
  if (sqlite() || n == nullptr || n->path.size() != 1) return {};
  for (auto* s = scope_; s != nullptr; s = s->outer)
    if (s->find(n->path).found()) return {};
  auto const& name = n->path[0];
  for (auto* s = scope_; s != nullptr; s = s->outer)
    for (auto const& from : s->sources)
      if (std::ranges::any_of(from.columns, [&](source_column const& c) { return c.table == name.text; })) return {&name, s};
  return {};
}

bound::expr_ptr binder::field(ast::field const& n, base::range at) {
  auto const [table, in] = whole_row(*n.operand);
  if (table == nullptr) refuse(errc::unsupported, "a field of a row is not supported", at, "a column of a table in `from` can be named so: `(t).c`");
  if (n.all) refuse(errc::syntax, "`(" + std::string(table->text) + ").*` stands only in the list of results", at);
  ast::column_ref const named{memory_.copy(std::vector{*table, n.name})};
  if (!in->find(named.path).found()) refuse(errc::not_found, "no such column: " + in_ticks(dotted(named.path)), at);
  return column(named, at);
}

/// `(t).*` as the `t.*` that it is, in the list of results; null: it is something else.
ast::star const* binder::all_of_row(ast::expr const& e, scope const& s) {
  auto const* n = e.as<ast::field>();
  if (n == nullptr || !n->all) return nullptr;
  auto const [table, in] = whole_row(*n->operand);
  if (table == nullptr || in != &s) return nullptr;  // of a query around it would be another's columns
  return memory_.make<ast::star>(ast::star{memory_.copy(std::vector{*table})});
}

}  // namespace grille::bind
