/// @file
/// SQLite as the data source.
#pragma once
#include <filesystem>
#include <memory>

#include "grille/database.hpp"

struct sqlite3;

namespace grille::sqlite {

/// A native handle of the application's own, under the policy while this lives. Move-only; one open session at a time.
/// Holds the handle's authorizer and progress callbacks and sets it defensive; other statements of the application's run on it
/// as before. All settings are put back at the end. Close the handle after it.
class connection {
 public:
  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;
  ~connection();
  /// As `database::session`, on this handle. @throws `usage` while another one is open.
  grille::session session(principal const& caller, attributes const& context = {});

 private:
  friend class database;
  struct state;
  explicit connection(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

class database : public grille::database {
 public:
  /// Opens own handles, at most `options::pool`, on a file that is there. `":memory:"` has one.
  /// @throws `unavailable` if it cannot be opened; policy_error with every fault of the policy.
  explicit database(std::filesystem::path const& path, policy_set policies, options o = {});
  /// On a handle of the application's own, as `attach` takes it: a pool of one. The handle must outlive the database and its sessions.
  /// @throws `usage` if the application has put functions of its own in the place of SQLite's.
  explicit database(sqlite3* borrowed, policy_set policies, options o = {});
  /// Another handle on the same data source. @throws `usage` as above, and if its schema is another.
  connection attach(sqlite3* borrowed) const;
};

}  // namespace grille::sqlite
