// A policy's expression as text for PostgreSQL's own policies. Enters: a bound predicate, the table it is about. Leaves: SQL in which the
// row's columns are the table's, and the caller's values are read from the setting; or why there is none. What has a subquery becomes a
// call of a function that is made beside.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled.hpp"

namespace grille::govern {

class native_text {
 public:
  explicit native_text(policy::compiled const& p) : policy_(p) {}

  /// `scope.x` in it is the tuple `grille_held.role`.
  base::result<std::string> of(bound::expr const* e, bound::relation const* subject);

  /// The functions `grille_policy.predicate_1`, … that were needed: what stands behind the name where each is made.
  std::vector<std::string> const& functions() const { return functions_; }
  /// What these functions read.
  std::set<catalog::table const*> const& read() const { return read_; }

 private:
  struct place {
    std::string text, type;
  };
  base::result<place> place_of(bound::slot const& s, bound::relation const* subject) const;

  policy::compiled const& policy_;
  std::vector<std::string> functions_;
  std::set<catalog::table const*> read_;
};

std::string native_name(std::string_view name);
std::string native_name(catalog::table const& t);
std::string native_literal(std::string_view text);

}  // namespace grille::govern
