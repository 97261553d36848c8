// Locks: whose rows a statement locks, and by which grants. A lock keeps others from changing a row, so who may only read has none: as row-level
// security asks the policies of `select` and those of `update` together of a row that is locked, however weak the lock
// (https://www.postgresql.org/docs/15/sql-createpolicy.html, "Policies Applied by Command Type"), each row here must be open by a grant to select
// and be covered by a grant to update, or to delete, which locks it too. A row that is not is left out, and is neither locked nor waited for:
// the server locks what every condition has let through. Of the tables in the policy's own queries nothing is locked.
#include "bound/walk.hpp"
#include "catalog/catalog.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

namespace {

class find_locked final : public bound::visitor {
 public:
  using bound::visitor::enter;
  void enter(bound::query& q) override {
    for (auto const& lock : q.locks)
      for (auto* r : lock.of) reach(*r, lock.at);
  }
  std::vector<std::pair<bound::relation*, base::range>> found;

 private:
  /// A lock of a derived table is one of all that its from clause reads.
  void reach(bound::relation& r, base::range at) {
    if (r.kind == bound::relation_kind::base) found.emplace_back(&r, at);
    if (r.kind != bound::relation_kind::derived) return;
    auto const* s = r.query->body->as<bound::select>();
    std::vector<bound::relation*> all;
    if (s != nullptr) relations_of(s->from, all);
    for (auto* inner : all) reach(*inner, at);
  }
};

}  // namespace

base::result<void> lock_rows(bound::statement& s, occurrences& all, policy::access const& who) {
  find_locked locks;
  bound::walk(*s.query, locks);
  for (auto const& [relation, at] : locks.found) {
    auto* o = all.of(relation);
    if (catalog::reads_elsewhere(*who.policy().catalog, *relation->table))  // that server locks what it reads, before the guard is asked here
      return base::fail(errc::unsupported, "a lock of rows of a foreign table is not supported", at);
    if (o->aggregated) return base::fail(errc::unsupported, "a lock of rows that are open to aggregates only is not supported", at);
    o->locked_by = o->access->update;
    o->locked_by->insert(o->locked_by->end(), o->access->remove.begin(), o->access->remove.end());
    if (o->locked_by->empty())
      return base::fail(errc::forbidden, "rows of `" + relation->table->name + "` may not be locked by who may not change them", at, "it takes a grant to update or to delete");
  }
  return {};
}

}  // namespace grille::rewrite
