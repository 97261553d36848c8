// Locks, by what the printed text says. Enters: the bound tree, and of each table whose rows are locked its guard. Leaves: a refusal unless every
// row that the guard lets through is one that the caller may see, and one that a grant to update or to delete covers. Guaranteed: no row of
// another table is locked, since the server locks what has passed all conditions, and nothing of what these ask.
#include <algorithm>
#include <array>

#include "verify/children.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

class locking final : public passage {
 public:
  std::set<bound::relation const*> all;

 private:
  using passage::enter;
  bool enter(bound::relation const&) override { return true; }
  bool enter(bound::expr const&) override { return true; }
  void enter(bound::query const& q) override {
    for (auto const& lock : q.locks)
      for (auto const* r : lock.of) take(*r);
  }
  void take(bound::relation const& r) {
    if (!all.insert(&r).second || r.kind != bound::relation_kind::derived) return;
    auto const* s = r.query->body->as<bound::select>();
    if (s == nullptr || s->from == nullptr) return;
    for_from(
        *s->from, [this](bound::relation const& inner) { take(inner); }, [](bound::expr const&) {});
  }
};

bool is_disjunction(bound::expr const& e) {
  auto const* j = e.as<bound::junction>();
  return j != nullptr && j->op == bound::junction_op::disjunction;
}

/// What is said all together; and the same with one of its disjunctions taken apart, for each. All of these say one thing.
std::vector<std::vector<conjunction>> readings(conjunction const& said) {
  std::vector<std::vector<conjunction>> out{{said}};
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (!is_disjunction(*said[i])) continue;
    auto& sides = out.emplace_back(ways(said[i]));
    for (auto& side : sides)
      for (std::size_t k = 0; k < said.size(); ++k)
        if (k != i) side.push_back(said[k]);
  }
  return out;
}

}  // namespace

std::set<bound::relation const*> locked_by(bound::statement const& s) {
  locking l;
  l.go(*s.query);
  return std::move(l.all);
}

base::result<std::vector<conjunction>> prove_lock(bound::expr const* guard, sentences& policy, catalog::catalog const& everything) {
  auto const at = policy.base().at;
  if (policy.table().kind != catalog::relation_kind::table || catalog::reads_elsewhere(everything, policy.table()))
    return disagree("a lock of what is no table of this server's", at);
  std::vector<alternative> changes;
  for (auto const m : {method::update, method::remove}) {
    auto more = policy.to_write(m);
    if (!more) return tl::unexpected(more.error());
    std::move(more->begin(), more->end(), std::back_inserter(changes));
  }
  auto const opens = policy.of(method::select);
  auto const said = conjuncts(guard);
  auto const all = readings(said);
  auto const holding = [&](std::span<alternative const> some) {
    return std::find_if(all.begin(), all.end(), [&](auto const& reading) {
      return std::all_of(reading.begin(), reading.end(), [&](conjunction const& way) {
        return std::any_of(some.begin(), some.end(), [&](alternative const& a) { return policy.holds(a, way); });
      });
    });
  };
  auto const seen = holding(opens);
  if (seen == all.end()) return disagree("a lock of rows of no grant to select", at);
  if (holding(changes) == all.end()) return disagree("a lock of rows that no grant lets the caller change", at);

  // nothing else is asked: each condition is one of a grant that holds, or a choice of such
  std::vector<alternative> both(opens.begin(), opens.end());
  both.insert(both.end(), changes.begin(), changes.end());
  auto const innocent = [&](bound::expr const& e) {
    if (policy.explained(e, said, both)) return true;
    if (!is_disjunction(e)) return false;
    auto const sides = ways(&e);
    return std::all_of(sides.begin(), sides.end(), [&](conjunction const& side) {
      auto way = side;
      for (auto const* other : said)
        if (other != &e) way.push_back(other);
      return std::all_of(side.begin(), side.end(), [&](bound::expr const* x) { return policy.explained(*x, way, both); });
    });
  };
  if (!std::all_of(said.begin(), said.end(), [&](bound::expr const* e) { return innocent(*e); }))
    return disagree("a lock that asks of rows what no grant asks", at);
  // where every row is open, what is shown of one is shown of all, and the rest is which are locked
  if (std::any_of(opens.begin(), opens.end(), [](alternative const& a) { return a.conditions.empty(); })) return std::vector<conjunction>{{}};
  return *seen;
}

}  // namespace grille::verify
