#include "session/specification_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog/catalog.hpp"
#include "session/named_specification.hpp"
#include "session/specification_node.hpp"

namespace grille::pipeline {

namespace {

using node = detail::specification_node;

class tree_builder {
 public:
  explicit tree_builder(base::arena& memory) : memory_(memory) {}

  /// A relation that columns are said of: what it is called, and a column of it to know it by.
  struct relation {
    std::string_view name;
    std::string_view some_column;
  };

  std::vector<value> take_values() { return std::move(values_); }
  base::arena& memory() { return memory_; }

  template <class Node>
  ast::expr_ptr expr(Node n) {
    return memory_.make<ast::expr>(ast::expr{n});
  }
  template <class T>
  ast::list<T> list(std::vector<T> const& v) {
    return memory_.copy(v);
  }
  ast::identifier name(std::string_view text) { return {.text = memory_.copy(text), .quoted = true}; }
  ast::expr_ptr column(relation const& of, std::string_view column) {
    return expr(ast::column_ref{list<ast::identifier>({name(of.name), name(column)})});
  }
  ast::expr_ptr parameter(value v) {
    values_.push_back(std::move(v));
    return parameter_at(static_cast<unsigned>(values_.size()));
  }
  ast::expr_ptr parameter_at(unsigned position) { return expr(ast::parameter{ast::parameter_form::numbered, position, {}}); }
  /// The positions of the caller's attributes, given once however many specifications use them.
  std::vector<unsigned> const& attributes() {
    if (who != nullptr && attributes_.empty())
      for (auto const& slot : attributes_of(*who)) {
        values_.push_back(who->resolve(slot));
        attributes_.push_back(static_cast<unsigned>(values_.size()));
      }
    return attributes_;
  }

  ast::expr_ptr predicate(node const& n, relation const& on) {
    struct visit {
      tree_builder& b;
      relation const& on;
      ast::expr_ptr operator()(node::everything const&) const { return b.truth(true); }
      ast::expr_ptr operator()(node::comparison const& c) const {
        return b.expr(ast::binary{symbol(c.is), {}, b.column(on, c.column), b.parameter(c.with)});
      }
      ast::expr_ptr operator()(node::membership const& m) const {
        if (m.of.empty()) return b.truth(false);
        std::vector<ast::expr_ptr> items;
        for (auto const& v : m.of) items.push_back(b.parameter(v));
        return b.expr(ast::in_list{.operand = b.column(on, m.column), .items = b.list(items)});
      }
      ast::expr_ptr operator()(node::range const& r) const {
        auto const low = b.parameter(r.low);
        return b.expr(ast::between{.operand = b.column(on, r.column), .low = low, .high = b.parameter(r.high)});
      }
      ast::expr_ptr operator()(node::pattern const& p) const {
        return b.expr(ast::pattern_match{.op = ast::match_op::like, .operand = b.column(on, p.column), .pattern = b.parameter(value(p.like))});
      }
      ast::expr_ptr operator()(node::null_test const& t) const {
        return b.expr(ast::is_test{.operand = b.column(on, t.column), .value = ast::truth::null});
      }
      ast::expr_ptr operator()(node::written const& w) const { return w.predicate; }
      ast::expr_ptr operator()(node::named const& n) const {
        std::vector<ast::argument> arguments{{.name = {}, .value = b.column(on, on.some_column)}};
        for (auto const& v : n.arguments) arguments.push_back({.name = {}, .value = b.parameter(v)});
        for (auto const position : b.attributes()) arguments.push_back({.name = {}, .value = b.parameter_at(position)});
        ast::call call;
        call.path = b.list<ast::identifier>({b.name(call_of_specification(n.name))});
        call.arguments = b.list(arguments);
        return b.expr(call);
      }
      ast::expr_ptr operator()(node::exists const& e) const { return b.exists(e, on); }
      ast::expr_ptr operator()(node::junction const& j) const {
        std::vector<ast::expr_ptr> items;
        for (auto const& part : j.parts) items.push_back(b.predicate(*part, on));
        return b.expr(ast::junction{j.conjunction ? ast::junction_op::conjunction : ast::junction_op::disjunction, b.list(items)});
      }
      ast::expr_ptr operator()(node::negation const& n) const {
        return b.expr(ast::unary{ast::unary_op::logical_not, b.predicate(*n.of, on)});
      }
    };
    return std::visit(visit{*this, on}, n.node);
  }

