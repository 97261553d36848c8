#include "govern/open_views.hpp"

#include "catalog/catalog.hpp"

namespace grille::govern {

namespace {

/// Nothing is moved into any arm of it.
bool subtracts(bound::query_body const& b) {
  auto const* u = b.as<bound::set_operation>();
  return u != nullptr && (u->op == bound::set_op::except || subtracts(*u->left) || subtracts(*u->right));
}

/// The server moves conditions inwards until a limit, or an `except`: `subquery_is_pushdown_safe` in its allpaths.c.
class outward {
 public:
  explicit outward(policy::compiled const& p) : policy_(p) {}

  bool leaves_out(catalog::table const& view) const {
    if (view.kind != catalog::relation_kind::view || view.barrier) return false;
    auto const tree = policy_.views.find(&view);
    return tree != policy_.views.end() && leaves_out(*tree->second->query);
  }

 private:
  bool leaves_out(bound::query const& q) const { return q.limit == nullptr && q.offset == nullptr && leaves_out(*q.body); }
  bool leaves_out(bound::query_body const& b) const {
    if (auto const* u = b.as<bound::set_operation>()) {
      return !subtracts(b) && (u->op == bound::set_op::intersect || leaves_out(*u->left) || leaves_out(*u->right));
    }
    auto const* s = b.as<bound::select>();
    return s != nullptr && (s->where != nullptr || (s->from != nullptr && leaves_out(*s->from)));
  }
  bool leaves_out(bound::from_item const& f) const {
    if (auto const* j = std::get_if<bound::join>(&f.node)) return j->on != nullptr || leaves_out(*j->left) || leaves_out(*j->right);
    auto const& r = *std::get<bound::relation*>(f.node);
    switch (r.kind) {
      case bound::relation_kind::base: return leaves_out(*r.table);
      case bound::relation_kind::derived: return leaves_out(*r.query);
      case bound::relation_kind::common: return !r.cte->recursive && r.cte->hint != bound::materialization::materialized && leaves_out(*r.cte->query);
      case bound::relation_kind::function: break;
    }
    return false;
  }

  policy::compiled const& policy_;
};

}  // namespace

bool lets_errors_tell(catalog::table const& view, policy::compiled const& p) {
  return p.catalog->which() == dialect::postgresql && outward(p).leaves_out(view);
}

}  // namespace grille::govern
