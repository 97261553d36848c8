// The from clause by PostgreSQL's rules. Each item of the comma list is one operand: a relation, or a tree of joins. A condition
// sees the columns of its own join's two sides and those of the queries around, nothing else of the list.
// `using` and `natural` put their merged columns first: https://www.postgresql.org/docs/15/queries-table-expressions.html
#include <algorithm>
#include <array>

#include "ast/equal.hpp"
#include "bind/binder.hpp"
#include "bound/calls.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

bound::join_kind kind_of(ast::join_kind k) {
  switch (k) {
    case ast::join_kind::inner:
      return bound::join_kind::inner;
    case ast::join_kind::comma:
    case ast::join_kind::cross:
      return bound::join_kind::cross;
    case ast::join_kind::left:
      return bound::join_kind::left;
    case ast::join_kind::right:
      return bound::join_kind::right;
    case ast::join_kind::full:
      return bound::join_kind::full;
  }
  return {};
}

/// `t as a (x, y)`: other names for the first of the columns that can be seen.
void rename(source& s, ast::alias const& a) {
  std::size_t next = 0;
  for (auto& c : s.columns)
    if (next < a.columns.size() && c.shown) c.name = c.result = a.columns[next++].text;
  if (next < a.columns.size())
    refuse(errc::syntax, "table " + in_ticks(s.name) + " has " + std::to_string(next) + " columns, its alias names " +
                             std::to_string(a.columns.size()), a.columns[next].at);
}

/// The one column of an operand by which `using` and `natural` join.
source_column const& joined_by(source const& s, ast::identifier const& name) {
  source_column const* found{};
  for (auto const& c : s.columns) {
    if (!c.shown || !c.expanded || c.name != name.text) continue;
    if (found != nullptr) refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(name.text), name.at);
    found = &c;
  }
  if (found == nullptr) refuse(errc::not_found, "no such column: " + in_ticks(name.text), name.at, "it is not in both tables");
  return *found;
}

std::vector<ast::identifier> common_names(source const& left, source const& right, base::range at) {
  std::vector<ast::identifier> names;
  for (auto const& l : left.columns)
    if (l.shown && l.expanded &&
        std::ranges::any_of(right.columns, [&](source_column const& r) { return r.shown && r.expanded && r.name == l.name; }) &&
        std::ranges::none_of(names, [&](ast::identifier const& n) { return n.text == l.name; }))
      names.push_back({l.name, at});
  return names;
}

/// The table's column that it is, by type; "?": computed.
std::string_view type_of(bound::relation const& r, unsigned index) {
  auto const source = r.columns[index].source;
  if (r.kind == bound::relation_kind::base) return r.table->columns[source].type;
  auto const* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common && !r.cte->recursive ? r.cte->query : nullptr;
  auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
  auto const* c = s == nullptr ? nullptr : s->items[source].value->as<bound::column>();
  return c == nullptr ? "?" : type_of(*c->relation, c->index);
}
std::string_view type_of(source_column const& c) { return type_of(*c.relation, c.index); }

/// Of a relation, or an alias of a join.
bool has_name(source const& s, std::string_view name) {
  return std::ranges::any_of(s.relations, [&](bound::relation const* r) { return r->name == name; }) ||
         std::ranges::any_of(s.columns, [&](source_column const& c) { return c.table == name; });
}

}  // namespace

bound::from_item* binder::from_list(ast::select_core const& c, scope& s) {
  bound::from_item* made{};
  std::size_t relations = 0;
  hold<left_sides> const own(left_, {});
  s.sources.reserve(s.sources.size() + c.from.size());  // they are pointed at
  for (auto const* item : c.from) {
    source seen;
    auto* operand = from_tree(*item, s, &c, seen);
    relations += seen.relations.size();
    if (relations > base::limits::relations)
      refuse(errc::limit, "more than " + std::to_string(base::limits::relations) + " tables in one from clause", item->at);
    refuse_repeated(s.sources, seen, item->at);
    s.sources.push_back(std::move(seen));
    left_.emplace_back(&s.sources.back(), false);
    made = made == nullptr ? operand : memory_.make<bound::from_item>(bound::from_item{bound::join{bound::join_kind::cross, made, operand}});
  }
  return made;
}

