/// @file
/// Policy files, read and checked as text. A database compiles them against its schema.
#pragma once
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "grille/dialect.hpp"
#include "grille/error.hpp"

namespace grille {

namespace detail {
struct policy_files;
}

/// The policy files of all owners, as one set. Immutable, cheap to copy, safe to share between threads.
class policy_set {
 public:
  /// Reads the files named and all `*.grille` of the folders named, in order of their names, each with the lock file
  /// `NAME.grille.lock` beside it where there is one. Predicates are read as SQL of dialect `d`.
  /// @throws policy_error with every syntax fault of every file; `usage` if a path is not there or cannot be read.
  static policy_set load(std::vector<std::filesystem::path> const& files_or_folders, dialect d = dialect::sqlite);
  /// One policy from a text. `name` is what messages call it; `lock` is the text of its lock file, empty for none.
  /// @throws policy_error with every syntax fault.
  static policy_set parse(std::string_view text, std::string_view name, std::string_view lock = {}, dialect d = dialect::sqlite);
  /// Both sets as one, the files of `*this` first.
  [[nodiscard]] policy_set with(policy_set const& others) const;

  /// Hexadecimal; differs whenever a text, a name or a lock file does.
  std::string_view fingerprint() const noexcept;
  /// For Grille's own layers.
  std::shared_ptr<detail::policy_files const> const& files() const noexcept { return files_; }

 private:
  explicit policy_set(std::shared_ptr<detail::policy_files const> files) noexcept : files_(std::move(files)) {}
  std::shared_ptr<detail::policy_files const> files_;
};

}  // namespace grille
