// A query: its common tables, its arms from left to right, the order of the whole, its limits.
// Leaves: arms of equal width; an order by of several arms refers to result columns only.
#include <algorithm>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

std::string_view name_of(ast::set_operation const& s) {
  switch (s.op) {
    case ast::set_op::union_:
      return s.all ? "union all" : "union";
    case ast::set_op::intersect:
      return "intersect";
    case ast::set_op::except:
      return "except";
  }
  return {};
}

/// Whether a from clause reads the table `name` as one of its own operands, not inside parentheses.
bool reads_directly(ast::query_body const& b, std::string_view name) {
  auto const* core = b.as<ast::select_core>();
  if (core == nullptr) return false;
  auto const is = [&](ast::table_ref const& t) {
    auto const* n = t.as<ast::table_name>();
    return n != nullptr && n->path.size() == 1 && catalog::same_name(n->path[0].text, name);
  };
  for (auto const* t : core->from) {
    for (; t->as<ast::join>() != nullptr; t = t->as<ast::join>()->left)
      if (is(*t->as<ast::join>()->right)) return true;
    if (is(*t)) return true;
  }
  return false;
}

}  // namespace

bound::set_operation set_operation_of(ast::set_operation const& s, bound::query_body* left, bound::query_body* right) {
  auto const op = s.op == ast::set_op::union_ ? bound::set_op::union_ : s.op == ast::set_op::intersect ? bound::set_op::intersect : bound::set_op::except;
  return {op, s.all, left, right};
}

std::size_t width(bound::query_body const& b) {
  auto const& first = bound::first_arm(b);
  if (auto const* s = first.as<bound::select>()) return s->items.size();
  auto const* v = first.as<bound::values>();
  return v->rows.empty() ? 0 : v->rows.front().size();
}
std::size_t width(bound::query const& q) { return width(*q.body); }

bound::query* binder::query(ast::query const& q, bool top, with_item* defines) {
  deeper(1, q.at);
  hold<unsigned> const level(depth_, depth_ + 1);
  count(1, q.at);

  with_clause with;
  with.outer = with_;
  with.around = scope_;
  hold<with_clause*> const tables(with_, q.with.empty() ? with_ : &with);
  open(with, q);

  auto* made = memory_.make<bound::query>();
  made->body = sqlite() ? body(q, top, made->order, defines) : body_postgresql(q, top, made->order, defines);
  made->with = memory_.copy(with.bound);
  made->limit = limit(q.limit);
  made->offset = limit(q.offset);
  made->with_ties = q.with_ties;
  if (!q.locks.empty()) made->locks = locks(q, *made);
  return made;
}

/// No column is in scope: https://www.sqlite.org/lang_select.html#limitoffset
bound::expr_ptr binder::limit(ast::expr_ptr e) {
  hold<scope*> const nothing(scope_, nullptr);
  return optional(e);
}

bound::query_body* binder::body(ast::query const& q, bool top, bound_order& order, with_item* defines) {
  std::vector<ast::query_body const*> written;  // the arms, left to right
  std::vector<ast::set_operation const*> ops;   // ops[i] stands before written[i + 1]
  auto const* leftmost = q.body;
  while (auto const* s = leftmost->as<ast::set_operation>()) {
    if (s->right->as<ast::set_operation>() != nullptr || s->distinct)
      refuse(errc::unsupported, "a set operation in parentheses is not supported", s->right->at);
    written.push_back(s->right);
    ops.push_back(s);
    leftmost = s->left;
  }
  written.push_back(leftmost);
  std::ranges::reverse(written);
  std::ranges::reverse(ops);
  if (written.back()->as<ast::values_rows>() != nullptr && (!q.order.empty() || q.limit != nullptr))
    refuse(errc::syntax, "`order by` and `limit` cannot follow `values`", written.back()->at, "write `select * from (values …)`");
  if (ops.empty()) return leaf(*leftmost, top, q.order, order).body;

  // The arms at the end that read the common table being defined, all joined by the same `union`, make it recursive.
  auto plain = written.size();
  auto const may_recurse = defines != nullptr && ops.back()->op == ast::set_op::union_;
  auto const as_last = [&](ast::set_operation const& s) { return s.op == ops.back()->op && s.all == ops.back()->all; };
  while (may_recurse && plain > 1 && as_last(*ops[plain - 2]) && reads_directly(*written[plain - 1], defines->table->name)) --plain;

  std::vector<arm> arms;
  bound::query_body* made{};
  bound_order none;
  for (std::size_t i = 0; i < written.size(); ++i) {
    auto const recursive = i >= plain;
    if (i == plain) name_columns(*defines, *made);
    if (recursive) {
      defines->arm = written[i]->as<ast::select_core>();
      defines->arm_reads = false;
    }
    arms.push_back(leaf(*written[i], top, {}, none));
    if (recursive) {
      if (arms.back().names->aggregates || arms.back().names->has_window)
        refuse(errc::syntax, "the recursive part of " + in_ticks(defines->table->name) + " cannot aggregate", written[i]->at);
      defines->arm = nullptr;
    }
    if (i == 0) {
      made = arms.back().body;
      continue;
    }
    auto const left = width(*made), right = width(*arms.back().body);
    if (left != right)
      refuse(errc::syntax, "the two sides of " + in_ticks(name_of(*ops[i - 1])) + " have " + std::to_string(left) + " and " +
                               std::to_string(right) + " columns", written[i]->at);
    made = memory_.make<bound::query_body>(bound::query_body{set_operation_of(*ops[i - 1], made, arms.back().body)});
  }
  order = compound_order(q.order, arms);
  return made;
}

