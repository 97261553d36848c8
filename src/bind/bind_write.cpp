// A caller's write. Enters: the statement as written. Leaves: the table, the columns that are assigned, and two queries over what exists
// for the caller: one of the rows with their new values, one for `returning`.
// Guaranteed: a column that the caller neither sees nor may write reads like one that is not there.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "bind/binder.hpp"
#include "bind/write_form.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

std::string_view verb(grille::method m) {
  switch (m) {
    case method::insert:
      return "insert";
    case method::update:
      return "update";
    case method::remove:
      return "delete";
    case method::purge:
      return "purge";
    case method::select:
    case method::filter:
    case method::aggregate:
      break;
  }
  return "write";
}

/// In a select they would make one row of all; in a write they have no meaning.
class find_aggregate final : public bound::visitor {
 public:
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* c = e->as<bound::call>();
    if (c != nullptr && c->function->kind != catalog::function_kind::scalar && c->function->kind != catalog::function_kind::table)
      found = found == base::range{} ? e->at : found;
    return e->as<bound::subquery>() == nullptr;
  }
  base::range found{};
};
/// The table that is updated stands before all that it is joined with.
bound::relation* first_of(bound::from_item const& f) {
  auto const* at = &f;
  while (auto const* j = std::get_if<bound::join>(&at->node)) at = j->left;
  return std::get<bound::relation*>(at->node);
}

}  // namespace

void binder::refuse_aggregates(bound::query& q, std::string_view where) {
  auto* s = q.body->as<bound::select>();
  find_aggregate v;
  for (auto& i : s->items) bound::walk(i.value, v);
  if (v.found != base::range{}) refuse(errc::syntax, "an aggregate or window function cannot stand in " + in_ticks(where), v.found);
}

/// A query whose columns are assigned is asked for each of them: it must say the same each time.
void binder::refuse_anew(write_form const& form, bound::write const& w) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      auto const* c = e->as<bound::call>();
      if (c != nullptr && !c->function->deterministic)
        refuse(errc::unsupported, "columns that are assigned together from a query with a function that gives another value each time", e->at);
      return true;
    }
  } v;
  for (auto const i : form.together) bound::walk(w.rows->query->body->as<bound::select>()->items[i].value, v);
}

bool written_table::exists(unsigned column) const {
  return known[column] || std::ranges::any_of(reads->columns, [&](visible_table::column const& c) { return c.index == column; });
}

void binder::written_columns(std::vector<ast::identifier> const& names, written_table const& t, ast::table_name const& target,
                             bound::write& made) {
  auto const& all = t.reads->table->columns;
  std::vector<unsigned> columns;
  std::vector<base::range> places;
  for (auto const& n : names) {
    auto const i = t.reads->table->find(n.text);
    if (!i || !t.exists(*i)) refuse(errc::not_found, "no such column: " + in_ticks(n.text), n.at);
    if (std::ranges::find(columns, *i) != columns.end()) refuse(errc::syntax, "column " + in_ticks(n.text) + " is assigned twice", n.at);
    if (all[*i].generated != catalog::generated::no)
      refuse(errc::forbidden, "column " + in_ticks(n.text) + " is generated, and cannot be assigned", n.at);
    columns.push_back(*i);
    places.push_back(n.at);
  }
  // without a list: all that exist for the writer, as `*` has them, less what the table computes itself
  if (made.method == method::insert && names.empty() && made.rows != nullptr)
    for (unsigned i = 0; i < all.size(); ++i) {
      if (!t.exists(i) || all[i].generated != catalog::generated::no) continue;
      columns.push_back(i);
      places.push_back(extent(target.path));
    }
  made.columns = memory_.copy(columns);
  made.places = memory_.copy(places);
}

written_table binder::target_of(ast::table_name const& target, grille::method m) {
  auto const& path = target.path;
  auto const unknown = [&] { refuse(errc::not_found, "no such table: " + in_ticks(dotted(path)), extent(path)); };
  if (path.size() > 2) unknown();
  auto found = options_.visible.find_written(path.size() == 2 ? path[0].text : std::string_view{}, path.back().text, m);
  if (!found) {
    found.error().at = extent(path);
    throw std::move(found.error());
  }
  if (!*found) unknown();
  if ((*found)->reads->table->kind != catalog::relation_kind::table)
    refuse(errc::unsupported, in_ticks(verb(m)) + " on what is no table but a view or a virtual table", extent(path));
  return **std::move(found);
}

/// `default` is all of an assigned value, or it stands for nothing.
void binder::find_defaults(ast::query const& assigned, bool items) {
  auto const note = [&](ast::expr const* e) {
    if (auto const* d = e == nullptr ? nullptr : e->as<ast::default_value>()) defaults_.push_back(d);
  };
  if (auto const* select = assigned.body->as<ast::select_core>(); select != nullptr && items)
    for (auto const& i : select->items) note(i.value);
  // the server takes `values` for rows to insert where nothing else stands beside it
  auto const alone = assigned.with.empty() && assigned.order.empty() && assigned.limit == nullptr && assigned.offset == nullptr && assigned.locks.empty();
  if (auto const* values = assigned.body->as<ast::values_rows>(); values != nullptr && alone)
    for (auto const& row : values->rows)
      for (auto const* e : row) note(e);
}

