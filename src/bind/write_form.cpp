#include "bind/write_form.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "ast/walk.hpp"

namespace grille::bind {

namespace {

using base::fail;

ast::identifier quoted(std::string_view name, base::arena& memory) { return {memory.copy(name), {}, true}; }

ast::query_ptr select(ast::select_core const& core, base::range at, base::arena& memory) {
  auto* q = memory.make<ast::query>();
  q->body = memory.make<ast::query_body>(ast::query_body{core, at});
  q->at = at;
  return q;
}

ast::result_item item(ast::expr_ptr e) { return {.value = e, .alias = {}, .at = e->at}; }

base::range place(ast::table_name const& t) { return t.path.empty() ? base::range{} : base::cover(t.path.front().at, t.path.back().at); }

struct forming {
  base::arena& memory;
  base::range at;

  base::result<write_form> operator()(ast::query_ptr) const { return fail(errc::unsupported, "a query is no write", at); }

  base::result<write_form> operator()(ast::insert_statement const& s) const {
    using said = ast::conflict_action;
    auto const action = s.replace ? said::replace : s.action;
    if (action == said::ignore || action == said::replace) {
      if (!s.conflicts.empty()) return fail(errc::unsupported, "`or ignore` and `or replace` beside `on conflict`", place(s.target));
    } else if (auto const good = plain(action, s.target); !good) {
      return tl::unexpected(good.error());
    }
    if (s.overriding != 0) return fail(errc::unsupported, "`overriding`", place(s.target));
    write_form out{.method = method::insert,
                   .target = s.target,
                   .columns = {s.columns.begin(), s.columns.end()},
                   .query = s.source,
                   .action = action,
                   .returning = s.returning,
                   .conflicts = s.conflicts};
    if (auto const good = with(out, s.with, s.recursive); !good) return tl::unexpected(good.error());
    return out;
  }

  base::result<write_form> operator()(ast::update_statement const& s) const {
    if (auto const good = plain(s.action, s.target); !good) return tl::unexpected(good.error());
    write_form out{.method = method::update,
                   .target = s.target,
                   .columns = {},
                   .query = {},
                   .reads_more = !s.from.empty(),
                   .action = s.action,
                   .returning = s.returning,
                   .conflicts = {}};
    if (auto const good = query(out, s.set, s.from, s.where); !good) return tl::unexpected(good.error());
    if (auto const good = with(out, s.with, s.recursive); !good) return tl::unexpected(good.error());
    return out;
  }

  base::result<write_form> operator()(ast::merge_statement const& s) const { return fail(errc::unsupported, "`merge` statements", place(s.target)); }

  /// The common tables of a write are those of its query. What it returns is another query, which is asked of the database as it is then.
  base::result<void> with(write_form& out, ast::list<ast::cte> tables, bool recursive) const {
    if (tables.empty()) return {};
    struct look final : ast::walker {
      using ast::walker::enter;
      void enter(ast::expr const& e) override {
        if (e.as<ast::in_query>() != nullptr || e.as<ast::in_table>() != nullptr || e.as<ast::exists>() != nullptr ||
            e.as<ast::scalar_subquery>() != nullptr)
          at = e.at;
      }
      std::optional<base::range> at;
    } asks;
    for (auto const& i : out.returning)
      if (i.value != nullptr) asks.walk(*i.value);
    if (asks.at) return fail(errc::unsupported, "a query in `returning`, of a write that begins with `with`", *asks.at);
    for (auto const& u : out.conflicts) {
      for (auto const& a : u.set) asks.walk(*a.value);
      if (u.where != nullptr) asks.walk(*u.where);
    }
    if (asks.at) return fail(errc::unsupported, "a query in `do update`, of a write that begins with `with`", *asks.at);
    if (out.query == nullptr || !out.query->with.empty())
      return fail(errc::unsupported, "`with` before this write", tables.front().name.at, "a subquery may stand in its place");
    auto* q = memory.make<ast::query>(*out.query);
    q->with = tables;
    q->recursive = recursive;
    out.query = q;
    return {};
  }

  /// The table that is written, and what stands behind `from` or `using`.
  base::result<ast::list<ast::table_ref const*>> joined(ast::table_name const& target, ast::list<ast::table_ref const*> others) const {
    ast::table_ref const* from = memory.make<ast::table_ref>(ast::table_ref{target, place(target)});
    for (auto const* more : others) {
      auto const next = beside(from, more);
      if (!next) return tl::unexpected(next.error());
      from = *next;
    }
    return memory.copy(std::vector{from});
  }

