// Rows as values, where t is a relation of the from clause (https://www.postgresql.org/docs/15/rowtypes.html#ROWTYPES-USAGE). `(t).c` and `(t).*` are
// the columns of t that are there for whoever wrote it, as `t.c` and `t.*` are. `f(t)` and `f(t.*)` are of a row that is put together from those
// columns, never of the table's own: so nothing is in there that is not named, no hidden column and no system column, and no function is
// called by the name of a column. `(x).f` of any other x is a field of the composite that x is known to be (known_type_postgresql.cpp), and `(x).*` are all of its fields.
#include <algorithm>
#include <optional>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

/// How much deeper than the name of a table the row is that is printed for it.
constexpr unsigned levels_of_named_row = 6;

/// Whether a join can leave out the relation's row where it gives a row; null: the relation does not stand in there.
std::optional<bool> is_nullable(bound::from_item const& in, bound::relation const* r) {
  if (auto const* one = std::get_if<bound::relation*>(&in.node)) return *one == r ? std::optional(false) : std::nullopt;
  auto const& j = std::get<bound::join>(in.node);
  if (auto const left = is_nullable(*j.left, r)) return *left || j.kind == bound::join_kind::right || j.kind == bound::join_kind::full;
  if (auto const right = is_nullable(*j.right, r)) return *right || j.kind == bound::join_kind::left || j.kind == bound::join_kind::full;
  return std::nullopt;
}

/// The one item of a query that has nothing else but `from`.
ast::select_core const* bare_select(ast::query const& q) {
  auto const* s = q.body->as<ast::select_core>();
  auto const bare = s != nullptr && q.with.empty() && q.order.empty() && q.limit == nullptr && q.offset == nullptr && q.locks.empty() &&
                    s->distinct == ast::distinct_kind::none && s->where == nullptr && s->group_by.empty() && s->having == nullptr && s->windows.empty();
  return bare ? s : nullptr;
}

/// Of `case when … then … end`, or null.
ast::when_arm const* only_arm(ast::expr const& e) {
  auto const* c = e.as<ast::case_expr>();
  return c != nullptr && c->operand == nullptr && c->arms.size() == 1 && c->otherwise == nullptr ? &c->arms[0] : nullptr;
}

/// `(select coalesce(r.*) from (select a as x, …) as r)`: the items of the inner select, or null.
ast::select_core const* named_values(ast::expr const& e) {
  auto const* q = e.as<ast::scalar_subquery>();
  auto const* outer = q == nullptr ? nullptr : bare_select(*q->subquery);
  if (outer == nullptr || outer->items.size() != 1 || outer->from.size() != 1 || !outer->items[0].alias.text.empty()) return nullptr;
  auto const* whole = outer->items[0].value->as<ast::call>();
  auto const* table = outer->from[0]->as<ast::derived_table>();
  if (whole == nullptr || whole->syntax != ast::call_syntax::coalesce || whole->arguments.size() != 1 || table == nullptr || table->lateral) return nullptr;
  auto const* star = whole->arguments[0].value->as<ast::star>();
  if (star == nullptr || star->qualifier.size() != 1 || star->qualifier[0].text != table->alias.name.text || !table->alias.columns.empty()) return nullptr;
  auto const* inner = bare_select(*table->subquery);
  auto const named = inner != nullptr && !inner->items.empty() && inner->from.empty() &&
                     std::ranges::none_of(inner->items, [](ast::result_item const& i) { return i.alias.text.empty(); });
  return named ? inner : nullptr;
}

/// Whether a relation of the from clause goes by that name.
bool stands_in(ast::table_ref const& t, std::string_view name) {
  if (auto const* j = t.as<ast::join>()) return j->alias.name.text.empty() && (stands_in(*j->left, name) || stands_in(*j->right, name));
  if (auto const* d = t.as<ast::derived_table>()) return d->alias.name.text == name;
  auto const* n = t.as<ast::table_name>();
  return n != nullptr && (n->alias.name.text.empty() ? n->path.back() : n->alias.name).text == name;
}

/// `(select t from … t …)`: the select, or null. Should `t` have a column of its own name it is that, of which what is asked here is the same.
ast::select_core const* gives_row(ast::expr const& e) {
  auto const* q = e.as<ast::scalar_subquery>();
  auto const* s = q == nullptr ? nullptr : q->subquery->body->as<ast::select_core>();
  if (s == nullptr || s->items.size() != 1 || s->distinct != ast::distinct_kind::none || !s->group_by.empty()) return nullptr;
  auto const* item = s->items[0].value->as<ast::column_ref>();
  auto const is_row = item != nullptr && item->path.size() == 1 && std::ranges::any_of(s->from, [&](auto const* t) { return stands_in(*t, item->path[0].text); });
  return is_row ? s : nullptr;
}

}  // namespace

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
  if (table == nullptr) return field_of_composite(n, at);
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