  ast::table_ref const* from(std::string_view resource, std::string_view alias) {
    ast::table_name table;
    table.path = list<ast::identifier>({name(resource)});
    table.alias.name = name(alias);
    return memory_.make<ast::table_ref>(ast::table_ref{table});
  }
  ast::query* query(ast::select_core const& core) {
    auto* const query = memory_.make<ast::query>();
    query->body = memory_.make<ast::query_body>(ast::query_body{core});
    return query;
  }
  ast::result_item one() { return {.value = expr(ast::literal{ast::literal_kind::integer, "1"}), .alias = {}}; }
  /// A name that no enclosing relation bears.
  std::string_view fresh(std::string_view resource) {
    std::string alias(resource);
    for (unsigned i = 2; std::ranges::find(aliases_, alias) != aliases_.end(); ++i) alias = fmt::format("{} {}", resource, i);
    aliases_.push_back(alias);
    return memory_.copy(alias);
  }
  void leave() { aliases_.pop_back(); }
  policy::access const* who{};  // knows which columns there are; null where the relation is an object in memory

  /// A column of the resource that exists for the caller, or one that does not, and then binding says so.
  std::string_view some_column(std::string_view resource) const {
    auto const found = who == nullptr ? base::result<bind::visible_table const*>(nullptr) : who->find({}, resource);
    if (!found || *found == nullptr || (*found)->columns.empty()) return "rowid";
    auto const& t = **found;
    auto const shown = std::ranges::find(t.columns, true, &bind::visible_table::column::shown);
    return t.table->columns[(shown == t.columns.end() ? t.columns.begin() : shown)->index].name;
  }

 private:
  static std::string_view symbol(node::comparator c) {
    switch (c) {
      case node::comparator::equal: return "=";
      case node::comparator::not_equal: return "<>";
      case node::comparator::less: return "<";
      case node::comparator::less_equal: return "<=";
      case node::comparator::greater: return ">";
      case node::comparator::greater_equal: return ">=";
    }
    return "=";
  }
  ast::expr_ptr truth(bool b) { return expr(ast::literal{ast::literal_kind::boolean, b ? "true" : "false"}); }

  ast::expr_ptr exists(node::exists const& e, relation const& outer) {
    relation const inner{fresh(e.resource), some_column(e.resource)};
    std::vector<ast::expr_ptr> conditions;
    for (auto const& [mine, theirs] : e.on)
      conditions.push_back(expr(ast::binary{"=", {}, column(inner, mine), column(outer, theirs)}));
    conditions.push_back(predicate(*e.inside, inner));
    ast::select_core core;
    core.items = list<ast::result_item>({one()});
    core.from = list<ast::table_ref const*>({from(e.resource, inner.name)});
    core.where = expr(ast::junction{ast::junction_op::conjunction, list(conditions)});
    leave();
    return expr(ast::exists{query(core)});
  }