  /// A join tree, with `left` beside its first table. SQLite reads the tables behind `from` as one flat list after the table that is updated.
  base::result<ast::table_ref const*> beside(ast::table_ref const* left, ast::table_ref const* more) const {
    ast::join j;
    if (auto const* tree = more->as<ast::join>()) {
      if (tree->natural || !tree->using_columns.empty()) return fail(errc::unsupported, "`natural` and `using` of a join in a write", more->at, "say `on`");
      if (tree->kind == ast::join_kind::right || tree->kind == ast::join_kind::full)
        return fail(errc::unsupported, "a right or full join in a write", more->at);
      auto const first = beside(left, tree->left);
      if (!first) return first;
      j = *tree;
      j.left = *first;
    } else {
      j.kind = ast::join_kind::comma;
      j.left = left;
      j.right = more;
    }
    return memory.make<ast::table_ref>(ast::table_ref{j, more->at});
  }

  /// select X from T, FROM where W
  base::result<void> query(write_form& out, ast::list<ast::assignment> set, ast::list<ast::table_ref const*> others, ast::expr_ptr where) const {
    std::vector<ast::result_item> items;
    for (auto const& a : set) {
      if (!a.row_form || a.columns.size() == 1) {
        auto const* row = a.row_form ? a.value->as<ast::row>() : nullptr;
        out.columns.push_back(a.columns.front());
        items.push_back(item(row != nullptr && row->items.size() == 1 ? row->items.front() : a.value));
        continue;
      }
      if (auto const* from_query = a.value->as<ast::scalar_subquery>()) {
        for (std::size_t i = 0; i < a.columns.size(); ++i) {
          out.columns.push_back(a.columns[i]);
          out.together.push_back(static_cast<unsigned>(items.size()));
          items.push_back(item(one_of(*from_query, i, a.columns.size(), a.value->at)));
        }
        continue;
      }
      auto const* row = a.value->as<ast::row>();
      if (row == nullptr)
        return fail(errc::unsupported, "columns that are assigned together from what is no row and no query", a.value->at);
      if (row->items.size() != a.columns.size())
        return fail(errc::syntax,
                    std::to_string(a.columns.size()) + " columns are assigned " + std::to_string(row->items.size()) + " values",
                    a.value->at);
      for (std::size_t i = 0; i < a.columns.size(); ++i) {
        out.columns.push_back(a.columns[i]);
        items.push_back(item(row->items[i]));
      }
    }
    ast::select_core core;
    core.items = memory.copy(items);
    auto const from = joined(out.target, others);
    if (!from) return tl::unexpected(from.error());
    core.from = *from;
    core.where = where;
    out.query = select(core, at, memory);
    return {};
  }

  base::result<write_form> operator()(ast::delete_statement const& s) const {
    ast::select_core core;
    core.items =
        memory.copy(std::vector{item(memory.make<ast::expr>(ast::expr{ast::literal{ast::literal_kind::integer, "1"}, place(s.target)}))});
    auto const from = joined(s.target, s.using_tables);
    if (!from) return tl::unexpected(from.error());
    core.from = *from;
    core.where = s.where;
    write_form out{
        .method = method::remove, .target = s.target, .columns = {}, .query = select(core, at, memory), .returning = s.returning, .conflicts = {}};
    if (auto const good = with(out, s.with, s.recursive); !good) return tl::unexpected(good.error());
    return out;
  }

