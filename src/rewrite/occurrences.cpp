#include "rewrite/occurrences.hpp"

#include "bound/walk.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

class collect_relations final : public bound::visitor {
 public:
  explicit collect_relations(std::vector<bound::relation*>& found) : found_(found) {}
  using bound::visitor::enter;
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::base) found_.push_back(&r);
  }

 private:
  std::vector<bound::relation*>& found_;
};

/// Items of a plain top-level select that are bare columns, and that nothing orders by.
std::set<bound::expr const*> bare_results(bound::query const& q) {
  std::set<bound::expr const*> out;
  auto const* s = q.body->as<bound::select>();
  if (s == nullptr || s->distinct) return out;
  for (auto const& i : s->items)
    if (i.value->as<bound::column>() != nullptr) out.insert(i.value);
  for (auto const& o : q.order) {
    if (auto const* by = o.key->as<bound::output>(); by != nullptr && by->index < s->items.size()) out.erase(s->items[by->index].value);
    out.erase(o.key);
  }
  for (auto const* g : s->group_by) out.erase(g);  // an ordinal shares the item's expression
  return out;
}

class collect_uses final : public bound::visitor {
 public:
  collect_uses(occurrences& all, std::set<bound::expr const*> bare) : all_(all), bare_(std::move(bare)) {}
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    if (c == nullptr) return true;
    if (auto* o = all_.of(c->relation)) {
      auto& u = o->uses[c->index];
      if (!bare_.contains(e))
        u = use::computed;
      else if (u == use::none)
        u = use::shown;
    }
    return true;
  }

 private:
  occurrences& all_;
  std::set<bound::expr const*> bare_;
};

}  // namespace

unsigned add_extra(occurrence& o, std::string_view name, std::function<expr_ptr(bound::relation*)> value, base::arena& memory) {
  auto* relation = o.relation;
  std::vector<bound::relation_column> columns(relation->columns.begin(), relation->columns.end());
  columns.push_back({memory.copy(name), 0, false, true});
  auto const index = static_cast<unsigned>(columns.size() - 1);
  relation->columns = memory.copy(columns);
  o.uses.push_back(use::shown);
  o.filtered.push_back(false);
  o.extras.emplace(index, std::move(value));
  return index;
}

void relations_of(bound::from_item const* f, std::vector<bound::relation*>& out) {
  if (f == nullptr) return;
  if (auto* const* r = std::get_if<bound::relation*>(&f->node)) {
    out.push_back(*r);
    return;
  }
  auto const& j = std::get<bound::join>(f->node);
  relations_of(j.left, out);
  relations_of(j.right, out);
}

occurrences::occurrences(bound::statement& s, policy::access const& who) {
  std::vector<bound::relation*> relations;
  collect_relations collect(relations);
  bound::walk(*s.query, collect);
  for (auto* r : relations) {
    if (index_.contains(r)) continue;
    index_[r] = all_.size();
    occurrence o;
    o.relation = r;
    o.access = who.of(r->table);
    o.uses.resize(r->columns.size());
    o.filtered.resize(r->columns.size());
    all_.push_back(std::move(o));
  }
  collect_uses uses(*this, bare_results(*s.query));
  bound::walk(*s.query, uses);
}

occurrence* occurrences::of(bound::relation const* r) {
  auto const found = index_.find(r);
  return found == index_.end() ? nullptr : &all_[found->second];
}

}  // namespace grille::rewrite
