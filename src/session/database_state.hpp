// What all handles and sessions of one database share: the current snapshot, the rewritten statements, the connections, the audit.
// Any thread. Guaranteed: the current snapshot changes as a whole, and only to one that compiled.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "grille/database.hpp"
#include "session/cache.hpp"
#include "session/pool.hpp"
#include "session/recorder.hpp"
#include "session/snapshot.hpp"
#include "session/specification_tree.hpp"

namespace grille::pipeline {

/// A statement with all that it is run with.
struct call {
  compiled_ptr statement;
  std::vector<value> parameters;  // the caller's, then those of the slots; of a write:
  std::vector<std::vector<value>> of_steps{};
  std::string projection{};
};

}  // namespace grille::pipeline

namespace grille::detail {

class database_state {
 public:
  /// @throws policy_error
  database_state(std::shared_ptr<catalog::catalog const> tables, policy_set const& policies, grille::options o);

  grille::options const& options() const noexcept { return options_; }
  /// Whether no statement runs under the path that the database was opened with: it reached what could be taken for PostgreSQL's own.
  bool apart() const noexcept { return apart_; }
  pipeline::recorder const& audit() const noexcept { return audit_; }
  pipeline::snapshot_ptr current() const;
  /// Of the current snapshot: cheap to ask for.
  std::uint64_t number() const noexcept { return number_.load(std::memory_order_acquire); }

  /// Takes the schema anew from `c`, unless that was done since `seen`. A policy that does not compile on it is `unavailable`.
  pipeline::outcome<void> refresh(pipeline::connection& c, pipeline::snapshot const& seen);
  /// @throws policy_error, `conflict`
  void reload(policy_set const& policies, reloading which, running transactions);
  /// Whether a transaction that began under it may go on.
  bool ended(pipeline::snapshot const& s) const noexcept { return s.number < oldest_.load(std::memory_order_acquire); }

  pipeline::outcome<pipeline::call> plan(pipeline::decision const& d, std::string_view sql, std::span<arg const> args);
  pipeline::outcome<pipeline::call> plan(pipeline::decision const& d, std::string_view resource, specification const& s,
                                         select_options const& o, std::span<std::string_view const> wanted);
  pipeline::outcome<pipeline::call> plan(pipeline::decision const& d, pipeline::written_by const& what);

  /// Null without a connection. Set once, before the handle is shared.
  std::shared_ptr<pipeline::pool> connections;

 private:
  void publish(std::shared_ptr<pipeline::snapshot> next);
  static pipeline::call call_of(pipeline::decision const& d, pipeline::compiled_ptr s, std::vector<value> own);

  grille::options options_;
  pipeline::recorder audit_;
  pipeline::cache cache_;
  std::string opening_lock_;
  bool apart_{};
  std::mutex changing_;         // of the snapshot, from reading what is current to publishing what follows
  std::mutex mutable reading_;  // of the pointer alone
  pipeline::snapshot_ptr current_;
  std::atomic<std::uint64_t> number_{};
  std::atomic<std::uint64_t> oldest_{};  // whose transactions may go on
};

}  // namespace grille::detail
