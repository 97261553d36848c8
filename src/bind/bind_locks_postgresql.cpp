// `for update` and its kin, by PostgreSQL's rules: https://www.postgresql.org/docs/15/sql-select.html#SQL-FOR-UPDATE-SHARE
// Enters: a query and what was made of it. Leaves: each clause with the relations of the from clause whose rows it locks, all of them tables,
// or queries that stand for rows of tables one by one. A lock that would take nothing is refused: it is not what it says.
#include <algorithm>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

constexpr std::string_view clause = "`for update` and its kin";

/// In the expression itself, not in a query of it.
bool computes_of_many(bound::expr_ptr e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      auto const* c = x->as<bound::call>();
      found = found || (c != nullptr && (c->over != nullptr || c->function->kind == catalog::function_kind::aggregate));
      return !found && x->as<bound::subquery>() == nullptr;
    }
    bool found{};
  } v;
  bound::walk(e, v);
  return v.found;
}

struct standing {
  bound::relation* relation{};
  bool may_miss{};  // an outer join may find no row of it
};
void operands(bound::from_item const& f, bool may_miss, std::vector<standing>& out) {
  if (auto* const* r = std::get_if<bound::relation*>(&f.node)) return out.push_back({*r, may_miss});
  auto const& j = std::get<bound::join>(f.node);
  using enum bound::join_kind;
  operands(*j.left, may_miss || j.kind == right || j.kind == full, out);
  operands(*j.right, may_miss || j.kind == left || j.kind == full, out);
}

std::vector<standing> operands_of(bound::query const& q, base::range at) {
  auto const* s = q.body->as<bound::select>();
  if (s == nullptr) refuse(errc::syntax, std::string(clause) + " cannot stand behind `values` or a set operation", at);
  auto many = s->distinct || !s->group_by.empty() || s->having != nullptr;
  for (auto const& i : s->items) many = many || computes_of_many(i.value);
  for (auto const& o : q.order) many = many || computes_of_many(o.key);
  if (many) refuse(errc::syntax, std::string(clause) + " cannot stand beside `distinct`, groups, aggregates or windows", at);
  std::vector<standing> all;
  if (s->from != nullptr) operands(*s->from, false, all);
  return all;
}

/// Whether there are rows of tables in it that would be locked.
bool has_rows(bound::relation const& r, bool named, base::range at) {
  switch (r.kind) {
    case bound::relation_kind::base:
      // what a view locks is its tables', and another server's are locked as they are read, before the guard
      if (r.table->kind == catalog::relation_kind::table) return true;
      refuse(errc::unsupported, std::string(clause) + " are supported of tables only, not of views or foreign tables", at, "say of which with `of`");
    case bound::relation_kind::derived: {
      if (r.query->body->as<bound::values>() != nullptr) break;
      bool any = false;
      for (auto const& o : operands_of(*r.query, at)) {
        auto const has = has_rows(*o.relation, false, at);
        if (has && o.may_miss) refuse(errc::unsupported, "a lock of rows that an outer join may not find is not supported", at);
        any = any || has;
      }
      return any;
    }
    case bound::relation_kind::common:
    case bound::relation_kind::function: break;
  }
  if (named) refuse(errc::syntax, "there is no row to lock in " + in_ticks(r.name), at, "lock in the query that reads the table");
  return false;
}

bound::lock_strength strength_of(ast::lock_strength s) {
  switch (s) {
    case ast::lock_strength::update: return bound::lock_strength::update;
    case ast::lock_strength::no_key_update: return bound::lock_strength::no_key_update;
    case ast::lock_strength::share: return bound::lock_strength::share;
    case ast::lock_strength::key_share: return bound::lock_strength::key_share;
  }
  return {};
}

bound::lock_wait wait_of(ast::lock_wait w) {
  switch (w) {
    case ast::lock_wait::block: return bound::lock_wait::block;
    case ast::lock_wait::nowait: return bound::lock_wait::nowait;
    case ast::lock_wait::skip_locked: return bound::lock_wait::skip_locked;
  }
  return {};
}

}  // namespace

bound::list<bound::row_lock> binder::locks(ast::query const& q, bound::query const& made) {
  if (!may_lock_) refuse(errc::unsupported, std::string(clause) + " are supported in queries, and in what an update or a delete reads, only", q.at);
  // the server takes no lock where a query reads itself
  if (std::ranges::any_of(defining_, [](auto const& d) { return d.first->sees_all; })) refuse(errc::unsupported, std::string(clause) + " are not supported under `with recursive`", q.at);
  std::vector<bound::row_lock> all;
  for (auto const& l : q.locks) all.push_back({strength_of(l.strength), memory_.copy(locked(l, made, q.at)), wait_of(l.wait), q.at});
  return memory_.copy(all);
}

std::vector<bound::relation*> binder::locked(ast::locking const& l, bound::query const& made, base::range at) const {
  auto const all = operands_of(made, at);
  std::vector<standing> taken;
  for (auto const& o : all)
    if (l.of.empty() && has_rows(*o.relation, false, at)) taken.push_back(o);
  for (auto const& path : l.of) {
    auto const& name = path.front();
    if (path.size() != 1) refuse(errc::syntax, "a lock names what stands in `from` by its name there", extent(path));
    auto const found = std::ranges::find_if(all, [&](standing const& o) { return same(o.relation->name, name.text); });
    if (found == all.end()) refuse(errc::not_found, in_ticks(name.text) + " does not stand in `from`", name.at);
    if (!has_rows(*found->relation, true, name.at)) refuse(errc::syntax, "there is no row to lock in " + in_ticks(name.text), name.at);
    taken.push_back(*found);
  }
  std::vector<bound::relation*> out;
  for (auto const& o : taken) {
    if (o.may_miss) refuse(errc::unsupported, "a lock of rows that an outer join may not find is not supported", at, "say of which with `of`");
    out.push_back(o.relation);
  }
  if (out.empty()) refuse(errc::syntax, "there is no row to lock", at, "lock in the query that reads the table");
  return out;
}

}  // namespace grille::bind
