// Tables whose rows are another's too: PostgreSQL's partitions and inheriting tables. Enters: the protected tables of all files. Leaves:
// faults. Guaranteed: no partition of a protected table has rules of its own, by which its rows would escape those of the whole, and
// no table's rows are shown by the rules of another owner.
#include "policy/compiler.hpp"

namespace grille::policy {

namespace {

/// The nearest table above that is protected; null if there is none.
catalog::table const* protected_above(catalog::table const& t, catalog::catalog const& in, compiled const& p) {
  for (auto const& above : in.tables())
    for (auto const& name : t.parents) {
      if (catalog::qualified(above.schema, above.name) != name) continue;
      if (p.tables.contains(&above)) return &above;
      if (auto const* found = protected_above(above, in, p)) return found;  // a table cannot be above itself
    }
  return nullptr;
}

}  // namespace

void compiler::check_inheritance() {
  each<ast::protects_sentence>([&](ast::protects_sentence const& s, ast::sentence const&) {
    for (auto const& path : s.tables) {
      auto const* t = table(path);
      if (t == nullptr || t->parents.empty()) continue;
      auto const* above = protected_above(*t, *out_->catalog, *out_);
      if (above == nullptr) continue;
      auto const& owner = out_->tables.at(above);
      if (t->partition)
        fault(path.back().at, "table `" + t->name + "` is a partition of `" + above->name + "`, which is protected", "the rules of the whole are those of its partitions");
      else if (owner.file != file_)
        fault(path.back().at, "table `" + t->name + "` inherits from `" + above->name + "`, which is protected by " + out_->files[owner.file].name,
              "its rows are shown by the rules of both: one file has to protect both");
      else
        warning(path.back().at, "table `" + t->name + "` inherits from `" + above->name + "`: its rows are shown by the rules of either");
    }
  });
}

}  // namespace grille::policy
