/// @file
/// A data source under a policy.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grille/audit.hpp"
#include "grille/policy.hpp"
#include "grille/principal.hpp"
#include "grille/schema.hpp"
#include "grille/session.hpp"

namespace grille {

namespace detail {
class database_state;
}

struct options {
  std::shared_ptr<audit_sink> audit{};                   ///< none: nothing is recorded
  bool audit_required = true;                            ///< what cannot be recorded does not happen
  bool purge = false;                                    ///< whether sessions may purge: it destroys rows together with their history
  bool explain = false;                                  ///< whether sessions may explain; it shows policy text
  std::size_t pool = 4;                                  ///< own connections, at most
  std::size_t max_rows = 1'000'000;                      ///< of one whole result
  std::size_t cache_bytes = 16'000'000;                  ///< of rewritten statements that are kept, about; 0 keeps none
  std::chrono::milliseconds statement_timeout{30'000};   ///< of one statement, or of one step of a stream; waiting for locks included
  std::chrono::milliseconds pool_wait{1'000};            ///< for a free connection; then `unavailable`
  bool pooled = false;                                   ///< PostgreSQL: behind a proxy (PgBouncer) that gives each transaction another
                                                         ///< server process: nothing is kept on one, each statement is a transaction
  std::chrono::milliseconds schema_interval{1'000};      ///< PostgreSQL: for how long a change of the schema that no statement stumbles over
                                                         ///< may go unnoticed; 0: each statement looks
};

/// Whether a reload may go back.
enum class reloading {
  forward,  ///< a policy of a lower version than the one of its name that is loaded is refused
  any       ///< it is taken
};

/// What a reload does to transactions that began under the policy before.
enum class running {
  finish,  ///< they go on under it
  abort    ///< their next statement, or their commit, is `unavailable` and retryable; a commit that is under way is done
};

/// A policy on a data source: a shared handle, cheap to copy, safe to use from any thread. Make one per process and source.
/// Sessions keep what they need of it alive.
class database {
 public:
  /// Without a connection: `rewrite` works, `session` throws `usage`.
  /// @throws policy_error with every fault of the policy.
  explicit database(schema tables, policy_set policies, options o = {});

  /// A caller's session on a connection of the pool. Nobody, or a principal that has expired, may do what the role `public` may;
  /// all else is `unauthenticated`.
  /// @throws `usage` if the principal lacks what the policy requires, or claims what it does not know; `unavailable` if no
  /// connection becomes free within `options::pool_wait`.
  grille::session session(principal const& caller, attributes const& context = {}) const;
  /// What would be sent for this caller, for those who execute it themselves and so do without the checks at execution.
  /// It holds for the schema and policy of this moment.
  rewritten rewrite(principal const& caller, std::string_view sql, std::vector<arg> const& args = {}, attributes const& context = {}) const;
  /// The same, and which sentences of the policy made it so. @throws `forbidden` unless `options::explain` is set.
  grille::explanation explain(principal const& caller, std::string_view sql, std::vector<arg> const& args = {}, attributes const& context = {}) const;

  /// Takes a new policy for all statements that begin from now on. `all columns` of a policy without a lock file never comes to
  /// mean more than it did at opening.
  /// @throws policy_error if it does not compile, `conflict` if it is an older one: then the policy that is loaded stays.
  void reload(policy_set policies, reloading which = reloading::forward, running transactions = running::finish) const;
  /// What `grille check` would remark on the policy that is loaded.
  std::vector<diagnostic> warnings() const;
  /// Hexadecimal; changes with the policy, its lock files and the schema.
  std::string fingerprint() const;

  /// The one way round, for migrations: `work` gets a native handle (`sqlite3*`; PostgreSQL: see grille/postgres.hpp), with
  /// nothing checked. Audited with its reason. What `work` throws passes through.
  void unguarded(std::string_view reason, std::function<void(void* native)> const& work) const;

 protected:
  explicit database(std::shared_ptr<detail::database_state> state) noexcept;
  std::shared_ptr<detail::database_state> state_;
};

}  // namespace grille
