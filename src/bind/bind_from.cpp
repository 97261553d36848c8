// The from clause: tables, subqueries and functions become relations; `using` and `natural` become `on`; a join in parentheses
// is one operand whose columns keep their names. What can name an alias of the result is postponed until that is bound.
// The order and the merging of columns are those of SQLite: https://www.sqlite.org/lang_select.html#fromclause
#include <algorithm>
#include <array>

#include "bind/binder.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

/// https://www.sqlite.org/json1.html#jeach; its hidden columns `json` and `root` are not to be had.
constexpr std::array<std::string_view, 8> json_columns{"key", "value", "type", "atom", "id", "parent", "fullkey", "path"};

bound::join_kind kind_of(ast::join_kind k) {
  switch (k) {
    case ast::join_kind::inner:
    case ast::join_kind::comma:
      return bound::join_kind::inner;
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

bool keeps_right(ast::join_kind k) { return k == ast::join_kind::right || k == ast::join_kind::full; }
bool keeps_left(ast::join_kind k) { return k == ast::join_kind::left || k == ast::join_kind::full; }

void refuse_alias_columns(ast::alias const& a) {
  if (!a.columns.empty()) refuse(errc::unsupported, "a list of columns behind an alias is not supported", a.columns[0].at);
}

/// SQLite forgets the alias of a single table in parentheses on the right of a join: `t join (u as x)` joins `u`.
void refuse_lost_alias(ast::table_ref const& t, std::string_view text) {
  auto const* n = t.as<ast::table_name>();
  auto const* d = t.as<ast::derived_table>();
  auto const* f = t.as<ast::table_function>();
  auto const* a = n != nullptr ? &n->alias : d != nullptr ? &d->alias : f != nullptr ? &f->alias : nullptr;
  if (a == nullptr || a->name.text.empty() || t.at.begin > text.size()) return;
  auto const before = text.substr(0, t.at.begin).find_last_not_of(" \t\r\n\f");
  if (before != std::string_view::npos && text[before] == '(')
    refuse(errc::unsupported, "an alias of a table in parentheses is not supported", a->name.at, "leave the parentheses out");
}

/// Finds a column of a source behind `last`.
class later_column final : public bound::visitor {
 public:
  later_column(scope const& s, std::size_t last) : scope_(s), last_(last) {}
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::column>())
      for (auto i = last_ + 1; i < scope_.sources.size(); ++i)
        found = found || std::ranges::find(scope_.sources[i].relations, c->relation) != scope_.sources[i].relations.end();
    return true;
  }
  bool found{};

 private:
  scope const& scope_;
  std::size_t last_;
};

}  // namespace

source source_of(bound::relation* r) {
  source s;
  s.name = r->name;
  s.relations.push_back(r);
  s.columns.reserve(r->columns.size());
  // PostgreSQL: an alias hides the table's own name and with it the schema
  std::string_view const schema = r->kind == bound::relation_kind::base && (r->table->ignores_case || r->name == r->table->name) ? r->table->schema : std::string_view{};
  for (unsigned i = 0; i < r->columns.size(); ++i) {
    auto const& c = r->columns[i];
    s.columns.push_back({.table = r->name,
                         .name = c.name,
                         .result = c.name,
                         .relation = r,
                         .index = i,
                         .schema = schema,
                         .shown = c.shown});
  }
  return s;
}

