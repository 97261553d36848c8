// What of the caller's can fail or signal, and whether a fence stands between it and the rows that the caller may not see.
// Enters: the bound tree, its guards and its suppressed groups. Leaves: a refusal if any such expression is evaluated where the engine
// likes while a guarded relation is without its fence, or while groups are that it could be moved into: SQLite moves conditions
// into a grouped query's `having`, and from there, where they are of group keys alone, in front of the count that suppresses.
//
// SQLite: arithmetic and casts never fail (overflow turns real, x / 0 is NULL), https://www.sqlite.org/lang_expr.html. What fails: json, patterns
// longer than 50,000 bytes, an escape that is not one character, sum and abs beyond 64 bits, numbers of window functions that are
// not positive, and any result beyond SQLITE_LIMIT_LENGTH, which `||` reaches by doubling.
#include <algorithm>
#include <array>
#include <set>

#include "verify/children.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

constexpr std::size_t longest_pattern = 50'000;  // SQLITE_LIMIT_LIKE_PATTERN_LENGTH

bound::literal const* literal(bound::expr const* e) { return e == nullptr ? nullptr : e->as<bound::literal>(); }

bool one_character(std::string_view s) {
  auto const starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return std::count_if(s.begin(), s.end(), starts) == 1;
}
bool is_count(bound::expr const* e) {
  auto const* l = literal(e);
  if (l == nullptr && e != nullptr)
    if (auto const* o = e->as<bound::operation>(); o != nullptr && o->op == bound::op::minus) l = literal(o->operands[0]);
  return l != nullptr && l->kind == bound::literal_kind::integer;
}

/// Whether the value's size is bounded by the statement's own text, whatever the row.
bool bounded(bound::expr const& e);

bool bounded_call(bound::call const& c) {
  static constexpr std::array<std::string_view, 13> small = {"avg",   "count", "date",  "datetime", "instr",   "julianday", "length",
                                                             "round", "time",  "total", "typeof",   "unicode", "unixepoch"};
  static constexpr std::array<std::string_view, 11> as_its_arguments = {"coalesce", "ifnull", "iif",   "lower", "ltrim", "max",
                                                                        "min",      "nullif", "rtrim", "trim",  "upper"};
  auto const name = c.function->name;
  if (name == "substr" || name == "substring") return c.arguments.size() == 3 && is_count(c.arguments[2]);
  if (std::find(small.begin(), small.end(), name) != small.end()) return true;
  return std::find(as_its_arguments.begin(), as_its_arguments.end(), name) != as_its_arguments.end() &&
         std::all_of(c.arguments.begin(), c.arguments.end(), [](bound::expr const* a) { return bounded(*a); });
}

bool bounded(bound::expr const& e) {
  struct visit {
    bool operator()(bound::literal const&) const { return true; }
    bool operator()(bound::parameter const&) const { return false; }
    bool operator()(bound::slot const&) const { return false; }
    bool operator()(bound::column const&) const { return false; }
    bool operator()(bound::output const&) const { return false; }
    bool operator()(bound::now const&) const { return true; }
    bool operator()(bound::operation const& n) const {
      if (n.op == bound::op::arrow || n.op == bound::op::arrow_text) return false;
      if (n.op != bound::op::concat) return true;  // a number
      return std::all_of(n.operands.begin(), n.operands.end(), [](bound::expr const* x) { return bounded(*x); });
    }
    bool operator()(bound::junction const&) const { return true; }
    bool operator()(bound::case_expr const& n) const {
      return std::all_of(n.arms.begin(), n.arms.end(), [](bound::when_arm const& a) { return bounded(*a.result); }) &&
             (n.otherwise == nullptr || bounded(*n.otherwise));
    }
    bool operator()(bound::cast const& n) const {
      auto const to = catalog::affinity_of(n.type);
      return to == catalog::affinity::integer || to == catalog::affinity::real || to == catalog::affinity::numeric || bounded(*n.operand);
    }
    bool operator()(bound::collate const& n) const { return bounded(*n.operand); }
    bool operator()(bound::row const&) const { return false; }
    bool operator()(bound::record const&) const { return false; }
    bool operator()(bound::field const&) const { return false; }
    bool operator()(bound::subquery const& n) const { return n.kind == bound::subquery_kind::exists || n.kind == bound::subquery_kind::in || n.kind == bound::subquery_kind::not_in; }
    bool operator()(bound::call const& n) const { return bounded_call(n); }
  };
  return std::visit(visit{}, e.node);
}

