// Use modes: a column that a grant opens for `filter` may stand in `=` and `in` against constants and parameters, in `where` and
// `on`; one that is open for `aggregate` only makes its table be read by those grants. Anything else that is not shown is refused.
#include <algorithm>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using base::fail;
using bound::expr_ptr;

namespace {

bool constant(bound::expr const* e) {
  if (auto const* o = e->as<bound::operation>(); o != nullptr && (o->op == bound::op::minus || o->op == bound::op::plus)) return constant(o->operands[0]);
  return e->as<bound::literal>() != nullptr || e->as<bound::parameter>() != nullptr;
}

class approve_filters final : public bound::visitor {
 public:
  explicit approve_filters(occurrences& all) : all_(all) {}
  using bound::visitor::enter;
  void enter(bound::select& s) override { condition(s.where); }
  void enter(bound::join& j) override { condition(j.on); }

 private:
  /// Goes down through and, or, not only: what the comparison's truth does then is the caller's own affair.
  void condition(bound::expr const* e) {
    if (e == nullptr) return;
    if (auto const* j = e->as<bound::junction>()) {
      for (auto const* item : j->items) condition(item);
      return;
    }
    auto const* o = e->as<bound::operation>();
    if (o == nullptr) return;
    if (o->op == bound::op::logical_not) return condition(o->operands[0]);
    if (o->op == bound::op::equal) {
      if (constant(o->operands[1])) approve(o->operands[0]);
      if (constant(o->operands[0])) approve(o->operands[1]);
    } else if (o->op == bound::op::in && std::all_of(o->operands.begin() + 1, o->operands.end(), constant)) {
      approve(o->operands[0]);
    }
  }
  void approve(bound::expr const* e) {
    auto const* c = e->as<bound::column>();
    auto* o = c == nullptr ? nullptr : all_.of(c->relation);
    if (o == nullptr || c->relation->columns[c->index].shown) return;
    auto const source = c->relation->columns[c->index].source;
    auto const open = std::any_of(o->access->filter.begin(), o->access->filter.end(),
                                  [&](policy::matched_grant const& g) { return g.grant->cells[source].which != policy::cell::kind::none; });
    if (!open) return;
    all_.approved.insert(e);
    o->filtered[c->index] = true;
  }

  occurrences& all_;
};

class find_aggregated final : public bound::visitor {
 public:
  explicit find_aggregated(occurrences& all) : all_(all) {}
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    auto* o = c == nullptr ? nullptr : all_.of(c->relation);
    if (o == nullptr || c->relation->columns[c->index].shown || all_.approved.contains(e)) return true;
    auto const source = c->relation->columns[c->index].source;
    auto const open = std::any_of(o->access->aggregate.begin(), o->access->aggregate.end(),
                                  [&](policy::matched_grant const& g) { return g.grant->cells[source].which != policy::cell::kind::none; });
    o->filtered[c->index] = false;
    if (open)
      o->aggregated = true;
    else if (!refused)
      refused = base::fault{errc::forbidden, "`" + std::string(c->relation->columns[c->index].name) + "` may be used to find rows, not in this place", e->at,
                            "compare it by `=` or `in` with constants or parameters, in `where` or `on`"};
    return true;
  }
  std::optional<base::fault> refused;

 private:
  occurrences& all_;
};

}  // namespace

base::result<void> check_uses(bound::statement& s, occurrences& all) {
  approve_filters approve(all);
  bound::walk(*s.query, approve);
  find_aggregated find(all);
  bound::walk(*s.query, find);
  if (find.refused) return tl::unexpected(*find.refused);
  for (auto& o : all.all())
    if (o.access->select.empty()) o.aggregated = true;  // nothing but `aggregate` is granted: counts too go that way
  return {};
}

}  // namespace grille::rewrite
