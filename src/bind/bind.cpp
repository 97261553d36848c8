// The entry points, the catalogue without limits, and what belongs to a whole statement: its size and its parameters.
#include "bind/bind.hpp"

#include <algorithm>

#include "bind/binder.hpp"
#include "bound/walk.hpp"
#include "catalog/row_key.hpp"

namespace grille::bind {

namespace {

/// Names and merged columns are copied where they are referred to: a bound tree can be larger than its text, within this.
constexpr std::size_t most_nodes = 1'000'000;
constexpr unsigned most_parameters = 32'766;  // https://www.sqlite.org/limits.html
constexpr unsigned unnumbered = 1'000'000;    // positions from here on: a named parameter's, until all names are known

class parameter_numbering final : public bound::visitor {
 public:
  explicit parameter_numbering(std::vector<unsigned> const& positions) : positions_(positions) {}
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    if (auto* p = e->as<bound::parameter>(); p != nullptr && p->position >= unnumbered) p->position = positions_[p->position - unnumbered];
    return true;
  }

 private:
  std::vector<unsigned> const& positions_;
};

struct statement_kind {
  std::string_view operator()(ast::query_ptr) const { return {}; }
  std::string_view operator()(ast::insert_statement const& s) const { return s.replace ? "replace" : "insert"; }
  std::string_view operator()(ast::update_statement const&) const { return "update"; }
  std::string_view operator()(ast::delete_statement const&) const { return "delete"; }
  std::string_view operator()(ast::merge_statement const&) const { return "merge"; }
};

}  // namespace

std::string dotted(ast::name_path path) {
  std::string text;
  for (auto const& part : path) text.append(text.empty() ? "" : ".").append(part.text);
  return text;
}

base::range extent(ast::name_path path) { return path.empty() ? base::range{} : base::cover(path.front().at, path.back().at); }

void binder::count(std::size_t nodes, base::range at) {
  nodes_ += nodes;
  if (nodes_ > most_nodes) refuse(errc::limit, "the statement becomes too large when its names are resolved", at);
}

void binder::deeper(unsigned levels, base::range at) const {
  if (depth_ + levels > base::limits::nesting) refuse(errc::limit, "the statement is nested too deeply", at);
}

bound::expr_ptr binder::parameter(ast::parameter const& p, base::range at) {
  if (!options_.parameters) refuse(errc::usage, "a parameter has no meaning here", at);
  auto const named = p.form != ast::parameter_form::question && p.form != ast::parameter_form::numbered;
  if (named ? numbered_ : !named_.empty()) refuse(errc::usage, "named and numbered parameters in one statement", at, "use one kind of them");
  if (!named) {
    if (p.number == 0 || p.number > most_parameters)
      refuse(errc::limit, "parameter numbers go from 1 to " + std::to_string(most_parameters), at);
    numbered_ = true;
    positions_ = std::max(positions_, p.number);
    return make(bound::parameter{p.number}, at);
  }
  auto const [entry, added] = named_.try_emplace(p.name, named_parameter{p.form, at, static_cast<unsigned>(named_.size())});
  auto& known = entry->second;
  if (known.form != p.form)
    refuse(errc::usage, "parameter " + in_ticks(p.name) + " is written with two signs", at, "they would be two parameters: use one sign");
  if (added && named_.size() > most_parameters) refuse(errc::limit, "more than " + std::to_string(most_parameters) + " parameters", at);
  if (at.begin < known.first.begin) known.first = at;
  return make(bound::parameter{unnumbered + known.key}, at);
}

/// Named parameters take positions in the order in which the text first has them, which is not the order of binding.
bound::list<std::string_view> binder::number_parameters(std::vector<bound::query*> const& queries) {
  if (named_.empty()) return memory_.copy(std::vector<std::string_view>(positions_));
  std::vector<std::pair<std::string_view, named_parameter>> all(named_.begin(), named_.end());
  std::ranges::sort(all, {}, [](auto const& p) { return p.second.first.begin; });
  std::vector<unsigned> position_of(all.size());
  std::vector<std::string_view> names;
  for (auto const& [name, known] : all) {
    names.push_back(memory_.copy(name));
    position_of[known.key] = static_cast<unsigned>(names.size());
  }
  positions_ = static_cast<unsigned>(names.size());
  parameter_numbering v(position_of);
  for (auto* q : queries)
    if (q != nullptr) bound::walk(*q, v);
  return memory_.copy(names);
}