  /// (with q (k1, k2, …) as (QUERY) select q.k1 from q): QUERY as a whole, of which one column is taken.
  ast::expr_ptr one_of(ast::scalar_subquery const& s, std::size_t column, std::size_t of, base::range place_of) const {
    ast::identifier const name{"assigned values", place_of, true};
    ast::cte table;
    table.name = name;
    std::vector<ast::identifier> columns;
    for (std::size_t i = 1; i <= of; ++i) columns.push_back({memory.copy("k" + std::to_string(i)), place_of, true});
    table.columns = memory.copy(columns);
    table.body = memory.make<ast::statement>(ast::statement{s.subquery, place_of});
    table.at = place_of;
    ast::table_name plain_name;
    plain_name.path = memory.copy(std::vector{name});
    ast::select_core core;
    core.items = memory.copy(std::vector{item(memory.make<ast::expr>(ast::expr{ast::column_ref{memory.copy(std::vector{name, columns[column]})}, place_of}))});
    core.from = memory.copy(std::vector<ast::table_ref const*>{memory.make<ast::table_ref>(ast::table_ref{plain_name, place_of})});
    auto* q = memory.make<ast::query>();
    q->with = memory.copy(std::vector{table});
    q->body = memory.make<ast::query_body>(ast::query_body{core, place_of});
    q->at = place_of;
    return memory.make<ast::expr>(ast::expr{ast::scalar_subquery{q}, place_of});
  }
  static base::result<void> plain(ast::conflict_action action, ast::table_name const& target) {
    auto const word = [&]() -> std::string_view {
      switch (action) {
        case ast::conflict_action::none:
          return {};
        case ast::conflict_action::rollback:
          return "or rollback";
        case ast::conflict_action::abort:
          return {};
        case ast::conflict_action::fail:
          return "or fail";
        case ast::conflict_action::ignore:
          return "or ignore";
        case ast::conflict_action::replace:
          return "or replace";
      }
      return "or …";
    }();
    if (!word.empty())
      return fail(errc::unsupported, "`" + std::string(word) + "`", place(target), "a write that fails is undone as a whole");
    return {};
  }
};

}  // namespace

base::result<write_form> form_of(ast::statement const& s, base::arena& memory) { return std::visit(forming{memory, s.at}, s.node); }

base::result<write_form> form_of(ast::upsert const& u, ast::table_name const& target, base::arena& memory) {
  write_form out{.method = method::update, .target = target, .columns = {}, .query = {}, .returning = {}, .conflicts = {}};
  forming const f{memory, place(target)};
  if (auto const good = f.query(out, u.set, {}, u.where); !good) return tl::unexpected(good.error());
  return out;
}

ast::list<ast::result_item> returned(std::vector<ast::name_path> const& paths, base::arena& memory) {
  std::vector<ast::result_item> items;
  for (auto const& p : paths) items.push_back(item(memory.make<ast::expr>(ast::expr{ast::column_ref{p}, {}})));
  return memory.copy(items);
}

ast::statement const* insert_into(catalog::table const& into, std::vector<std::string_view> const& columns, ast::query_ptr query,
                                  std::vector<ast::name_path> const& returns, ast::conflict_action action, base::arena& memory,
                                  std::vector<ast::upsert> const& left_out) {
  ast::insert_statement s;
  s.action = action;
  s.target.path = memory.copy(std::vector{quoted(into.schema, memory), quoted(into.name, memory)});
  std::vector<ast::identifier> names;
  for (auto const c : columns) names.push_back(quoted(c, memory));
  s.columns = memory.copy(names);
  s.source = query;
  s.conflicts = memory.copy(left_out);
  s.returning = returned(returns, memory);
  return memory.make<ast::statement>(ast::statement{s, {}});
}

ast::statement const* update_by(std::vector<std::string_view> const& columns, ast::query const& query, ast::list<ast::result_item> returns, dialect d,
                                base::arena& memory) {
  auto const& core = *query.body->as<ast::select_core>();
  ast::update_statement s;
  if (d == dialect::sqlite) s.action = ast::conflict_action::abort;
  auto const* from = core.from.front();
  if (auto const* j = from->as<ast::join>()) {
    s.from = memory.copy(std::vector{j->right});
    from = j->left;
  }
  s.target = *from->as<ast::table_name>();
  std::vector<ast::assignment> set;
  for (std::size_t i = 0; i < columns.size(); ++i)
    set.push_back({.columns = memory.copy(std::vector{quoted(columns[i], memory)}), .value = core.items[i].value});
  s.set = memory.copy(set);
  s.where = core.where;
  s.returning = returns;
  return memory.make<ast::statement>(ast::statement{s, {}});
}

ast::statement const* delete_by(ast::query const& query, std::vector<ast::name_path> const& returns, base::arena& memory) {
  auto const& core = *query.body->as<ast::select_core>();
  ast::delete_statement s;
  s.target = *core.from.front()->as<ast::table_name>();
  s.where = core.where;
  s.returning = returned(returns, memory);
  return memory.make<ast::statement>(ast::statement{s, {}});
}

}  // namespace grille::bind