/// What a lateral subquery, and a function, can name besides what the whole from clause can. What it may not name hides what stands
/// further out all the same: https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-LATERAL
scope binder::beside() const {
  scope s(which(), scope_);
  for (auto const& [left, barred] : left_) {
    s.sources.push_back(*left);
    for (auto& c : s.sources.back().columns) c.barred = c.barred || barred;
  }
  return s;
}

/// The server lets two tables of one name stand where each is of another schema; here an alias is needed.
void binder::refuse_repeated(std::span<source const> before, source const& next, base::range at) {
  auto const check = [&](std::string_view name) {
    if (!name.empty() && std::ranges::any_of(before, [&](source const& s) { return has_name(s, name); }))
      refuse(errc::ambiguous, "table name " + in_ticks(name) + " stands twice in one `from`", at, "give one of them an alias");
  };
  for (auto const* r : next.relations) check(r->name);
  for (auto const& c : next.columns) check(c.table);
}

bound::from_item* binder::from_tree(ast::table_ref const& t, scope& s, ast::select_core const* core, source& seen) {
  struct visit {
    binder& self;
    ast::table_ref const& t;
    scope& s;
    ast::select_core const* core;
    source& seen;

    bound::from_item* relation(bound::relation* r, ast::alias const& a) const {
      seen = source_of(r);
      rename(seen, a);
      return self.memory_.make<bound::from_item>(bound::from_item{r});
    }
    bound::from_item* operator()(ast::table_name const& n) const { return relation(self.table(n, t.at, core), n.alias); }
    bound::from_item* operator()(ast::derived_table const& n) const {
      if (n.alias.name.text.empty()) refuse(errc::syntax, "a subquery in `from` needs an alias", t.at, "write `(…) as name`");
      return relation(self.derived(n, t.at), n.alias);
    }
    bound::from_item* operator()(ast::table_function const& n) const {
      auto* made = self.function_postgresql(n, t.at);
      return relation(made, {n.alias.name, n.alias.columns});
    }
    bound::from_item* operator()(ast::join const& n) const { return self.join_tree(n, s, core, seen, t.at); }
    /// It samples what is stored, before any condition is asked. `system` takes whole blocks, and `repeatable` goes by the place of a row in them:
    /// which of the rows that one sees are in a sample tells how many others lie between. bernoulli alone would not; it is refused with them.
    bound::from_item* operator()(ast::table_sample const&) const {
      refuse(errc::unsupported, "`tablesample` is not supported", t.at, "a sample is taken before the policy is asked, so it would tell of hidden rows; `order by random() limit …` samples those that are yours");
    }
  };
  deeper(1, t.at);
  hold<unsigned> const level(depth_, depth_ + 1);
  auto* made = std::visit(visit{*this, t, s, core, seen}, t.node);
  seen.joins = made;
  return made;
}

namespace {

/// The functions that may stand in `from`, and the columns that they have there; without any, the one is named as the alias is.
struct table_function {
  std::string_view name;
  std::array<std::string_view, 2> columns{};
  bool defined{};  // the text says which columns it has
};
constexpr std::array<table_function, 21> table_functions{{{"generate_series"},
                                                          {"generate_subscripts"},
                                                          {"json_array_elements", {"value"}},
                                                          {"json_array_elements_text", {"value"}},
                                                          {"json_each", {"key", "value"}},
                                                          {"json_each_text", {"key", "value"}},
                                                          {"json_object_keys"},
                                                          {"json_to_record", {}, true},
                                                          {"json_to_recordset", {}, true},
                                                          {"jsonb_array_elements", {"value"}},
                                                          {"jsonb_array_elements_text", {"value"}},
                                                          {"jsonb_each", {"key", "value"}},
                                                          {"jsonb_each_text", {"key", "value"}},
                                                          {"jsonb_object_keys"},
                                                          {"jsonb_path_query"},
                                                          {"jsonb_to_record", {}, true},
                                                          {"jsonb_to_recordset", {}, true},
                                                          {"regexp_matches"},
                                                          {"regexp_split_to_table"},
                                                          {"string_to_table"},
                                                          {"unnest"}}};
table_function const& known_as(catalog::function const& f) { return *std::ranges::find(table_functions, f.name, &table_function::name); }


}  // namespace

