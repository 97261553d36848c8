#include "bind/write_form.hpp"

#include <string>
#include <utility>

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
    if (!s.with.empty()) return with_refused(s.with);
    if (s.replace)
      return fail(errc::unsupported, "`replace` statements", place(s.target),
                  "delete the row and insert it: `replace` destroys rows that nobody named");
    if (auto const good = plain(s.action, s.target); !good) return tl::unexpected(good.error());
    if (s.overriding != 0) return fail(errc::unsupported, "`overriding`", place(s.target));
    write_form out{.method = method::insert,
                   .target = s.target,
                   .columns = {s.columns.begin(), s.columns.end()},
                   .query = s.source,
                   .aborts = s.action == ast::conflict_action::abort,
                   .returning = s.returning,
                   .conflicts = s.conflicts};
    return out;
  }

  base::result<write_form> operator()(ast::update_statement const& s) const {
    if (!s.with.empty()) return with_refused(s.with);
    if (auto const good = plain(s.action, s.target); !good) return tl::unexpected(good.error());
    write_form out{.method = method::update,
                   .target = s.target,
                   .columns = {},
                   .query = {},
                   .reads_more = !s.from.empty(),
                   .aborts = s.action == ast::conflict_action::abort,
                   .returning = s.returning,
                   .conflicts = {}};
    if (auto const good = query(out, s.set, s.from, s.where); !good) return tl::unexpected(good.error());
    return out;
  }

  /// select X from T, FROM where W
  base::result<void> query(write_form& out, ast::list<ast::assignment> set, ast::list<ast::table_ref const*> others, ast::expr_ptr where) const {
    std::vector<ast::result_item> items;
    for (auto const& a : set) {
      if (!a.row_form || a.columns.size() == 1) {
        out.columns.push_back(a.columns.front());
        items.push_back(item(a.value));
        continue;
      }
      auto const* row = a.value->as<ast::row>();
      if (row == nullptr)
        return fail(errc::unsupported, "columns that are assigned together from a query", a.value->at, "assign each of them by itself");
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
    auto const* from = memory.make<ast::table_ref>(ast::table_ref{out.target, place(out.target)});
    for (auto const* more : others) {
      ast::join j;
      j.kind = ast::join_kind::cross;
      j.left = from;
      j.right = more;
      from = memory.make<ast::table_ref>(ast::table_ref{j, more->at});
    }
    core.from = memory.copy(std::vector{from});
    core.where = where;
    out.query = select(core, at, memory);
    return {};
  }

  base::result<write_form> operator()(ast::delete_statement const& s) const {
    if (!s.with.empty()) return with_refused(s.with);
    if (!s.using_tables.empty()) return fail(errc::unsupported, "`using`", s.using_tables.front()->at);
    if (auto const good = plain(ast::conflict_action::none, s.target); !good) return tl::unexpected(good.error());
    ast::select_core core;
    core.items =
        memory.copy(std::vector{item(memory.make<ast::expr>(ast::expr{ast::literal{ast::literal_kind::integer, "1"}, place(s.target)}))});
    core.from = memory.copy(std::vector<ast::table_ref const*>{memory.make<ast::table_ref>(ast::table_ref{s.target, place(s.target)})});
    core.where = s.where;
    return write_form{
        .method = method::remove, .target = s.target, .columns = {}, .query = select(core, at, memory), .returning = s.returning, .conflicts = {}};
  }

  static tl::unexpected<base::fault> with_refused(ast::list<ast::cte> with) {
    return fail(errc::unsupported, "`with` before a write", with.front().name.at, "a subquery may stand in its place");
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

ast::statement const* insert_into(catalog::table const& into, std::vector<std::string_view> const& columns, ast::query_ptr query,
                                  std::vector<std::string_view> const& returning, bool abort, base::arena& memory) {
  ast::insert_statement s;
  if (abort) s.action = ast::conflict_action::abort;
  s.target.path = memory.copy(std::vector{quoted(into.schema, memory), quoted(into.name, memory)});
  std::vector<ast::identifier> names;
  for (auto const c : columns) names.push_back(quoted(c, memory));
  s.columns = memory.copy(names);
  s.source = query;
  std::vector<ast::result_item> items;
  for (auto const r : returning)
    items.push_back(item(memory.make<ast::expr>(ast::expr{ast::column_ref{memory.copy(std::vector{quoted(r, memory)})}, {}})));
  s.returning = memory.copy(items);
  return memory.make<ast::statement>(ast::statement{s, {}});
}

ast::statement const* update_by(std::vector<std::string_view> const& columns, ast::query const& query, base::arena& memory) {
  auto const& core = *query.body->as<ast::select_core>();
  ast::update_statement s;
  s.action = ast::conflict_action::abort;
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
  return memory.make<ast::statement>(ast::statement{s, {}});
}

ast::statement const* delete_by(ast::query const& query, base::arena& memory) {
  auto const& core = *query.body->as<ast::select_core>();
  ast::delete_statement s;
  s.target = *core.from.front()->as<ast::table_name>();
  s.where = core.where;
  return memory.make<ast::statement>(ast::statement{s, {}});
}

}  // namespace grille::bind