/// The rows that a write is of, or the source of an insert, which reads as any query.
bound::statement* binder::written_rows(write_form const& form, written_table const& t, ast::select_core const* beside_excluded) {
  auto const insert = form.method == method::insert;
  hold<ast::identifier const*> const named(target_, insert ? nullptr : form.target.path.data());
  hold<visible_table const*> const reads(target_reads_, t.reads);
  hold<ast::select_core const*> const beside(beside_excluded_, beside_excluded);
  auto* made = memory_.make<bound::statement>();
  find_defaults(*form.query, form.method == method::update);
  made->query = query(*form.query, true);
  if (!insert) refuse_aggregates(*made->query, "set");
  return made;
}

/// What an insert replaces is deleted, by the caller's rights to delete.
bound::write* binder::replaced_rows(ast::table_name const& target, bound::write const& insert) {
  if (insert.rows == nullptr) refuse(errc::unsupported, "`default values` with `or replace`", insert.at);
  ast::delete_statement all;
  all.target = target;
  auto const form = form_of(ast::statement{all, insert.at}, memory_);
  if (!form) throw form.error();
  auto const written = target_of(target, method::remove);
  auto* made = memory_.make<bound::write>();
  made->method = method::remove;
  made->table = insert.table;
  made->at = insert.at;
  made->rows = written_rows(*form, written);
  made->target = first_of(*made->rows->query->body->as<bound::select>()->from);
  return made;
}

bound::write* binder::write(ast::statement const& s) {
  if (auto const* m = s.as<ast::merge_statement>()) return merge(*m);
  auto form = form_of(s, memory_);
  if (!form) throw std::move(form.error());
  if (options_.purge && form->method == method::remove) form->method = method::purge;
  auto* made = change(*form, s.at);
  auto* const update = made->conflict == nullptr ? nullptr : made->conflict->update;
  number(*made, {made->rows, update == nullptr ? nullptr : update->rows, made->returning});
  return made;
}

/// All but the numbers of its parameters, which are of the whole statement.
bound::write* binder::change(write_form const& form, base::range at) {
  auto const& path = form.target.path;
  auto const t = target_of(form.target, form.method);

  auto* made = memory_.make<bound::write>();
  made->method = form.method;
  made->table = t.reads->table;
  made->at = extent(path);
  made->ignores = form.action == ast::conflict_action::ignore;
  if (form.query != nullptr) made->rows = written_rows(form, t);
  if (form.query != nullptr && form.method != method::insert)
    made->target = first_of(*made->rows->query->body->as<bound::select>()->from);
  refuse_anew(form, *made);
  written_columns(form.columns, t, form.target, *made);
  if (form.method == method::insert && made->rows != nullptr && width(*made->rows->query) != made->columns.size())
    refuse(errc::syntax, std::to_string(width(*made->rows->query)) + " values for " + std::to_string(made->columns.size()) + " columns",
           form.query->at, form.columns.empty() ? "name the columns: insert into " + std::string(form.target.path.back().text) + " (…) …" : "");
  if (form.action == ast::conflict_action::replace) made->replaced = replaced_rows(form.target, *made);
  if (!form.conflicts.empty()) made->conflict = conflict(form, t, *made);
  if (!form.returning.empty()) returning(form, *made, at);
  return made;
}

namespace {

/// How the parameters of a query are used: by a cast to some type, or otherwise, which is an empty text.
class parameter_kinds final : public bound::visitor {
 public:
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* c = e->as<bound::cast>();
    auto const* p = (c == nullptr ? e : c->operand)->as<bound::parameter>();
    if (p != nullptr) found[p->position].insert(c == nullptr ? std::string_view{} : c->type);
    return p == nullptr;
  }
  std::map<unsigned, std::set<std::string_view>> found;
};

/// What the steps of a write come to is one text: the server takes a parameter's type from its first use in any of them.
void tell_used_beside(std::vector<bound::statement*> const& all, base::arena& memory) {
  std::map<unsigned, std::set<std::string_view>> kinds;
  std::map<unsigned, unsigned> uses;
  std::vector<std::pair<bound::statement*, parameter_kinds>> each;
  for (auto* one : all) {
    if (one == nullptr) continue;
    auto& [statement, found] = each.emplace_back(one, parameter_kinds());
    bound::walk(*statement->query, found);
    for (auto const& [position, how] : found.found) {
      ++uses[position];
      kinds[position].insert(how.begin(), how.end());
    }
  }
  for (auto const& [statement, own] : each) {
    std::vector<unsigned> beside;
    for (auto const& [position, how] : own.found)
      if (uses[position] > 1 && (kinds[position].size() > 1 || kinds[position].contains({}))) beside.push_back(position);
    statement->used_beside = memory.copy(beside);
  }
}

}  // namespace

void binder::number(bound::write& made, std::vector<bound::statement*> const& all) {
  std::vector<bound::query*> queries;
  for (auto const* one : all) queries.push_back(one == nullptr ? nullptr : one->query);
  refuse_own_operators(queries);
  made.parameter_names = number_parameters(queries);
  made.parameters = positions_;
  for (auto* one : all)
    if (one != nullptr) {
      one->parameters = made.parameters;
      one->parameter_names = made.parameter_names;
    }
  if (!sqlite()) tell_used_beside(all, memory_);
}

}  // namespace grille::bind
