// Lookup within one scope.
#include "bind/scope.hpp"

#include <algorithm>

#include "bound/walk.hpp"
#include "catalog/catalog.hpp"

namespace grille::bind {

using catalog::same_name;

bool source::merges(std::string_view column) const {
  return std::ranges::any_of(merged, [&](std::string_view m) { return same_name(m, column); });
}

std::string_view source::schema() const {
  return relations.size() == 1 && relations.front()->kind == bound::relation_kind::base ? "main" : "*";
}

namespace {

bool named(source_column const& c, std::string_view schema, std::string_view table, std::string_view name) {
  if (!same_name(c.name, name) || (c.qualified && table.empty())) return false;
  if (!table.empty() && !same_name(c.table, table)) return false;
  return schema.empty() || same_name(schema, c.schema.empty() ? "*" : c.schema);
}

/// PostgreSQL: without a table's name what `*` shows of a join, with one the table's own.
bool named_exactly(source_column const& c, std::string_view schema, std::string_view table, std::string_view name) {
  if (c.name != name) return false;
  if (table.empty()) return c.expanded && !c.qualified;
  return c.table == table && (schema.empty() || c.schema == schema);
}

/// One more candidate. False: a join has merged it into one further left, which stands for both.
bool add(match& m, source const& s, source_column const& c) {
  if (m.candidates > 0) {
    if (!s.merges(c.name)) {
      m.before.clear();
    } else if (!s.keeps_right) {
      return false;
    } else if (!s.keeps_left) {
      m.candidates = 0;
      m.before.clear();
    } else {
      m.before.push_back(m.column);
    }
  }
  ++m.candidates;
  m.column = &c;
  return true;
}

class column_origins final : public bound::visitor {
 public:
  explicit column_origins(scope const& s) : scope_(s) {}
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::column>(); c != nullptr && std::ranges::find(inside_, c->relation) == inside_.end())
      (scope_.owns(c->relation) ? found.local : found.outer) = true;
    return true;
  }
  void enter(bound::relation& r) override { inside_.push_back(&r); }
  origins found{};

 private:
  scope const& scope_;
  std::vector<bound::relation const*> inside_;
};

}  // namespace

origins origins_of(bound::expr_ptr e, scope const& s) {
  column_origins v(s);
  bound::walk(e, v);
  return v.found;
}

match scope::find(std::string_view schema, std::string_view table, std::string_view name) const {
  match m;
  if (which == dialect::postgresql) {
    for (auto const& s : sources)
      for (auto const& c : s.columns)
        if (named_exactly(c, schema, table, name)) {
          ++m.candidates;
          m.column = &c;
        }
    return m;
  }
  for (auto const& s : sources)
    for (auto const& c : s.columns) {
      if (!named(c, schema, table, name)) continue;
      auto const added = add(m, s, c);
      if (!s.parenthesised || (added && c.joined)) break;
    }
  return m;
}

match scope::find(ast::name_path path) const {
  auto const part = [&](std::size_t from_end) { return path.size() < from_end ? std::string_view{} : path[path.size() - from_end].text; };
  return path.size() > 3 ? match{} : find(part(3), part(2), part(1));
}

source_column const* scope::joinable(std::string_view name, std::size_t from, std::size_t to, std::size_t& at) const {
  for (std::size_t i = from; i < to; ++i)
    for (auto const& c : sources[i].columns)
      if (c.shown && same_name(c.name, name)) {
        at = i;
        return &c;
      }
  return nullptr;
}

std::optional<unsigned> scope::result_named(ast::expr const& key) const {
  auto const* n = key.as<ast::column_ref>();
  if (n == nullptr || n->path.size() != 1) return std::nullopt;
  for (unsigned i = 0; i < results.size(); ++i)
    if (!results[i].alias.empty() && same_name(which, results[i].alias, n->path[0].text)) return i;
  return std::nullopt;
}

bool scope::result_ambiguous(ast::expr const& key) const {
  auto const first = result_named(key);
  if (!first) return false;
  auto const is = [&](result_column const& r) { return same_name(which, r.alias, results[*first].alias); };
  return std::ranges::any_of(results, [&](result_column const& r) { return is(r) && !bound::comparison{}(r.value, results[*first].value); });
}

bool scope::keeps_right_of(std::size_t source) const {
  return std::any_of(sources.begin() + static_cast<std::ptrdiff_t>(source) + 1, sources.end(), [](auto const& s) { return s.keeps_right; });
}

bool scope::owns(bound::relation const* r) const {
  return std::ranges::any_of(sources, [&](source const& s) { return std::ranges::find(s.relations, r) != s.relations.end(); });
}

}  // namespace grille::bind
