// Cells: a column shows in a row if a grant that holds in that row projects it; plain before masked, masks in the file's order.
// SQLite's `case` drops a column's affinity and collation, so a cell that is computed with is read through a scalar subquery that
// ends in the bare column: an expression `(select x)` has the affinity of x (https://www.sqlite.org/datatype3.html, section 3.2).
#include <algorithm>

#include "bound/walk.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using bound::expr_ptr;

namespace {

struct arm {
  alternative const* open{};
  bool plain{};
  expr_ptr value{};
};

expr_ptr literal(base::arena& memory, bound::literal_kind kind, std::string_view text) { return make(memory, bound::literal{kind, text}); }

/// MASK over a row, with the masked column's own occurrences standing for `shown`.
expr_ptr mask_over(policy::column_mask const& m, expr_ptr shown, bound::relation* row, unsigned groups, base::arena& memory) {
  bound::copier copy{memory};
  bool moved = false;
  copy.columns = [&](bound::column const& c) -> expr_ptr {
    if (c.relation != m.subject) return nullptr;
    auto const source = m.subject->columns[c.index].source;
    if (source == m.column) {
      moved = true;
      bound::copier again{memory};
      return again(shown);
    }
    for (unsigned i = 0; i < row->columns.size(); ++i)
      if (row->columns[i].source == source) return make(memory, bound::column{row, i});
    return nullptr;
  };
  auto* made = copy(m.value);
  policy::spell_groups(made, groups, memory);
  return made;
}

expr_ptr value_of(alternative const& a, policy::table_policy const& t, unsigned table_column, bound::relation* row, base::arena& memory) {
  auto const& c = a.grant->cells[table_column];
  expr_ptr shown = c.which == policy::cell::kind::masked ? instantiate(c.mask, a.grant->subject, row, a, memory)
                                                         : make(memory, bound::column{row, table_column});
  for (auto const* m : masks_for(t, *a.grant, table_column)) {
    auto* masked = mask_over(*m, shown, row, a.groups, memory);
    if (m->where != nullptr) {
      auto* lifted = operate(memory, bound::op::is_false, {instantiate(m->where, m->subject, row, a, memory)});
      bound::when_arm const open{lifted, shown};
      masked = make(memory, bound::case_expr{nullptr, memory.copy(std::vector<bound::when_arm>{open}), masked});
    }
    shown = masked;
  }
  return shown;
}

/// The arms as a `case`; an alternative without conditions ends it.
expr_ptr case_of(std::vector<arm> const& arms, alternatives const& open, bound::relation* row, base::arena& memory) {
  std::vector<bound::when_arm> out;
  auto* otherwise = literal(memory, bound::literal_kind::null, {});
  for (auto const& a : arms) {
    auto* condition = open.condition(*a.open, row);
    if (condition == nullptr) {
      otherwise = a.value;
      break;
    }
    out.push_back({condition, a.value});
  }
  if (out.empty()) return otherwise;
  return make(memory, bound::case_expr{nullptr, memory.copy(out), otherwise});
}

/// Whether it may not be computed of a row before the guard was true of it: it can fail, or asks a query.
bool may_raise(expr_ptr e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& x) override {
      auto const* c = x->as<bound::call>();
      auto const* o = x->as<bound::operation>();
      found = found || x->as<bound::subquery>() != nullptr || (c != nullptr && c->function->can_raise) ||
              (o != nullptr && (o->op == bound::op::arrow || o->op == bound::op::arrow_text));
      return !found;
    }
    bool found{};
  } v;
  bound::walk(e, v);
  return v.found;
}

bool is_constant(expr_ptr e) {
  auto const* c = e->as<bound::cast>();
  return (c == nullptr ? e : c->operand)->as<bound::literal>() != nullptr;
}

/// What every open row shows, whichever alternative opens it: then no condition needs to be asked again. Null: it depends.
expr_ptr common_value(std::vector<arm> const& arms, alternatives const& open, dialect d) {
  if (arms.size() != open.all().size() || may_raise(arms.front().value)) return nullptr;
  if (d == dialect::postgresql && arms.front().value->as<bound::column>() == nullptr && !is_constant(arms.front().value)) return nullptr;
  bound::comparison same;
  for (auto const& a : arms)
    if (!same(arms.front().value, a.value)) return nullptr;
  return arms.front().value;
}

expr_ptr scalar(std::vector<bound::select> const& arms, base::arena& memory) {
  bound::query_body* body = nullptr;
  for (auto const& s : arms) {
    auto* one = memory.make<bound::query_body>(bound::query_body{s});
    body = body == nullptr ? one : memory.make<bound::query_body>(bound::query_body{bound::set_operation{bound::set_op::union_, true, body, one}});
  }
  auto* q = memory.make<bound::query>();
  q->body = body;
  return make(memory, bound::subquery{bound::subquery_kind::scalar, nullptr, q});
}

bound::select pick(expr_ptr value, expr_ptr where, base::arena& memory) {
  bound::select s;
  s.items = memory.copy(std::vector<bound::item>{{value, "v"}});
  s.where = where;
  return s;
}

