// A connection as sessions see it, whichever database is behind it. Enters: guarded statements, and nothing else. Leaves: rows.
// Guaranteed: a statement whose schema is known to be another by now is a failure that says so (`schema_changed`), and was not run.
// For one thread at a time.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/fault.hpp"
#include "catalog/catalog.hpp"
#include "exec/running.hpp"
#include "grille/isolation.hpp"
#include "verify/guarded_statement.hpp"
#include "verify/guarded_write.hpp"

namespace grille::pipeline {

/// Under what conditions a statement runs.
struct conditions {
  std::shared_ptr<catalog::catalog const> const& tables;  // that it was made with
  std::string_view schema_mark;                           // of these, as `catalog::version` has it; never empty
  std::chrono::milliseconds time_limit{};
  bool streamed{};                                        // the limit is each step's, and no more is fetched than is needed
  std::stop_token stop{};
  std::size_t most_rows{static_cast<std::size_t>(-1)};    // that a write may return
  std::function<exec::result<void>(std::uint64_t affected)> before_commit{};  // of a write, once all of it is done: a failure undoes it
};

class connection {
 public:
  connection() = default;
  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  virtual ~connection() = default;

  /// `parameters`: the caller's, then the values of the slots.
  virtual exec::result<std::unique_ptr<exec::running>> start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                                             conditions const& c) = 0;
  /// Runs all of a write, or nothing of it. `parameters`: of each step; of a write that is one statement, of that.
  virtual exec::result<std::unique_ptr<exec::running>> write(std::shared_ptr<verify::guarded_write const> what, std::vector<std::vector<value>> parameters,
                                                             conditions const& c) = 0;
  /// For how long the beginnings and ends of transactions may wait for others, and who may stop them.
  virtual void wait_at_most(std::chrono::milliseconds /*limit*/, std::stop_token /*stop*/) {}
  /// Transactions, the outermost of level 0, those inside of it savepoints.
  virtual exec::result<void> begin(unsigned level, isolation apart) = 0;
  /// The outermost, of which it is known that others were in its way: where the database has one lock for all who write, it is waited for here,
  /// so that no other writes in between what this one reads and what it writes.
  virtual exec::result<void> begin_alone(isolation apart) { return begin(0, apart); }
  virtual exec::result<void> commit(unsigned level) = 0;
  virtual void rollback(unsigned level) noexcept = 0;
  /// False after the database ended it on its own.
  virtual bool in_transaction() const = 0;
  /// What is in the database now.
  virtual base::result<std::shared_ptr<catalog::catalog const>> read_schema() = 0;
  /// Runs `work` on a native handle with nothing checked. What it throws passes through.
  virtual exec::result<void> unguarded(std::function<void(void* native)> const& work) = 0;
  /// Ends what a user of the connection may have left open. False: it is not fit for another.
  virtual bool clean_up() = 0;
};

}  // namespace grille::pipeline
