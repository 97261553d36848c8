// Finds every occurrence of a base table and proves its guard. Enters: the bound tree. Leaves: what each guarded relation lets
// through. Guaranteed: a base table that is not found here, alone in a select of the guard's shape or inside the policy's own
// expressions of such a select, is a refusal; and so is a row that no grant opens.
#include <algorithm>

#include "verify/children.hpp"
#include "verify/proof.hpp"
#include "verify/view_totals.hpp"

namespace grille::verify {

bound::relation* guarded_table(bound::query const& q) {
  auto const* s = q.body->as<bound::select>();
  if (s == nullptr || s->from == nullptr) return nullptr;
  auto const* r = std::get_if<bound::relation*>(&s->from->node);
  return r != nullptr && (*r)->kind == bound::relation_kind::base ? *r : nullptr;
}

namespace {

/// What an item says to the plan: a column of the row, or that the conditions of some grants hold in it.
base::result<plan_item> planned(bound::expr const& item, std::span<alternative const> ways, sentences& policy) {
  plan_item out;
  if (auto const* c = item.as<bound::column>(); c != nullptr && c->relation == &policy.base())
    out.plain = policy.base().columns[c->index].source;
  auto const* o = item.as<bound::operation>();
  if (o == nullptr || o->op != bound::op::is_true) return out;
  auto const said = conjuncts(o->operands[0]);
  if (said.empty() || !std::all_of(said.begin(), said.end(), [&](bound::expr const* e) { return policy.of_the_policy(*e, ways); }))
    return out;
  for (auto const& a : ways)
    if (policy.holds(a, said)) out.may.emplace_back(a.grant, a.tuple);
  for (unsigned c = 0; c < policy.table().columns.size(); ++c)
    if (policy.seen_as_stored_in(said, c)) out.as_stored.push_back(c);
  return out;
}

/// SQLite's fence: no limit at all, but the engine moves nothing across it.
bool is_fence(bound::expr const& limit) {
  auto const is = [](bound::expr const& e, std::string_view numeral) {
    auto const* l = e.as<bound::literal>();
    return l != nullptr && l->kind == bound::literal_kind::integer && l->text == numeral;
  };
  auto const* o = limit.as<bound::operation>();
  return o != nullptr ? o->op == bound::op::minus && is(*o->operands[0], "1") : is(limit, "-1");
}

bool is_zero(bound::expr const& e) {
  auto const* l = e.as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::integer && l->text == "0";
}

bool tests_by_query(bound::expr const& e) {
  auto const* q = e.as<bound::subquery>();
  bool found = q != nullptr && q->kind != bound::subquery_kind::scalar;
  for_children(
      e, [&](bound::expr const& x) { found = found || tests_by_query(x); }, [](bound::query const&) {});
  return found;
}

/// Whether `e` is true wherever `guard` is: each way in which that is true has all that one of the ways of `e` asks for.
bool implied(bound::expr const& e, bound::expr const& guard) {
  auto const asked = ways(&e);
  auto const all = ways(&guard);
  return std::all_of(all.begin(), all.end(), [&](conjunction const& has) {
    return std::any_of(asked.begin(), asked.end(), [&](conjunction const& wanted) {
      return std::all_of(wanted.begin(), wanted.end(), [&](bound::expr const* w) {
        return std::any_of(has.begin(), has.end(), [&](bound::expr const* h) { return same(*w, *h); });
      });
    });
  });
}

/// PostgreSQL makes a join of `exists` and `in` among the conditions, but not of `(…) is true`. The guard without these, and without what
/// one of these implies, which is there for the sake of an index; and whether all of its queries stand so.
struct as_read {
  bound::expr_ptr guard{};
  bool at_scan{true};
};
as_read without_holds(bound::expr_ptr guard, base::arena& memory) {
  as_read out;
  if (guard == nullptr) return out;
  auto const* j = guard->as<bound::junction>();
  auto const all = j != nullptr && j->op == bound::junction_op::conjunction;
  std::vector<bound::expr_ptr> held, plain;
  for (auto* e : all ? std::vector<bound::expr_ptr>(j->items.begin(), j->items.end()) : std::vector<bound::expr_ptr>{guard}) {
    auto const* o = e->as<bound::operation>();
    bool const tests = tests_by_query(*e);
    bool const holds = tests && o != nullptr && o->op == bound::op::is_true;
    out.at_scan = out.at_scan && holds == tests;
    (holds ? held : plain).push_back(holds ? o->operands[0] : e);
  }
  for (auto& h : held) flatten(h, memory);
  auto items = held;
  for (auto* e : plain)
    if (std::none_of(held.begin(), held.end(), [&](bound::expr_ptr h) { return implied(*e, *h); })) items.push_back(e);
  out.guard = items.size() == 1 ? items.front() : memory.make<bound::expr>(bound::expr{bound::junction{bound::junction_op::conjunction, memory.copy(items)}, guard->at});
  flatten(out.guard, memory);
  return out;
}

/// `(GUARD) is true`, of the very guard.
bool is_witness(bound::expr const& item, bound::expr const* guard) {
  auto const* o = item.as<bound::operation>();
  return o != nullptr && guard != nullptr && o->op == bound::op::is_true && same(*o->operands[0], *guard);
}

/// Of a view: whether it is made of a column that can fail.
bool is_partial(bound::expr const& item, bound::relation const& view, view_totals& views) {
  class look final : public passage {
   public:
    look(bound::relation const& view, view_totals& views) : view_(view), views_(views) {}
    bool found{};

   private:
    using passage::enter;
    bool enter(bound::relation const&) override { return true; }
    bool enter(bound::expr const& e) override {
      auto const* c = e.as<bound::column>();
      found = found || (c != nullptr && c->relation == &view_ && !views_.column(*view_.table, view_.columns[c->index].source));
      return !found;
    }
    bound::relation const& view_;
    view_totals& views_;
  } v(view, views);
  v.go(item);
  return v.found;
}

base::result<guarded_relation> prove_guard(bound::query const& q, bound::relation& table, policy::access const& who, base::arena& memory,
                                           std::optional<grille::method> written, bool locked, view_totals& views) {
  auto const& s = *q.body->as<bound::select>();
  auto const sqlite = who.which() == dialect::sqlite;
  auto const is_view = table.table->kind == catalog::relation_kind::view;
  // all of it is there before anything around is asked; but a lock around it would be one of all of its rows
  auto const apart = q.offset != nullptr && !sqlite && (is_view || (!locked && !written)) && is_zero(*q.offset);
  auto const shape = q.locks.empty() && q.with.empty() && q.order.empty() && (q.offset == nullptr || apart) && !s.distinct && s.group_by.empty() && s.having == nullptr;
  if (!shape) return disagree("a guard with more than items, a table and a condition", table.at);
  if (q.limit != nullptr && (!sqlite || !is_fence(*q.limit))) return disagree("a guard with a limit that is no fence", table.at);

  auto policy = sentences::about(table, who, memory);
  if (!policy) return tl::unexpected(policy.error());
  auto const read = sqlite ? as_read{s.where, true} : without_holds(s.where, memory);
  auto guard = ways(read.guard);
  if (locked) {
    auto proven = prove_lock(read.guard, *policy, *who.policy().catalog);
    if (!proven) return tl::unexpected(proven.error());
    guard = *std::move(proven);
  }
  if (guard.empty()) return disagree("a guard that is never true", table.at);

  auto const extent = is_view && !sqlite ? views.extent_of(*table.table) : view_totals::extent{.by_row = true, .all_rows = true, .one_scan = true};
  guarded_relation out{.policy = std::move(*policy),
                       .columns = {},
                       .has_guard = s.where != nullptr,
                       .fenced = q.limit != nullptr,
                       .can_fail = is_view && (sqlite || !views.conditions(*table.table)),
                       .partial_items = {},
                       .as_a_table = extent.by_row && (s.where == nullptr || !is_partial(*s.where, table, views)),
                       .witness = {},
                       .apart = apart,
                       .at_scan = apart || (read.at_scan && extent.one_scan),
                       .at = table.at,
                       .rows_open = true,
                       .needs = {},
                       .plan = {}};
  std::vector<alternative> ways_to_write;
  if (written) {
    auto found = out.policy.to_write(*written);
    if (!found) return tl::unexpected(found.error());
    ways_to_write = *std::move(found);
  }
  auto const unseen = written && out.policy.of(method::select).empty();  // its rows are those that may be written, and none is shown
  auto const opened = [&](grille::method m, std::size_t way) {
    auto const all = out.policy.of(m);
    for (std::size_t k = 0; k < all.size(); ++k)
      if (out.policy.holds(all[(k + way) % all.size()], guard[way])) return true;
    return false;
  };
  for (std::size_t i = 0; unseen && i < guard.size(); ++i) {
    auto const open =
        std::any_of(ways_to_write.begin(), ways_to_write.end(), [&](alternative const& a) { return out.policy.holds(a, guard[i]); });
    if (!open || !out.policy.innocent(guard[i], ways_to_write)) return disagree("a guard that lets through rows of no grant", table.at);
  }
  for (std::size_t i = 0; !unseen && out.rows_open && i < guard.size(); ++i) out.rows_open = opened(method::select, i);
  for (std::size_t i = 0; !out.rows_open && i < guard.size(); ++i) {
    thresholds enough;
    for (auto const& a : out.policy.of(method::aggregate))
      if (out.policy.holds(a, guard[i])) enough.push_back({a.grant->at_least, a.grant->distinct_column});
    if (enough.empty()) return disagree("a guard that lets through rows of no grant", table.at);
    out.needs.push_back(std::move(enough));
  }
  auto const method = out.rows_open ? method::select : method::aggregate;
  for (std::size_t i = 0; !unseen && !locked && i < guard.size(); ++i)  // of a lock it is proven with it
    if (!out.policy.innocent(guard[i], {&method, 1}, i)) return disagree("a guard that asks for what the caller may not see", table.at);

  auto const& counts = out.policy.of(method::aggregate);
  for (std::size_t i = 0; is_view && !sqlite && i < s.items.size(); ++i)
    if (is_partial(*s.items[i].value, table, views)) out.partial_items.insert(i);
  for (auto const& item : s.items) {
    if (!sqlite && is_witness(*item.value, s.where)) {  // true of every row that leaves
      if (apart || extent.all_rows) out.witness = static_cast<unsigned>(out.columns.size());  // of what the view leaves out it tells nothing
      column_rights always;
      always.open = true;
      out.columns.push_back(std::move(always));
      if (written) {
        auto part = planned(*item.value, ways_to_write, out.policy);
        if (!part) return tl::unexpected(part.error());
        out.plan.push_back(*std::move(part));
      }
      continue;
    }
    auto rights = judge(*item.value, item.name, guard, out.fenced, out.policy);
    out.can_fail = out.can_fail || (rights.plain && table.table->columns[*rights.plain].generated == catalog::generated::virtual_column);
    auto const counted = rights.plain && std::any_of(counts.begin(), counts.end(), [&](alternative const& a) {
                           return !a.grant->distinct_column || *a.grant->distinct_column == *rights.plain;
                         });
    if (written) {
      auto part = planned(*item.value, ways_to_write, out.policy);
      if (!part) return tl::unexpected(part.error());
      out.can_fail = out.can_fail || (part->plain && *part->plain < table.table->columns.size() &&
                                      table.table->columns[*part->plain].generated == catalog::generated::virtual_column);
      out.plan.push_back(*std::move(part));
    }
    auto const for_the_plan = written && (out.plan.back().plain || !out.plan.back().may.empty() || !out.plan.back().as_stored.empty());
    if (!rights.open && !rights.filter && !rights.aggregate && !counted && !for_the_plan)
      return disagree("an item of a guarded table that no grant of its rows shows", item.value->at);
    out.columns.push_back(std::move(rights));
  }
  return out;
}

class search final : public passage {
 public:
  search(policy::access const& who, base::arena& memory, bound::relation const* written, grille::method m, std::set<bound::relation const*> locked)
      : who_(who), memory_(memory), written_(written), method_(m), locked_(std::move(locked)), views_(who.policy().views) {}
  proof take(guarded_relations& out) {
    if (refused_) return tl::unexpected(*refused_);
    out = std::move(found_);
    return {};
  }

