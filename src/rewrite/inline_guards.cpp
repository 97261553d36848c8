// A guarded table that only selects rows and columns needs no query of its own: it stands in the statement, and its guard among the conditions that its rows
// are under. An engine that would do the same by itself reads, plans and prepares a shorter text. The relation keeps its identity.
// Not where something that can fail could meet the rows before their guard, if that is no longer asked where they are read: of a condition that names no
// column, or none once its constants are computed, PostgreSQL makes one of the outer join whose `on` it stands in.
#include <algorithm>
#include <set>

#include "bound/conjuncts.hpp"
#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

/// The table within, if nothing but columns of its rows leaves the relation and nothing but a condition holds rows back. Else null.
bound::relation* only_selected(bound::relation const& r) {
  auto const& q = *r.query;
  auto const& s = *q.body->as<bound::select>();
  auto const as_stored = std::ranges::none_of(r.columns, &bound::relation_column::used) ||
                         std::ranges::all_of(s.items, [](bound::item const& i) { return i.value->as<bound::column>() != nullptr; });
  return as_stored && q.limit == nullptr && q.offset == nullptr ? std::get<bound::relation*>(s.from->node) : nullptr;
}

/// Columns of the table within become those of the relation, which has all of them behind its own.
void stand_for(bound::relation& table, bound::relation& r, bound::expr_ptr guard, base::arena& memory) {
  auto const& items = r.query->body->as<bound::select>()->items;
  std::vector<bound::relation_column> columns(r.columns.begin(), r.columns.end());
  for (auto& c : columns)
    if (auto const* of = items[c.source].value->as<bound::column>()) c.source = of->index;
  auto const own = static_cast<unsigned>(columns.size());
  columns.insert(columns.end(), table.columns.begin(), table.columns.end());
  struct move final : bound::visitor {
    move(bound::relation& from, bound::relation& to, unsigned behind) : from_(from), to_(to), behind_(behind) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (auto* c = e->as<bound::column>(); c != nullptr && c->relation == &from_) *c = {&to_, behind_ + c->index};
      return true;
    }
    bound::relation &from_, &to_;
    unsigned behind_;
  } v(table, r, own);
  bound::walk(guard, v);
  r.kind = bound::relation_kind::base;
  r.table = table.table;
  r.query = nullptr;
  r.columns = memory.copy(columns);
}

class inlining final : public bound::visitor {
 public:
  inlining(std::set<bound::relation const*> guarded, dialect d, base::arena& memory) : guarded_(std::move(guarded)), dialect_(d), memory_(memory) {}
  using bound::visitor::enter;
  void enter(bound::query& q) override {
    if (auto const* s = q.body->as<bound::select>(); s != nullptr && !q.locks.empty()) kept_.insert(s);
  }
  /// `(select a from t where …) x` is what a guard looks like: a caller's own query of one table keeps the guard apart from its conditions.
  void enter(bound::relation& r) override {
    if (r.kind != bound::relation_kind::derived) return;
    if (auto const* s = r.query->body->as<bound::select>(); s != nullptr && s->from != nullptr && std::holds_alternative<bound::relation*>(s->from->node)) kept_.insert(s);
  }
  void enter(bound::select& s) override {
    if (s.from == nullptr || kept_.contains(&s)) return;
    std::vector<bound::expr_ptr> guards;
    in(*s.from, &guards);
    add(guards, s.where);
  }

 private:
  /// `guards`: of relations that are under the same condition; null: under none, since a full join adds rows to either side.
  void in(bound::from_item& f, std::vector<bound::expr_ptr>* guards) {
    if (auto* j = std::get_if<bound::join>(&f.node)) {
      std::vector<bound::expr_ptr> filled;  // with NULLs, where the join's own condition is not true
      auto* const none = j->kind == bound::join_kind::full ? nullptr : &filled;
      in(*j->left, j->kind == bound::join_kind::right || none == nullptr ? none : guards);
      // SQLite makes a query of what stands in parentheses, and reads all columns of its tables in that
      if (dialect_ != dialect::sqlite || !std::holds_alternative<bound::join>(j->right->node))
        in(*j->right, j->kind == bound::join_kind::left || none == nullptr ? none : guards);
      add(filled, j->on);
      return;
    }
    auto& r = *std::get<bound::relation*>(f.node);
    if (!guarded_.contains(&r) || r.kind != bound::relation_kind::derived) return;  // a query that is a key of its groups, too, is come by twice
    auto* table = only_selected(r);
    auto* guard = r.query->body->as<bound::select>()->where;
    if (table == nullptr || (guard != nullptr && guards == nullptr)) return;
    stand_for(*table, r, guard, memory_);
    for (auto* e : bound::conjuncts(guard))
      if (std::ranges::none_of(*guards, [&](bound::expr_ptr said) { return bound::comparison{}(said, e); })) guards->push_back(e);
  }
  void add(std::vector<bound::expr_ptr>& guards, bound::expr_ptr& condition) {
    if (guards.empty()) return;
    bound::add_conjuncts(condition, guards);
    condition = join(memory_, bound::junction_op::conjunction, std::move(guards));
  }

  std::set<bound::relation const*> guarded_;
  dialect dialect_;
  std::set<bound::select const*> kept_;
  base::arena& memory_;
};

}  // namespace

void inline_guards(bound::statement& s, occurrences& all, dialect d, base::arena& memory) {
  std::set<bound::relation const*> guarded;
  for (auto const& o : all.all())
    if (!o.aggregated && !o.locked_by && o.why_held.empty()) guarded.insert(o.relation);
  inlining v(std::move(guarded), d, memory);
  bound::walk(*s.query, v);
}

}  // namespace grille::rewrite