catalog::function const* binder::table_function_of(ast::call const& c, base::range at) {
  auto const several = c.path.size() == 1 && c.path[0].text == "unnest" && c.arguments.size() > 1;  // short for `rows from (unnest(x), unnest(y))`
  auto const* f = several ? catalog::find_function(which(), "unnest", 1) : function_of(c, at);
  if (std::ranges::find(table_functions, f == nullptr ? std::string_view{} : f->name, &table_function::name) == table_functions.end())
    refuse(errc::unsupported, "function " + in_ticks(dotted(c.path)) + " in `from` is not supported", extent(c.path));
  if (c.star || c.distinct || c.variadic || !c.order.empty() || !c.within_group.empty() || c.filter != nullptr || c.over != nullptr)
    refuse(errc::syntax, "function " + in_ticks(f->name) + " is no aggregate", at);
  return f;
}

/// `json_to_recordset(…) as x (a int, b text)`
void binder::define_columns(bound::relation& made, ast::table_function const& t) {
  std::vector<bound::relation_column> columns;
  std::vector<std::string_view> types;
  for (auto const& d : t.definitions) {
    if (!d.collation.empty()) refuse(errc::unsupported, "a collation of a defined column is not supported", d.name.at);
    if (std::ranges::any_of(columns, [&](bound::relation_column const& c) { return c.name == d.name.text; }))
      refuse(errc::ambiguous, "column " + in_ticks(d.name.text) + " is defined twice", d.name.at);
    columns.push_back({.name = memory_.copy(d.name.text), .source = static_cast<unsigned>(columns.size())});
    types.push_back(postgresql_type(d.type));
  }
  made.columns = memory_.copy(columns);
  made.types = memory_.copy(types);
}

void binder::table_arguments(ast::call const& c, catalog::function const& f, std::vector<bound::expr_ptr>& to) {
  for (auto const& a : c.arguments) {
    if (!a.name.text.empty()) refuse(errc::unsupported, "named arguments are not supported", a.name.at);
    to.push_back(expression(*a.value));
    if (f.name == "unnest" && may_be_of_columns(*to.back()))
      refuse(errc::unsupported, "`unnest` of a `tsvector` or of composites is not supported", a.value->at, "`tsvector_to_array` gives the words of the first");
    if (options_.names && bound::holds_query(to.back())) refuse(errc::unsupported, "function " + in_ticks(f.name) + ", which makes rows, of a query is not supported", a.value->at);
  }
}

/// One or several side by side, of constants, parameters, and columns of what stands further left.
bound::relation* binder::function_postgresql(ast::table_function const& t, base::range at) {
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::function;
  made->at = at;
  made->ordinality = t.ordinality;
  scope left = beside();
  scope none(which(), nullptr);
  hold<scope*> const around(scope_, options_.names ? &none : &left);  // in a policy it is of constants
  std::vector<bound::expr_ptr> arguments;
  std::vector<bound::table_call> calls;
  for (auto const* c : t.functions) {
    auto const* f = table_function_of(*c, c->path.front().at);
    auto const apart = f->name == "unnest" && c->arguments.size() > 1;
    if (!apart) calls.push_back({f, static_cast<unsigned>(c->arguments.size())});
    if (apart) calls.insert(calls.end(), c->arguments.size(), {f, 1});
    table_arguments(*c, *f, arguments);
  }
  made->function = calls.front().function;
  made->arguments = memory_.copy(arguments);
  made->calls = memory_.copy(calls);
  made->name = memory_.copy(t.alias.name.text.empty() ? made->function->name : t.alias.name.text);

  auto const defined = std::ranges::any_of(calls, [](bound::table_call const& c) { return known_as(*c.function).defined; });
  if (defined != !t.definitions.empty())
    refuse(errc::syntax, defined ? "function " + in_ticks(made->function->name) + " needs a list of column definitions" : "a list of column definitions is for functions that have no columns of their own", at);
  if (defined && (calls.size() > 1 || t.ordinality)) refuse(errc::unsupported, "a list of column definitions beside other columns is not supported", at);
  if (defined) {
    define_columns(*made, t);
    return made;
  }
  std::vector<bound::relation_column> columns;
  auto const add = [&](std::string_view name) { columns.push_back({.name = name, .source = static_cast<unsigned>(columns.size())}); };
  for (auto const& c : calls) {
    auto const& known = known_as(*c.function);
    for (auto const name : known.columns)
      if (!name.empty()) add(name);
    if (known.columns[0].empty()) add(calls.size() == 1 ? made->name : c.function->name);
  }
  if (t.ordinality) add("ordinality");
  made->columns = memory_.copy(columns);
  return made;
}

