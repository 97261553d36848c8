// Aggregates over columns that are not shown (those that are shown may stand beside them as the caller likes): `count`, `sum`, `avg` of the bare column, or `group by` it, each result suppressed
// unless at least K distinct values of the counting column enter that aggregate, its `filter` clause included.
//
//     select status, sum(total) from orders group by status
//     select status, case when count(distinct k) filter (where total is not null) >= 5 then sum(total) end
//     from orders group by status having count(distinct k) >= 5
//
// PostgreSQL asks the conditions of `having` in the order of their cost, so there the caller's own stand behind the count:
//
//     having count(distinct k) >= 5 and case when count(distinct k) >= 5 then 100 / sum(total) > 3 end
#include <algorithm>
#include <set>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

constexpr std::string_view how = "`count`, `sum`, `avg` of the bare column, or `group by` it";

/// Not shown to the caller in any row: only the listed uses are open.
bool restricted(occurrence const& o, unsigned column) { return !o.relation->columns[column].shown && !o.filtered[column]; }

class suppress final : public bound::visitor {
 public:
  suppress(occurrences& all, dialect d, base::arena& memory) : all_(all), dialect_(d), memory_(memory) {}
  using bound::visitor::enter;
  using bound::visitor::leave;

  void leave(bound::select& s) override {
    if (refused) return;
    std::vector<bound::relation*> relations;
    relations_of(s.from, relations);
    occurrence* found = nullptr;
    for (auto* r : relations)
      if (auto* o = all_.of(r); o != nullptr && o->aggregated) {
        if (found != nullptr) return refuse(r->at, "two tables that are open to aggregates only cannot be joined");
        found = o;
      }
    if (found == nullptr) return;
    relations_ = relations;  // the distinct values that are counted are not multiplied by a join
    if (auto ready = prepare(*found); !ready) {
      refused = ready.error();
      return;
    }
    o_ = found;
    all_.counted.insert(&s);
    if (!s.grouping_sets.empty() || !s.distinct_on.empty()) return refuse(s.group_by.empty() ? s.distinct_on[0]->at : s.group_by[0]->at, "`distinct on` and grouping sets are not for a table that is open to aggregates only");
    keys_.clear();
    for (auto* g : s.group_by) {
      auto const* c = g->as<bound::column>();
      if (c != nullptr && c->relation == o_->relation && restricted(*o_, c->index)) keys_.push_back(c->index);
      else if (mentions(g)) return refuse(g->at, "a column that is open to aggregates only is grouped by as it is");
    }
    aggregates_ = 0;
    for (auto& i : s.items) replace(i.value);
    if (s.having != nullptr) replace(s.having);
    if (aggregates_ == 0 && s.group_by.empty()) return refuse(found->relation->at, "this table is open to aggregates only");
    if (!s.group_by.empty() && (!keys_.empty() || o_->access->select.empty())) {
      auto* enough = at_least(nullptr);
      if (s.having != nullptr && dialect_ == dialect::postgresql) {
        bound::when_arm const then{at_least(nullptr), s.having};
        s.having = make(memory_, bound::case_expr{nullptr, memory_.copy(std::vector<bound::when_arm>{then}), nullptr});
        all_.behind.insert(s.having);
      }
      s.having = s.having == nullptr ? enough : join(memory_, bound::junction_op::conjunction, {enough, s.having});
      all_.behind.insert(enough);
      all_.by_having.insert(&s);
    }
    o_ = nullptr;
  }
  // what orders the result of that select
  void suppress_order(bound::query& q) {
    auto* s = q.body->as<bound::select>();
    if (s == nullptr || refused) return;
    std::vector<bound::relation*> relations;
    relations_of(s->from, relations);
    occurrence* o = nullptr;
    for (auto* r : relations)
      if (auto* found = all_.of(r); found != nullptr && found->aggregated) o = found;
    if (o == nullptr) return;
    o_ = o;
    relations_ = relations;
    keys_.clear();
    for (auto const* g : s->group_by)
      if (auto const* c = g->as<bound::column>(); c != nullptr && c->relation == o_->relation && restricted(*o_, c->index)) keys_.push_back(c->index);
    for (auto& i : q.order) replace(i.key);
    o_ = nullptr;
  }

  std::optional<base::fault> refused;

 private:
  void refuse(base::range at, std::string message) {
    if (!refused) refused = base::fault{errc::forbidden, std::move(message), at, "it may be used in " + std::string(how)};
  }