binder::arm binder::leaf(ast::query_body const& b, bool top, ast::list<ast::order_item> order_by, bound_order& order) {
  struct visit {
    binder& self;
    ast::query_body const& b;
    bool top;
    ast::list<ast::order_item> order_by;
    bound_order& order;

    arm operator()(ast::select_core const& c) const {
      auto names = std::make_unique<scope>(self.which());
      auto* made = self.memory_.make<bound::query_body>(bound::query_body{self.select(c, *names, top, order_by, order)});
      return {std::move(names), made, b.at};
    }
    arm operator()(ast::values_rows const& v) const { return {nullptr, self.values(v), b.at}; }
    arm operator()(ast::set_operation const&) const { refuse(errc::unsupported, "a set operation in parentheses is not supported", b.at); }
    arm operator()(ast::nested_query const&) const { refuse(errc::unsupported, "a query in parentheses is not supported here", b.at); }
    arm operator()(ast::table_command const&) const { refuse(errc::unsupported, "`table` is not supported", b.at); }
  };
  return std::visit(visit{*this, b, top, order_by, order}, b.node);
}

bound::query_body* binder::values(ast::values_rows const& v) {
  scope s(which(), scope_);
  hold<scope*> const here(scope_, &s);
  std::vector<bound::list<bound::expr_ptr>> rows;
  for (auto const& r : v.rows) {
    rows.push_back(expressions(r));
    if (r.size() != v.rows.front().size()) refuse(errc::syntax, "the rows of `values` are not of one length", r.front()->at);
  }
  return memory_.make<bound::query_body>(bound::query_body{bound::values{memory_.copy(rows)}});
}

binder::bound_order binder::compound_order(ast::list<ast::order_item> items, std::vector<arm>& arms) {
  std::vector<bound::order_item> made;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto const& key = *items[i].key;
    auto const index = compound_key(key, i + 1, arms);
    made.push_back(order_item(items[i], collated_as(key, make(bound::output{index}, key.at))));
  }
  return memory_.copy(made);
}

/// An ordinal, an alias, or an expression that is a result column but for its collation, of the first arm that has it.
/// https://www.sqlite.org/lang_select.html#orderby
unsigned binder::compound_key(ast::expr const& written, std::size_t number, std::vector<arm>& arms) {
  auto const& key = without_collation(written);
  if (auto const n = ordinal(key, width(*arms.front().body), which())) return *n;
  for (auto& a : arms) {
    if (a.names == nullptr) continue;
    auto& s = *a.names;
    if (auto const i = s.result_named(key)) return *i;
    hold<scope*> const here(scope_, &s);
    hold<scope*> const alone(s.outer, nullptr);
    hold<bool> const names(s.sees_results, true);
    hold<bool> const aggregates(s.allows_aggregates, true);
    bound::expr_ptr wanted{};
    try {
      wanted = expression(key);
    } catch (base::fault const& f) {  // not a column of this arm
      if (f.kind != errc::not_found && f.kind != errc::ambiguous && f.kind != errc::syntax) throw;
      continue;
    }
    for (unsigned i = 0; i < s.results.size(); ++i) {
      auto const* value = s.results[i].value;
      while (auto const* c = value->as<bound::collate>()) value = c->operand;
      if (bound::comparison{}(wanted, value)) return i;
    }
  }
  refuse(errc::not_found, "`order by` of a compound query names no column of its result", written.at,
         "term " + std::to_string(number) + " is neither a position, an alias nor the same expression as a result column");
}

}  // namespace grille::bind