/// A chain of joins is one flat list of sources, the left operand being the chain so far.
bound::from_item* binder::from(ast::table_ref const& t, scope& s, ast::select_core const* core) {
  std::vector<ast::table_ref const*> joins;
  auto const* first = &t;
  auto any_right = false;
  for (; first->as<ast::join>() != nullptr; first = first->as<ast::join>()->left) {
    joins.push_back(first);
    any_right = any_right || keeps_right(first->as<ast::join>()->kind);
  }
  auto* made = from_operand(*first, s, core);
  for (auto at = joins.rbegin(); at != joins.rend(); ++at) {
    auto const& j = *(*at)->as<ast::join>();
    refuse_lost_alias(*j.right, options_.text);
    auto* item = memory_.make<bound::from_item>(bound::from_item{bound::join{kind_of(j.kind), made, from_operand(*j.right, s, core)}});
    join(j, std::get<bound::join>(item->node), s, any_right, (*at)->at);
    made = item;
  }
  std::size_t relations = 0;
  for (auto const& from : s.sources) relations += from.relations.size();
  if (relations > base::limits::relations)
    refuse(errc::limit, "more than " + std::to_string(base::limits::relations) + " tables in one from clause", t.at);
  return made;
}

bound::from_item* binder::from_operand(ast::table_ref const& t, scope& s, ast::select_core const* core) {
  struct visit {
    binder& self;
    ast::table_ref const& t;
    scope& s;
    ast::select_core const* core;

    bound::from_item* add(bound::relation* r) const {
      s.sources.push_back(source_of(r));
      return self.memory_.make<bound::from_item>(bound::from_item{r});
    }
    bound::from_item* operator()(ast::table_name const& n) const { return add(self.table(n, t.at, core)); }
    bound::from_item* operator()(ast::derived_table const& n) const { return add(self.derived(n, t.at)); }
    bound::from_item* operator()(ast::table_function const& n) const {
      auto* r = self.function(n, s, t.at);
      return add(r);
    }
    bound::from_item* operator()(ast::join const&) const { return self.parentheses(t, s); }
    bound::from_item* operator()(ast::table_sample const&) const { refuse(errc::unsupported, "`tablesample` is not supported", t.at); }
  };
  return std::visit(visit{*this, t, s, core}, t.node);
}

/// What stands in the parentheses has a scope of its own and is seen from outside as one operand.
bound::from_item* binder::parentheses(ast::table_ref const& t, scope& s) {
  deeper(1, t.at);
  hold<unsigned> const level(depth_, depth_ + 1);
  auto const& alias = t.as<ast::join>()->alias;
  if (!alias.name.text.empty()) refuse(errc::unsupported, "an alias of a join in parentheses is not supported", alias.name.at);
  auto& inner = *s.parentheses.emplace_back(std::make_unique<scope>(s.which, s.outer));
  auto* made = from(t, inner, nullptr);

  source seen;
  seen.parenthesised = true;
  for (std::size_t i = 0; i < inner.sources.size(); ++i) {
    auto const& here = inner.sources[i];
    auto const* next = i + 1 < inner.sources.size() ? &inner.sources[i + 1] : nullptr;
    if (next != nullptr)
      for (auto const name : next->merged) {
        auto const m = inner.find({}, {}, name);
        if (!m.unique()) refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(name), t.at);
        seen.columns.push_back({.name = name, .result = name, .merged = merge(m, t.at), .joined = true});
      }
    for (auto c : here.columns) {
      if (!here.name.empty() && !inner.find(here.schema(), here.name, c.name).unique())
        refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(std::string(here.name).append(".").append(c.name)), t.at);
      c.expanded = c.expanded && !here.merges(c.name) && !(next != nullptr && next->merges(c.name));
      c.joined = false;
      seen.columns.push_back(c);
    }
    seen.relations.insert(seen.relations.end(), here.relations.begin(), here.relations.end());
  }
  std::vector<std::string_view> names;
  for (auto const& c : seen.columns) names.push_back(c.result);
  make_unique(names, memory_);
  for (std::size_t i = 0; i < names.size(); ++i) seen.columns[i].result = names[i];
  s.sources.push_back(std::move(seen));
  return made;
}