  /// Which K and which counting column: those of the grants that project all the columns used.
  result<void> prepare(occurrence& o) {
    auto const& grants = o.access->aggregate;
    if (grants.empty()) return fail(errc::forbidden, "this table is open to aggregates only in part", o.relation->at);
    std::optional<unsigned> counting;
    for (auto const& g : grants) {
      if (!g.grant->distinct_column) return fail(errc::unsupported, "the policy does not say what is counted", o.relation->at);
      if (counting && *counting != *g.grant->distinct_column)
        return fail(errc::unsupported, "several grants open this table to aggregates, and count differently", o.relation->at);
      counting = g.grant->distinct_column;
      o.at_least = std::max(o.at_least, g.grant->at_least);
      for (unsigned i = 0; i < o.relation->columns.size(); ++i)
        if (restricted(o, i) && o.uses[i] != use::none && g.grant->cells[o.relation->columns[i].source].which != policy::cell::kind::plain)
          return fail(errc::forbidden, "`" + std::string(o.relation->columns[i].name) + "` is not open to aggregates", o.relation->at);
    }
    for (unsigned i = 0; i < o.relation->columns.size(); ++i)
      if (o.relation->columns[i].source == *counting) o.counting = i;
    if (!o.counting) {  // not visible to the caller: a column of our own behind the others
      std::vector<bound::relation_column> columns(o.relation->columns.begin(), o.relation->columns.end());
      columns.push_back({memory_.copy(o.relation->table->columns[*counting].name), *counting, false, true});
      o.counting = static_cast<unsigned>(columns.size() - 1);
      o.relation->columns = memory_.copy(columns);
      o.uses.push_back(use::none);
      o.filtered.push_back(false);
    }
    return {};
  }

  bool mentions(expr_ptr e) const {
    struct look final : bound::visitor {
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* c = x->as<bound::column>();
        found = found || (c != nullptr && c->relation == of->relation && restricted(*of, c->index));
        return !found;
      }
      occurrence const* of{};
      bool found{};
    } v;
    v.of = o_;
    bound::walk(e, v);
    return v.found;
  }

  /// count(distinct k) filter (where …) >= K
  expr_ptr at_least(expr_ptr filter) {
    bound::call c;
    c.function = catalog::find_function(dialect_, "count", 1);
    c.arguments = memory_.copy(std::vector<expr_ptr>{make(memory_, bound::column{o_->relation, *o_->counting})});
    c.distinct = true;
    c.filter = filter;
    return operate(memory_, bound::op::greater_equal,
                   {make(memory_, c), make(memory_, bound::literal{bound::literal_kind::integer, memory_.copy(std::to_string(o_->at_least))})});
  }

  /// Replaces the aggregates in an item, in `having` or in `order by`; refuses any other mention.
  void replace(expr_ptr& e) {
    struct replacer final : bound::visitor {
      explicit replacer(suppress& s) : self(s) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override { return self.replace_one(x); }
      suppress& self;
    } v(*this);
    bound::walk(e, v);
  }

  bool replace_one(expr_ptr& e) {
    if (refused) return false;
    if (auto const* c = e->as<bound::column>(); c != nullptr && c->relation == o_->relation) {
      if (restricted(*o_, c->index) && std::find(keys_.begin(), keys_.end(), c->index) == keys_.end() && !all_.approved.contains(e))
        refuse(e->at, "`" + std::string(c->relation->columns[c->index].name) + "` is open to aggregates only");
      return false;
    }
    auto* call = e->as<bound::call>();
    if (call == nullptr || call->function->kind == catalog::function_kind::scalar || call->function->kind == catalog::function_kind::table) return true;
    auto const name = call->function->name;
    if (call->over != nullptr) {
      refuse(e->at, "no window function over a table that is open to aggregates only");
      return false;
    }
    bool const known = name == "count" || name == "sum" || name == "avg";
    auto const* argument = call->arguments.empty() ? nullptr : call->arguments[0]->as<bound::column>();
    bool const bare = call->star || (call->arguments.size() == 1 && argument != nullptr && own(argument->relation));
    if (!known || !bare || call->distinct || !call->order.empty()) {
      refuse(e->at, "`" + std::string(name) + "` is not open here");
      return false;
    }
    if (call->filter != nullptr && mentions(call->filter)) {
      refuse(call->filter->at, "the `filter` of an aggregate cannot use columns that are open to aggregates only");
      return false;
    }
    if (dialect_ == dialect::postgresql && name != "count" && !can_sum(*argument)) {
      if (!refused)
        refused = base::fault{errc::unsupported, "`" + std::string(name) + "` could go beyond its type here, and tell by that of a group that is too small; it is not supported on PostgreSQL", e->at,
                              "it may be of whole numbers, and of a numeric with a declared number of digits"};
      return false;
    }
    ++aggregates_;
    auto* entering = call->filter;
    if (!call->star) {
      auto* present = operate(memory_, bound::op::is_not_null, {make(memory_, bound::column{argument->relation, argument->index})});
      if (entering == nullptr) {
        entering = present;
      } else {
        bound::copier copy{memory_};
        entering = join(memory_, bound::junction_op::conjunction, {present, copy(entering)});
      }
    }
    bound::when_arm const enough{at_least(entering), make(memory_, *call)};
    e = make(memory_, bound::case_expr{nullptr, memory_.copy(std::vector<bound::when_arm>{enough}), make(memory_, bound::literal{bound::literal_kind::null, {}})});
    all_.behind.insert(e);
    return false;
  }

  /// The server computes a sum of every group before it asks how large it is, and fails where one is too large. What a join multiplies may be
  /// as large as the caller likes, but for a sum of int8, which is a numeric; two floats can be too far apart for an average.
  bool can_sum(bound::column const& c) const {
    if (c.relation->kind != bound::relation_kind::base) return false;
    auto const& column = c.relation->table->columns[c.relation->columns[c.index].source];
    if (column.type == "pg_catalog.int2" || column.type == "pg_catalog.int4") return relations_.size() == 1;
    return column.type == "pg_catalog.int8" || (column.type == "pg_catalog.numeric" && column.declared_type.starts_with("numeric("));
  }

  occurrences& all_;
  dialect dialect_;
  base::arena& memory_;
  occurrence* o_{};
  bool own(bound::relation const* r) const { return std::find(relations_.begin(), relations_.end(), r) != relations_.end(); }

  std::vector<bound::relation*> relations_;  // of the select at hand
  std::vector<unsigned> keys_;
  unsigned aggregates_{};
};

