// Who may what: a principal and a call's context against a compiled policy. Enters: roles, groups, attributes. Leaves: the
// grants that match, each with the tuples of scope it is held for, and the class key that decides the rewritten text.
// No SQL is made here and nothing is sent. `when` conditions, dates, `from`, includes and denials are settled here.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.hpp"
#include "bind/bind.hpp"
#include "policy/compiled.hpp"

namespace grille::policy {

/// A caller as the library knows it; the public `principal` is turned into this.
struct caller {
  std::string id;  // empty: anonymous
  std::vector<std::string> groups;
  struct held {
    std::string role;
    attributes scope;
  };
  std::vector<held> roles;
  attributes principal, context;
  std::string on_behalf_of{};  // for the record only
};

struct matched_grant {
  policy::grant const* grant{};
  unsigned first{};    // the predicate is evaluated once for each of the tuples first, first + 1, …
  unsigned tuples{1};  // this many of them; an unscoped grant has the one tuple 0
  bool scoped{};       // `where`, `when` or a mask say `scope.x`
};
/// What a caller may do with one table.
struct table_access {
  policy::table_policy const* policy{};
  std::vector<matched_grant> select, filter, aggregate, insert, update, remove, purge;
  unsigned groups{};              // how many slots stand for `principal.groups` in what is instantiated for the caller
  std::vector<bool> denied;       // by column, for select, filter and aggregate
  std::vector<bool> denied_insert, denied_update;  // by column
  bind::visible_table visible;    // for reading: columns that exist for the caller
  bind::visible_table unread;     // no columns: what a write may read of a table of which the caller may see no row
  std::vector<matched_grant> const& of(grille::method m) const;
  bool any() const { return !select.empty() || !filter.empty() || !aggregate.empty() || !insert.empty() || !update.empty() || !remove.empty() || !purge.empty(); }
};
class access final : public bind::visible_catalog {
 public:
  dialect which() const override;
  /// not_found: no grant for any method; forbidden: grants for other methods only.
  base::result<bind::visible_table const*> find(std::string_view schema, std::string_view name) const override;
  base::result<std::optional<bind::written_table>> find_written(std::string_view schema, std::string_view name, grille::method m) const override;
  /// An enumeration or a domain, if a column that exists for the caller is of it, or of arrays of it, and its check calls nothing of the application's.
  catalog::type const* find_type(std::string_view schema, std::string_view name) const override;
  catalog::type const* type_of_value(std::string_view qualified_name) const override;
  /// Null if nothing is granted.
  table_access const* of(catalog::table const* t) const;
  std::vector<table_access> const& tables() const { return tables_; }
  compiled const& policy() const { return *policy_; }
  std::shared_ptr<compiled const> const& policy_ptr() const { return policy_; }
  /// All that decides a rewritten text, apart from the statement: policy fingerprint, matched grants, tuple counts, denials, and
  /// for a table whose sentences say `principal.groups` the number of groups.
  std::string const& key() const { return key_; }
  /// The value behind a slot; NULL for an optional one that was left out, and for who is not known.
  value resolve(bound::slot const& s) const;
  /// How many groups the caller has, each counted once; nobody has none.
  unsigned groups() const { return static_cast<unsigned>(groups_.size()); }

 private:
  friend base::result<std::shared_ptr<access const>> decide(std::shared_ptr<compiled const>, caller const&, timestamp);
  std::shared_ptr<compiled const> policy_;
  std::vector<table_access> tables_;
  attributes principal_, context_;
  std::string on_behalf_of_;
  std::vector<std::string> groups_;
  std::vector<std::pair<std::string, std::vector<attributes>>> tuples_;  // role name -> held tuples
  std::string key_;
};

/// In a copy of a policy's expression: `x in principal.groups` becomes `x in (item(0), item(1), …)`.
void spell_groups(bound::expr_ptr& e, unsigned groups, std::function<bound::expr_ptr(unsigned)> const& item, base::arena& memory);
/// The same with a slot for each.
void spell_groups(bound::expr_ptr& e, unsigned groups, base::arena& memory);

/// Faults: a missing required attribute, an unknown role, a claimed role that has a source, a value of the wrong type.
base::result<std::shared_ptr<access const>> decide(std::shared_ptr<compiled const> policy, caller const& who, timestamp now);

}  // namespace grille::policy
