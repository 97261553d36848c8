// Statements: the doors of `print`, and the writes.
#include <variant>

#include "print/writer.hpp"

namespace grille::print {
namespace {

std::string_view conflict_words(ast::conflict_action action) {
  switch (action) {
    case ast::conflict_action::none:
      return "";
    case ast::conflict_action::rollback:
      return " or rollback";
    case ast::conflict_action::abort:
      return " or abort";
    case ast::conflict_action::fail:
      return " or fail";
    case ast::conflict_action::ignore:
      return " or ignore";
    case ast::conflict_action::replace:
      return " or replace";
  }
  return "";
}

}  // namespace

std::string print(ast::statement const& s, dialect d, chains c) {
  writer w(d, c);
  w.statement(s);
  return w.take();
}

std::string print(ast::query const& q, dialect d, chains c) {
  writer w(d, c);
  w.query(q);
  return w.take();
}

std::string print(ast::expr const& e, dialect d, chains c) {
  writer w(d, c);
  w.expression(e);
  return w.take();
}

void writer::statement(ast::statement const& s) {
  std::visit([this](auto const& n) { put(n); }, s.node);
}

void writer::put(ast::query_ptr const& n) { query(*n); }

void writer::put(ast::insert_statement const& n) {
  with(n.recursive, n.with);
  emit(n.replace ? "replace" : "insert");
  emit(conflict_words(n.action));
  emit(" into ");
  put(n.target);
  if (!n.columns.empty()) {
    emit(" ");
    columns(n.columns);
  }
  overriding(n.overriding);
  emit(" ");
  if (n.source == nullptr)
    emit("default values");
  else
    query(*n.source);
  for (auto const& u : n.conflicts) put(u);
  returning(n.returning);
}

void writer::put(ast::upsert const& n) {
  emit(" on conflict");
  if (!n.constraint.text.empty()) {
    emit(" on constraint ");
    name(n.constraint);
  }
  if (!n.target.empty()) {
    emit(" (");
    separated(n.target, [&](ast::expr_ptr e) { conflict_target(*e); });
    emit(")");
  }
  where(n.target_where);
  if (n.do_nothing) return emit(" do nothing");
  emit(" do update set ");
  assignments(n.set);
  where(n.where);
}

// PostgreSQL: a column or a call, each with a collation, stands bare; any other expression in parentheses.
void writer::conflict_target(ast::expr const& e) {
  bool const bare = e.as<ast::column_ref>() || e.as<ast::call>() || e.as<ast::collate>();
  if (bare) return expression(e);
  emit("(");
  expression(e);
  emit(")");
}

void writer::put(ast::update_statement const& n) {
  with(n.recursive, n.with);
  emit("update", conflict_words(n.action), " ");
  put(n.target);
  emit(" set ");
  assignments(n.set);
  from(" from ", n.from);
  where(n.where);
  returning(n.returning);
}

void writer::put(ast::delete_statement const& n) {
  with(n.recursive, n.with);
  emit("delete from ");
  put(n.target);
  from(" using ", n.using_tables);
  where(n.where);
  returning(n.returning);
}

void writer::put(ast::merge_statement const& n) {
  with(n.recursive, n.with);
  emit("merge into ");
  put(n.target);
  emit(" using ");
  table(*n.source);
  emit(" on ");
  expression(*n.on);
  for (auto const& c : n.clauses) put(c);
}

void writer::put(ast::merge_clause const& n) {
  emit(n.matched ? " when matched" : " when not matched");
  if (n.condition != nullptr) {
    emit(" and ");
    expression(*n.condition);
  }
  emit(" then ");
  switch (n.action) {
    case ast::merge_action::nothing:
      emit("do nothing");
      break;
    case ast::merge_action::remove:
      emit("delete");
      break;
    case ast::merge_action::update:
      emit("update set ");
      assignments(n.set);
      break;
    case ast::merge_action::insert:
      emit("insert");
      if (!n.columns.empty()) {
        emit(" ");
        columns(n.columns);
      }
      overriding(n.overriding);
      if (n.values.empty()) {
        emit(" default values");
        break;
      }
      emit(" values (");
      expressions(n.values);
      emit(")");
      break;
  }
}

void writer::overriding(int which) {
  if (which == 1) emit(" overriding system value");
  if (which == 2) emit(" overriding user value");
}

void writer::assignments(ast::list<ast::assignment> items) {
  separated(items, [&](ast::assignment const& a) {
    if (a.row_form)
      columns(a.columns);
    else
      name(a.columns.front());
    emit(" = ");
    if (a.row_form)
      operand(*a.value);  // `(a, b) = (x and y)` would end before `and`
    else
      expression(*a.value);
  });
}

void writer::returning(ast::list<ast::result_item> items) {
  if (items.empty()) return;
  emit(" returning ");
  result_items(items);
}

}  // namespace grille::print