/// What a field is taken of.
std::pair<bound::expr_ptr, catalog::type const*> binder::composite(ast::expr const& e, base::range at) {
  if (e.as<ast::row>() != nullptr) refuse(errc::unsupported, "a field of `row(…)` is not supported", at);
  auto* value = expression(e);
  auto const* t = below_domains(known_type(*value));
  if (t == nullptr) refuse(errc::unsupported, "a field of a value whose type is not known here is not supported", at, "a column of a table in `from` can be named so: `(t).c`");
  if (t->kind != catalog::type_kind::composite) refuse(errc::type, "a value of type " + in_ticks(t->spelled) + " has no fields", at);
  if (t->fields.empty()) refuse(errc::unsupported, "a field of the row of a table that is kept as a value is not supported", at);
  return {value, t};
}

bound::expr_ptr binder::field_of_composite(ast::field const& n, base::range at) {
  if (n.all) refuse(errc::syntax, "`(…).*` stands only in the list of results", at);
  auto const [operand, type] = composite(*n.operand, at);
  auto const& of = *type;
  auto const found = std::ranges::find(of.fields, n.name.text, [](auto const& f) { return std::string_view(f.first); });
  if (found == of.fields.end()) refuse(errc::not_found, "no such field: " + in_ticks(n.name.text), n.name.at);
  return make(bound::field{operand, &of, static_cast<unsigned>(found - of.fields.begin())}, at);
}

/// `(x).*` of a composite, in the list of results: all of its fields, each of a copy of x. False: it is something else.
bool binder::expand_fields(ast::expr const& e, scope& s, std::vector<bound::item>& items) {
  auto const* n = e.as<ast::field>();
  if (n == nullptr || !n->all || whole_row(*n->operand).first != nullptr) return false;
  s.has_aggregate = s.has_window = false;
  auto const [operand, type] = composite(*n->operand, e.at);
  auto const& of = *type;
  for (unsigned i = 0; i < of.fields.size(); ++i) {
    items.push_back({make(bound::field{i == 0 ? operand : copy(operand, e.at), &of, i}, e.at), of.fields[i].first});
    s.results.push_back({items.back().value, items.back().name, s.has_aggregate, s.has_window});
  }
  return true;
}

bound::expr_ptr binder::argument(catalog::function const& f, ast::expr const& e) {
  if (f.takes_rows)
    if (auto* made = row_value(e)) return made;
  auto const in_binary = f.name.starts_with("jsonb_");
  if (f.name == "json_agg") {  // between rows it breaks the line, and not between other values
    if (auto* row = row_of_values(e)) return row;
  } else if (f.takes_rows && (in_binary || f.name.starts_with("json_"))) {
    if (auto const* inside = inside_query(in_binary ? "to_jsonb" : "to_json", e, {})) return expression(*inside);
  }
  return expression(e);
}

/// `(select r from (select a, b as x) r)`, a row that is always there: null: it is something else.
bound::expr_ptr binder::row_of_values(ast::expr const& e) {
  auto const* s = options_.printed ? nullptr : gives_row(e);
  auto const* table = s != nullptr && bare_select(*e.as<ast::scalar_subquery>()->subquery) != nullptr && s->from.size() == 1 ? s->from[0]->as<ast::derived_table>() : nullptr;
  auto const* values = table == nullptr || !table->alias.columns.empty() ? nullptr : bare_select(*table->subquery);
  auto const whole = [](ast::result_item const& i) { return i.value->as<ast::star>() == nullptr && i.value->as<ast::field>() == nullptr; };
  if (values == nullptr || values->items.empty() || !values->from.empty() || !std::ranges::all_of(values->items, whole)) return nullptr;
  deeper(levels_of_named_row, e.at);
  hold<unsigned> const level(depth_, depth_ + 2);
  std::vector<bound::expr_ptr> items;
  std::vector<std::string_view> names;
  for (auto const& i : values->items) {
    items.push_back(expression(*i.value));
    names.push_back(i.alias.text.empty() ? memory_.copy(figured_name(*i.value, *items.back())) : i.alias.text);
  }
  return make(bound::record{memory_.copy(items), memory_.copy(names)}, e.at);
}

