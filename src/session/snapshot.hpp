// What a statement is decided by: one policy on one schema, of one moment. Immutable, replaced as a whole.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "introspect/introspect.hpp"
#include "policy/access.hpp"
#include "session/policy_files.hpp"
#include "session/principal_data.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

struct snapshot {
  std::uint64_t number{};
  std::shared_ptr<detail::policy_files const> files;     // what is written in specifications lives here
  std::shared_ptr<policy::compiled const> policy;
  std::shared_ptr<catalog::catalog const> tables;
  std::string schema_mark;                               // of the data source; `tables` can be of an earlier one that was equal
};
using snapshot_ptr = std::shared_ptr<snapshot const>;

/// The columns of all tables of a schema, in a lock file's form: what `all columns` means at most where no lock file says so.
std::string lock_of(std::shared_ptr<catalog::catalog const> const& tables);

/// Compiles. `opening_lock`: for files without a lock of their own; empty at the opening itself.
struct compiled_files {
  std::shared_ptr<policy::compiled const> policy;
  std::vector<diagnostic> faults;
};
compiled_files compile(detail::policy_files const& files, std::shared_ptr<catalog::catalog const> const& tables, std::string const& opening_lock);

/// What one caller may do, as of one moment.
struct decision {
  snapshot_ptr under;
  std::shared_ptr<policy::access const> access;
  bool known{};  // false: nobody, or expired
  std::chrono::sys_days day{};
};
outcome<decision> decide(snapshot_ptr under, detail::principal_data const& caller, attributes const& context, timestamp now);
/// Nobody is told to say who they are, not what there is.
refusal to(decision const& d, refusal r);

}  // namespace grille::pipeline
