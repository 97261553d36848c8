// A connection as sessions see it, whichever database is behind it. Enters: guarded statements, and nothing else. Leaves: rows.
// Guaranteed: a statement whose schema is known to be another by now is a failure that says so (`schema_changed`), and was not run.
// For one thread at a time.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/fault.hpp"
#include "catalog/catalog.hpp"
#include "exec/running.hpp"
#include "verify/guarded_statement.hpp"

namespace grille::pipeline {

/// Under what conditions a statement runs.
struct conditions {
  std::shared_ptr<catalog::catalog const> const& tables;  // that it was made with
  std::string_view schema_mark;                           // of these, as `catalog::version` has it; never empty
  std::chrono::milliseconds time_limit{};
  bool streamed{};                                        // the limit is each step's, and no more is fetched than is needed
  std::stop_token stop{};
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
  /// What is in the database now.
  virtual base::result<std::shared_ptr<catalog::catalog const>> read_schema() = 0;
  /// Runs `work` on a native handle with nothing checked. What it throws passes through.
  virtual exec::result<void> unguarded(std::function<void(void* native)> const& work) = 0;
  /// Ends what a user of the connection may have left open. False: it is not fit for another.
  virtual bool clean_up() = 0;
};

}  // namespace grille::pipeline
