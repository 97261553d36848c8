// Common table expressions. Each is bound where it stands, once, before the query that has the `with`; one that is needed earlier
// by a sibling is bound then. Leaves: common tables in an order in which each stands after those it reads.
//
// SQLite resolves the columns of a common table's body anew wherever the table is read, with the scopes around that place. For a
// body that names no column of a query around, the place makes no difference. One that does is accepted only where it is read
// right from the query that has the `with`, and so sees the very scopes that it sees where it stands. PostgreSQL resolves a body
// where it stands; its items see those before them, all of them where the `with` is recursive.
#include <algorithm>
#include <unordered_set>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

std::string folded(std::string_view name) {
  std::string text(name);
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

void binder::open(with_clause& w, ast::query const& q) {
  w.sees_all = sqlite() || q.recursive;
  std::unordered_set<std::string> names;
  for (auto const& written : q.with) {
    if (!names.insert(sqlite() ? folded(written.name.text) : std::string(written.name.text)).second)
      refuse(errc::ambiguous, "`with` defines " + in_ticks(written.name.text) + " twice", written.name.at);
    auto* table = memory_.make<bound::common_table>();
    table->name = memory_.copy(written.name.text);
    switch (written.hint) {
      case ast::materialization::unspecified:
        break;
      case ast::materialization::materialized:
        table->hint = bound::materialization::materialized;
        break;
      case ast::materialization::not_materialized:
        table->hint = bound::materialization::not_materialized;
        break;
    }
    w.items.push_back({.written = &written, .table = table});
  }
  for (auto& item : w.items)
    if (item.reached == with_item::state::waiting) define(w, item);
}

void binder::define(with_clause& w, with_item& item) {
  auto const* body = item.written->body->as<ast::query_ptr>();
  if (body == nullptr) refuse(errc::unsupported, "a common table that writes is not supported", item.written->at);
  hold<with_clause*> const siblings(with_, &w);
  hold<scope*> const around(scope_, w.around);
  item.reached = with_item::state::reading;
  defining_.emplace_back(&w, &item);
  item.table->query = query(**body, false, &item);
  defining_.pop_back();
  if (!item.table->recursive) name_columns(item, *item.table->query->body);
  item.reached = with_item::state::done;
  w.bound.push_back(item.table);
}

void binder::name_columns(with_item& item, bound::query_body const& b) {
  auto const& listed = item.written->columns;
  std::vector<std::string_view> names;
  if (listed.empty()) {
    names = column_names(b, memory_);
  } else {
    if (listed.size() != width(b))
      refuse(errc::syntax, in_ticks(item.table->name) + " has " + std::to_string(width(b)) + " columns, its list names " +
                               std::to_string(listed.size()), item.written->name.at);
    for (auto const& n : listed) names.push_back(n.text);
    if (sqlite()) make_unique(names, memory_);
  }
  for (auto& n : names) n = memory_.copy(n);
  item.table->columns = memory_.copy(names);
}

std::pair<with_clause*, with_item*> binder::find_item(std::string_view name) const {
  for (auto* w = with_; w != nullptr; w = w->outer)
    for (auto& item : w->items)
      if (same(item.table->name, name) && (w->sees_all || item.reached == with_item::state::done)) return {w, &item};
  return {};
}

bound::relation* binder::read(with_clause& w, with_item& item, std::string_view name, base::range at, ast::select_core const* directly_in) {
  if (item.reached == with_item::state::waiting) define(w, item);
  if (item.reached == with_item::state::reading) {
    if (item.arm == nullptr || item.arm != directly_in || item.arm_reads)
      refuse(errc::syntax, "circular reference to " + in_ticks(item.table->name), at,
             item.arm == nullptr ? "a `with` item that reads itself is a `union` whose last parts do so in their `from`"
                                 : "a recursive part reads its table once, in its own `from`");
    item.arm_reads = true;
    item.table->recursive = true;
  }
  if (sqlite() && !item.reaches.empty() && scope_ != w.around)
    refuse(errc::unsupported, "common table " + in_ticks(item.table->name) + " names columns of a query around it, and is read in a subquery", at,
           "read it in the `from` of the query that has the `with`");
  for (auto* s : item.reaches) reach(s);

  std::vector<bound::relation_column> columns;
  for (unsigned i = 0; i < item.table->columns.size(); ++i) columns.push_back({.name = item.table->columns[i], .source = i});
  auto* made = memory_.make<bound::relation>();
  made->kind = bound::relation_kind::common;
  made->columns = memory_.copy(columns);
  made->cte = item.table;
  made->name = memory_.copy(name);
  made->at = at;
  return made;
}

/// A column of `s` was named: the common tables being defined inside `s` depend on where they are read.
void binder::reach(scope* s) {
  for (auto& [w, item] : defining_)
    for (auto* around = w->around; around != nullptr; around = around->outer)
      if (around == s && std::ranges::find(item->reaches, s) == item->reaches.end()) item->reaches.push_back(s);
}

}  // namespace grille::bind
