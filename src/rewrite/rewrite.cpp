#include "rewrite/rewrite.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

void add(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

applied describe(occurrence const& o, base::arena& memory) {
  applied out;
  out.table = o.relation->table;
  out.relation = std::string(o.relation->name);
  out.aggregated = o.aggregated;
  out.fenced = !o.why_fenced.empty();
  out.why_fenced = o.why_fenced;
  alternatives const open(*o.access, opened_by(o), memory);
  alternatives const locked(*o.access, o.locked_by.value_or(std::vector<policy::matched_grant>{}), memory);
  out.filtered = !shows_all(o, memory);
  for (auto const* ways : {&open, &locked}) {
    for (auto const& a : ways->all()) {
      if (out.filtered && std::ranges::any_of(a.conjuncts, asks_a_query)) out.why_held = o.why_held;
      add(out.grants, a.grant->sentence->told());
    }
    for (auto const* r : ways->restrictions()) add(out.restrictions, r->sentence->told());
  }
  for (unsigned i = 0; i < o.relation->columns.size(); ++i) {
    if (o.uses[i] == use::none || o.marks.contains(i) || o.witness == i || o.extras.contains(i)) continue;
    if (!o.relation->columns[i].shown && !o.aggregated)
      for (auto const& g : o.access->filter) add(out.grants, g.grant->sentence->told());
    if (state_of(o, i, memory) == cell_state::plain) continue;
    out.masked_columns.emplace_back(o.relation->columns[i].name);
    for (auto const& a : open.all())
      for (auto const* m : masks_for(*o.access->policy, *a.grant, o.relation->columns[i].source)) add(out.masks, m->sentence->told());
  }
  for (unsigned i = 0; i < out.table->columns.size(); ++i)
    if (std::none_of(o.relation->columns.begin(), o.relation->columns.end(), [&](auto const& c) { return c.source == i && c.shown; }))
      out.hidden_columns.push_back(out.table->columns[i].name);
  return out;
}

/// What is known of one column of a result: how it is masked, and the declared type where it is one column of a table.
struct known {
  masking mask{};
  std::string type;
};

class facts {
 public:
  facts(occurrences& all, base::arena& memory) : all_(all), memory_(memory) {}

  known of(expr_ptr e) {
    if (auto const* c = e->as<bound::column>()) return of(*c);
    struct look final : bound::visitor {
      explicit look(facts& f) : self(f) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        if (auto const* c = x->as<bound::column>(); c != nullptr && self.of(*c).mask != masking::none) mask = masking::some_rows;
        return true;
      }
      facts& self;
      masking mask{};
    } v(*this);
    bound::walk(e, v);
    return {v.mask, {}};
  }

  known of(bound::column const& c) {
    if (auto* o = all_.of(c.relation)) {
      auto const& table_column = c.relation->table->columns[c.relation->columns[c.index].source];
      switch (state_of(*o, c.index, memory_)) {
        case cell_state::plain: return {masking::none, table_column.declared_type};
        case cell_state::some_rows: return {masking::some_rows, table_column.declared_type};
        case cell_state::all_rows: return {masking::all_rows, table_column.declared_type};
      }
    }
    bound::query const* q = c.relation->query;
    if (c.relation->kind == bound::relation_kind::common) q = c.relation->cte->recursive ? nullptr : c.relation->cte->query;
    if (q == nullptr) return {};
    return of(*q->body, c.relation->columns[c.index].source);
  }

  /// Once for each column of a query, however often it is named.
  known of(bound::query_body const& b, unsigned index) {
    auto const before = results_.find({&b, index});
    return before != results_.end() ? before->second : results_[{&b, index}] = read(b, index);
  }

  std::size_t width(bound::query_body const& b) const {
    auto const& first = bound::first_arm(b);
    if (auto const* s = first.as<bound::select>()) return s->items.size();
    auto const& rows = first.as<bound::values>()->rows;
    return rows.empty() ? 0 : rows[0].size();
  }

 private:
  known read(bound::query_body const& b, unsigned index) {
    if (auto const* s = b.as<bound::select>()) return of(s->items[index].value);
    if (auto const* u = b.as<bound::set_operation>()) {
      auto left = of(*u->left, index);
      auto const right = of(*u->right, index);
      if (left.mask != right.mask) left.mask = masking::some_rows;
      if (left.type != right.type) left.type.clear();
      return left;
    }
    known all;
    for (auto const& r : b.as<bound::values>()->rows) all.mask = std::max(all.mask, of(r[index]).mask);
    return all;
  }

  occurrences& all_;
  base::arena& memory_;
  std::map<std::pair<bound::query_body const*, unsigned>, known> results_;
};

}  // namespace

base::result<outcome> rewrite(bound::statement& s, policy::access const& who, base::arena& memory, bool mark) {
  return rewrite(s, who, memory, mark, nullptr, false);
}

base::result<outcome> rewrite(bound::statement& s, policy::access const& who, base::arena& memory, bool mark, target const* of, bool writes) {
  occurrences all(s, who);
  auto* const written = of == nullptr ? nullptr : all.of(of->relation);
  if (written != nullptr) {
    written->written_by = of->written_by;
    written->rows = of->rows;
  }
  if (auto done = check_uses(s, all); !done) return tl::unexpected(done.error());
  outcome out;
  facts know(all, memory);
  for (unsigned i = 0; i < know.width(*s.query->body); ++i) {
    auto const k = know.of(*s.query->body, i);
    out.columns.push_back(k.mask);
    out.types.push_back(k.type);
  }
  if (auto done = lock_rows(s, all, who); !done) return tl::unexpected(done.error());
  if (auto done = suppress_groups(s, all, who.which(), memory); !done) return tl::unexpected(done.error());
  if (writes && who.which() == dialect::postgresql)
    for (auto const& o : all.all())
      if (o.aggregated) return base::fail(errc::unsupported, "a table that is open to aggregates only is not supported in a write on PostgreSQL", o.relation->at);
  if (mark) out.withheld = mark_withheld(s, all, memory);
  if (written != nullptr && of->add) of->add(*written);
  switch (who.which()) {
    case dialect::sqlite: fence_rows(s, all, memory); break;
    case dialect::postgresql:
      if (auto done = complete_groups(s, all, memory); !done) return tl::unexpected(done.error());
      if (auto done = fence_expressions(s, all, who.policy().views, memory); !done) return tl::unexpected(done.error());
      hide_constant_keys(s, all, memory);
      if (written != nullptr && written->apart)
        return base::fail(errc::unsupported, "a full join by what could fail on a row that is not yours to see is not supported beside rows that are written", written->relation->at);
      break;
  }
  for (auto const& o : all.all()) {
    out.relations.push_back(describe(o, memory));
    out.filtered = out.filtered || out.relations.back().filtered;
  }
  for (auto& o : all.all()) guard_rows(o, who.which(), memory);
  if (!writes) inline_guards(s, all, who.which(), memory);  // what a write is made of has guards of its own
  return out;
}

}  // namespace grille::rewrite
