// One connection to a PostgreSQL server with what is prepared on it. Enters: guarded statements, and nothing else. Leaves: rows.
// Guaranteed: a statement runs under the pins (pins.hpp) on the server process that they were set or looked at on, a query read-only where
// the transaction is its own; a write that fails leaves nothing behind (write.cpp); no text of the server's reaches the caller. For one thread at a time.
//
// How the pins come about: a connection of our own starts with them. On one of the application's, or behind a proxy, each transaction of
// ours sets them for itself; where the application's connection has them all, looked at once per session, one round trip does. In a
// transaction of the application's they are looked at, and it is refused if one is not as it has to be.
//
// How a change of the schema is noticed: PostgreSQL keeps no number of it. Every column that is printed is named, so a column that is
// added is never seen, and one that is gone is an error; then, and `terms::schema_interval` after it was last looked at, the mark
// (postgres/schema_mark.hpp) is compared with that of the catalogue. A table that another one of the same name and columns takes the
// place of is noticed by that alone: for as long as the interval the other one is read under the first one's rules.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/failure.hpp"
#include "exec/postgres/pins.hpp"
#include "exec/postgres/statements.hpp"
#include "exec/postgres/values.hpp"
#include "exec/running.hpp"
#include "grille/isolation.hpp"
#include "grille/value.hpp"
#include "postgres/backend.hpp"
#include "verify/guarded_statement.hpp"
#include "verify/guarded_write.hpp"

namespace grille::exec::postgres {

using grille::postgres::backend;

/// Under what conditions a statement runs.
struct conditions {
  std::string_view schema_mark;      // of the catalogue that it was made with
  exec::postgres::access access{};
  std::size_t rows_at_once{};        // of a stream: how many are fetched at a time; 0: all of them, in one answer
  std::stop_token stop{};
};
/// Of a write, beside these.
struct write_conditions {
  std::string_view schema_mark;
  std::stop_token stop{};
  std::size_t most_rows{};           // that it may return
  std::function<result<void>(std::uint64_t affected)> before_commit{};  // once all of it is done: a failure undoes it
};

class connection;

/// A statement on its way, made by `connection::start`, before its first row. Ends before its connection does.
class running final : public exec::running {
 public:
  running(running const&) = delete;
  running& operator=(running const&) = delete;
  /// Ends the stream, and with the last one the transaction that it needed.
  ~running() override;

  std::size_t width() const noexcept override { return types_.size(); }
  std::string_view type_of(std::size_t column) const noexcept override { return type_name(types_[column]); }
  std::size_t at_hand() const noexcept override { return rows_ ? rows_->size() - next_ : 0; }
  result<bool> append(std::vector<value>& to) override;

 private:
  friend class connection;
  running(connection& on, std::shared_ptr<verify::guarded_statement const> what, conditions const& c);
  void take(rows r);
  result<void> fetch();
  void end(bool well);

  connection& connection_;
  std::shared_ptr<verify::guarded_statement const> what_;
  std::stop_token stop_;
  std::size_t at_once_;
  std::string cursor_;  // of a stream that is open
  std::optional<rows> rows_;
  std::vector<std::uint32_t> types_;
  std::size_t next_{};
  bool last_{};  // no rows follow those that are here
};

class connection {
 public:
  /// A connection of our own.
  static result<std::unique_ptr<connection>> open(std::string const& conninfo, terms t);
  /// The application's, which must outlive this.
  static result<std::unique_ptr<connection>> borrow(grille::postgres::native_connection& c, terms t);
  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  /// Takes back what was prepared on the application's.
  ~connection();

  /// Runs the statement. `parameters`: the caller's, then the values of the slots.
  result<std::unique_ptr<running>> start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> const& parameters,
                                         conditions const& c);
  /// The search path of transactions that write, where it is known only after the connection was opened.
  void write_under(std::string search_path_setting) { terms_.search_path_setting = std::move(search_path_setting); }
  /// Runs all of a write, or nothing of it: in a transaction of its own, or up to a savepoint in the one that is open.
  result<std::unique_ptr<exec::running>> write(std::shared_ptr<verify::guarded_write const> what, std::vector<value> const& parameters,
                                               write_conditions const& c);
  /// A session's transactions: the outermost of level 0, those inside of it savepoints, as all are in one of the application's.
  result<void> begin(unsigned level, isolation apart = isolation::standard);
  result<void> commit(unsigned level);
  void rollback(unsigned level) noexcept;
  /// A session's transaction is open, and the server has not ended it.
  bool in_session_transaction() const noexcept { return (session_ && backend_->open()) || yours_ != nullptr; }
  /// From here to `clean_up` everything runs in a transaction of the application's, which stays its own: never ended here. An error in
  /// it leaves it fit to be rolled back only.
  result<void> enter(pqxx::transaction_base& yours);
  /// Runs `work` on the bare connection with nothing checked: for reading the schema, and for the application's own migrations.
  template <class Work>
  decltype(auto) unguarded(Work&& work) {
    return std::forward<Work>(work)(*backend_);
  }
  /// Ends what a user of the connection may have left open. False: it is not fit for another.
  bool clean_up();
  bool borrowed() const noexcept { return !own_; }
  /// What is sent now runs in a transaction that a stream, or the application, has open.
  bool in_transaction() const noexcept { return transaction_ || yours_ != nullptr; }
  /// Of prepared statements that are kept.
  std::size_t kept_statements() const noexcept { return statements_.size(); }

 private:
  friend class running;
  using clock = std::chrono::steady_clock;
  enum class pinned { unknown, always, each_transaction };

  connection(std::unique_ptr<backend> b, bool own, terms t);
  result<void> arrive();
  grille::postgres::answer<void> connect_anew();
  result<void> begin(access a, bool mark, std::string_view known, isolation apart = isolation::standard);
  void end_transaction(bool well);
  result<void> commit_outermost();
  bool mark_is_due(std::string_view known) const;
  result<void> compare_mark(std::string_view known);
  result<void> note_mark(rows const& r, std::string_view known);
  /// `hash`: of the text, as `statements` has it.
  result<rows> execute(std::string const& sql, std::size_t hash, grille::postgres::texts const& parameters, std::stop_token const& stop);
  /// Nothing where it failed for what is prepared, so that nothing was run: it may be tried once more.
  std::optional<failure> for_good(failure why, std::string const& sql, std::string_view known, bool tried_again);
  result<rows> write_once(verify::whole_write const& what, grille::postgres::texts const& parameters, write_conditions const& c, std::uint64_t& affected);
  result<void> declare(running& r, grille::postgres::texts const& parameters);
  result<void> run_whole(running& r, grille::postgres::texts const& parameters, conditions const& c);
  result<void> run_stream(running& r, grille::postgres::texts const& parameters, conditions const& c);
  failure after(grille::postgres::trouble const& t, std::string_view sql, std::stop_token const& stop);
  failure perhaps_the_schema(failure f, std::string_view known);
  template <class Call>
  auto stoppable(std::stop_token const& stop, Call&& call);

  std::unique_ptr<backend> backend_;
  bool own_;
  std::string conninfo_;  // of our own, with the settings at its start
  terms terms_;
  statements statements_;
  encoded encoded_;
  std::unique_ptr<backend::scope> yours_;
  std::optional<std::string> timeout_before_;  // what the application's transaction had
  pinned pinned_{};
  int pid_{};
  std::string mark_;
  clock::time_point marked_at_{};
  bool transaction_{};      // one of ours is open
  bool session_{};          // it is a session's, which ends it
  std::size_t streams_{};   // in it
  std::uint64_t cursors_{};
};

}  // namespace grille::exec::postgres