/// Joins the last source to those before it.
void binder::join(ast::join const& j, bound::join& made, scope& s, bool any_right, base::range at) {
  if (!j.alias.name.text.empty()) refuse(errc::unsupported, "an alias of a join in parentheses is not supported", j.alias.name.at);
  if (!j.using_alias.text.empty()) refuse(errc::unsupported, "an alias behind `using` is not supported", j.using_alias.at);
  if (j.natural && (j.on != nullptr || !j.using_columns.empty()))
    refuse(errc::syntax, "a natural join takes neither `on` nor `using`", at);
  auto const last = s.sources.size() - 1;
  auto& right = s.sources[last];
  right.keeps_left = keeps_left(j.kind);
  right.keeps_right = keeps_right(j.kind);
  if (j.on != nullptr) s.conditions.push_back({.on = j.on, .join = &made, .last = last});

  std::vector<ast::identifier> names(j.using_columns.begin(), j.using_columns.end());
  if (j.natural)
    for (auto const& c : right.columns) {
      std::size_t ignored{};
      auto const known = std::ranges::any_of(names, [&](auto const& n) { return catalog::same_name(n.text, c.name); });
      if (c.shown && !known && s.joinable(c.name, 0, last, ignored) != nullptr) names.push_back({c.name, at});
    }
  std::vector<bound::expr_ptr> equalities;
  for (auto const& n : names) equalities.push_back(join_column(s, n, any_right));
  for (auto const& n : names) right.merged.push_back(n.text);
  if (equalities.size() == 1) made.on = equalities.front();
  if (equalities.size() > 1) made.on = make(bound::junction{bound::junction_op::conjunction, memory_.copy(equalities)}, at);
}

/// `left = right` for one column of `using`. On the left the first that has the name; where there is a right or full join, the
/// coalesce of all that were merged so far.
bound::expr_ptr binder::join_column(scope& s, ast::identifier const& name, bool any_right) {
  auto const last = s.sources.size() - 1;
  std::size_t at{}, ignored{};
  auto const* left = s.joinable(name.text, 0, last, at);
  auto const* right = s.joinable(name.text, last, last + 1, ignored);
  if (left == nullptr || right == nullptr) refuse(errc::not_found, "no such column: " + in_ticks(name.text), name.at, "it is not in both tables");
  match m{.column = left, .candidates = 1};
  while (any_right) {
    auto const* more = s.joinable(name.text, at + 1, last, at);
    if (more == nullptr) break;
    if (!s.sources[at].merges(name.text)) refuse(errc::ambiguous, "ambiguous column name: " + in_ticks(name.text), name.at);
    m.before.push_back(m.column);
    m.column = more;
    ++m.candidates;
  }
  auto* l = refer(m, name.at);
  return operation(bound::op::equal, {l, refer(*right, name.at)}, name.at);
}

bound::relation* binder::table(ast::table_name const& t, base::range at, ast::select_core const* core) {
  if (sqlite()) refuse_alias_columns(t.alias);
  if (t.only) refuse_only(at);
  if (!t.indexed_by.text.empty()) refuse(errc::unsupported, "`indexed by` is not supported", t.indexed_by.at);
  if (t.not_indexed) refuse(errc::unsupported, "`not indexed` is not supported", at);
  return named_table(t.path, t.alias.name.text, at, core);
}

/// A name without a schema is a common table's first; one with a schema never is.
bound::relation* binder::named_table(ast::name_path path, std::string_view name, base::range at, ast::select_core const* core) {
  count(1, at);
  auto const& last = path.back();
  auto const* const written = target_ != nullptr && target_ == path.data() ? target_reads_ : nullptr;  // no common table is written to
  if (path.size() == 1 && written == nullptr)
    if (auto const [w, item] = find_item(last.text); item != nullptr)
      return read(*w, *item, name.empty() ? std::string_view(item->table->name) : name, at, core);
  auto const unknown = [&] { refuse(errc::not_found, "no such table: " + in_ticks(dotted(path)), extent(path)); };
  if (path.size() > 2) unknown();
  auto found = written != nullptr ? written : options_.visible.find(path.size() == 2 ? path[0].text : std::string_view{}, last.text);
  if (!found) {
    found.error().at = extent(path);
    throw std::move(found.error());
  }
  if (*found == nullptr) unknown();
  for (auto const& c : (*found)->table->columns)
    if (sqlite() && is_truth_word(c.name))
      refuse(errc::unsupported, "table " + in_ticks(dotted(path)) + " cannot be read: it names a column like a truth value", extent(path));
  return make_relation(**found, name.empty() ? std::string_view((*found)->table->name) : name, at, memory_);
}

