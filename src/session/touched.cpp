#include "session/touched.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "bound/walk.hpp"

namespace grille::pipeline {

namespace {

audit_access access_of(catalog::table const& t, method m, std::set<unsigned> const& columns) {
  audit_access out{.table = catalog::qualified(t.schema, t.name), .method = m, .columns = {}};
  for (auto const c : columns) out.columns.push_back(c < t.columns.size() ? t.columns[c].name : "rowid");
  return out;
}

class reads final : public bound::visitor {
 public:
  using bound::visitor::enter;
  void enter(bound::relation& r) override {
    if (r.kind == bound::relation_kind::base) of(*r.table);
  }
  bool enter(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::column>(); c != nullptr && c->relation->kind == bound::relation_kind::base)
      of(*c->relation->table).insert(c->relation->columns[c->index].source);
    return true;
  }
  void add_to(std::vector<audit_access>& out) const {
    for (auto const& [table, columns] : found_) out.push_back(access_of(*table, method::select, columns));
  }

 private:
  std::set<unsigned>& of(catalog::table const& t) {
    auto at = std::ranges::find(found_, &t, &found::first);
    if (at == found_.end()) at = found_.insert(at, {&t, {}});
    return at->second;
  }
  using found = std::pair<catalog::table const*, std::set<unsigned>>;
  std::vector<found> found_;  // in the order of the text
};

}  // namespace

std::vector<audit_access> touched(bound::statement& s) {
  reads r;
  bound::walk(*s.query, r);
  std::vector<audit_access> out;
  r.add_to(out);
  return out;
}

std::vector<audit_access> touched(bound::write& w) {
  std::vector<audit_access> out;
  reads r;
  for (auto* one : bound::changes(w)) {
    out.push_back(access_of(*one->table, one->method, {one->columns.begin(), one->columns.end()}));
    for (auto* s : {one->rows, one->returning})
      if (s != nullptr) bound::walk(*s->query, r);
  }
  r.add_to(out);
  return out;
}

}  // namespace grille::pipeline
