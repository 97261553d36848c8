#include "verify/write_results.hpp"

#include <algorithm>

#include "bound/walk.hpp"

namespace grille::verify {

namespace {

struct reads_of final : bound::visitor {
  explicit reads_of(catalog::table const& of) : table(of) {}
  using bound::visitor::enter;
  void enter(bound::relation& r) override {
    if (is_table(r, table)) found.push_back(&r);
  }
  catalog::table const& table;
  std::vector<bound::relation*> found;
};
std::vector<bound::relation*> reads(bound::query& q, catalog::table const& of) {
  reads_of v(of);
  bound::walk(q, v);
  return std::move(v.found);
}

}  // namespace

readers::readers(catalog::table const& t, catalog::catalog const& all) : catalog_(all), names_{catalog::qualified(t.schema, t.name)} {
  for (std::size_t known = 0; known != names_.size();) {
    known = names_.size();
    for (auto const& v : all.tables()) {
      auto const name = catalog::qualified(v.schema, v.name);
      auto const reads = std::any_of(v.reads.begin(), v.reads.end(), [&](std::string const& r) { return has(r); });
      if (reads && !has(name)) names_.push_back(name);
    }
  }
}

bool readers::found(bound::query const& q) {
  found_ = false;
  go(q);
  return found_;
}

bool readers::has(std::string const& name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

bool readers::enter(bound::relation const& r) {
  if (r.kind == bound::relation_kind::base && !r.table->schema.empty()) found_ = found_ || has(catalog::qualified(r.table->schema, r.table->name));
  return true;
}

base::result<unsigned> result_proof::read_result(write_step& s) {
  auto const with_rows = !rows_.columns.empty();
  auto const bound = read_query(s, {&written_, with_rows ? &rows_ : nullptr});
  if (!bound) return tl::unexpected(bound.error());
  read_ = *bound;
  select_ = plain_select(*read_);
  auto const tables = select_ == nullptr ? std::nullopt : both(select_->from);
  auto* const beside = tables ? tables->right : nullptr;
  t_ = tables ? tables->left : select_ == nullptr ? nullptr : only(select_->from);
  auto* base = t_ == nullptr || t_->kind != bound::relation_kind::derived ? nullptr : guarded_table(*t_->query);
  auto const written = reads(*read_->query, written_);
  if (base == nullptr || written.size() != 1 || written.front() != base) return disagree("a result of other rows than were written");
  if (readers_.found(*t_->query)) return disagree("a guard that asks the table as it was");
  auto const collected = with_rows ? reads(*read_->query, rows_) : std::vector<bound::relation*>{};
  if (beside == nullptr && collected.empty()) return 0U;
  if (collected.size() != 1 || collected.front() != beside) return disagree("a result that reads more of what was collected than a row");
  s_ = beside;
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& e) override {
      if (auto const* c = e->as<bound::column>(); c != nullptr && c->relation == of) callers = std::max(callers, of->columns[c->index].source + 1);
      return true;
    }
    bound::relation const* of{};
    unsigned callers{};
  } v;
  v.of = s_;
  for (auto& i : select_->items) bound::walk(i.value, v);
  return v.callers;
}

/// What joins the two rows is the plan's; the rest is a query of the caller's over the table, beside values that are not known.
proof result_proof::prove_result(std::vector<unsigned> const& places, std::vector<std::string> const& types) {
  guarded_table(*t_->query)->table = &table_;
  if (s_ == nullptr) return prove_query(*read_, who_, memory_);
  auto const where = conjuncts(select_->where);
  select_->where = nullptr;
  stand_in_for_source(*read_, {&rows_, types}, memory_);
  auto guarded = prove_guards(*read_, who_, memory_, t_, method_);
  if (!guarded) return tl::unexpected(guarded.error());
  auto const& g = guarded->at(t_);
  if (g.policy.of(method::select).empty()) return disagree("a result of rows that nobody may see");
  auto const meaning = [&](bound::column const& c) -> std::optional<unsigned> {
    auto const source = t_->columns[c.index].source;
    return source < g.plan.size() ? g.plan[source].plain : std::nullopt;
  };
  conjunction rest;
  auto const by = by_key(key_, where, *t_, meaning, *s_, rest);
  if (!by || !rest.empty() || *by != places) return disagree("a result of other rows than were written");
  return prove_query(*read_, *std::move(guarded), who_.which());
}

proof result_proof::result(write_step& s) {
  if (auto const read = read_result(s); !read) return tl::unexpected(read.error());
  return prove_result({}, {});
}

}  // namespace grille::verify