bound::relation* binder::derived(ast::derived_table const& t, base::range at) {
  if (sqlite()) refuse_alias_columns(t.alias);
  if (t.lateral && options_.names) refuse(errc::unsupported, "`lateral` in a policy is not supported", at);
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::derived;
  made->lateral = t.lateral;
  scope left = beside();
  hold<scope*> const around(scope_, t.lateral ? &left : scope_);
  made->query = query(*t.subquery, false);
  std::vector<bound::relation_column> columns;
  for (auto const name : column_names(*made->query->body, memory_)) columns.push_back({.name = name, .source = static_cast<unsigned>(columns.size())});
  made->columns = memory_.copy(columns);
  made->name = memory_.copy(t.alias.name.text);
  made->at = at;
  return made;
}

bound::relation* binder::function(ast::table_function const& t, scope& s, base::range at) {
  refuse_alias_columns(t.alias);
  if (t.lateral || t.ordinality || t.rows_from || !t.definitions.empty() || t.functions.size() != 1)
    refuse(errc::unsupported, "this form of a function in `from` is not supported", at);
  auto const& c = *t.functions[0];
  auto const name = c.path.back().text;
  auto const* f = c.path.size() == 1 ? catalog::find_function(options_.visible.which(), name, static_cast<int>(c.arguments.size())) : nullptr;
  if (f == nullptr || f->kind != catalog::function_kind::table)
    refuse(errc::unsupported, "table function " + in_ticks(dotted(c.path)) + " is not allowed", extent(c.path));
  if (f->name != "json_each" && f->name != "json_tree")
    refuse(errc::unsupported, "the columns of table function " + in_ticks(name) + " are not known", extent(c.path));
  std::vector<bound::relation_column> columns;
  for (auto const column : json_columns) columns.push_back({.name = column, .source = static_cast<unsigned>(columns.size())});
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::function;
  made->columns = memory_.copy(columns);
  made->function = f;
  made->name = memory_.copy(t.alias.name.text.empty() ? name : t.alias.name.text);
  made->at = at;
  s.conditions.push_back({.call = &c, .function = made, .last = s.sources.size()});
  return made;
}

/// Conditions and arguments, where aliases of the result are known; inside parentheses they are not.
void binder::conditions(scope& s) {
  for (auto const& inner : s.parentheses) {
    hold<scope*> const here(scope_, inner.get());
    conditions(*inner);
  }
  for (auto const& c : s.conditions) {
    if (c.on != nullptr) {
      c.join->on = expression(*c.on);
      refuse_later(s, c.last, c.join->on, c.on->at);
      continue;
    }
    std::vector<bound::expr_ptr> arguments;
    for (auto const& a : c.call->arguments) {
      if (!a.name.text.empty()) refuse(errc::unsupported, "named arguments are not supported", a.name.at);
      arguments.push_back(expression(*a.value));
      if (c.last == 0)
        refuse_later(s, 0, arguments.back(), a.value->at);
      else
        refuse_later(s, c.last - 1, arguments.back(), a.value->at);
    }
    c.function->arguments = memory_.copy(arguments);
  }
}

void binder::refuse_later(scope const& s, std::size_t last, bound::expr_ptr e, base::range at) {
  later_column v(s, last);
  bound::walk(e, v);
  if (v.found) refuse(errc::unsupported, "this names a column of a table further right in `from`", at, "move that table to the left");
}

}  // namespace grille::bind
