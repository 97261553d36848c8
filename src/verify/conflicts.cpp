#include "verify/conflicts.hpp"

#include <algorithm>

#include "bind/bind.hpp"
#include "bound/conjuncts.hpp"
#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "verify/total_postgresql.hpp"
#include "verify/view_totals.hpp"
#include "verify/write_rights.hpp"

namespace grille::verify {

namespace {

/// Whether a value of the column's alone makes one of the element's that no other makes: of anything that is computed it may be one for all, but for
/// texts in other letters.
bool carries(bound::expr const& element, unsigned c) {
  auto const is_column = [&](bound::expr const& e) {
    auto const* k = e.as<bound::column>();
    return k != nullptr && k->relation->columns[k->index].source == c;
  };
  if (is_column(element)) return true;
  auto const* f = element.as<bound::call>();
  if (f == nullptr || f->arguments.size() != 1 || (f->function->name != "lower" && f->function->name != "upper")) return false;
  auto const* of_text = f->arguments[0]->as<bound::cast>();
  return is_column(of_text != nullptr ? *of_text->operand : *f->arguments[0]);
}

bool names(bound::expr_ptr e, unsigned c) {
  struct finder final : bound::visitor {
    using bound::visitor::enter;
    explicit finder(unsigned column) : wanted(column) {}
    bool enter(bound::expr_ptr& x) override {
      auto const* k = x->as<bound::column>();
      found = found || (k != nullptr && k->relation->columns[k->index].source == wanted);
      return !found;
    }
    unsigned wanted;
    bool found{};
  } find(c);
  bound::walk(e, find);
  return find.found;
}

bool is(bound::expr const* e, bound::expr const* wanted) { return e != nullptr && bound::comparison{}(e, wanted); }

}  // namespace

std::span<bound::unique_index const> conflict_keys::indexes() const {
  auto const found = who_.policy().indexes.find(&table_);
  return found == who_.policy().indexes.end() ? std::span<bound::unique_index const>{} : found->second;
}

bool conflict_keys::can_fail(bound::expr const& e, bound::unique_index const& index) const {
  if (who_.which() == dialect::sqlite) return !total_on_sqlite(e);
  view_totals views(who_.policy().views);
  guarded_relations const no_guards;
  std::set<bound::expr const*> const nothing;
  return !total_trees(*index.query, no_guards, nothing, &views).total(e);
}

/// As it would be of `row`. Null: another row is in it.
bound::expr_ptr conflict_keys::over(bound::relation* row, bound::expr const* e, column_of_row const& column) const {
  bool good = true;
  bound::copier copy{memory_};
  copy.columns = [&](bound::column const& c) -> bound::expr_ptr {
    auto const k = column(c);
    good = good && k;
    return memory_.make<bound::expr>(bound::expr{bound::column{row, k.value_or(0)}, {}});
  };
  auto* out = copy(e);
  return good ? out : nullptr;
}

std::optional<std::set<std::size_t>> conflict_keys::says(bound::unique_index const& index, std::span<bound::expr_ptr const> all, column_of_row const& mine,
                                                         column_of_row const& theirs) const {
  std::set<std::size_t> out;
  auto const find = [&](auto const& fits) {
    bool found = false;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (fits(*all[i])) {
        out.insert(i);
        found = true;
      }
    return found;
  };
  // they are asked of every row, in any order
  if (std::ranges::any_of(index.conditions, [&](bound::expr const* c) { return can_fail(*c, index); })) return std::nullopt;
  auto* row = index.row;
  for (auto* e : index.elements) {
    auto const equal = [&](bound::expr const* form) {
      return find([&](bound::expr const& x) {
        auto const* o = x.as<bound::operation>();
        return o != nullptr && o->op == bound::op::equal && is(over(row, o->operands[0], mine), form) && is(over(row, o->operands[1], theirs), form);
      });
    };
    auto* behind = e;
    if (!index.conditions.empty()) {
      auto* asked = index.conditions.size() == 1
                        ? index.conditions.front()
                        : memory_.make<bound::expr>(bound::expr{bound::junction{bound::junction_op::conjunction, index.conditions}, {}});
      behind = memory_.make<bound::expr>(bound::expr{bound::case_expr{nullptr, memory_.copy(std::vector{bound::when_arm{asked, e}}), nullptr}, {}});
    }
    if (!equal(behind) && (can_fail(*e, index) || !equal(e))) return std::nullopt;
  }
  for (auto* c : index.conditions)
    for (auto const* of : {&mine, &theirs})
      if (!find([&](bound::expr const& x) { return is(over(row, &x, *of), c); })) return std::nullopt;
  return out;
}

/// Of each key that is said in full, the positions that say it.
std::vector<std::set<std::size_t>> conflict_keys::each(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const {
  auto const matched = [&](bound::expr const& e) -> std::optional<unsigned> {
    auto const* o = e.as<bound::operation>();
    if (o == nullptr || o->op != bound::op::equal) return std::nullopt;
    auto const *a = o->operands[0]->as<bound::column>(), *b = o->operands[1]->as<bound::column>();
    if (a == nullptr || b == nullptr) return std::nullopt;
    auto const k = mine(*a);
    return k && theirs(*b) == k ? k : std::nullopt;
  };
  std::vector<std::set<std::size_t>> out;
  for (auto const& key : table_.unique_keys) {
    std::set<unsigned> columns;
    std::set<std::size_t> at;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (auto const k = matched(*all[i]); k && std::ranges::find(key, *k) != key.end()) {
        columns.insert(*k);
        at.insert(i);
      }
    if (columns == std::set<unsigned>(key.begin(), key.end())) out.push_back(std::move(at));
  }
  for (auto const& index : indexes())
    if (auto found = says(index, all, mine, theirs)) out.push_back(*std::move(found));
  return out;
}

std::set<std::size_t> conflict_keys::said(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const {
  std::set<std::size_t> out;
  for (auto const& key : each(all, mine, theirs)) out.insert(key.begin(), key.end());
  return out;
}

bool conflict_keys::are_one(std::span<bound::expr_ptr const> all, column_of_row const& mine, column_of_row const& theirs) const {
  return std::ranges::any_of(each(all, mine, theirs), [&](auto const& at) { return at.size() == all.size(); });
}

bool conflict_keys::leaves_out(ast::upsert const& u) const {
  if (!u.do_nothing) return false;
  if (u.target.empty() && u.constraint.text.empty()) return std::ranges::none_of(table_.other_keys, &catalog::other_key::deferrable);
  std::set<unsigned> by;
  void const* which = nullptr;  // of those that are no whole keys
  if (!u.constraint.text.empty()) {
    auto const x = std::ranges::find(table_.exclusions, u.constraint.text, &catalog::exclusion::name);
    if (x == table_.exclusions.end()) return false;
    by.insert(x->columns.begin(), x->columns.end());
    which = &*x;
  } else if (u.target_where == nullptr && std::ranges::all_of(u.target, [](ast::expr_ptr e) { return e->as<ast::column_ref>() != nullptr; })) {
    for (auto const* e : u.target) {
      auto const c = table_.find(e->as<ast::column_ref>()->path.back().text);
      if (!c) return false;
      by.insert(*c);
    }
  } else {
    auto const* index = named(u);
    if (index == nullptr) return false;
    by.insert(index->columns.begin(), index->columns.end());
    which = index;
  }
  return tells_no_row(by, which);
}

/// Another key of some of the same columns is in the way of whatever this one is: whether it is this one, too, must be of rows that are shown.
bool conflict_keys::tells_no_row(std::set<unsigned> const& by, void const* which) const {
  auto policy = sentences::about(*whole_row(table_, memory_), who_, memory_);
  if (!policy) return false;
  auto const inserts = policy->to_write(method::insert);
  if (!inserts) return false;
  auto const sets = [&](alternative const& a, unsigned c) { return std::ranges::any_of(a.grant->settings, [&](auto const& s) { return s.first == c; }); };
  auto const numbered = [&](alternative const& a, unsigned c) { return catalog::numbers_itself(table_, c) && !sets(a, c); };
  auto const makes_rows = [&](alternative const& a) {  // all that the table demands has a value
    for (unsigned c = 0; c < table_.columns.size(); ++c)
      if (table_.columns[c].not_null && !policy->names(a, c) && !sets(a, c) && !numbered(a, c) && !catalog::has_value_of_its_own(table_.columns[c])) return false;
    return true;
  };
  auto const any_names = [&](unsigned c) { return std::ranges::any_of(*inserts, [&](alternative const& a) { return policy->names(a, c) && makes_rows(a); }); };
  // by a grant that lets the caller name both, it could ask for the key alone, without `on conflict`
  auto const free = [&](unsigned c) {
    return std::ranges::any_of(*inserts, [&](alternative const& a) {
      return (policy->names(a, c) || numbered(a, c)) && makes_rows(a) && std::ranges::all_of(by, [&](unsigned o) { return policy->names(a, o) || !any_names(o); });
    });
  };
  auto const free_beside = [&](unsigned c) { return table_.columns[c].limited == catalog::limited::no && free(c); };
  auto const free_apart = [&](unsigned c) { return table_.columns[c].limited != catalog::limited::few && free(c); };
  auto const null = [&](unsigned c) {  // which is equal to nothing, in a key of whole columns
    auto const& column = table_.columns[c];
    return column.limited == catalog::limited::no && !catalog::has_value_of_its_own(column) && !catalog::numbers_itself(table_, c) && !any_names(c) &&
           std::ranges::none_of(*inserts, [&](alternative const& a) { return sets(a, c); });
  };
  bool const generated = std::ranges::any_of(by, [&](unsigned c) { return table_.columns[c].generated != catalog::generated::no; });
  auto const decided = [&](unsigned c) { return generated || by.contains(c); };  // what a generated column is of is decided by it, and may be any
  auto const whole = [&](auto const& columns) {
    auto const apart = std::ranges::none_of(columns, decided);
    return std::ranges::all_of(columns, [&](unsigned c) { return decided(c) || (!(apart ? free_apart(c) : free_beside(c)) && !null(c)); });
  };
  auto const beside = [&](auto const& columns, auto const& is_free) {
    return std::ranges::any_of(columns, decided) && std::ranges::all_of(columns, [&](unsigned c) { return decided(c) || !is_free(c); });
  };
  auto const part = [&](auto const& key) { return beside(key.columns, [&](unsigned c) { return !key.computes && free_beside(c); }); };
  auto const part_index = [&](bound::unique_index const& i) {
    return beside(i.columns, [&](unsigned c) {
      return free_beside(c) && std::ranges::all_of(i.elements, [&](bound::expr_ptr e) { return carries(*e, c) || !names(e, c); });
    });
  };
  auto const all = indexes();
  bool const alone =
      std::ranges::none_of(table_.unique_keys, [&](catalog::column_list const& k) { return whole(k) && (which != nullptr || std::set<unsigned>(k.begin(), k.end()) != by); }) &&
      std::ranges::none_of(table_.other_keys, [&](catalog::other_key const& k) { return part(k); }) && all.size() == table_.unique_indexes.size() &&
      std::ranges::none_of(all, [&](bound::unique_index const& i) { return &i != which && part_index(i); }) &&
      std::ranges::none_of(table_.exclusions, [&](catalog::exclusion const& x) { return &x != which && part(x); });
  if (alone) return true;
  return std::ranges::any_of(policy->of(method::select), [&](alternative const& a) {
    return a.conditions.empty() && std::ranges::all_of(by, [&](unsigned c) { return policy->plain(a, c); });
  });
}

bound::unique_index const* conflict_keys::named(ast::upsert const& u) const {
  bind::full_catalog const everything(*who_.policy().catalog);
  auto* row = whole_row(table_, memory_);
  auto const bind = [&](ast::expr const& e) -> bound::expr_ptr {
    auto const bound = bind::bind_expression(e, row, {.visible = everything, .memory = memory_, .parameters = false});
    return bound ? *bound : nullptr;
  };
  auto* where = u.target_where == nullptr ? nullptr : bind(*u.target_where);
  auto const conditions = bound::conjuncts(where);
  if (u.target_where != nullptr && where == nullptr) return nullptr;
  auto const all = indexes();
  auto const found = std::ranges::find_if(all, [&](bound::unique_index const& i) {
    auto const same = [&](bound::expr_ptr a, bound::expr_ptr b) { return a != nullptr && bound::comparison{{{row, i.row}}, {}}(a, b); };
    return std::ranges::equal(u.target, i.elements, [&](ast::expr_ptr a, bound::expr_ptr b) { return same(bind(*a), b); }) &&
           std::ranges::equal(conditions, i.conditions, same);
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace grille::verify