namespace {

/// The calls of `e` that make a row of each of their values, where the server takes them: each is a value of a result, or what such a value is computed of.
void find_row_makers(ast::expr const& e, std::vector<std::pair<ast::call const*, base::range>>& found) {
  auto const in = [&](ast::expr_ptr x) {
    if (x != nullptr) find_row_makers(*x, found);
  };
  if (auto const* n = e.as<ast::cast>()) return in(n->operand);
  if (auto const* n = e.as<ast::collate>()) return in(n->operand);
  if (auto const* n = e.as<ast::unary>()) return in(n->operand);
  if (auto const* n = e.as<ast::prefix>()) return in(n->operand);
  if (auto const* n = e.as<ast::binary>()) {
    in(n->left);
    return in(n->right);
  }
  auto const* c = e.as<ast::call>();
  if (c == nullptr || c->syntax != ast::call_syntax::plain || c->over != nullptr) return;
  auto const* f = catalog::find_function(dialect::postgresql, c->path.back().text, static_cast<int>(c->arguments.size()));
  if (f == nullptr) return;
  auto const* known = std::ranges::find(table_functions, f->name, &table_function::name);
  if (known == table_functions.end()) {
    if (f->kind == catalog::function_kind::scalar)
      for (auto const& a : c->arguments) in(a.value);
  } else if (!known->defined && known->columns[1].empty()) {
    found.emplace_back(c, e.at);
  }
}

}  // namespace

/// `select f(x), g(y) from t where C` is `select r.f, r.g from t cross join rows from (f(x), g(y)) r where C`: the rows of both side by side, as many as the longer
/// one has (https://www.postgresql.org/docs/15/xfunc-sql.html#XFUNC-SQL-FUNCTIONS-RETURNING-SET). Null: none is there.
bound::relation* binder::functions_in_results(ast::select_core const& c, scope& s) {
  std::vector<std::pair<ast::call const*, base::range>> found;
  for (auto const& i : c.items) find_row_makers(*i.value, found);
  if (found.empty()) return nullptr;
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::function;
  made->at = found.front().second;
  std::vector<bound::expr_ptr> arguments;
  std::vector<bound::table_call> calls;
  std::vector<bound::relation_column> columns;
  s.has_aggregate = s.has_window = false;
  for (auto const& [call, at] : found) {
    auto const* f = table_function_of(*call, at);
    table_arguments(*call, *f, arguments);
    calls.push_back({f, static_cast<unsigned>(call->arguments.size())});
    columns.push_back({.name = f->name, .source = static_cast<unsigned>(columns.size())});
    row_makers_.emplace(call, make(bound::column{made, static_cast<unsigned>(columns.size() - 1)}, at));
  }
  if (s.has_aggregate || s.has_window)
    refuse(errc::unsupported, "function " + in_ticks(calls.front().function->name) + " in a list of results, of an aggregate or a window function, is not supported", made->at,
           "write it in `from`, of a query that has these");
  made->function = calls.front().function;
  made->name = made->function->name;
  made->arguments = memory_.copy(arguments);
  made->calls = memory_.copy(calls);
  made->columns = memory_.copy(columns);
  return made;
}

/// What such a call is: there, and as a key of the groups where it is written once more. Null: it is none.
bound::expr_ptr binder::made_row(ast::call const& c) const {
  if (auto const made = row_makers_.find(&c); made != row_makers_.end()) return made->second;
  for (auto const& [call, made] : row_makers_)
    if (made->as<bound::column>()->relation == row_keys_ && ast::equal(ast::expr{*call}, ast::expr{c})) return made;
  return nullptr;
}