bool total_operation(bound::operation const& n) {
  switch (n.op) {
    case bound::op::minus:
    case bound::op::plus:
    case bound::op::bit_not:
    case bound::op::logical_not:
    case bound::op::is_null:
    case bound::op::is_not_null:
    case bound::op::is_true:
    case bound::op::is_not_true:
    case bound::op::is_false:
    case bound::op::is_not_false:
    case bound::op::add:
    case bound::op::subtract:
    case bound::op::multiply:
    case bound::op::divide:
    case bound::op::modulo:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::shift_left:
    case bound::op::shift_right:
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::less:
    case bound::op::less_equal:
    case bound::op::greater:
    case bound::op::greater_equal:
    case bound::op::is_distinct:
    case bound::op::is_not_distinct:
    case bound::op::between:
    case bound::op::not_between:
    case bound::op::in:
    case bound::op::not_in: return true;
    case bound::op::concat: return std::all_of(n.operands.begin(), n.operands.end(), [](bound::expr const* x) { return bounded(*x); });
    case bound::op::arrow:
    case bound::op::arrow_text:
    case bound::op::ilike:
    case bound::op::not_ilike:
    case bound::op::similar:
    case bound::op::not_similar:
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci:
    case bound::op::any_array:
    case bound::op::all_array:
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
    case bound::op::between_symmetric:
    case bound::op::not_between_symmetric:
    case bound::op::path_exists:
    case bound::op::path_matches:
    case bound::op::starts_with:
    case bound::op::delete_path:
    case bound::op::power:
    case bound::op::bit_xor:
    case bound::op::square_root:
    case bound::op::cube_root:
    case bound::op::absolute: return false;
    case bound::op::like:
    case bound::op::not_like:
    case bound::op::glob:
    case bound::op::not_glob: {
      auto const* pattern = literal(n.operands[1]);
      if (pattern == nullptr || pattern->text.size() > longest_pattern) return false;
      if (n.operands.size() < 3) return true;
      auto const* escape = literal(n.operands[2]);
      return escape != nullptr && escape->kind == bound::literal_kind::text && one_character(escape->text);
    }
  }
  return false;
}

bool total_window(bound::window const& w) {
  auto const good = [](bound::frame_bound const& b) { return b.offset == nullptr || literal(b.offset) != nullptr; };
  return w.frame == nullptr || (good(w.frame->start) && good(w.frame->end));
}

/// One node alone.
bool total_node(bound::expr const& e) {
  struct visit {
    bool operator()(bound::literal const&) const { return true; }
    bool operator()(bound::parameter const&) const { return true; }
    bool operator()(bound::slot const&) const { return true; }
    bool operator()(bound::column const&) const { return true; }
    bool operator()(bound::output const&) const { return true; }
    bool operator()(bound::now const&) const { return true; }
    bool operator()(bound::operation const& n) const { return total_operation(n); }
    bool operator()(bound::junction const&) const { return true; }
    bool operator()(bound::case_expr const&) const { return true; }
    bool operator()(bound::cast const&) const { return true; }
    bool operator()(bound::collate const& n) const {
      return catalog::same_name(n.collation, "binary") || catalog::same_name(n.collation, "nocase") || catalog::same_name(n.collation, "rtrim");
    }
    bool operator()(bound::row const&) const { return true; }
    bool operator()(bound::record const&) const { return false; }
    bool operator()(bound::field const&) const { return false; }
    bool operator()(bound::subquery const&) const { return true; }
    bool operator()(bound::call const& n) const { return !n.function->can_raise && (n.over == nullptr || total_window(*n.over)); }
  };
  return std::visit(visit{}, e.node);
}