/// `f((select t from …))` as `(select f(t) from …)`, which has the same value; null: it is something else. `others`: what f takes beside it.
ast::expr const* binder::inside_query(std::string_view function, ast::expr const& e, std::span<ast::argument const> others) {
  auto const* s = sqlite() || options_.printed ? nullptr : gives_row(e);
  if (s == nullptr) return nullptr;
  auto const& item = s->items[0];
  ast::call of_row;
  of_row.path = memory_.copy(std::vector{ast::identifier{memory_.copy(function), e.at, false}});
  std::vector arguments{ast::argument{{}, item.value}};
  arguments.insert(arguments.end(), others.begin(), others.end());
  of_row.arguments = memory_.copy(arguments);
  auto select = *s;
  auto made = item;
  made.value = memory_.make<ast::expr>(ast::expr{of_row, item.value->at});
  select.items = memory_.copy(std::vector{made});
  auto query = *e.as<ast::scalar_subquery>()->subquery;
  query.body = memory_.make<ast::query_body>(ast::query_body{select, query.body->at});
  return memory_.make<ast::expr>(ast::expr{ast::scalar_subquery{memory_.make<ast::query>(query)}, e.at});
}

/// `t is null`: of each of the values that are there; `t is not null` is not the opposite. Null: it is no row.
bound::expr_ptr binder::test_of_row(bound::op test, ast::expr const& e, base::range at) {
  auto const [table, in] = row_named(e);
  if (table == nullptr) return nullptr;
  deeper(1, at);
  return operation(test, {make(bound::row{columns_of(*table, *in, e.at).columns.items}, e.at)}, at);
}

/// `t` and `t.*`, as `whole_row` has it. What `unbind` has made names no row so.
std::pair<ast::identifier const*, scope*> binder::row_named(ast::expr const& e) const {
  if (options_.printed) return {};
  auto const* star = e.as<ast::star>();
  if (star == nullptr) {
    auto const row = whole_row(e);
    return row.first != nullptr && value_of_function(row.first->text).first != nullptr ? std::pair<ast::identifier const*, scope*>{} : row;
  }
  for (auto* s = star->qualifier.size() == 1 ? scope_ : nullptr; s != nullptr; s = s->outer)
    for (auto const& from : s->sources)
      if (std::ranges::any_of(from.columns, [&](source_column const& c) { return c.table == star->qualifier[0].text; })) return {&star->qualifier[0], s};
  refuse(errc::not_found, "no such table: " + in_ticks(dotted(star->qualifier)), e.at);
}

/// Null: it is no row.
bound::expr_ptr binder::row_value(ast::expr const& e) {
  if (auto const [table, in] = row_named(e); table != nullptr) return row_of(*table, *in, e.at);
  if (auto const* r = e.as<ast::row>()) {
    deeper(1, e.at);
    hold<unsigned> const level(depth_, depth_ + 1);
    std::vector<bound::expr_ptr> items;
    for (auto const* i : r->items) {
      if (auto const [table, in] = row_named(*i); table != nullptr && i->as<ast::star>() != nullptr) {  // stands for all of its columns
        auto const all = columns_of(*table, *in, i->at).columns.items;
        items.insert(items.end(), all.begin(), all.end());
      } else {
        auto* value = row_value(*i);
        items.push_back(value != nullptr ? value : expression(*i));
      }
    }
    if (items.empty()) refuse(errc::unsupported, "a row without columns is not supported", e.at);
    return make(bound::record{memory_.copy(items), {}}, e.at);
  }
  return printed_row(e);
}

/// What `unbind` prints for a row with names, and any row beneath guards of it.
bound::expr_ptr binder::printed_row(ast::expr const& e) {
  if (auto const* guarded = only_arm(e)) {
    auto const* inner = guarded->result;
    for (auto const* next = only_arm(*inner); next != nullptr; next = only_arm(*inner)) inner = next->result;
    if (named_values(*inner) == nullptr && inner->as<ast::row>() == nullptr) return nullptr;
    auto* condition = expression(*guarded->condition);
    return make(bound::case_expr{nullptr, memory_.copy(std::vector{bound::when_arm{condition, row_value(*guarded->result)}}), nullptr}, e.at);
  }
  auto const* written = named_values(e);
  if (written == nullptr) return nullptr;
  deeper(levels_of_named_row, e.at);
  scope nothing(which());
  auto& here = scope_ == nullptr ? nothing : *scope_;
  hold<bool> const aggregates(here.allows_aggregates, false);  // one in there could be the inner select's own
  hold<bool> const windows(here.allows_windows, false);
  std::vector<bound::expr_ptr> items;
  std::vector<std::string_view> names;
  for (auto const& i : written->items) {
    items.push_back(expression(*i.value));
    names.push_back(i.alias.text);
  }
  return make(bound::record{memory_.copy(items), memory_.copy(names)}, e.at);
}