bound::from_item* binder::join_tree(ast::join const& j, scope& s, ast::select_core const* core, source& seen, base::range at) {
  // the recursive part of a common table may read it anywhere in its from clause
  scope sides(which(), s.outer);
  sides.sources.resize(2);
  auto* left = from_tree(*j.left, s, core, sides.sources[0]);
  auto with_left = left_;
  with_left.emplace_back(&sides.sources[0], j.kind == ast::join_kind::right || j.kind == ast::join_kind::full);
  auto* right = [&] {
    hold<left_sides> const beside_left(left_, std::move(with_left));
    return from_tree(*j.right, s, core, sides.sources[1]);
  }();
  refuse_repeated({sides.sources.data(), 1}, sides.sources[1], at);
  auto* made = memory_.make<bound::from_item>(bound::from_item{bound::join{kind_of(j.kind), left, right}});
  auto& join = std::get<bound::join>(made->node);

  std::vector<ast::identifier> names(j.using_columns.begin(), j.using_columns.end());
  if (j.natural) names = common_names(sides.sources[0], sides.sources[1], at);
  if (j.natural && names.empty() && join.kind != bound::join_kind::inner && join.kind != bound::join_kind::cross)
    join.on = make(bound::literal{bound::literal_kind::boolean, "true"}, at);  // nothing in common: every pair of rows
  if (j.on != nullptr) {
    hold<scope*> const here(scope_, &sides);
    join.on = expression(*j.on);
  }
  merge_columns(names, join, sides.sources[0], sides.sources[1], seen);
  seen.relations = std::move(sides.sources[0].relations);
  seen.relations.insert(seen.relations.end(), sides.sources[1].relations.begin(), sides.sources[1].relations.end());
  seen.parenthesised = true;
  if (!j.using_alias.text.empty()) name_merged(seen, names.size(), j.using_alias);
  if (!j.alias.name.text.empty()) name_join(seen, j.alias);
  return made;
}

/// `join b using (x) as u`: `u.x` is what `using` merged, beside all other names.
void binder::name_merged(source& seen, std::size_t merged, ast::identifier const& name) {
  if (has_name(seen, name.text)) refuse(errc::ambiguous, "table name " + in_ticks(name.text) + " stands twice in one `from`", name.at, "give one of them an alias");
  for (std::size_t i = 0; i < merged; ++i) {
    auto column = seen.columns[i];
    column.table = memory_.copy(name.text);
    column.qualified = true;
    column.expanded = false;
    seen.columns.push_back(column);
  }
}

/// `(a join b on …) as j`: what `*` shows of the join, by one name; those of its tables are not to be named any more.
void binder::name_join(source& seen, ast::alias const& a) {
  std::erase_if(seen.columns, [](source_column const& c) { return !c.expanded; });
  seen.name = memory_.copy(a.name.text);
  for (auto& c : seen.columns) {
    c.table = seen.name;
    c.schema = {};
    c.joined = false;
  }
  rename(seen, a);
}

/// Leaves the columns of the join, and what is equal by `names` in its condition.
void binder::merge_columns(std::vector<ast::identifier> const& names, bound::join& join, source& left, source& right, source& seen) {
  auto const value = [&](source_column const& c, base::range at) {
    return c.merged != nullptr ? copy(c.merged, at) : make(bound::column{c.relation, c.index}, at);
  };
  std::vector<bound::expr_ptr> equalities;
  for (auto const& n : names) {
    if (std::ranges::any_of(seen.columns, [&](source_column const& c) { return c.name == n.text; }))
      refuse(errc::syntax, "column " + in_ticks(n.text) + " stands twice in `using`", n.at);
    auto const& l = joined_by(left, n);
    auto const& r = joined_by(right, n);
    auto const& mine = join.kind == bound::join_kind::right ? r : l;
    auto const& other = join.kind == bound::join_kind::right ? l : r;
    auto merged = mine;
    merged.table = merged.schema = {};
    merged.joined = true;
    // it is of the type that both come to, which the bare column of one side need not be; where there is no row of this side, there is none of the other
    auto const of_one_type = l.merged == nullptr && r.merged == nullptr && type_of(l) == type_of(r) && type_of(l) != "?";
    if (join.kind == bound::join_kind::full || !of_one_type) {
      bound::call c;
      c.function = catalog::find_function(which(), "coalesce", 2);
      c.arguments = memory_.copy(std::vector<bound::expr_ptr>{value(mine, n.at), value(other, n.at)});
      merged.merged = make(c, n.at);
    }
    equalities.push_back(operation(bound::op::equal, {refer(l, n.at), refer(r, n.at)}, n.at));
    seen.columns.push_back(merged);
  }
  for (auto* side : {&left, &right})
    for (auto c : side->columns) {
      c.expanded = c.expanded && std::ranges::none_of(names, [&](ast::identifier const& n) { return c.shown && n.text == c.name; });
      seen.columns.push_back(c);
    }
  if (equalities.size() == 1) join.on = equalities.front();
  if (equalities.size() > 1) join.on = make(bound::junction{bound::junction_op::conjunction, memory_.copy(equalities)}, {});
  if (!names.empty() && join.kind == bound::join_kind::cross) join.kind = bound::join_kind::inner;
}

}  // namespace grille::bind
