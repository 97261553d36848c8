// What a session holds: its caller, its connection, what is open on it. One thread at a time.
// Guaranteed: each statement is decided by the policy that is current when it begins, for the day it is; a statement never runs in
// another schema than the one it was decided for; after an error nothing is left open.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "session/database_state.hpp"

namespace grille::detail {

class statement_cursor;

class session_state : public std::enable_shared_from_this<session_state> {
 public:
  session_state(std::shared_ptr<database_state> of, pipeline::pool::lease l, principal caller, attributes context);

  /// Decides anew where policy, schema, day or the principal's term have changed.
  pipeline::outcome<pipeline::decision const*> decide();
  using planner = std::function<pipeline::outcome<pipeline::call>(pipeline::decision const&)>;
  /// Runs what `plan` makes to its first row. `text` is what the audit calls it by. @throws grille::error
  std::unique_ptr<cursor> run(std::string_view text, planner const& plan, bool streamed);
  /// Ends everything that is open and gives the connection back.
  void close() noexcept;

  // Transactions: a number for each that is open, the outermost first. The policy is pinned until it ends.
  /// `alone`: see `connection::begin_alone`.
  std::uint64_t begin(isolation apart = isolation::standard, bool alone = false);
  void commit(std::uint64_t which);
  /// With all that are inside of it. Of one that is over: nothing.
  void rollback(std::uint64_t which) noexcept;
  bool in_transaction() const noexcept { return !transactions_.empty(); }

  bool open() const noexcept { return lease_.has_value(); }
  database_state& database() const noexcept { return *database_; }
  void stop_on(std::stop_token token) { stop_ = std::move(token); }

 private:
  friend class statement_cursor;
  /// A reload may have ended the transaction that is open.
  pipeline::outcome<void> going_on() const;
  pipeline::outcome<std::unique_ptr<exec::running>> start(pipeline::decision const& d, pipeline::call& c, bool streamed,
                                                          pipeline::recorder::entry const& audited);
  struct open_transaction {
    std::uint64_t number{};
    std::string id;  // what the audit calls it by
    bool wrote{};
  };
  std::vector<open_transaction>::iterator find(std::uint64_t which);
  /// Records what became of the transactions from this one on, the innermost first, and forgets them.
  void end(std::vector<open_transaction>::iterator from, std::string_view how) noexcept;
  pipeline::recorder::entry entry_of(open_transaction const& t) const;

  std::shared_ptr<database_state> database_;
  std::optional<pipeline::pool::lease> lease_;
  principal caller_;
  attributes context_;
  std::optional<pipeline::decision> decision_;
  std::stop_token stop_;
  std::vector<statement_cursor*> running_;
  std::vector<open_transaction> transactions_;
  std::uint64_t last_transaction_{};
  pipeline::snapshot_ptr pinned_;
};

}  // namespace grille::detail