/// A table's columns keep their names; a query's have those of its alias.
binder::table_row binder::columns_of(ast::identifier const& table, scope& in, base::range at) {
  table_row row;
  std::vector<bound::expr_ptr> items;
  std::vector<std::string_view> names;
  for (auto const& from : in.sources)
    for (auto const& c : from.columns) {
      if (c.table != table.text) continue;
      if (c.merged != nullptr || c.relation->name != table.text || (row.of != nullptr && row.of != c.relation))
        refuse(errc::unsupported, "the row of a join is not supported", at);
      if (c.barred) refuse(errc::syntax, in_ticks(table.text) + " cannot be named here: the join is neither inner nor left", at);
      row.of = c.relation;
      row.joins = from.joins;
      if (!c.shown) continue;
      items.push_back(refer(c, at));
      names.push_back(row.of->kind == bound::relation_kind::base || row.of->stands_for_table ? row.of->columns[c.index].name : c.name);
    }
  if (row.of->kind == bound::relation_kind::function) refuse(errc::unsupported, "the row of a function in `from` is not supported", at);
  if (items.empty()) refuse(errc::unsupported, "the row of " + in_ticks(table.text) + " is not supported: no column of it can be read as a whole", at);
  reach(&in);
  row.columns = {memory_.copy(items), memory_.copy(names)};
  return row;
}

bound::expr_ptr binder::row_of(ast::identifier const& table, scope& in, base::range at) {
  deeper(levels_of_named_row, at);
  auto const row = columns_of(table, in, at);
  if (table.text == renamed_) refuse(errc::unsupported, "the row of a source of `merge` whose columns have other names is not supported", at, "put a query in its place: using (select …) as s");
  auto const nullable = row.joins == nullptr ? std::nullopt : is_nullable(*row.joins, row.of);
  if (!nullable) refuse(errc::unsupported, "the row of a table is not supported here", at, "name its columns");
  auto* made = make(row.columns, at);
  if (!*nullable) return made;
  return make(bound::case_expr{nullptr, memory_.copy(std::vector{bound::when_arm{presence(*row.of, at), made}}), nullptr}, at);
}

/// A column that is true in every row of a relation, so null only where an outer join has left the row out. Nobody can name it.
bound::expr_ptr binder::presence(bound::relation& r, base::range at) {
  auto const [known, first] = presences_.try_emplace(&r, static_cast<unsigned>(r.columns.size()));
  if (first) {
    bound::item const there{make(bound::literal{bound::literal_kind::boolean, "true"}, at), "there"};
    auto* s = r.kind == bound::relation_kind::derived ? r.query->body->as<bound::select>() : nullptr;
    if (s == nullptr) {  // of its own columns
      if (std::ranges::any_of(r.columns, [](bound::relation_column const& c) { return !c.shown; }))
        refuse(errc::unsupported, "the row of a table that an outer join can leave out is not supported where some of its columns can only be filtered or counted", at, "name its columns");
      auto* inner = memory_.make<bound::relation>(r);
      inner->columns = memory_.copy(std::vector(r.columns.begin(), r.columns.end()));
      bound::relation around;
      around.kind = bound::relation_kind::derived;
      around.stands_for_table = r.kind == bound::relation_kind::base;
      around.lateral = r.lateral;
      around.columns = r.columns;
      around.query = memory_.make<bound::query>();
      around.name = r.name;
      around.at = r.at;
      r = around;
      r.query->body = memory_.make<bound::query_body>(bound::query_body{select_all(inner, at)});
      for (unsigned i = 0; i < r.columns.size(); ++i) r.columns[i].source = i;
      s = r.query->body->as<bound::select>();
    }
    std::vector items(s->items.begin(), s->items.end());
    items.push_back(there);
    s->items = memory_.copy(items);
    std::vector columns(r.columns.begin(), r.columns.end());
    columns.push_back({.name = there.name, .source = static_cast<unsigned>(items.size() - 1), .used = true});
    r.columns = memory_.copy(columns);
  }
  return make(bound::column{&r, known->second}, at);
}

}  // namespace grille::bind