/// References to an aggregated relation that stand outside its own select's items, having and order: in its `where` (and not
/// approved), or correlated from a subquery.
class check_strays final : public bound::visitor {
 public:
  explicit check_strays(occurrences& all) : all_(all) {}
  using bound::visitor::enter;
  using bound::visitor::leave;
  void enter(bound::select& s) override {
    std::vector<bound::relation*> relations;
    relations_of(s.from, relations);
    here_.push_back(std::move(relations));
    check(s.where);
  }
  void leave(bound::select&) override { here_.pop_back(); }
  void enter(bound::join& j) override { check(j.on); }
  // what orders the result of a select with an aggregated relation is judged by `suppress_order`
  void enter(bound::query& q) override {
    auto const* s = q.body->as<bound::select>();
    if (s == nullptr) return;
    std::vector<bound::relation*> relations;
    relations_of(s->from, relations);
    struct look final : bound::visitor {
      explicit look(check_strays& c, std::vector<bound::relation*> const& r) : self(c), relations(r) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* c = x->as<bound::column>();
        if (c != nullptr && std::find(relations.begin(), relations.end(), c->relation) != relations.end()) self.ordering_.insert(x);
        return x->as<bound::subquery>() == nullptr;
      }
      check_strays& self;
      std::vector<bound::relation*> const& relations;
    } v(*this, relations);
    for (auto& o : q.order) bound::walk(o.key, v);
  }
  bool enter(expr_ptr& e) override {
    auto const* c = e->as<bound::column>();
    if (c == nullptr || ordering_.contains(e)) return true;
    auto* o = all_.of(c->relation);
    if (o == nullptr || !o->aggregated || !restricted(*o, c->index) || all_.approved.contains(e)) return true;
    bool const own = !here_.empty() && std::find(here_.back().begin(), here_.back().end(), c->relation) != here_.back().end();
    if (!own) stray(e);
    return true;
  }
  std::optional<base::fault> refused;

 private:
  void check(expr_ptr e) {
    if (e == nullptr) return;
    struct look final : bound::visitor {
      explicit look(check_strays& c) : self(c) {}
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* c = x->as<bound::column>();
        auto* o = c == nullptr ? nullptr : self.all_.of(c->relation);
        if (o != nullptr && o->aggregated && restricted(*o, c->index) && !self.all_.approved.contains(x)) self.stray(x);
        return true;
      }
      check_strays& self;
    } v(*this);
    bound::walk(e, v);
  }
  void stray(expr_ptr e) {
    auto const* c = e->as<bound::column>();
    if (!refused)
      refused = base::fault{errc::forbidden, "`" + std::string(c->relation->columns[c->index].name) + "` is open to aggregates only", e->at,
                            "it may be used in " + std::string(how)};
  }
  occurrences& all_;
  std::vector<std::vector<bound::relation*>> here_;
  std::set<bound::expr const*> ordering_;
};

class each_query final : public bound::visitor {
 public:
  explicit each_query(suppress& s) : suppress_(s) {}
  using bound::visitor::enter;
  void enter(bound::query& q) override { suppress_.suppress_order(q); }

 private:
  suppress& suppress_;
};

}  // namespace

result<void> suppress_groups(bound::statement& s, occurrences& all, dialect d, base::arena& memory) {
  if (std::none_of(all.all().begin(), all.all().end(), [](occurrence const& o) { return o.aggregated; })) return {};
  check_strays strays(all);
  bound::walk(*s.query, strays);
  if (strays.refused) return tl::unexpected(*strays.refused);
  suppress v(all, d, memory);
  bound::walk(*s.query, v);
  if (!v.refused) {
    each_query order(v);
    bound::walk(*s.query, order);
  }
  if (v.refused) return tl::unexpected(*v.refused);
  return {};
}

}  // namespace grille::rewrite
