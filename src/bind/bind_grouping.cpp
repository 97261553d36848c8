// `group by`: keys, and on PostgreSQL the sets of them. `rollup`, `cube` and their products are written out as the sets that they are short for:
// https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-GROUPING-SETS
// Leaves: each key once, and sets as places in the list of keys; no sets where there is one, of all keys.
#include <algorithm>
#include <set>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

constexpr std::size_t most_sets = 4'096;  // the server's own, parse_agg.c
constexpr std::size_t most_of_a_cube = 12;

using key_set = std::vector<unsigned>;
using sets = std::vector<key_set>;

key_set joined(key_set a, key_set const& b) {
  for (auto const k : b)
    if (std::ranges::find(a, k) == a.end()) a.push_back(k);
  return a;
}

/// Every set of the one with every set of the other.
sets product(sets const& a, sets const& b, base::range at) {
  if (a.size() * b.size() > most_sets) refuse(errc::limit, "more than " + std::to_string(most_sets) + " grouping sets", at);
  sets all;
  for (auto const& x : a)
    for (auto const& y : b) all.push_back(joined(x, y));
  return all;
}

/// All, all but the last, …, none.
sets rolled_up(sets const& elements) {
  sets all{{}};
  for (auto const& e : elements) all.insert(all.begin(), joined(all.front(), e));
  return all;
}

sets cubed(sets const& elements, base::range at) {
  if (elements.size() > most_of_a_cube) refuse(errc::limit, "a cube of more than " + std::to_string(most_of_a_cube) + " elements", at);
  sets all{{}};
  for (auto e = elements.rbegin(); e != elements.rend(); ++e) {
    sets with;
    for (auto const& s : all) with.push_back(joined(*e, s));
    all.insert(all.begin(), with.begin(), with.end());
  }
  return all;
}

sets without_repeats(sets const& all) {
  std::set<std::set<unsigned>> seen;
  sets out;
  for (auto const& s : all)
    if (seen.emplace(s.begin(), s.end()).second) out.push_back(s);
  return out;
}

/// It would be printed as no constant, lest it be a position; and so be null outside of its sets in the key alone, not in the result.
bool is_constant(bound::expr const& e) {
  if (auto const* c = e.as<bound::collate>()) return is_constant(*c->operand);
  auto const* o = e.as<bound::operation>();
  return e.as<bound::literal>() != nullptr || (o != nullptr && o->operands.size() == 1 && is_constant(*o->operands[0]));
}

class grouping {
 public:
  using resolver = std::function<bound::expr_ptr(ast::expr const&)>;
  explicit grouping(resolver key) : key_(std::move(key)) {}

  std::vector<bound::expr_ptr> keys;

  sets of(ast::expr const& e) {
    auto const* g = e.as<ast::grouping_set>();
    if (g == nullptr) return {element(e)};
    using kind = ast::grouping_set::kind;
    if (g->which == kind::sets) {
      sets all;
      for (auto const* i : g->items)
        for (auto const& s : of(*i)) all.push_back(s);
      if (all.size() > most_sets) refuse(errc::limit, "more than " + std::to_string(most_sets) + " grouping sets", e.at);
      return all;
    }
    sets elements;
    for (auto const* i : g->items) elements.push_back(element(*i));
    if (g->which == kind::rollup) return rolled_up(elements);
    return g->which == kind::cube ? cubed(elements, e.at) : sets{{}};
  }

 private:
  /// `a`, or `(a, b)`, which stand together.
  key_set element(ast::expr const& e) {
    key_set all;
    if (auto const* r = e.as<ast::row>(); r != nullptr && !r->explicit_keyword) {
      for (auto const* i : r->items) all = joined(all, {place(*i)});
      return all;
    }
    return {place(e)};
  }
  unsigned place(ast::expr const& e) {
    if (e.as<ast::row>() != nullptr) refuse(errc::unsupported, "a row as a key of grouping sets is not supported", e.at);
    auto* made = key_(e);
    if (is_constant(*made)) refuse(errc::unsupported, "a constant as a key of grouping sets is not supported", e.at);
    auto const known = std::ranges::find_if(keys, [&](bound::expr_ptr k) { return bound::comparison{}(k, made); });
    if (known == keys.end()) return keys.push_back(made), static_cast<unsigned>(keys.size() - 1);
    return static_cast<unsigned>(known - keys.begin());
  }

  resolver key_;
};

}  // namespace

void binder::group_by(bound::select& made, ast::select_core const& c, scope& s) {
  auto const resolve = [&](ast::expr const& e) { return group_key(e, s); };
  if (std::ranges::none_of(c.group_by, [](ast::expr const* e) { return e->as<ast::grouping_set>() != nullptr; })) {
    std::vector<bound::expr_ptr> keys;
    for (auto const* e : c.group_by) keys.push_back(resolve(*e));
    made.group_by = memory_.copy(keys);
    return;
  }
  grouping g(resolve);
  sets all{{}};
  for (auto const* e : c.group_by) all = product(all, g.of(*e), e->at);
  if (c.group_distinct) all = without_repeats(all);
  if (g.keys.empty()) {  // one group of all rows, as a `having` makes it
    if (all.size() != 1) refuse(errc::unsupported, "several grouping sets without a key are not supported", c.group_by[0]->at);
    if (made.having == nullptr) made.having = make(bound::literal{bound::literal_kind::boolean, "true"}, c.group_by[0]->at);
    return;
  }
  made.group_by = memory_.copy(g.keys);
  if (all.size() == 1 && all[0].size() == g.keys.size()) return;
  std::vector<bound::list<unsigned>> places;
  for (auto const& one : all) places.push_back(memory_.copy(one));
  made.grouping_sets = memory_.copy(places);
}

bound::expr_ptr binder::group_key(ast::expr const& written, scope& s) {
  auto const& key = sqlite() ? without_collation(written) : written;
  auto index = ordinal(key, s.results.size(), which());
  // a name is a column first, then a result: https://www.postgresql.org/docs/15/sql-select.html#SQL-GROUPBY
  if (auto const* n = key.as<ast::column_ref>(); n != nullptr && !sqlite() && n->path.size() == 1 && !s.find(n->path).found()) {
    if (s.result_ambiguous(key)) refuse(errc::ambiguous, "ambiguous name in `group by`", key.at);
    index = s.result_named(key);
  }
  if (!index) return expression(written);
  auto const& r = s.results[*index];
  if (r.aggregate || r.window) refuse(errc::syntax, "`group by` cannot hold an aggregate", written.at);
  return collated_as(written, copy_result(s, r, written.at));
}

}  // namespace grille::bind
