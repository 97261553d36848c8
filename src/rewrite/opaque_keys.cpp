// PostgreSQL takes a column that a condition says to be one value, or another column's, to be so above grouping sets too, where it is null in the rows of
// the sets without it: of `where t = 1 group by rollup (t)` it leaves out what sorts by t, tells apart by t, and makes partitions by t, so that rows are
// missing and orders wrong (seen of 15.18). A guard says such things of columns that the caller's statement says nothing of. So a key that is a
// column is written `greatest(t)`, which is t, and of which the guard says nothing.
#include <algorithm>
#include <utility>

#include "bound/calls.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

using bound::expr_ptr;

class opaque final : public bound::visitor {
 public:
  explicit opaque(base::arena& memory) : memory_(memory) {}
  using bound::visitor::enter;
  void enter(bound::query& q) override { body(*q.body, q); }
  bool named_inside{};  // a query of an expression names a key: there the server knows it as a column only

 private:
  struct renamed {
    expr_ptr key, as;
  };
  /// Looks for keys where the select is computed of groups; those that stand in no query of an expression are replaced.
  struct visit final : bound::visitor {
    visit(std::vector<renamed> const& k, bool r) : keys(k), replaces(r) {}
    using bound::visitor::enter;
    bool enter(expr_ptr& x) override {
      for (auto const& [key, as] : keys) {
        if (x == as) return false;
        if (x != key && !bound::comparison{}(x, key)) continue;
        named_inside = named_inside || inside;
        if (replaces) x = as;
        return false;
      }
      if (auto const* c = x->as<bound::call>(); c != nullptr && bound::is_aggregate(*c) && !inside) return false;  // what it takes in is of rows
      auto* q = x->as<bound::subquery>();
      if (q == nullptr) return true;
      bound::walk(q->operand, *this);
      auto const around = std::exchange(inside, true);
      bound::walk(*q->query, *this);
      inside = around;
      return false;
    }
    std::vector<renamed> const& keys;
    bool replaces;
    bool inside{};
    bool named_inside{};
  };

  void body(bound::query_body& b, bound::query& whole) {
    if (auto* u = b.as<bound::set_operation>()) {
      body(*u->left, whole);
      return body(*u->right, whole);
    }
    auto* s = b.as<bound::select>();
    if (s == nullptr || s->grouping_sets.empty()) return;
    auto const* const same = catalog::find_function(dialect::postgresql, "greatest", 1);
    std::vector<renamed> keys;
    for (auto* k : s->group_by)
      if (k->as<bound::column>() != nullptr) {
        bound::call of_one;
        of_one.function = same;
        of_one.arguments = memory_.copy(std::vector{k});
        keys.push_back({k, make(memory_, of_one)});
      }
    if (visit look(keys, false); walk_results(*s, whole, look), look.named_inside) {
      named_inside = true;
      return;
    }
    visit replace(keys, true);
    for (auto& k : s->group_by) bound::walk(k, replace);
    walk_results(*s, whole, replace);
  }
  static void walk_results(bound::select& s, bound::query& whole, visit& v) {
    for (auto& i : s.items) bound::walk(i.value, v);
    bound::walk(s.having, v);
    for (auto& k : s.distinct_on) bound::walk(k, v);
    if (whole.body->as<bound::select>() == &s)
      for (auto& o : whole.order) bound::walk(o.key, v);
  }

  base::arena& memory_;
};

}  // namespace

void hide_constant_keys(bound::statement& s, occurrences& all, base::arena& memory) {
  if (std::ranges::all_of(all.all(), [&](occurrence const& o) { return shows_all(o, memory); })) return;
  opaque keys(memory);
  bound::walk(*s.query, keys);
  if (!keys.named_inside) return;
  for (auto& o : all.all()) o.apart = o.apart || !shows_all(o, memory);
}

}  // namespace grille::rewrite