 private:
  using passage::enter;
  bool enter(bound::expr const& e) override {
    if (e.as<bound::slot>() != nullptr) refuse(disagree("a value of the principal outside of the policy's expressions", e.at).value());
    return !refused_;
  }
  bool enter(bound::relation const& r) override {
    if (refused_) return false;
    switch (r.kind) {
      case bound::relation_kind::base: refuse(disagree("a table without a guard of its own", r.at).value()); return false;
      case bound::relation_kind::derived: {
        auto* table = guarded_table(*r.query);
        if (table == nullptr) return true;
        auto proven = prove_guard(*r.query, *table, who_, memory_, &r == written_ ? std::optional(method_) : std::nullopt, locked_.contains(&r), views_);
        if (proven)
          found_.emplace(&r, std::move(*proven));
        else
          refuse(proven.error());
        return false;
      }
      case bound::relation_kind::common: return false;  // checked where it is defined
      case bound::relation_kind::function: return true;
    }
    return false;
  }
  void refuse(base::fault f) {
    if (!refused_) refused_ = std::move(f);
  }

  policy::access const& who_;
  base::arena& memory_;
  bound::relation const* written_;
  grille::method method_;
  std::set<bound::relation const*> locked_;
  view_totals views_;
  guarded_relations found_;
  std::optional<base::fault> refused_;
};

}  // namespace

base::result<guarded_relations> prove_guards(bound::statement const& s, policy::access const& who, base::arena& memory,
                                             std::set<bound::relation const*> const& lifted) {
  auto out = prove_guards(s, who, memory, nullptr, method::select);
  if (out)
    for (auto& [relation, g] : *out) g.at_scan = g.at_scan && !lifted.contains(relation);
  return out;
}

base::result<guarded_relations> prove_guards(bound::statement const& s, policy::access const& who, base::arena& memory,
                                             bound::relation const* written, grille::method m) {
  search all(who, memory, written, m, locked_by(s));
  all.go(*s.query);
  guarded_relations out;
  if (auto const good = all.take(out); !good) return tl::unexpected(good.error());
  return out;
}

}  // namespace grille::verify
