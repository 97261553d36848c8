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
  void enter(bound::select& s) override { conditions_of(s, {}); }

 private:
  using relations = std::vector<bound::relation*>;

  /// `open`: the relations whose columns may be used to find rows here: the select's own, and those of the selects around it as long
  /// as it stands in their conditions; in a result or an ordering such a comparison would print.
  void conditions_of(bound::select const& s, relations open) {
    relations_of(s.from, open);
    condition(s.where, open);
    joins(s.from, open);
  }
  void conditions_of(bound::query_body const& b, relations const& open) {
    if (auto const* s = b.as<bound::select>()) conditions_of(*s, open);
    if (auto const* u = b.as<bound::set_operation>()) {
      conditions_of(*u->left, open);
      conditions_of(*u->right, open);
    }
  }
  void joins(bound::from_item const* f, relations const& open) {
    auto const* j = f == nullptr ? nullptr : std::get_if<bound::join>(&f->node);
    if (j == nullptr) return;
    joins(j->left, open);
    joins(j->right, open);
    condition(j->on, open);
  }
  /// Goes down through and, or, not only: what the comparison's truth does then is the caller's own affair.
  void condition(bound::expr_ptr e, relations const& open) {
    if (e == nullptr) return;
    if (auto const* j = e->as<bound::junction>()) {
      for (auto* item : j->items) condition(item, open);
      return;
    }
    queries_in(e, open);
    auto const* o = e->as<bound::operation>();
    if (o == nullptr) return;
    if (o->op == bound::op::logical_not) return condition(o->operands[0], open);
    if (o->op == bound::op::equal) {
      if (constant(o->operands[1])) approve(o->operands[0], open);
      if (constant(o->operands[0])) approve(o->operands[1], open);
    } else if (o->op == bound::op::in && std::all_of(o->operands.begin() + 1, o->operands.end(), constant)) {
      approve(o->operands[0], open);
    }
  }
  void queries_in(bound::expr_ptr e, relations const& open) {
    struct look final : bound::visitor {
      look(approve_filters& a, relations const& r) : self(a), open(r) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* q = x->as<bound::subquery>();
        if (q != nullptr) self.conditions_of(*q->query->body, open);
        return q == nullptr;
      }
      approve_filters& self;
      relations const& open;
    } v(*this, open);
    bound::walk(e, v);
  }
  void approve(bound::expr const* e, relations const& open) {
    auto const* c = e->as<bound::column>();
    auto* o = c == nullptr ? nullptr : all_.of(c->relation);
    if (o == nullptr || c->relation->columns[c->index].shown || std::find(open.begin(), open.end(), c->relation) == open.end()) return;
    auto const source = c->relation->columns[c->index].source;
    auto const granted = std::any_of(o->access->filter.begin(), o->access->filter.end(),
                                  [&](policy::matched_grant const& g) { return g.grant->cells[source].which != policy::cell::kind::none; });
    if (!granted) return;
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
    if (o.access->select.empty() && o.written_by == nullptr)
      o.aggregated = true;  // nothing but `aggregate` is granted: counts too go that way
  return {};
}

}  // namespace grille::rewrite