/// Looks for the first expression of the caller's that is not total.
class search final : public passage {
 public:
  explicit search(guarded_relations const& guarded) : guarded_(guarded) {}
  /// Items of a plain outermost select are computed from rows that passed every condition, whatever the engine's plan: only
  /// queries inside them are looked at.
  void leave_out_items_of(bound::query const& outermost) {
    if (auto const* s = outermost.body->as<bound::select>())
      for (auto const& i : s->items) late_.insert(i.value);
  }
  std::optional<base::range> found;

 private:
  using passage::enter;
  bool enter(bound::relation const& r) override {
    if (r.kind == bound::relation_kind::function && r.function->can_raise) found = r.at;
    // a common table is computed when it is first reached: in a query of an expression, by a row
    if (r.kind == bound::relation_kind::common && within_expressions() > 0 && reached_.insert(r.cte).second) go(*r.cte->query);
    return !guarded_.contains(&r);
  }
  bool enter(bound::expr const& e) override {
    if (late_.contains(&e)) {
      queries_of(e);
      return false;
    }
    if (!total_node(e) && !takes_in_rows(e)) found = e.at;
    return !found;
  }
  void queries_of(bound::expr const& e) {
    for_children(
        e, [this](bound::expr const& x) { queries_of(x); }, [this](bound::query const& q) { go(q); });
  }
  /// An aggregate takes in rows that every condition of its query let through, guards among them. But a query of an expression is reached
  /// by a row of the query around it, which may be one that no guard has seen.
  bool takes_in_rows(bound::expr const& e) const {
    auto const* c = e.as<bound::call>();
    return c != nullptr && c->function->kind == catalog::function_kind::aggregate && c->over == nullptr && within_expressions() == 0;
  }
  /// For the same reason `limit 'x'` is harmless but in a query of an expression.
  void enter(bound::query const& q) override {
    for (auto const* count : {q.limit, q.offset})
      if (count != nullptr && within_expressions() > 0 && !is_count(count)) found = count->at;
  }

  guarded_relations const& guarded_;
  std::set<bound::expr const*> late_;
  std::set<bound::common_table const*> reached_;
};

}  // namespace

bool total_on_sqlite(bound::expr const& e) {
  bool good = total_node(e);
  if (good)
    for_children(
        e, [&](bound::expr const& x) { good = good && total_on_sqlite(x); }, [&](bound::query const&) { good = false; });
  return good;
}

std::optional<base::range> first_that_can_fail(bound::expr const& e, guarded_relations const& guarded) {
  search unsafe(guarded);
  unsafe.go(e);
  return unsafe.found;
}

std::optional<base::range> first_that_can_fail(bound::relation const& r, guarded_relations const& guarded) {
  search unsafe(guarded);
  switch (r.kind) {
    case bound::relation_kind::base: break;
    case bound::relation_kind::derived:
      if (!guarded.contains(&r)) unsafe.inside(*r.query);
      break;
    case bound::relation_kind::common: unsafe.inside(*r.cte->query); break;
    case bound::relation_kind::function:
      if (r.function->can_raise) return r.at;
      for (auto const* a : r.arguments) unsafe.go(*a);
      break;
  }
  return unsafe.found;
}

proof prove_fences(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups) {
  for (auto const& [relation, g] : guarded)
    if (g.has_guard && !g.fenced && g.can_fail) return disagree("a guard without a fence around a view or a generated column", g.at);
  search unsafe(guarded);
  unsafe.leave_out_items_of(*s.query);
  unsafe.go(*s.query);
  if (!unsafe.found) return {};
  for (auto const& [relation, g] : guarded)
    if (g.has_guard && !g.fenced) return disagree("a guard without a fence, and an expression that can fail or signal", *unsafe.found);
  for (auto const* q : groups.queries)
    if (q != s.query && q->limit == nullptr) return disagree("suppressed groups without a fence, and an expression that can fail or signal", *unsafe.found);
  return {};
}

}  // namespace grille::verify
