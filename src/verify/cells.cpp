// Whether an item of a guarded select shows no more of its row than the policy lets it. Enters: the item, the ways its guard can
// be true, the policy on its table. Leaves: what the statement may do with the item. The listed shapes (VALUE is what some
// alternative shows of the column, a mask and all):
//
//   VALUE                                       every way of the guard implies an alternative that shows it
//   case when P then VALUE … [else VALUE] end   each arm by its own P, or by the guard; no arm, or else null: nothing
//   (P or …) is not true                        whether the cell is withheld: each P a way by which the policy itself opens rows
//   (select CASE where (P) is not true union all select r.c where P) [collate C]     the same, keeping affinity and collation
#include <algorithm>

#include "verify/proof.hpp"

namespace grille::verify {

namespace {

bool is_null(bound::expr const& e) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::null;
}

/// The one item and the condition of a select that has nothing else.
struct bare_select {
  bound::expr const* item{};
  bound::expr const* where{};
};
std::optional<bare_select> bare(bound::query_body const& b) {
  auto const* s = b.as<bound::select>();
  if (s == nullptr || s->distinct || s->items.size() != 1 || s->from != nullptr || !s->group_by.empty() || s->having != nullptr) return std::nullopt;
  return bare_select{s->items[0].value, s->where};
}

/// Proves one item to be one column's cell, by the alternatives of some methods.
class cell_proof {
 public:
  cell_proof(unsigned column, std::span<grille::method const> methods, std::vector<conjunction> const& guard, bool fenced, sentences& policy)
      : column_(column), methods_(methods), guard_(guard), fenced_(fenced), policy_(policy) {}

  bool cell(bound::expr const& e) {
    needs_.clear();
    if (auto const* c = e.as<bound::collate>())
      return catalog::same_name(c->collation, policy_.table().columns[column_].collation) && kept(*c->operand);
    return flat(e) || kept(e);
  }
  std::vector<thresholds> needs() && { return std::move(needs_); }

 private:
  /// Every way implies an alternative that shows just this.
  bool shown(bound::expr const& e, std::vector<conjunction> const& ways) {
    auto const before = needs_.size();
    for (std::size_t i = 0; i < ways.size(); ++i) {
      thresholds enough;
      bool found = false;
      for (auto const m : methods_) {
        auto const all = policy_.of(m);
        for (std::size_t k = 0; k < all.size() && (!found || m == method::aggregate); ++k) {
          auto const& a = all[(k + i) % all.size()];  // the ways stand in the order of the alternatives, as a rule
          auto const* value = policy_.shown(a, column_);
          if (value == nullptr || !same(*value, e) || !policy_.holds(a, ways[i])) continue;
          found = true;
          if (m == method::aggregate) enough.push_back({a.grant->at_least, a.grant->distinct_column});
        }
      }
      if (!found) {
        needs_.resize(before);
        return false;
      }
      if (!enough.empty()) needs_.push_back(std::move(enough));
    }
    return true;
  }
  /// The guard opens it, and it cannot fail on a row where the guard is not true; a `case` would hold that up, the guard alone does not.
  bool shown_by_guard(bound::expr const& e) {
    auto const unconditional = std::all_of(guard_.begin(), guard_.end(), [](conjunction const& way) { return way.empty(); });
    return (fenced_ || unconditional || policy_.total(e)) && shown(e, guard_);
  }
  bool innocent(std::vector<conjunction> const& ways) {
    for (std::size_t i = 0; i < ways.size(); ++i)
      if (!policy_.innocent(ways[i], methods_, i)) return false;
    return true;
  }

  bool flat(bound::expr const& e) {
    if (is_null(e) || shown_by_guard(e)) return true;
    auto const* c = e.as<bound::case_expr>();
    if (c == nullptr || c->operand != nullptr) return false;
    for (auto const& arm : c->arms) {
      auto const when = ways(arm.condition);
      if (!innocent(when)) return false;
      if (!is_null(*arm.result) && !shown(*arm.result, when) && !shown_by_guard(*arm.result)) return false;
    }
    return c->otherwise == nullptr || is_null(*c->otherwise) || shown_by_guard(*c->otherwise);
  }

  bool kept(bound::expr const& e) {
    auto const* s = e.as<bound::subquery>();
    if (s == nullptr || s->kind != bound::subquery_kind::scalar) return false;
    auto const& q = *s->query;
    if (!q.with.empty() || !q.order.empty() || q.limit != nullptr || q.offset != nullptr) return false;
    auto const* both = q.body->as<bound::set_operation>();
    auto const plain = bare(both == nullptr ? *q.body : *both->right);
    if (!plain || plain->where == nullptr) return false;
    auto const when = ways(plain->where);
    if (!innocent(when) || !shown(*plain->item, when)) return false;
    if (both == nullptr) return true;
    auto const rest = bare(*both->left);
    if (!both->appends() || !rest || rest->where == nullptr) return false;
    auto const* otherwise = rest->where->as<bound::operation>();
    return otherwise != nullptr && otherwise->op == bound::op::is_not_true && same(*otherwise->operands[0], *plain->where) && flat(*rest->item);
  }

  unsigned column_;
  std::span<grille::method const> methods_;
  std::vector<conjunction> const& guard_;
  bool fenced_;
  sentences& policy_;
  std::vector<thresholds> needs_;
};

/// The table's columns, the one that the item is named after first.
std::vector<unsigned> candidates(std::string_view name, catalog::table const& t) {
  std::vector<unsigned> out;
  auto const named = t.find(name);
  if (named) out.push_back(*named);
  for (unsigned i = 0; i < t.columns.size(); ++i)
    if (i != named) out.push_back(i);
  return out;
}

}  // namespace

column_rights judge(bound::expr const& item, std::string_view name, std::vector<conjunction> const& guard, bool fenced, sentences& policy) {
  static constexpr grille::method to_see[] = {method::select};
  static constexpr grille::method to_find[] = {method::select, method::filter};
  static constexpr grille::method to_count[] = {method::aggregate};
  column_rights out;
  if (auto const* c = item.as<bound::column>(); c != nullptr && c->relation == &policy.base() && c->index < policy.table().columns.size())
    out.plain = c->index;
  if (item.as<bound::literal>() != nullptr) {  // says nothing of the row
    out.open = true;
    return out;
  }
  // whether a cell is withheld: it tells which grants hold in a row that the caller sees, and nothing of its values
  if (auto const* o = item.as<bound::operation>(); o != nullptr && o->op == bound::op::is_not_true) {
    auto const when = ways(o->operands[0]);
    if (!when.empty() && std::all_of(when.begin(), when.end(), [&](conjunction const& w) { return policy.innocent(w, to_see); })) {
      out.open = true;
      return out;
    }
  }
  auto const columns = candidates(name, policy.table());
  auto const proven = [&](std::span<grille::method const> methods) -> std::optional<std::vector<thresholds>> {
    for (auto const c : columns) {
      cell_proof p(c, methods, guard, fenced, policy);
      if (p.cell(item)) return std::move(p).needs();
    }
    return std::nullopt;
  };
  out.open = proven(to_see).has_value();
  if (out.open) return out;
  out.filter = !policy.of(method::filter).empty() && proven(to_find).has_value();
  if (!policy.of(method::aggregate).empty())
    if (auto needs = proven(to_count)) {
      out.aggregate = true;
      out.needs = std::move(*needs);
    }
  return out;
}

}  // namespace grille::verify
