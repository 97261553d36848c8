// Names of columns. Enters: `c`, `t.c` or `main.t.c`, and the scopes around. Leaves: a column, or a copy of what an alias of the
// result stands for. Marks what is referred to as used: what is not may be left out of a relation later.
// INVARIANT: the texts of `not_found` are made of the caller's own text, so hidden and unknown read alike.
#include <algorithm>
#include <array>

#include "bind/binder.hpp"
#include "bound/walk.hpp"
#include "catalog/row_key.hpp"

namespace grille::bind {

namespace {

constexpr std::array<std::string_view, 4> reserved_words{"principal", "context", "scope", "old"};

bool is_one_of(std::span<std::string_view const> words, std::string_view name) {
  return std::ranges::any_of(words, [&](std::string_view w) { return catalog::same_name(w, name); });
}

/// The size of an expression and its depth, before it is copied.
class measure final : public bound::visitor {
 public:
  using visitor::enter;
  using visitor::leave;
  bool enter(bound::expr_ptr&) override {
    ++nodes;
    deepest = std::max(deepest, ++depth_);
    return true;
  }
  void leave(bound::expr_ptr&) override { --depth_; }
  std::size_t nodes{};
  unsigned deepest{};

 private:
  unsigned depth_{};
};

class mark_used final : public bound::visitor {
 public:
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::column>()) c->relation->columns[c->index].used = true;
    return true;
  }
};

}  // namespace

bound::expr_ptr binder::column(ast::column_ref const& n, base::range at) {
  auto const name = n.path.back().text;
  auto const table = n.path.size() > 1 ? n.path[n.path.size() - 2].text : std::string_view{};
  auto const unknown = [&] {
    auto const row = whole_row({n, at}).first != nullptr;
    refuse(errc::not_found, "no such column: " + in_ticks(dotted(n.path)), at, row ? "a row is a value for `to_json` and its kin only, for `count`, and for `is null`" : "");
  };
  auto const ask = [&](bound::relation* qualifier) -> bound::expr_ptr {
    auto answer = options_.names(n, qualifier, at);
    if (!answer) throw std::move(answer.error());
    return *answer;
  };
  if (options_.names && n.path.size() == 2 && is_one_of(reserved_words, table))
    if (auto* own = ask(nullptr)) return own;

  bound::relation* qualifier{};
  for (auto* s = scope_; s != nullptr; s = s->outer) {
    if (auto const m = s->find(n.path); m.found()) {
      if (!m.unique()) refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(dotted(n.path)), at);
      if (m.column->barred) refuse(errc::syntax, in_ticks(dotted(n.path)) + " cannot be named here: the join is neither inner nor left", at);
      reach(s);
      return refer(m, at);
    }
    bound::relation* here{};
    for (auto const& r : s->sources)
      for (auto* each : r.relations)
        if (here == nullptr && !table.empty() && same(each->name, table)) here = each;
    if (qualifier == nullptr) qualifier = here;
    if (sqlite() && catalog::is_rowid_name(name) && (table.empty() ? !s->sources.empty() : here != nullptr)) {
      if (auto* key = rowid(*s, table, at)) return key;
      unknown();  // the engine has one here, so it is not looked for further out
    }
    if (table.empty() && s->sees_results)
      if (auto* value = alias(*s, name, at)) return value;
  }
  if (auto const [only, in] = sqlite() || n.path.size() != 1 ? std::pair<source_column const*, scope*>{} : value_of_function(name); only != nullptr) {
    if (only->barred) refuse(errc::syntax, in_ticks(name) + " cannot be named here: the join is neither inner nor left", at);
    reach(in);
    return refer(*only, at);
  }
  if (options_.names && n.path.size() <= 2)
    if (auto* own = ask(qualifier)) return own;
  unknown();
  return nullptr;
}

/// `e` behind `from jsonb_array_elements(doc) e`: the row of a function that makes plain values is the value, where no column is named so
/// (`makeWholeRowVar` in the server's makefuncs.c). Null: there is none.
std::pair<source_column const*, scope*> binder::value_of_function(std::string_view name) const {
  for (auto* s = scope_; s != nullptr; s = s->outer)
    for (auto const& from : s->sources)
      for (auto const& c : from.columns) {
        auto const& r = *c.relation;
        if (c.table == name && c.merged == nullptr && r.kind == bound::relation_kind::function && r.columns.size() == 1 && !r.ordinality && r.types.empty()) return {&c, s};
      }
  return {};
}

