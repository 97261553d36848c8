#include "bind/merge_form.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "ast/walk.hpp"

namespace grille::bind {

namespace {

using base::fail;
using base::result;

class merging {
 public:
  merging(ast::merge_statement const& s, base::range at, base::arena& memory) : s_(s), at_(at), memory_(memory) {}

  result<merge_form> run() {
    if (auto const good = with(); !good) return tl::unexpected(good.error());
    if (auto const good = source(); !good) return tl::unexpected(good.error());
    merge_form out;
    out.source = source_;
    out.pairs = select(one(), {target(), merged_}, s_.on);
    std::vector<ast::expr_ptr> before[2];  // conditions of the clauses so far, of rows that are matched and of those that are not
    bool all[2]{};
    for (auto const& c : s_.clauses) {
      auto const kind = c.matched ? 1U : 0U;
      if (all[kind]) return fail(errc::syntax, "a clause of `merge` behind one that takes all of its rows", c.at);
      std::vector<ast::expr_ptr> where{s_.on};
      if (!c.matched) where = {not_there()};
      if (c.condition != nullptr) where.push_back(c.condition);
      where.insert(where.end(), before[kind].begin(), before[kind].end());
      if (c.action != ast::merge_action::nothing) {
        auto const made = change(c, all_of(where));
        if (!made) return tl::unexpected(made.error());
        out.changes.push_back(*made);
      }
      all[kind] = c.condition == nullptr;
      if (!all[kind]) before[kind].push_back(make(ast::is_test{c.condition, ast::truth::true_, true}, c.condition->at));
    }
    if (out.changes.empty()) return fail(errc::unsupported, "a `merge` that changes nothing", at_);
    return out;
  }

 private:
  template <class Node>
  ast::expr_ptr make(Node n, base::range at) const {
    return memory_.make<ast::expr>(ast::expr{n, at});
  }
  ast::expr_ptr one() const { return make(ast::literal{ast::literal_kind::integer, "1"}, at_); }
  ast::expr_ptr all_of(std::vector<ast::expr_ptr> const& items) const {
    return items.size() == 1 ? items.front() : make(ast::junction{ast::junction_op::conjunction, memory_.copy(items)}, items.front()->at);
  }
  ast::table_ref const* target() const {
    auto const& p = s_.target.path;
    return memory_.make<ast::table_ref>(ast::table_ref{s_.target, base::cover(p.front().at, p.back().at)});
  }
  ast::query_ptr select(std::vector<ast::expr_ptr> const& values, std::vector<ast::table_ref const*> const& from, ast::expr_ptr where) const {
    std::vector<ast::result_item> items;
    for (auto const* v : values) items.push_back({.value = v, .alias = {}, .at = v->at});
    ast::select_core core;
    core.items = memory_.copy(items);
    core.from = memory_.copy(from);
    core.where = where;
    auto* q = memory_.make<ast::query>();
    q->body = memory_.make<ast::query_body>(ast::query_body{core, at_});
    q->at = at_;
    return q;
  }
  ast::query_ptr select(ast::expr_ptr value, std::vector<ast::table_ref const*> const& from, ast::expr_ptr where) const {
    return select(std::vector{value}, from, where);
  }

  /// The common tables are the source's: what else asks a query could mean one of them.
  result<void> with() const {
    if (s_.with.empty()) return {};
    struct look final : ast::walker {
      using ast::walker::enter;
      void enter(ast::expr const& e) override {
        if (e.as<ast::in_query>() != nullptr || e.as<ast::exists>() != nullptr || e.as<ast::scalar_subquery>() != nullptr || e.as<ast::quantified>() != nullptr ||
            e.as<ast::array>() != nullptr)
          at = e.at;
      }
      std::optional<base::range> at;
    } asks;
    auto const in = [&](ast::expr_ptr e) {
      if (e != nullptr) asks.walk(*e);
    };
    in(s_.on);
    for (auto const& c : s_.clauses) {
      in(c.condition);
      for (auto const& a : c.set) in(a.value);
      for (auto const* v : c.values) in(v);
    }
    if (!asks.at) return {};
    return fail(errc::unsupported, "a query outside of the source of a `merge` that begins with `with`", *asks.at, "a subquery may stand in the place of the common table");
  }

  /// (select * from S) as s
  result<void> source() {
    auto const& t = *s_.source;
    ast::alias named;
    if (auto const* n = t.as<ast::table_name>()) {
      named.name = n->alias.name.text.empty() ? n->path.back() : n->alias.name;
    } else if (auto const* d = t.as<ast::derived_table>()) {
      named.name = d->alias.name;
      if (d->lateral) return fail(errc::syntax, "`lateral` behind `using`", t.at);
    } else if (auto const* f = t.as<ast::table_function>()) {
      named.name = f->alias.name;
    } else if (auto const* j = t.as<ast::join>()) {
      named.name = j->alias.name;
    }
    if (named.name.text.empty())
      return fail(errc::unsupported, "a `merge` with something behind `using` that has no name of its own", t.at, "name it: using (select …) as s");
    auto* q = memory_.make<ast::query>(*select(make(ast::star{}, t.at), {s_.source}, nullptr));
    q->with = s_.with;
    q->recursive = s_.recursive;
    source_ = q;
    merged_ = memory_.make<ast::table_ref>(ast::table_ref{ast::derived_table{.subquery = source_, .alias = named}, t.at});
    return {};
  }

  /// not exists (select 1 from T t where C)
  ast::expr_ptr not_there() const {
    auto const* there = make(ast::exists{select(one(), {target()}, s_.on)}, s_.on->at);
    return make(ast::unary{ast::unary_op::logical_not, there}, s_.on->at);
  }

  result<ast::statement const*> change(ast::merge_clause const& c, ast::expr_ptr where) const {
    auto const others = memory_.copy(std::vector{merged_});
    switch (c.action) {
      case ast::merge_action::update: {
        ast::update_statement made;
        made.target = s_.target;
        made.set = c.set;
        made.from = others;
        made.where = where;
        return memory_.make<ast::statement>(ast::statement{made, c.at});
      }
      case ast::merge_action::remove: {
        ast::delete_statement made;
        made.target = s_.target;
        made.using_tables = others;
        made.where = where;
        return memory_.make<ast::statement>(ast::statement{made, c.at});
      }
      case ast::merge_action::insert: {
        if (c.values.empty()) return fail(errc::unsupported, "`default values` in a `merge`", c.at, "say the values");
        ast::insert_statement made;
        made.target.path = s_.target.path;
        made.columns = c.columns;
        made.overriding = c.overriding;
        made.source = select({c.values.begin(), c.values.end()}, {merged_}, where);
        return memory_.make<ast::statement>(ast::statement{made, c.at});
      }
      case ast::merge_action::nothing:
        break;
    }
    return fail(errc::unsupported, "a `merge` that changes nothing", c.at);
  }

  ast::merge_statement const& s_;
  base::range at_;
  base::arena& memory_;
  ast::query_ptr source_{};
  ast::table_ref const* merged_{};
};

}  // namespace

result<merge_form> form_of(ast::merge_statement const& s, base::range at, base::arena& memory) { return merging(s, at, memory).run(); }

}  // namespace grille::bind
