#include "rewrite/guarded_views.hpp"

#include <string>
#include <vector>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

bool is_guarded_view(occurrence const& o, base::arena& memory) {
  return o.relation->table->kind == catalog::relation_kind::view && !shows_all(o, memory);
}

bound::relation* row_of(catalog::table const& t, base::arena& memory) {
  auto* row = memory.make<bound::relation>();
  row->kind = bound::relation_kind::base;
  row->table = &t;
  std::vector<bound::relation_column> columns;
  for (unsigned i = 0; i < t.columns.size(); ++i) columns.push_back({memory.copy(t.columns[i].name), i, true, true});
  row->columns = memory.copy(columns);
  return row;
}

/// The first of the columns in `e` that can fail.
std::string_view partial_of(bound::expr_ptr e, bound::relation const* row, view_totality& views) {
  struct look final : bound::visitor {
    look(bound::relation const* r, view_totality& v) : row(r), views(v) {}
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      if (auto const* c = x->as<bound::column>(); c != nullptr && c->relation == row && found.empty()) found = views.column(*row->table, row->columns[c->index].source);
      return found.empty();
    }
    bound::relation const* row;
    view_totality& views;
    std::string_view found;
  } v(row, views);
  if (e != nullptr) bound::walk(e, v);
  return v.found;
}

tl::unexpected<base::fault> refusal(std::string const& where, base::range at) {
  return base::fail(errc::unsupported, "a view of which only some rows are yours to see is not supported on PostgreSQL where " + where, at);
}
std::string in_ticks(std::string_view what) { return "`" + std::string(what) + "`"; }

}  // namespace

base::result<void> check_guarded_view(occurrence const& o, view_totality& views, base::arena& memory) {
  if (!is_guarded_view(o, memory)) return {};
  auto const& view = *o.relation->table;
  auto const at = o.relation->at;
  if (auto const why = views.conditions(view); !why.empty()) return refusal("its own conditions could fail: " + in_ticks(why), at);
  if (auto const& form = views.form_of(view); !form.unfit.empty()) return refusal(std::string(form.unfit), at);
  auto* row = row_of(view, memory);
  alternatives const open(*o.access, opened_by(o), memory);
  if (auto const why = partial_of(open.guard(row), row, views); !why.empty()) return refusal("what the policy asks of it could fail: " + in_ticks(why), at);
  for (unsigned i = 0; i < o.relation->columns.size(); ++i) {
    auto const& c = o.relation->columns[i];
    if (o.uses[i] == use::none || c.source >= view.columns.size()) continue;
    auto const why = partial_of(mask_column(o, i, open, row, dialect::postgresql, memory), row, views);
    if (!why.empty()) return refusal("column " + in_ticks(c.name) + " could fail: " + in_ticks(why), at);
  }
  return {};
}

bool stands_apart(occurrence const& o, view_totality& views, base::arena& memory) {
  if (!is_guarded_view(o, memory)) return false;
  auto const& form = views.form_of(*o.relation->table);
  return (o.witness.has_value() && form.leaves_out) || (!o.why_held.empty() && !form.one_scan);
}

}  // namespace grille::rewrite
