#include "rewrite/write_conflict.hpp"

#include <algorithm>
#include <set>

#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "rewrite/passes.hpp"
#include "rewrite/totality.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

bool can_fail(expr_ptr e, bound::unique_index const& index, dialect d) {
  if (d == dialect::sqlite) return can_fail_on_sqlite(e);
  return !totality(*index.query, [](bound::column const&) { return true; }).partial(e).empty();
}

/// PostgreSQL: a column that is more than its value where something is computed of it.
struct find_own final : bound::visitor {
  using bound::visitor::enter;
  bool enter(expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    if (c == nullptr) return true;
    auto const& column = c->relation->table->columns[c->relation->columns[c->index].source];
    found = found || column.type == "pg_catalog.bpchar" || (!column.collation.empty() && column.collation != "pg_catalog.default");
    return true;
  }
  bool found{};
};

expr_ptr of_row(bound::expr const* e, std::function<expr_ptr(unsigned)> const& row, base::arena& memory) {
  bound::copier copy{memory};
  copy.columns = [&](bound::column const& c) { return row(c.relation->columns[c.index].source); };
  return copy(e);
}

struct key_columns {
  std::set<unsigned> all;
  std::set<unsigned> computed{};  // more is made of them than that other texts are others: what they are may be one for any value
};

std::set<unsigned> computed(bound::unique_index const& index) {
  struct named final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& e) override {
      if (auto const* c = e->as<bound::column>()) columns.insert(c->relation->columns[c->index].source);
      return true;
    }
    std::set<unsigned> columns;
  } out;
  for (auto* e : index.elements) {
    auto const* whole = e;
    if (auto const* l = e->as<bound::collate>()) whole = l->operand;
    if (auto const* f = e->as<bound::call>(); f != nullptr && (f->function->name == "lower" || f->function->name == "upper")) {
      whole = f->arguments.front();
      if (auto const* c = whole->as<bound::cast>()) whole = c->operand;
    }
    if (whole->as<bound::column>() == nullptr) bound::walk(e, out);
  }
  return std::move(out.columns);
}

/// The columns of each key of the table's: whole ones, of expressions or of some rows, exclusions; and whether there is one that is not understood.
struct keys_of_table {
  keys_of_table(catalog::table const& t, policy::access const& who, bound::conflict_key const& but = {}) {
    std::set<unsigned> const own(but.columns.begin(), but.columns.end());
    for (auto const& k : t.unique_keys)
      if (std::set<unsigned> columns(k.begin(), k.end()); columns != own) whole.push_back(std::move(columns));
    auto const found = who.policy().indexes.find(&t);
    std::size_t known = 0;
    if (found != who.policy().indexes.end())
      for (auto const& i : found->second) {
        ++known;
        if (&i != but.index) of_some_rows.push_back({{i.columns.begin(), i.columns.end()}, computed(i)});
      }
    not_understood = known < t.unique_indexes.size();
    for (auto const& x : t.exclusions)
      if (&x != but.exclusion) add(x);
    for (auto const& k : t.other_keys) add(k);
  }
  template <class Key>
  void add(Key const& k) {
    std::set<unsigned> const all(k.columns.begin(), k.columns.end());
    of_some_rows.push_back({all, k.computes ? all : std::set<unsigned>{}});
  }
  std::vector<std::set<unsigned>> whole;
  std::vector<key_columns> of_some_rows;  // the second: of expressions, exclusions and what is not read in full, too
  bool not_understood{};
};

/// Who may propose what, as far as keys are about it.
class proposals {
 public:
  proposals(catalog::table const& t, policy::table_access const& access, std::set<unsigned> const& own) : table_(t), access_(access), own_(own) {}

  /// Whether a column has, in every row that the caller can propose, one value (or one of few) that another row may have too: nobody lets it choose another, by
  /// a grant that lets it choose the key's own, too, or the table takes no other. `whole`: of a key of whole columns, which a NULL, what is left to no default,
  /// is no value of. `apart`: of a key that has no column of the named: with as many parents as rows to propose it is not taken by the rows there are.
  bool fixed(unsigned c, bool whole, bool apart) const {
    auto const limited = table_.columns[c].limited;
    if (limited == catalog::limited::few || (limited == catalog::limited::referring && !apart)) return true;
    auto const sets = std::ranges::any_of(access_.insert, [&](auto const& g) { return is_set(g, c); });
    if (whole && !sets && !catalog::has_value_of_its_own(table_.columns[c]) && !catalog::numbers_itself(table_, c) && !anybody(c)) return false;
    return std::ranges::none_of(access_.insert, [&](policy::matched_grant const& g) {
      auto const free = chosen(g, c) || (catalog::numbers_itself(table_, c) && !is_set(g, c));
      return free && can_insert(g) && std::ranges::all_of(own_, [&](unsigned o) { return chosen(g, o) || !anybody(o); });
    });
  }

 private:
  bool is_set(policy::matched_grant const& g, unsigned c) const {
    return std::ranges::any_of(g.grant->settings, [&](auto const& s) { return s.first == c; });
  }
  bool chosen(policy::matched_grant const& g, unsigned c) const {
    return g.grant->cells[c].which == policy::cell::kind::plain && !access_.denied[c] && !access_.denied_insert[c] && !is_set(g, c);
  }
  bool anybody(unsigned c) const {
    return std::ranges::any_of(access_.insert, [&](auto const& g) { return chosen(g, c) && can_insert(g); });
  }
  /// A row without a value that the table demands is none.
  bool can_insert(policy::matched_grant const& g) const {
    for (unsigned c = 0; c < table_.columns.size(); ++c) {
      auto const& column = table_.columns[c];
      auto const given = chosen(g, c) || is_set(g, c) || catalog::has_value_of_its_own(column) || catalog::numbers_itself(table_, c);
      if (column.not_null && !given) return false;
    }
    return true;
  }