bound::statement* binder::statement(ast::statement const& s) {
  auto const* q = s.as<ast::query_ptr>();
  if (q == nullptr) {
    auto const word = std::visit(statement_kind{}, s.node);
    auto at = s.at;
    if (catalog::same_name(options_.text.substr(std::min<std::size_t>(at.begin, options_.text.size()), word.size()), word))
      at.end = at.begin + static_cast<std::uint32_t>(word.size());
    refuse(errc::unsupported, in_ticks(word) + ", where a query is wanted", at);
  }
  if (options_.assigns) find_defaults(**q, true);
  auto* made = memory_.make<bound::statement>();
  made->query = query(**q, true);
  refuse_own_operators({made->query});
  made->parameter_names = number_parameters({made->query});
  made->parameters = positions_;
  return made;
}

bound::expr_ptr binder::predicate(ast::expr const& e, bound::relation* subject) {
  scope s(which());
  if (subject != nullptr) s.sources.push_back(source_of(subject));
  hold<scope*> const here(scope_, &s);
  auto* made = expression(e);
  refuse_own_operators(made);
  return made;
}

base::result<bound::statement*> bind_statement(ast::statement const& s, options const& o) {
  try {
    return binder(o).statement(s);
  } catch (base::fault& f) {
    return tl::unexpected<base::fault>(std::move(f));
  }
}

base::result<bound::write*> bind_write(ast::statement const& s, options const& o) {
  try {
    return binder(o).write(s);
  } catch (base::fault& f) {
    return tl::unexpected<base::fault>(std::move(f));
  }
}

base::result<bound::expr_ptr> bind_expression(ast::expr const& e, bound::relation* subject, options const& o) {
  try {
    return binder(o).predicate(e, subject);
  } catch (base::fault& f) {
    return tl::unexpected<base::fault>(std::move(f));
  }
}

bound::relation* make_relation(visible_table const& t, std::string_view name, base::range at, base::arena& memory) {
  std::vector<bound::relation_column> columns;
  columns.reserve(t.columns.size());
  for (auto const& c : t.columns) columns.push_back({.name = catalog::name_of(*t.table, c.index), .source = c.index, .shown = c.shown});
  auto* made = memory.make<bound::relation>();
  made->kind = bound::relation_kind::base;
  made->columns = memory.copy(columns);
  made->table = t.table;
  made->name = memory.copy(name);
  made->at = at;
  return made;
}

base::result<std::optional<written_table>> visible_catalog::find_written(std::string_view, std::string_view, grille::method) const {
  return std::nullopt;
}

step_catalog::step_catalog(catalog::catalog const& c, std::vector<catalog::table const*> const& temporary) : catalog_(c) {
  auto const whole = [](catalog::table const& t) {
    visible_table made{&t, {}};
    for (unsigned i = 0; i < t.columns.size(); ++i) made.columns.push_back({i, !t.columns[i].hidden});
    return made;
  };
  tables_.reserve(c.tables().size());
  for (auto const& t : c.tables()) {
    tables_.push_back(whole(t));
    auto const key = catalog::row_key(t);
    if (key.size() == 1 && key.front() == catalog::rowid_of(t)) tables_.back().columns.push_back({catalog::rowid_of(t), false});
  }
  for (auto const* t : temporary) temporary_.push_back(whole(*t));
}

base::result<visible_table const*> step_catalog::find(std::string_view schema, std::string_view name) const {
  for (auto const& t : temporary_)
    if (catalog::same_name(schema, t.table->schema) && catalog::same_name(name, t.table->name)) return &t;
  auto const* t = catalog_.find(schema, name);
  return t == nullptr ? nullptr : &tables_[static_cast<std::size_t>(t - catalog_.tables().data())];
}

full_catalog::full_catalog(catalog::catalog const& c) : catalog_(c) {
  tables_.reserve(c.tables().size());
  for (auto const& t : c.tables()) {
    auto& made = tables_.emplace_back();
    made.table = &t;
    for (unsigned i = 0; i < t.columns.size(); ++i) made.columns.push_back({i, !t.columns[i].hidden});
  }
}

base::result<visible_table const*> full_catalog::find(std::string_view schema, std::string_view name) const {
  auto const* t = catalog_.find(schema, name);
  return t == nullptr ? nullptr : &tables_[static_cast<std::size_t>(t - catalog_.tables().data())];
}

catalog::type const* visible_catalog::find_type(std::string_view, std::string_view) const { return nullptr; }
catalog::type const* visible_catalog::type_of_value(std::string_view) const { return nullptr; }
catalog::type const* step_catalog::find_type(std::string_view schema, std::string_view name) const {
  return catalog_.find_type(schema, name);
}
catalog::type const* full_catalog::find_type(std::string_view schema, std::string_view name) const {
  return catalog_.find_type(schema, name);
}

}  // namespace grille::bind