  base::arena& memory_;
  std::vector<value> values_;
  std::vector<unsigned> attributes_;
  std::vector<std::string> aliases_;
};

bool shown(bind::visible_table const& t, unsigned column) {
  return std::ranges::any_of(t.columns, [&](auto const& c) { return c.index == column && c.shown; });
}

/// The first projection asked for all of whose columns exist for the caller.
outcome<policy::projection const*> choose(projection const& asked, bind::visible_table const& t, policy::table_policy const& p) {
  for (auto const& name : asked.preferred) {
    auto const found = std::ranges::find_if(p.projections, [&](auto const& each) { return catalog::same_name(each.name, name); });
    if (found == p.projections.end()) return refuse(errc::usage, fmt::format("no projection `{}`", name));
    if (std::ranges::all_of(found->order, [&](unsigned column) { return shown(t, column); })) return &*found;
  }
  return refuse(errc::forbidden, "none of the projections asked for may be read");
}

}  // namespace

outcome<specified> select_by(specification const& s, std::string_view resource, select_options const& o,
                             std::span<std::string_view const> wanted, policy::access const& who, base::arena& memory) {
  tree_builder b(memory);
  b.who = &who;
  specified made;
  tree_builder::relation const on{b.fresh(resource), b.some_column(resource)};

  std::vector<ast::result_item> items;
  auto const show = [&](std::string_view column) { items.push_back({.value = b.column(on, column), .alias = b.name(column)}); };
  auto const visible = who.find({}, resource);
  if (visible && *visible != nullptr) {
    auto const& t = **visible;
    auto const name_of = [&](unsigned column) -> std::string_view { return t.table->columns[column].name; };
    if (o.shape) {
      auto const shape = choose(*o.shape, t, *who.of(t.table)->policy);
      if (!shape) return refuse(shape.error());
      made.projection = (*shape)->name;
      for (auto const column : (*shape)->order) show(name_of(column));
    } else if (!wanted.empty()) {
      for (auto const& column : wanted)
        if (auto const i = t.table->find(column); i && shown(t, *i)) show(column);
    } else {
      for (auto const& c : t.columns)
        if (c.shown) show(name_of(c.index));
    }
    if (items.empty()) return refuse(errc::forbidden, "none of the columns asked for may be read");
  } else {
    items.push_back(b.one());  // binding says that it is not there, or forbidden
  }

  ast::select_core core;
  core.items = b.list(items);
  core.from = b.list<ast::table_ref const*>({b.from(resource, on.name)});
  if (!std::holds_alternative<node::everything>(s.node()->node)) core.where = b.predicate(*s.node(), on);
  auto* const query = b.query(core);
  std::vector<ast::order_item> order;
  for (auto const& by : o.order) {
    auto& item = order.emplace_back();
    item.key = b.column(on, by.column);
    item.descending = item.explicit_direction = by.descending;
  }
  query->order = b.list(order);
  // SQLite knows no offset without a limit
  if (o.limit) query->limit = b.parameter(value(*o.limit));
  if (o.offset && !o.limit) query->limit = b.parameter(value(-1));
  if (o.offset) query->offset = b.parameter(value(*o.offset));
  made.statement = memory.make<ast::statement>(ast::statement{query});
  made.parameters = b.take_values();
  return made;
}

outcome<specified> write_by(written_by const& what, policy::access const& who, base::arena& memory) {
  tree_builder b(memory);
  b.who = &who;
  specified made;
  auto const statement = [&](auto const& s) { made.statement = memory.make<ast::statement>(ast::statement{s, {}}); };
  if (what.method == method::insert) {
    ast::insert_statement s;
    s.target.path = b.list<ast::identifier>({b.name(what.resource)});
    std::vector<ast::identifier> columns;
    std::vector<ast::expr_ptr> values;
    for (auto const& [column, v] : *what.values) {
      columns.push_back(b.name(column));
      values.push_back(b.parameter(v));
    }
    s.columns = b.list(columns);
    if (!values.empty()) {
      auto* const q = memory.make<ast::query>();
      q->body = memory.make<ast::query_body>(ast::query_body{ast::values_rows{b.list<ast::list<ast::expr_ptr>>({b.list(values)})}});
      s.source = q;
    }
    statement(s);
    made.parameters = b.take_values();
    return made;
  }
  tree_builder::relation const on{b.fresh(what.resource), b.some_column(what.resource)};
  ast::table_name target;
  target.path = b.list<ast::identifier>({b.name(what.resource)});
  target.alias.name = b.name(on.name);
  auto const where = [&]() -> ast::expr_ptr {
    return std::holds_alternative<node::everything>(what.rows->node()->node) ? nullptr : b.predicate(*what.rows->node(), on);
  };
  if (what.method == method::remove || what.method == method::purge) {
    ast::delete_statement s;
    s.target = target;
    s.where = where();
    statement(s);
  } else {
    if (what.values->empty()) return refuse(errc::usage, "an update that sets nothing");
    ast::update_statement s;
    s.target = target;
    std::vector<ast::assignment> set;
    for (auto const& [column, v] : *what.values)
      set.push_back({.columns = b.list<ast::identifier>({b.name(column)}), .value = b.parameter(v)});
    s.set = b.list(set);
    s.where = where();
    statement(s);
  }
  made.parameters = b.take_values();
  return made;
}

predicate predicate_of(specification const& s, std::string_view name, std::string_view some_column, policy::access const* who,
                       base::arena& memory) {
  tree_builder b(memory);
  b.who = who;
  b.fresh(name);
  auto const* const tree = b.predicate(*s.node(), {name, some_column});
  return {tree, b.take_values()};
}

}  // namespace grille::pipeline