/// The guard lets through the rows of other grants than those that show this column: each arm then has its own condition.
bool apart(occurrence const& o, unsigned column) {
  return o.filtered[column] || (o.aggregated && o.relation->columns[column].shown);
}

}  // namespace

std::vector<policy::matched_grant> const& grants_for(occurrence const& o, unsigned column) {
  if (o.filtered[column]) return o.access->filter;
  return o.aggregated && !o.relation->columns[column].shown ? o.access->aggregate : o.access->select;
}

std::vector<policy::column_mask const*> masks_for(policy::table_policy const& t, policy::grant const& g, unsigned table_column) {
  std::vector<policy::column_mask const*> out;
  for (auto const& m : t.masks)
    if (m.column == table_column && std::find(m.except.begin(), m.except.end(), g.role) == m.except.end()) out.push_back(&m);
  return out;
}

bool shows(policy::table_access const& t, alternative const& a, unsigned table_column) {
  return !t.denied[table_column] && a.grant->cells[table_column].which == policy::cell::kind::plain && masks_for(*t.policy, *a.grant, table_column).empty();
}
bool is_shown(policy::table_access const& t, unsigned table_column, base::arena& memory) {
  alternatives const open(t, t.select, memory);
  auto const shown = [&](alternative const& a) { return shows(t, a, table_column); };
  return !open.empty() && (std::ranges::all_of(open.all(), shown) || std::ranges::any_of(open.all(), [&](alternative const& a) { return a.conjuncts.empty() && shown(a); }));
}

cell_state state_of(occurrence const& o, unsigned column, base::arena& memory) {
  alternatives const open(*o.access, grants_for(o, column), memory);
  auto const source = o.relation->columns[column].source;
  bool all_plain = true, any_plain = false;
  for (auto const& a : open.all()) {
    auto const shown = a.grant->cells[source].which;
    bool conditional = false, masked = shown == policy::cell::kind::masked;
    for (auto const* m : masks_for(*o.access->policy, *a.grant, source)) (m->where == nullptr ? masked : conditional) = true;
    bool const plain = shown == policy::cell::kind::plain && !masked;
    all_plain = all_plain && plain && !conditional;
    any_plain = any_plain || plain;
  }
  if (all_plain && (!apart(o, column) || open.unconditional())) return cell_state::plain;
  return any_plain ? cell_state::some_rows : cell_state::all_rows;
}

expr_ptr mask_column(occurrence const& o, unsigned column, alternatives const& rows_open, bound::relation* row, dialect d, base::arena& memory) {
  auto const source = o.relation->columns[column].source;
  if (state_of(o, column, memory) == cell_state::plain) return make(memory, bound::column{row, source});
  alternatives const own(*o.access, grants_for(o, column), memory);
  auto const& open = apart(o, column) ? own : rows_open;

  std::vector<arm> plain, masked;
  for (auto const& a : open.all()) {
    auto const& c = a.grant->cells[source];
    if (c.which == policy::cell::kind::none) continue;
    bool const bare = c.which == policy::cell::kind::plain && masks_for(*o.access->policy, *a.grant, source).empty();
    (bare ? plain : masked).push_back({&a, bare, value_of(a, *o.access->policy, source, row, memory)});
  }
  // among the masked ones, those that may yet show the value come first
  std::stable_partition(masked.begin(), masked.end(), [&](arm const& a) { return a.open->grant->cells[source].which == policy::cell::kind::plain; });

  auto arms = plain;
  arms.insert(arms.end(), masked.begin(), masked.end());
  auto* common = apart(o, column) ? nullptr : common_value(arms, open, d);
  if (d != dialect::sqlite || o.uses[column] != use::computed) return common != nullptr ? common : case_of(arms, open, row, memory);
  std::vector<alternative const*> shows;
  for (auto const& a : plain) shows.push_back(a.open);
  auto const always = std::any_of(shows.begin(), shows.end(), [](alternative const* a) { return a->conjuncts.empty(); });
  auto const bare = [&] { return make(memory, bound::column{row, source}); };
  auto const holds = [&]() -> expr_ptr {
    return shows.empty() ? literal(memory, bound::literal_kind::boolean, "false") : open.any_of(shows, row);
  };
  expr_ptr out;
  if (always)
    out = bare();  // it is open in every row after all, whoever else masks it
  else if (masked.empty())
    out = scalar({pick(bare(), holds(), memory)}, memory);
  else
    out = scalar({pick(common != nullptr ? common : case_of(masked, open, row, memory), operate(memory, bound::op::is_not_true, {holds()}), memory), pick(bare(), holds(), memory)},
                 memory);
  auto const& collation = o.relation->table->columns[source].collation;
  if (!always && !collation.empty() && !std::equal(collation.begin(), collation.end(), "BINARY", "BINARY" + 6))
    out = make(memory, bound::collate{out, memory.copy(collation)});
  return out;
}

}  // namespace grille::rewrite
