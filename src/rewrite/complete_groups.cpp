// PostgreSQL lets `select u.id, u.name, count(*) … group by u.id` stand, since a primary key decides the rest of its row
// (https://www.postgresql.org/docs/15/queries-table-expressions.html, section 7.2.3); of a derived table it knows no key. So what the
// caller's groups decide is added to their keys, which makes the same groups. A key that is masked in some row decides nothing. What cannot
// be a key is refused, since the server would not find it decided any more.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

class completing final : public bound::visitor {
 public:
  completing(occurrences& all, base::arena& memory) : all_(all), memory_(memory) {}
  using bound::visitor::enter;

  void enter(bound::query& q) override { complete(*q.body, q); }
  std::optional<base::fault> refused;

 private:
  void complete(bound::query_body& b, bound::query& whole) {
    if (auto* u = b.as<bound::set_operation>()) {
      complete(*u->left, whole);
      return complete(*u->right, whole);
    }
    auto* s = b.as<bound::select>();
    if (s == nullptr || s->group_by.empty() || !s->grouping_sets.empty()) return;  // sets without the key are decided by nothing
    std::vector<bound::relation*> relations;
    relations_of(s->from, relations);
    for (auto* r : relations) {
      if (!is_decided(*r, s->group_by)) continue;
      collect columns{*r};
      for (auto& i : s->items) bound::walk(i.value, columns);
      bound::walk(s->having, columns);
      for (auto& k : s->distinct_on) bound::walk(k, columns);
      if (whole.body == &b)
        for (auto& o : whole.order) bound::walk(o.key, columns);
      std::vector<bound::expr_ptr> keys(s->group_by.begin(), s->group_by.end());
      for (auto const& [index, at] : columns.found) {
        if (is_key(*r, index, s->group_by)) continue;
        if (!can_be_key(*r, index) && !refused)
          refused = base::fault{errc::unsupported, "a column beside the key that it is grouped by is not supported where its type has no equality", at, "take it by an aggregate: `(array_agg(c))[1]`"};
        keys.push_back(make(memory_, bound::column{r, index}));
      }
      s->group_by = memory_.copy(keys);
    }
  }

  struct collect final : bound::visitor {
    explicit collect(bound::relation& of) : r(of) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (auto const* c = e->as<bound::column>(); c != nullptr && c->relation == &r) found.try_emplace(c->index, e->at);
      auto const* c = e->as<bound::call>();  // what an aggregate takes in is of rows
      return c == nullptr || c->over != nullptr || c->function->kind != catalog::function_kind::aggregate;
    }
    bound::relation& r;
    std::map<unsigned, base::range> found;
  };

  static bool is_key(bound::relation const& r, unsigned index, bound::list<bound::expr_ptr> keys) {
    return std::any_of(keys.begin(), keys.end(), [&](bound::expr const* k) {
      auto const* c = k->as<bound::column>();
      return c != nullptr && c->relation == &r && c->index == index;
    });
  }
  bool is_decided(bound::relation const& r, bound::list<bound::expr_ptr> keys) {
    auto const& table = table_in(r);
    auto const* o = table.kind == bound::relation_kind::base ? all_.of(&table) : nullptr;
    if (o == nullptr || table.table->primary_key.empty()) return false;
    return std::all_of(table.table->primary_key.begin(), table.table->primary_key.end(), [&](unsigned part) {
      for (unsigned i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].source == part && is_key(r, i, keys)) return state_of(*o, i, memory_) == cell_state::plain;
      return false;
    });
  }
  /// Its columns are the first of what stands for it.
  static bound::relation const& table_in(bound::relation const& r) {
    return r.stands_for_table ? *std::get<bound::relation*>(r.query->body->as<bound::select>()->from->node) : r;
  }
  static bool can_be_key(bound::relation const& r, unsigned index) {
    auto const& table = table_in(r);
    if (index >= table.columns.size()) return true;  // whether its row is there
    static constexpr std::array<std::string_view, 9> without_equality{"box", "circle", "json", "line", "lseg", "path", "point", "polygon", "xml"};
    std::string_view type = table.table->columns[table.columns[index].source].type;
    return !type.starts_with("pg_catalog.") || std::ranges::find(without_equality, type.substr(11)) == without_equality.end();
  }

  occurrences& all_;
  base::arena& memory_;
};

}  // namespace

base::result<void> complete_groups(bound::statement& s, occurrences& all, base::arena& memory) {
  completing v(all, memory);
  bound::walk(*s.query, v);
  if (v.refused) return tl::unexpected(*std::move(v.refused));
  return {};
}

}  // namespace grille::rewrite
