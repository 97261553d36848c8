// Policy files to a compiled policy. Enters: texts with their names, lock files, a catalogue. Leaves: the compiled set, or every
// fault of every file. All or nothing.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "policy/compiled.hpp"

namespace grille::policy {

struct source_file {
  std::string name;  // as messages name it
  std::string text;
  ast::policy_file tree;         // of `text`; its arena outlives the call
  std::string lock;              // the lock file's text, empty if there is none
  bool has_lock{};
};
struct compilation {
  std::shared_ptr<compiled const> policy;  // null if there is any fault
  std::vector<diagnostic> faults;          // in order of file and place
};
compilation compile(std::vector<source_file> const& files, std::shared_ptr<catalog::catalog const> c);

/// The lock file of a policy: the columns that `all columns` means, as of now.
std::string lock_text(compiled const& p, std::string_view policy_name);

}  // namespace grille::policy
