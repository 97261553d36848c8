// Queries and the tables in them. PostgreSQL takes parentheses around every operand of a set operation; SQLite takes none there:
// its chains are left-deep, and what is not becomes a derived table.
#include <variant>

#include "print/writer.hpp"

namespace grille::print {
namespace {

bool bare_join(ast::table_ref const& t) {
  auto const* j = t.as<ast::join>();
  return j != nullptr && j->alias.name.text.empty();
}

}  // namespace

void writer::query(ast::query const& q) {
  with(q.recursive, q.with);
  body(*q.body);
  order(" order by ", q.order);
  if (q.limit_all) emit(" limit all");
  if (q.limit != nullptr && !q.with_ties) {
    emit(" limit ");
    expression(*q.limit);
  }
  if (q.offset != nullptr) {
    emit(" offset ");
    expression(*q.offset);
  }
  if (q.limit != nullptr && q.with_ties) {
    emit(" fetch first (");
    expression(*q.limit);
    emit(") rows with ties");
  }
  for (auto const& lock : q.locks) put(lock);
}

void writer::with(bool recursive, ast::list<ast::cte> items) {
  if (items.empty()) return;
  emit(recursive ? "with recursive " : "with ");
  separated(items, [&](ast::cte const& item) {
    name(item.name);
    if (!item.columns.empty()) {
      emit(" ");
      columns(item.columns);
    }
    emit(" as ");
    if (item.hint == ast::materialization::materialized) emit("materialized ");
    if (item.hint == ast::materialization::not_materialized) emit("not materialized ");
    emit("(");
    statement(*item.body);
    emit(")");
  });
  emit(" ");
}

void writer::body(ast::query_body const& b) {
  std::visit([this](auto const& n) { put(n); }, b.node);
}

void writer::put(ast::select_core const& n) {
  emit("select");
  switch (n.distinct) {
    case ast::distinct_kind::none:
      break;
    case ast::distinct_kind::all:
      emit(" all");
      break;
    case ast::distinct_kind::distinct:
      emit(" distinct");
      break;
    case ast::distinct_kind::distinct_on:
      emit(" distinct on (");
      expressions(n.distinct_on);
      emit(")");
      break;
  }
  if (!n.items.empty()) emit(" ");
  result_items(n.items);
  from(" from ", n.from);
  where(n.where);
  if (!n.group_by.empty()) {
    emit(" group by ", n.group_distinct ? "distinct " : "");
    expressions(n.group_by);
  }
  if (n.having != nullptr) {
    emit(" having ");
    expression(*n.having);
  }
  if (n.windows.empty()) return;
  emit(" window ");
  separated(n.windows, [&](ast::named_window const& w) {
    name(w.name);
    emit(" as ");
    window(*w.definition);
  });
}

void writer::put(ast::values_rows const& n) {
  emit("values ");
  separated(n.rows, [&](ast::list<ast::expr_ptr> row) {
    emit("(");
    expressions(row);
    emit(")");
  });
}

void writer::put(ast::set_operation const& n) {
  set_operand(*n.left, true);
  switch (n.op) {
    case ast::set_op::union_:
      emit(" union ");
      break;
    case ast::set_op::intersect:
      emit(" intersect ");
      break;
    case ast::set_op::except:
      emit(" except ");
      break;
  }
  emit(n.all ? "all " : "", n.distinct ? "distinct " : "");
  set_operand(*n.right, false);
}

void writer::set_operand(ast::query_body const& b, bool is_left) {
  bool const nested = b.as<ast::nested_query>() != nullptr;
  bool const operation = b.as<ast::set_operation>() != nullptr;
  if (!sqlite() && !nested) {
    emit("(");
    body(b);
    emit(")");
  } else if (sqlite() && operation && !is_left) {
    emit("select * from (");
    body(b);
    emit(")");
  } else {
    body(b);
  }
}

void writer::put(ast::nested_query const& n) {
  if (sqlite()) emit("select * from ");
  subquery(*n.subquery);
}

void writer::put(ast::table_command const& n) {
  emit(sqlite() ? "select * from " : "table ", n.only ? "only " : "");
  path(n.path);
}

void writer::result_items(ast::list<ast::result_item> items) {
  separated(items, [&](ast::result_item const& item) {
    expression(*item.value);
    if (item.alias.text.empty()) return;
    emit(" as ");
    name(item.alias);
  });
}

void writer::where(ast::expr_ptr condition) {
  if (condition == nullptr) return;
  emit(" where ");
  expression(*condition);
}

void writer::put(ast::locking const& n) {
  switch (n.strength) {
    case ast::lock_strength::update:
      emit(" for update");
      break;
    case ast::lock_strength::no_key_update:
      emit(" for no key update");
      break;
    case ast::lock_strength::share:
      emit(" for share");
      break;
    case ast::lock_strength::key_share:
      emit(" for key share");
      break;
  }
  if (!n.of.empty()) {
    emit(" of ");
    separated(n.of, [&](ast::name_path p) { path(p); });
  }
  if (n.wait == ast::lock_wait::nowait) emit(" nowait");
  if (n.wait == ast::lock_wait::skip_locked) emit(" skip locked");
}

// --- tables ------------------------------------------------------------------------------------------------------------

void writer::from(std::string_view words, ast::list<ast::table_ref const*> tables) {
  if (tables.empty()) return;
  emit(words);
  separated(tables, [&](ast::table_ref const* t) { table(*t); });
}

void writer::table(ast::table_ref const& t) {
  std::visit([this](auto const& n) { put(n); }, t.node);
}

void writer::put(ast::table_name const& n) {
  emit(n.only ? "only " : "");
  path(n.path);
  alias(n.alias);
  if (n.not_indexed) emit(" not indexed");
  if (n.indexed_by.text.empty()) return;
  emit(" indexed by ");
  name(n.indexed_by);
}

void writer::put(ast::derived_table const& n) {
  emit(n.lateral ? "lateral " : "");
  subquery(*n.subquery);
  alias(n.alias);
}

void writer::put(ast::table_function const& n) {
  emit(n.lateral ? "lateral " : "", n.rows_from ? "rows from (" : "");
  separated(n.functions, [&](ast::call const* f) { put(*f); });
  emit(n.rows_from ? ")" : "", n.ordinality ? " with ordinality" : "");
  alias(n.alias);
  if (n.definitions.empty()) return;
  emit(n.alias.name.text.empty() ? " as (" : " (");
  separated(n.definitions, [&](ast::column_definition const& c) {
    name(c.name);
    emit(" ");
    type(c.type);
    if (c.collation.empty()) return;
    emit(" collate ");
    path(c.collation);
  });
  emit(")");
}

// Joins bind to the left: a join on the right stands in parentheses, one on the left needs none.
void writer::put(ast::join const& n) {
  bool const named = !n.alias.name.text.empty();
  emit(named ? "(" : "");
  table(*n.left);
  auto kind = n.kind;
  if (!sqlite() && !n.natural && n.on == nullptr && n.using_columns.empty()) kind = ast::join_kind::cross;
  emit(n.natural ? " natural" : "");
  switch (kind) {
    case ast::join_kind::inner:
      emit(" join ");
      break;
    case ast::join_kind::left:
      emit(" left join ");
      break;
    case ast::join_kind::right:
      emit(" right join ");
      break;
    case ast::join_kind::full:
      emit(" full join ");
      break;
    case ast::join_kind::cross:
      emit(" cross join ");
      break;
    case ast::join_kind::comma:
      emit(", ");
      break;
  }
  bool const grouped = bare_join(*n.right);
  emit(grouped ? "(" : "");
  table(*n.right);
  emit(grouped ? ")" : "");
  if (n.on != nullptr) {
    emit(" on ");
    expression(*n.on);
  }
  if (!n.using_columns.empty()) {
    emit(" using ");
    columns(n.using_columns);
    if (!n.using_alias.text.empty()) {
      emit(" as ");
      name(n.using_alias);
    }
  }
  emit(named ? ")" : "");
  alias(n.alias);
}

void writer::put(ast::table_sample const& n) {
  table(*n.table);
  emit(" tablesample ");
  path(n.method);
  emit(" (");
  expressions(n.arguments);
  emit(")");
  if (n.repeatable == nullptr) return;
  emit(" repeatable (");
  expression(*n.repeatable);
  emit(")");
}

}  // namespace grille::print