  catalog::table const& table_;
  policy::table_access const& access_;
  std::set<unsigned> const& own_;
};

}  // namespace

bound::list<unsigned> columns_of(bound::conflict_key const& key) { return key.index == nullptr ? key.columns : key.index->columns; }

bool tells_of_a_row(bound::conflict_key const& key, catalog::table const& t, policy::access const& who, base::arena& memory) {
  auto const named = columns_of(key);
  std::set<unsigned> own(named.begin(), named.end());
  if (key.exclusion != nullptr) own.insert(key.exclusion->columns.begin(), key.exclusion->columns.end());
  if (own.empty()) return false;
  auto const& access = *who.of(&t);
  alternatives const open(access, access.select, memory);
  auto const all_shown = [&](alternative const& a) { return a.conjuncts.empty() && std::ranges::all_of(own, [&](unsigned c) { return shows(access, a, c); }); };
  if (std::ranges::any_of(open.all(), all_shown)) return false;
  keys_of_table const others(t, who, key);
  // a generated column is of others: a row that has its value has theirs
  bool const computed = std::ranges::any_of(own, [&](unsigned c) { return t.columns[c].generated != catalog::generated::no; });
  auto const mine = [&](unsigned c) { return computed || own.contains(c); };
  proposals const proposed(t, access, own);
  auto const in_the_way = [&](key_columns const& k, bool whole) {
    auto const apart = std::ranges::none_of(k.all, mine);
    return std::ranges::all_of(k.all, [&](unsigned c) { return mine(c) || k.computed.contains(c) || proposed.fixed(c, whole, apart); });
  };
  // one of some rows whose columns are all fixed has each row that the caller can propose in it, or, as is to be expected, none
  return others.not_understood || std::ranges::any_of(others.whole, [&](std::set<unsigned> const& k) { return in_the_way({k}, true); }) ||
         std::ranges::any_of(others.of_some_rows, [&](key_columns const& k) { return std::ranges::any_of(k.all, mine) && in_the_way(k, false); });
}

base::result<void> refuse_to_tell(bound::write const& w, policy::access const& who, base::arena& memory) {
  if (w.conflict == nullptr || w.conflict->update != nullptr) return {};
  for (auto const& key : w.conflict->keys) {
    // the server looks at its keys in turn, and fails at a deferrable one: that would tell which of them the row has
    auto const any = key.columns.empty() && key.index == nullptr && key.exclusion == nullptr;
    if (any && std::ranges::any_of(w.table->other_keys, &catalog::other_key::deferrable))
      return base::fail(errc::unsupported, "`on conflict` by any key, where one is deferrable", w.conflict->at, "name the key");
    if (tells_of_a_row(key, *w.table, who, memory))
      return base::fail(errc::unsupported, "`on conflict … do nothing` by one key, where another is of some of its columns", w.conflict->at,
                        "leave the target out, or name the other: by which of them a row is in the way would tell what a hidden one has");
  }
  return {};
}

bool tells_by_what_goes(catalog::table const& t, policy::access const& who, base::arena& memory) {
  keys_of_table const keys(t, who);
  auto all = keys.whole;
  for (auto const& k : keys.of_some_rows) all.push_back(k.all);
  if (all.size() + (keys.not_understood ? 1U : 0U) < 2) return false;
  auto const shown = [&](unsigned c) { return is_shown(*who.of(&t), c, memory); };
  return keys.not_understood || !std::ranges::all_of(all, [&](std::set<unsigned> const& k) { return std::ranges::all_of(k, shown); });
}

std::string_view unfit(bound::conflict_key const& key, dialect d) {
  if (key.index == nullptr) return {};
  for (auto* c : key.index->conditions)
    if (can_fail(c, *key.index, d)) return "by an index with a condition that could fail";
  find_own own;
  for (auto* list : {&key.index->elements, &key.index->conditions})
    for (auto* e : *list)
      if (e->as<bound::column>() == nullptr) bound::walk(e, own);
  return own.found && d == dialect::postgresql ? "by an index that computes what it has of a column with a collation of its own, or of `char(n)`" : "";
}

std::vector<expr_ptr> in_the_way(bound::conflict_key const& key, std::function<expr_ptr(unsigned)> const& r, std::function<expr_ptr(unsigned)> const& p, dialect d,
                                 base::arena& memory) {
  std::vector<expr_ptr> out;
  for (auto const c : key.columns) out.push_back(operate(memory, bound::op::equal, {r(c), p(c)}));
  if (key.index == nullptr) return out;
  auto const& index = *key.index;
  for (auto* e : index.elements) {
    auto* value = e;
    if (!index.conditions.empty() && can_fail(e, index, d)) {
      auto* all = join(memory, bound::junction_op::conjunction, {index.conditions.begin(), index.conditions.end()});
      value = make(memory, bound::case_expr{nullptr, memory.copy(std::vector{bound::when_arm{all, e}}), nullptr});
    }
    out.push_back(operate(memory, bound::op::equal, {of_row(value, r, memory), of_row(value, p, memory)}));
  }
  for (auto const& row : {r, p})
    for (auto* c : index.conditions) out.push_back(of_row(c, row, memory));
  return out;
}

}  // namespace grille::rewrite
