// What an insert says of conflicts. Enters: the clauses as written. Leaves: keys by their columns, and the update of the row in the way over
// what exists of it for the caller, beside the proposed row, which is named `excluded` and never without that name.
// Guaranteed: a key is one of the table's own unique keys, as a whole; another index that SQLite would take for it is not.
#include <algorithm>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

constexpr std::string_view proposed = "excluded";

}  // namespace

/// Guaranteed: a constraint on a column that does not exist for the caller reads like one that is not there.
bound::list<unsigned> binder::named_key(ast::identifier const& constraint, written_table const& t) {
  auto const& names = t.reads->table->key_names;
  auto const found = std::ranges::find(names, constraint.text, &std::pair<std::string, catalog::column_list>::first);
  if (found == names.end() || std::ranges::any_of(found->second, [&](unsigned c) { return !t.exists(c); }))
    refuse(errc::not_found, "no such constraint: " + in_ticks(constraint.text), constraint.at, "it is the name of a primary key or a unique constraint");
  auto key = found->second;
  std::ranges::sort(key);
  return memory_.copy(key);
}

bound::list<unsigned> binder::conflict_key(ast::upsert const& u, written_table const& t, ast::table_name const& target) {
  if (!u.constraint.text.empty()) return named_key(u.constraint, t);
  if (u.target_where != nullptr) refuse(errc::unsupported, "a condition in a conflict target", u.target_where->at);
  std::vector<unsigned> key;
  base::range at{};
  for (auto const* e : u.target) {
    auto const* c = e->as<ast::column_ref>();
    if (c == nullptr || c->path.size() != 1) refuse(errc::unsupported, "a conflict target that is no column", e->at);
    auto const& table = *t.reads->table;
    auto const i = table.find(c->path[0].text);
    if (!i || !t.exists(*i)) refuse(errc::not_found, "no such column: " + in_ticks(c->path[0].text), e->at);
    key.push_back(*i);
    at = at == base::range{} ? e->at : base::cover(at, e->at);
  }
  if (key.empty()) return {};
  auto const all = [](catalog::column_list columns) {
    std::ranges::sort(columns);
    columns.erase(std::ranges::unique(columns).begin(), columns.end());
    return columns;
  };
  auto const& keys = t.reads->table->unique_keys;
  if (std::ranges::none_of(keys, [&](catalog::column_list const& k) { return all(k) == all(key); }))
    refuse(errc::unsupported, "a conflict target that is no key of " + in_ticks(dotted(target.path)), at,
           "name all columns of its primary key, or of a unique constraint");
  return memory_.copy(all(key));
}

bound::relation* binder::proposed_row(bound::write const& insert, base::range at) {
  std::vector<bound::relation_column> columns;
  std::vector<bound::item> items;
  for (auto const c : insert.columns) {
    auto const name = memory_.copy(insert.table->columns[c].name);
    columns.push_back({.name = name, .source = static_cast<unsigned>(columns.size()), .shown = false});
    items.push_back({make(bound::literal{bound::literal_kind::null, {}}, at), name});
  }
  bound::select nothing;
  nothing.items = memory_.copy(items);
  auto* q = memory_.make<bound::query>();
  q->body = memory_.make<bound::query_body>(bound::query_body{nothing});
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::derived;
  made->columns = memory_.copy(columns);
  made->query = q;
  made->name = proposed;
  made->at = at;
  return made;
}

void binder::add_excluded(bound::select& made, scope& s) {
  auto seen = source_of(excluded_);
  for (auto& c : seen.columns) c.qualified = true;
  s.sources.push_back(std::move(seen));
  auto* right = memory_.make<bound::from_item>(bound::from_item{excluded_});
  made.from = memory_.make<bound::from_item>(bound::from_item{bound::join{sqlite() ? bound::join_kind::inner : bound::join_kind::cross, made.from, right, nullptr}});
}

bound::on_conflict* binder::conflict(write_form const& form, written_table const& t, bound::write const& insert) {
  auto const at = extent(form.target.path);
  auto* made = memory_.make<bound::on_conflict>();
  std::vector<bound::list<unsigned>> keys;
  for (auto const& u : form.conflicts) keys.push_back(conflict_key(u, t, form.target));
  made->keys = memory_.copy(keys);
  auto const update = std::ranges::find_if(form.conflicts, [](ast::upsert const& u) { return !u.do_nothing; });
  if (update == form.conflicts.end()) return made;
  if (form.conflicts.size() > 1) refuse(errc::unsupported, "`do update` beside another `on conflict`", at);
  if (keys.front().empty()) refuse(errc::unsupported, "`do update` without a conflict target", at, "name the key's columns");
  auto const& named = form.target.alias.name.text.empty() ? form.target.path.back() : form.target.alias.name;
  if (same(named.text, proposed)) refuse(errc::ambiguous, "`excluded` is the table, and the proposed row", named.at, "give the table another name");

  auto changes = form_of(*update, form.target, memory_);
  if (!changes) throw std::move(changes.error());
  if (!changes->together.empty()) refuse(errc::unsupported, "columns that are assigned together from a query, in `do update`", at);
  auto const written = target_of(form.target, method::update);
  auto* u = memory_.make<bound::write>();
  u->method = method::update;
  u->table = insert.table;
  u->at = insert.at;
  excluded_ = made->excluded = proposed_row(insert, at);
  u->rows = written_rows(*changes, written, changes->query->body->as<ast::select_core>());
  auto const* beside = std::get_if<bound::join>(&u->rows->query->body->as<bound::select>()->from->node);
  u->target = std::get<bound::relation*>(beside->left->node);
  written_columns(changes->columns, written, form.target, *u);
  made->update = u;
  return made;
}

}  // namespace grille::bind