bound::expr_ptr binder::refer(source_column const& c, base::range at) {
  if (c.merged == nullptr) {
    c.relation->columns[c.index].used = true;
    return make(bound::column{c.relation, c.index}, at);
  }
  auto* made = copy(c.merged, at);
  mark_used v;
  bound::walk(made, v);
  return made;
}

bound::expr_ptr binder::refer(match const& m, base::range at) {
  if (!m.unique()) refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(m.column->name), at);
  auto* made = merge(m, at);
  mark_used v;
  bound::walk(made, v);
  return made;
}

/// A column that full joins merge is the first of its values that is not null. Marks nothing.
bound::expr_ptr binder::merge(match const& m, base::range at) {
  auto const value = [&](source_column const& c) {
    return c.merged != nullptr ? copy(c.merged, at) : make(bound::column{c.relation, c.index}, at);
  };
  if (m.before.empty()) return value(*m.column);
  std::vector<bound::expr_ptr> values;
  for (auto const* c : m.before) values.push_back(value(*c));
  values.push_back(value(*m.column));
  bound::call c;
  c.function = catalog::find_function(options_.visible.which(), "coalesce", static_cast<int>(values.size()));
  if (c.function == nullptr) refuse(errc::unsupported, "a column merged by a full join is not supported", at);
  c.arguments = memory_.copy(values);
  return make(c, at);
}

/// Only a catalogued column can be named: the INTEGER PRIMARY KEY, which is the rowid.
/// https://www.sqlite.org/lang_createtable.html#rowid
bound::expr_ptr binder::rowid(scope& s, std::string_view table, base::range at) {
  source const* from{};
  for (auto const& c : s.sources) {
    if (!table.empty() && (c.parenthesised || !catalog::same_name(c.name, table))) continue;
    if (from != nullptr) return nullptr;
    from = &c;
  }
  if (from == nullptr || from->parenthesised) return nullptr;
  auto* r = from->relations.front();
  if (r->kind != bound::relation_kind::base) return nullptr;
  auto const& t = *r->table;
  if (t.kind != catalog::relation_kind::table || t.without_rowid || t.primary_key.size() != 1) return nullptr;
  auto const key = t.primary_key.front();
  if (!catalog::same_name(t.columns[key].declared_type, "integer")) return nullptr;
  for (unsigned i = 0; i < r->columns.size(); ++i)
    if (r->columns[i].source == key) {
      reach(&s);
      return refer(from->columns[i], at);
    }
  return nullptr;
}

bound::expr_ptr binder::alias(scope& s, std::string_view name, base::range at) {
  for (auto const& r : s.results) {
    if (r.alias.empty() || !catalog::same_name(r.alias, name)) continue;
    if (r.aggregate && !s.allows_aggregates) refuse(errc::syntax, "alias " + in_ticks(name) + " of an aggregate cannot stand here", at);
    if (r.aggregate && &s != scope_)
      refuse(errc::unsupported, "alias " + in_ticks(name) + " of an aggregate is not supported in a subquery", at);
    if (r.window && (!s.allows_windows || &s != scope_))
      refuse(errc::syntax, "alias " + in_ticks(name) + " of a window function cannot stand here", at);
    s.has_aggregate = s.has_aggregate || r.aggregate;
    s.has_window = s.has_window || r.window;
    reach(&s);
    return copy_result(s, r, at);
  }
  return nullptr;
}

/// In `order by` and `group by`, whose scope is cut off from those around, the engine lets only the alias or the position itself
/// stand for a value that names a column from there.
bound::expr_ptr binder::copy_result(scope const& s, result_column const& r, base::range at) {
  if (s.alone && origins_of(r.value, s).outer)
    refuse(errc::unsupported, "a result column that names a column of a query around cannot stand for a part of this clause", at);
  return copy(r.value, at);
}

/// The copy stands for the reference, so it has the place of that.
bound::expr_ptr binder::copy(bound::expr_ptr e, base::range at) {
  measure m;
  bound::walk(e, m);
  count(m.nodes, at);
  deeper(m.deepest, at);
  bound::copier duplicate{memory_};
  auto* made = duplicate(e);
  made->at = at;
  return made;
}

}  // namespace grille::bind
