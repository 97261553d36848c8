// A caller's merge. Enters: the statement as written. Leaves: its source as a query, and one write for each clause that changes something.
// Guaranteed: where a clause applies is the same for all that ask: neither the condition of the merge nor one of a clause says something else
// when it is asked again.
#include <optional>
#include <string>

#include "bind/binder.hpp"
#include "bind/merge_form.hpp"
#include "bound/walk.hpp"

namespace grille::bind {

namespace {

/// What may have another value for the same rows, by name and place.
class look_for_changing final : public bound::visitor {
 public:
  using visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* c = e->as<bound::call>();
    if (c == nullptr) return true;
    if (c->over != nullptr) note("a window function", e->at);
    if (c->function->reads_order) note("an aggregate that goes by the order of its rows", e->at);
    if (!c->function->deterministic) note("a function that gives another value each time", e->at);
    return true;
  }
  void enter(bound::query& q) override {
    for (auto const* n : {q.limit, q.offset})
      if (n != nullptr) note("a query with a limit", n->at);
  }
  std::optional<std::pair<std::string, base::range>> found;

 private:
  void note(std::string what, base::range at) {
    if (!found) found.emplace(std::move(what), at);
  }
};

void refuse_changing(bound::write& change) {
  auto& where = change.rows->query->body->as<bound::select>()->where;
  look_for_changing v;
  bound::walk(where, v);
  if (v.found) refuse(errc::unsupported, v.found->first + " in a condition of `merge`", v.found->second, "it is asked more than once: put it into the source");
}

/// The relation that stands for the source: beside the table, or alone.
bound::relation* source_in(bound::write const& change) {
  auto const* from = change.rows->query->body->as<bound::select>()->from;
  if (auto const* j = std::get_if<bound::join>(&from->node)) from = j->right;
  return std::get<bound::relation*>(from->node);
}

}  // namespace

bound::write* binder::merge(ast::merge_statement const& s) {
  auto const form = form_of(s, extent(s.target.path), memory_);
  if (!form) throw form.error();
  auto const& path = s.target.path;
  auto* made = memory_.make<bound::write>();
  made->method = method::insert;
  made->at = extent(path);
  if (auto const* t = s.source->as<ast::table_name>(); t != nullptr && !t->alias.columns.empty()) renamed_ = t->alias.name.text;
  made->merged = memory_.make<bound::merge>();
  made->merged->source = memory_.make<bound::statement>();
  made->merged->source->query = query(*form->source, true);
  std::vector<bound::write*> changes;
  for (auto const* change : form->changes) {
    auto const one = form_of(*change, memory_);
    if (!one) throw one.error();
    if (one->method == method::insert) find_defaults(*one->query, true);  // the values are of each row that the clause inserts
    changes.push_back(this->change(*one, change->at));
  }
  // whether a row is matched is a question to the rows that can be read
  auto const read = options_.visible.find(path.size() == 2 ? path[0].text : std::string_view{}, path.back().text);
  if (!read) {
    auto why = read.error();
    why.at = extent(path);
    throw why;
  }
  query(*form->pairs, true);
  for (auto* c : changes) {
    c->source = source_in(*c);
    refuse_changing(*c);
  }
  made->table = changes.front()->table;
  made->merged->changes = memory_.copy(changes);
  std::vector<bound::statement*> all{made->merged->source};
  for (auto* c : changes) all.push_back(c->rows);
  number(*made, all);
  return made;
}

}  // namespace grille::bind
