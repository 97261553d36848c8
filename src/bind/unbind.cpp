// The tables and queries of the way back; the expressions are in unbind_expression.cpp.
#include "bind/unbind.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "bind/unbinder.hpp"
#include "bind/write_form.hpp"
#include "catalog/row_key.hpp"

namespace grille::bind {

namespace {

constexpr std::size_t longest_name = 63;  // PostgreSQL cuts off what is longer

bool is_truth_word(std::string_view name) { return catalog::same_name(name, "true") || catalog::same_name(name, "false"); }

std::string folded(std::string_view name) {
  std::string text(name);
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

ast::join_kind kind_of(bound::join_kind k) {
  switch (k) {
    case bound::join_kind::inner:
      return ast::join_kind::inner;
    case bound::join_kind::cross:
      return ast::join_kind::cross;
    case bound::join_kind::left:
      return ast::join_kind::left;
    case bound::join_kind::right:
      return ast::join_kind::right;
    case bound::join_kind::full:
      return ast::join_kind::full;
  }
  return {};
}

ast::nulls_order nulls_of(bound::nulls_order n) {
  switch (n) {
    case bound::nulls_order::unspecified:
      return ast::nulls_order::unspecified;
    case bound::nulls_order::first:
      return ast::nulls_order::first;
    case bound::nulls_order::last:
      return ast::nulls_order::last;
  }
  return {};
}

ast::lock_strength strength_of(bound::lock_strength s) {
  switch (s) {
    case bound::lock_strength::update: return ast::lock_strength::update;
    case bound::lock_strength::no_key_update: return ast::lock_strength::no_key_update;
    case bound::lock_strength::share: return ast::lock_strength::share;
    case bound::lock_strength::key_share: return ast::lock_strength::key_share;
  }
  return {};
}

ast::lock_wait wait_of(bound::lock_wait w) {
  switch (w) {
    case bound::lock_wait::block: return ast::lock_wait::block;
    case bound::lock_wait::nowait: return ast::lock_wait::nowait;
    case bound::lock_wait::skip_locked: return ast::lock_wait::skip_locked;
  }
  return {};
}

}  // namespace

ast::statement const* unbinder::statement(bound::statement const& s) {
  return memory_.make<ast::statement>(ast::statement{query(*s.query, names_for::caller), {}});
}

ast::query_ptr unbinder::query(bound::query const& q, names_for whom) {
  auto* made = memory_.make<ast::query>();
  for (auto const* t : q.with) {
    common_.emplace(t, memory_.copy("c" + std::to_string(common_.size() + 1)));
    made->recursive = made->recursive || t->recursive;
  }
  std::vector<ast::cte> with;
  for (auto const* t : q.with) {
    ast::cte c;
    c.name = identifier(common_.at(t));
    switch (t->hint) {
      case bound::materialization::unspecified:
        break;
      case bound::materialization::materialized:
        c.hint = ast::materialization::materialized;
        break;
      case bound::materialization::not_materialized:
        c.hint = ast::materialization::not_materialized;
        break;
    }
    c.body = memory_.make<ast::statement>(ast::statement{query(*t->query, names_for::query_around), {}});
    with.push_back(c);
  }
  made->with = memory_.copy(with);
  made->body = body(*q.body, whom == names_for::query_around ? &names_of(q) : nullptr, whom);
  std::vector<ast::order_item> order;
  for (auto const& i : q.order) order.push_back(order_item(i, key(*i.key)));
  made->order = memory_.copy(order);
  made->limit = optional(q.limit);
  made->offset = optional(q.offset);
  made->with_ties = q.with_ties;
  std::vector<ast::locking> locks;
  for (auto const& lock : q.locks) locks.push_back(locking(lock));
  made->locks = memory_.copy(locks);
  return made;
}

/// Each by its own name: what stands beside them is not locked.
ast::locking unbinder::locking(bound::row_lock const& lock) {
  std::vector<ast::name_path> of;
  for (auto const* r : lock.of) of.push_back(memory_.copy(std::vector{identifier(relations_.at(r))}));
  return {.strength = strength_of(lock.strength), .of = memory_.copy(of), .wait = wait_of(lock.wait)};
}

/// The names by which a query around refers to the columns: those of the items where they are fit and alone, else fresh ones.
std::vector<std::string_view> const& unbinder::names_of(bound::query const& q) {
  auto const [entry, added] = names_.try_emplace(&q);
  auto& names = entry->second;
  if (!added) return names;
  auto const& first = bound::first_arm(*q.body);
  if (auto const* v = first.as<bound::values>()) {
    for (std::size_t i = 0; i < (v->rows.empty() ? 0 : v->rows.front().size()); ++i) names.push_back(memory_.copy("column" + std::to_string(i + 1)));
    return names;
  }
  auto const& items = first.as<bound::select>()->items;
  std::map<std::string, int> uses;
  for (auto const& i : items) ++uses[folded(i.name)];
  unsigned fresh = 0;
  for (auto const& i : items) {
    auto const fit = !i.name.empty() && i.name.size() <= longest_name && !is_truth_word(i.name) && uses[folded(i.name)] == 1;
    if (fit) {
      names.push_back(memory_.copy(i.name));
      continue;
    }
    std::string name;
    do name = "k" + std::to_string(++fresh);
    while (uses.contains(name));
    names.push_back(memory_.copy(name));
  }
  return names;
}

ast::query_body const* unbinder::body(bound::query_body const& b, std::vector<std::string_view> const* names, names_for whom) {
  struct visit {
    unbinder& self;
    std::vector<std::string_view> const* names;
    names_for whom;

    ast::query_body operator()(bound::select const& n) const { return {self.select(n, names, whom), {}}; }
    ast::query_body operator()(bound::values const& n) const {
      std::vector<ast::list<ast::expr_ptr>> rows;
      for (auto const& r : n.rows) rows.push_back(self.expressions(r));
      return {ast::values_rows{self.memory_.copy(rows)}, {}};
    }
    ast::query_body operator()(bound::set_operation const& n) const {
      ast::set_operation made;
      made.all = n.all;
      switch (n.op) {
        case bound::set_op::union_:
          break;
        case bound::set_op::intersect:
          made.op = ast::set_op::intersect;
          break;
        case bound::set_op::except:
          made.op = ast::set_op::except;
          break;
      }
      made.left = self.operand(*n.left, made.op == ast::set_op::intersect, names, whom);
      made.right = self.operand(*n.right, true, nullptr, names_for::nobody);
      return {made, {}};
    }
  };
  return memory_.make<ast::query_body>(std::visit(visit{*this, names, whom}, b.node));
}

/// An operand of a set operation, in parentheses where it would bind otherwise. SQLite has none: there arms stand in one row.
ast::query_body const* unbinder::operand(bound::query_body const& b, bool binds_tighter, std::vector<std::string_view> const* names, names_for whom) {
  auto const* made = body(b, names, whom);
  if (dialect_ == dialect::sqlite || !binds_tighter || b.as<bound::set_operation>() == nullptr) return made;
  auto* q = memory_.make<ast::query>();
  q->body = made;
  return memory_.make<ast::query_body>(ast::query_body{ast::nested_query{q}, {}});
}

ast::select_core unbinder::select(bound::select const& s, std::vector<std::string_view> const* names, names_for whom) {
  ast::select_core made;
  made.distinct = !s.distinct ? ast::distinct_kind::none : s.distinct_on.empty() ? ast::distinct_kind::distinct : ast::distinct_kind::distinct_on;
  if (s.from != nullptr) made.from = memory_.copy(std::vector<ast::table_ref const*>{from(*s.from)});
  made.distinct_on = expressions(s.distinct_on);
  std::vector<ast::result_item> items;
  for (std::size_t i = 0; i < s.items.size(); ++i) {
    auto const& item = s.items[i];
    switch (whom) {
      case names_for::nobody:
        items.push_back({expression(*item.value), {}, {}});
        break;
      case names_for::query_around:
        items.push_back({expression(*item.value), identifier((*names)[i]), {}});
        break;
      case names_for::caller:
        items.push_back(caller_item(item, i + 1));
        break;
    }
  }
  made.items = memory_.copy(items);
  made.where = optional(s.where);
  std::vector<ast::expr_ptr> groups;
  for (auto const* g : s.group_by) groups.push_back(key(*g));
  made.group_by = memory_.copy(groups);
  if (!s.grouping_sets.empty()) made.group_by = memory_.copy(std::vector{grouping_sets(s.grouping_sets, groups)});
  made.having = optional(s.having);
  return made;
}

ast::expr_ptr unbinder::grouping_sets(bound::list<bound::list<unsigned>> sets, std::vector<ast::expr_ptr> const& keys) {
  std::vector<ast::expr_ptr> all;
  for (auto const& set : sets) {
    std::vector<ast::expr_ptr> one;
    for (auto const k : set) one.push_back(keys[k]);
    if (one.empty())
      all.push_back(make(ast::grouping_set{ast::grouping_set::kind::empty, {}}));
    else
      all.push_back(one.size() == 1 ? one[0] : make(ast::row{memory_.copy(one), false}));
  }
  return make(ast::grouping_set{ast::grouping_set::kind::sets, memory_.copy(all)});
}

/// Always aliased, or SQLite would name the column after the text sent. But an alias `true` would be what `is true` refers to
/// anywhere in the statement: such a column is the literal itself, which names itself.
ast::result_item unbinder::caller_item(bound::item const& item, std::size_t position) {
  if (dialect_ == dialect::sqlite && is_truth_word(item.name)) {
    auto const truth = catalog::same_name(item.name, "true");
    auto const* l = item.value->as<bound::literal>();
    if (l != nullptr && l->kind == bound::literal_kind::integer && l->text == (truth ? "1" : "0"))
      return {make(ast::literal{ast::literal_kind::boolean, memory_.copy(item.name)}), {}, {}};
  }
  auto const nameless = item.name.empty() || (dialect_ == dialect::sqlite && is_truth_word(item.name));
  auto const name = nameless ? memory_.copy("column" + std::to_string(position)) : memory_.copy(item.name);
  return {expression(*item.value), identifier(name), {}};
}

ast::table_ref const* unbinder::from(bound::from_item const& f) {
  struct visit {
    unbinder& self;

    ast::table_ref operator()(bound::relation* r) const { return {self.relation(*r), {}}; }
    ast::table_ref operator()(bound::join const& n) const {
      ast::join made;
      made.kind = kind_of(n.kind);
      made.left = self.from(*n.left);
      made.right = self.from(*n.right);
      made.on = self.optional(n.on);
      return {made, {}};
    }
  };
  return memory_.make<ast::table_ref>(std::visit(visit{*this}, f.node));
}

unbinder::table_node unbinder::relation(bound::relation const& r) {
  // what is printed twice, as a group key's query is, has one text: the server knows the key again by that
  auto const [known, first] = relations_.try_emplace(&r);
  if (first) known->second = memory_.copy("r" + std::to_string(relations_.size()));
  auto const name = known->second;
  ast::alias const alias{identifier(name), {}};
  switch (r.kind) {
    case bound::relation_kind::base: {
      std::vector<ast::identifier> path{identifier(r.table->name)};
      if (!r.table->schema.empty()) path.insert(path.begin(), identifier(r.table->schema));  // none: between steps, on PostgreSQL
      return ast::table_name{.path = memory_.copy(path), .alias = alias, .indexed_by = {}};
    }
    case bound::relation_kind::common:
      return ast::table_name{.path = memory_.copy(std::vector{identifier(common_.at(r.cte))}), .alias = alias, .indexed_by = {}};
    case bound::relation_kind::derived:
      return ast::derived_table{.subquery = query(*r.query, names_for::query_around), .alias = alias, .lateral = r.lateral};
    case bound::relation_kind::function: {
      if (dialect_ == dialect::postgresql) return functions(r, name);
      auto* call = memory_.make<ast::call>();
      call->path = own_name(r.function->name);
      call->arguments = arguments(r.arguments);
      return ast::table_function{.functions = memory_.copy(std::vector<ast::call const*>{call}), .alias = alias, .definitions = {}};
    }
  }
  return {};
}

/// With the names by which its columns are referred to, or their definitions.
ast::table_function unbinder::functions(bound::relation const& r, std::string_view name) {
  std::vector<ast::call const*> calls;
  std::size_t next = 0;
  for (auto const& c : r.calls) {
    auto* call = memory_.make<ast::call>();
    call->path = own_name(c.function->name);
    call->arguments = arguments(std::span<bound::expr_ptr const>(r.arguments).subspan(next, c.arguments));
    next += c.arguments;
    calls.push_back(call);
  }
  ast::table_function made{.functions = memory_.copy(calls), .alias = {identifier(name), {}}, .definitions = {}};
  made.ordinality = r.ordinality;
  made.rows_from = calls.size() > 1;
  std::vector<ast::identifier> columns;
  std::vector<ast::column_definition> definitions;
  for (unsigned i = 0; i < r.columns.size(); ++i) {
    auto const column = identifier(function_column(r, i));
    if (r.types.empty())
      columns.push_back(column);
    else
      definitions.push_back({column, postgresql_type(r.types[i]), {}});
  }
  made.alias.columns = memory_.copy(columns);
  made.definitions = memory_.copy(definitions);
  return made;
}

/// By its place: an alias may name several columns alike. A defined column's name is what it is read by.
std::string_view unbinder::function_column(bound::relation const& r, unsigned index) {
  return r.types.empty() ? memory_.copy("k" + std::to_string(index + 1)) : r.columns[index].name;
}

ast::column_ref unbinder::column(bound::column const& c) {
  auto const& r = *c.relation;
  auto const& described = r.columns[c.index];
  auto name = described.name;
  switch (r.kind) {
    case bound::relation_kind::base:
      name = catalog::name_of(*r.table, described.source);
      break;
    case bound::relation_kind::derived:
      name = names_of(*r.query)[described.source];
      break;
    case bound::relation_kind::common:
      name = names_of(*r.cte->query)[described.source];
      break;
    case bound::relation_kind::function:
      if (dialect_ == dialect::postgresql) name = function_column(r, described.source);
      break;
  }
  auto const known = relations_.find(c.relation);
  // A relation that stands nowhere has no name: what is printed then names nothing either, and is refused.
  auto const table = known == relations_.end() ? std::string_view("r0") : known->second;
  if (table.empty()) return {memory_.copy(std::vector{identifier(name)})};
  return {memory_.copy(std::vector{identifier(table), identifier(name)})};
}

ast::order_item unbinder::order_item(bound::order_item const& i, ast::expr_ptr key) {
  return {.key = key, .descending = i.descending, .nulls = nulls_of(i.nulls), .using_operator = {}};
}

ast::query_ptr unbinder::written_query(bound::statement const& s) { return query(*s.query, names_for::nobody); }

ast::statement const* unbinder::step(bound::step const& s, catalog::table const& t, grille::method by) {
  auto const reads = s.kind == bound::step_kind::check || s.kind == bound::step_kind::conflict || s.kind == bound::step_kind::result ||
                     s.kind == bound::step_kind::former;
  if (reads) return statement(*s.query);
  auto const* const written = s.query == nullptr ? nullptr : written_query(*s.query);
  std::vector<std::string_view> columns;
  if (s.kind == bound::step_kind::collect) {
    if (dialect_ == dialect::postgresql) return held_rows(written, s.locks);
    for (auto const& c : s.into->columns) columns.emplace_back(c.name);
    return insert_into(*s.into, columns, written, {}, ast::conflict_action::none, memory_);
  }
  for (auto const c : s.columns) columns.emplace_back((s.kind == bound::step_kind::record ? *s.into : t).columns[c].name);
  if (s.kind == bound::step_kind::record) {
    std::vector<ast::name_path> numbers;
    for (auto const c : s.returns) numbers.push_back(memory_.copy(std::vector{identifier(s.into->columns[c].name)}));
    return insert_into(*s.into, columns, written, numbers, dialect_ == dialect::sqlite ? ast::conflict_action::abort : ast::conflict_action::none, memory_);
  }
  if (s.kind == bound::step_kind::erase) return delete_by(*written, {}, memory_);
  // what an update and a delete return is qualified: the rows that they go by have columns of their own
  auto const& target = by == method::insert ? std::string_view{} : alias_of_first(*s.query);
  std::vector<ast::name_path> returns;
  for (auto const c : s.returns) {
    std::vector<ast::identifier> path;
    if (!target.empty()) path.push_back(identifier(target));
    path.push_back(identifier(catalog::name_of(t, c)));
    returns.push_back(memory_.copy(path));
  }
  if (by == method::update) return update_by(columns, *written, former_key(s, t, returns), dialect_, memory_);
  if (by == method::remove || by == method::purge) return delete_by(*written, returns, memory_);
  std::vector<ast::upsert> left_out;
  for (auto const& k : s.left_out) left_out.push_back(left_out_by(k, t));
  using action = ast::conflict_action;
  return insert_into(t, columns, written, returns, dialect_ != dialect::sqlite ? action::none : s.ignores ? action::ignore : action::abort, memory_, left_out);
}

/// Columns stand alone there: the server knows no name of the table's.
ast::upsert unbinder::left_out_by(bound::conflict_key const& k, catalog::table const& t) {
  ast::upsert out;
  out.do_nothing = true;
  if (k.exclusion != nullptr) out.constraint = identifier(k.exclusion->name);
  std::vector<ast::expr_ptr> target;
  for (auto const c : k.columns)
    target.push_back(memory_.make<ast::expr>(ast::expr{ast::column_ref{memory_.copy(std::vector{identifier(t.columns[c].name)})}, {}}));
  if (k.index != nullptr) {
    relations_[k.index->row] = {};
    for (auto const* e : k.index->elements) target.push_back(expression(*e));
    std::vector<bound::expr_ptr> const all(k.index->conditions.begin(), k.index->conditions.end());
    if (all.size() == 1) out.target_where = expression(*all.front());
    if (all.size() > 1) out.target_where = expression({bound::junction{bound::junction_op::conjunction, memory_.copy(all)}, {}});
  }
  out.target = memory_.copy(target);
  return out;
}

/// What an update returns: r1.a, …, and where it changes the key, that by which the row was found: r2.c1 as "grille_key1", …
ast::list<ast::result_item> unbinder::former_key(bound::step const& s, catalog::table const& t, std::vector<ast::name_path> const& returns) {
  auto const plain = returned(returns, memory_);
  if (s.former.empty()) return plain;
  std::vector<ast::result_item> items(plain.begin(), plain.end());
  auto const* const from = std::get_if<bound::join>(&s.query->query->body->as<bound::select>()->from->node);
  auto const rows = relations_.at(std::get<bound::relation*>(from->right->node));
  for (std::size_t i = 0; i < s.former.size(); ++i) {
    auto const path = memory_.copy(std::vector{identifier(rows), identifier(memory_.copy("c" + std::to_string(s.former[i] + 1)))});
    items.push_back({.value = memory_.make<ast::expr>(ast::expr{ast::column_ref{path}, {}}), .alias = identifier(s.written->columns[t.columns.size() + i].name), .at = {}});
  }
  return memory_.copy(items);
}

/// select … for update of r1
ast::statement const* unbinder::held_rows(ast::query_ptr q, bound::relation const* held) {
  if (held == nullptr) return memory_.make<ast::statement>(ast::statement{q, {}});
  auto* made = memory_.make<ast::query>(*q);
  ast::locking lock;
  lock.of = memory_.copy(std::vector<ast::name_path>{memory_.copy(std::vector{identifier(relations_.at(held))})});
  made->locks = memory_.copy(std::vector{lock});
  return memory_.make<ast::statement>(ast::statement{made, {}});
}

/// Of the table that is changed, which stands before all else.
std::string_view unbinder::alias_of_first(bound::statement const& s) const {
  auto const* from = s.query->body->as<bound::select>()->from;
  while (auto const* j = std::get_if<bound::join>(&from->node)) from = j->left;
  return relations_.at(std::get<bound::relation*>(from->node));
}

unbound unbind(bound::step const& s, catalog::table const& t, grille::method m, dialect d, base::arena& memory, unsigned positions) {
  auto const before = std::max(positions, s.query == nullptr ? 0 : s.query->parameters);
  unbinder u(d, memory, before);
  unbound made;
  made.statement = u.step(s, t, s.method.value_or(m));
  made.slots = u.slots();
  made.first_slot = before + 1;
  return made;
}

unbound unbind(bound::statement const& s, dialect d, base::arena& memory) {
  unbinder u(d, memory, s.parameters);
  unbound made;
  made.statement = u.statement(s);
  made.slots = u.slots();
  made.first_slot = s.parameters + 1;
  return made;
}

}  // namespace grille::bind
