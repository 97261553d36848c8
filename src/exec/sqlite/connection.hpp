// One SQLite handle with its prepared statements and its authorizer. Enters: guarded statements, and nothing else. Leaves: rows.
// Guaranteed: a statement runs in the schema that it was made for, or not at all; the authorizer allows it what `verify` proved that
// it touches; no text of the engine's reaches the caller. For one thread at a time.
//
// How a change of the schema is noticed without asking for it each time: SQLite compares the schema's number in the file with the
// one that a statement was prepared for, in the statement's own transaction, and prepares it anew if they differ; then
// SQLITE_STMTSTATUS_REPREPARE counts up, and what came of it is thrown away. So the number needs to be read only when a statement
// is first prepared, in one transaction with its first step; as long as it is not prepared anew, it runs in that same schema.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "catalog/catalog.hpp"
#include "exec/failure.hpp"
#include "exec/running.hpp"
#include "exec/sqlite/authorizer.hpp"
#include "exec/sqlite/settings.hpp"
#include "exec/sqlite/statements.hpp"
#include "exec/sqlite/watch.hpp"
#include "grille/value.hpp"
#include "verify/guarded_statement.hpp"
#include "verify/guarded_write.hpp"

struct sqlite3;

namespace grille::exec::sqlite {

/// Under what conditions a statement runs.
struct conditions {
  std::shared_ptr<catalog::catalog const> tables{};  // that it was made with
  std::uint32_t schema_version{};                    // of these
  std::chrono::milliseconds time_limit{};
  bool limit_each_step{};                            // else the whole
  std::stop_token stop{};
  std::size_t most_rows{static_cast<std::size_t>(-1)};  // that a write may return
  std::function<result<void>(std::uint64_t affected)> before_commit{};  // of a write, once all of it is done: a failure undoes it
};

class connection;

/// A statement on its way, made by `connection::start`, at or before its first row. Ends before its connection does.
class running final : public exec::running {
 public:
  running(running const&) = delete;
  running& operator=(running const&) = delete;
  /// Gives the statement back to its connection.
  ~running() override;

  std::size_t width() const noexcept override { return width_; }
  result<bool> append(std::vector<value>& to) override;

 private:
  friend class connection;
  running(connection& on, std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters, statements::taken t,
          conditions const& c);
  result<void> begin();
  result<void> step();
  bool prepared_anew() const;
  /// Ends the statement for good.
  void drop();

  connection& connection_;
  std::shared_ptr<verify::guarded_statement const> what_;
  std::shared_ptr<catalog::catalog const> tables_;
  std::vector<value> parameters_;  // what is bound points into these
  std::optional<statements::taken> statement_;
  allowance allowance_;
  bool limit_each_step_;
  std::size_t width_{};
  enum class state { row_ready, row_taken, done } state_{};
};

class connection {
 public:
  /// A handle of our own on a file that is there, or on `":memory:"`.
  static result<std::unique_ptr<connection>> open(std::filesystem::path const& path);
  /// The application's handle, which must outlive this. `usage` if functions of its own stand in the way.
  static result<std::unique_ptr<connection>> borrow(sqlite3* db);
  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  ~connection();

  /// Runs the statement to its first row. `parameters`: the caller's, then the values of the slots.
  result<std::unique_ptr<running>> start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                         conditions const& c);
  /// Runs all steps, in a transaction of its own or in a savepoint of the one that is open. `parameters`: of each step.
  result<std::unique_ptr<exec::running>> write(std::shared_ptr<verify::guarded_write const> what, std::vector<std::vector<value>> parameters,
                                               conditions const& c);
  /// Transactions in one another, the outermost of level 0; inside of one of the application's all are savepoints.
  /// `alone`: the outermost takes the lock for writing at once. For locks they wait as long as `a` allows.
  result<void> begin(unsigned level, bool alone, allowance a);
  result<void> commit(unsigned level, allowance a);
  void rollback(unsigned level) noexcept;
  bool in_transaction() const;
  /// Runs `work` on the bare handle with nothing checked: for reading the schema, and for the application's own migrations.
  template <class Work>
  decltype(auto) unguarded(Work&& work) {
    auto const all = authorizer_.all();
    return std::forward<Work>(work)(db_);
  }
  /// Ends what a user of the connection may have left open. False: it is not fit for another.
  bool clean_up();
  bool borrowed() const noexcept { return !own_; }
  /// Of prepared statements that are kept.
  std::size_t kept_statements() const noexcept { return statements_.size(); }

 private:
  friend class running;
  struct closer {
    void operator()(sqlite3* db) const;
  };
  class read_transaction;
  class write_transaction;
  class step_statement;
  class writing;

  connection(sqlite3* db, bool own);
  result<void> check_functions();
  result<std::unique_ptr<running>> start_anew(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                              conditions const& c);
  /// `reads`: it is to be a query; else to write.
  result<prepared> prepare(std::string const& sql, verify::allowed_objects const& allowed, std::size_t parameters, bool reads, conditions const& c);
  result<statements::taken> take_step(verify::write_step const& s, conditions const& c);
  result<void> make_temporary(catalog::scratch_layout const& l);
  /// Whether a write has nothing to prepare and nothing to make: all of it was there once, and may be no more.
  bool keeps_all_of(verify::guarded_write const& what, conditions const& c) const;
  result<std::uint64_t> count(std::string const& table);
  /// Statements of Grille's own, kept prepared: nothing of them comes of a caller, and nothing is checked.
  result<statements::taken> take_own(std::string const& sql);
  bool run_own(std::string const& sql);
  int prepare(std::string const& sql, statement_ptr& made, char const*& tail);
  result<std::uint32_t> schema_version();
  failure failure_now(std::string_view sql, allowance const* a = nullptr);

  std::unique_ptr<sqlite3, closer> owned_;
  sqlite3* db_;
  bool own_;
  settings settings_;
  authorizer authorizer_;
  watch watch_;
  statements statements_, own_statements_;
  std::unordered_set<std::string> made_;  // temporary tables: the application may have dropped them since, or rolled them back
  statement_ptr version_, begin_, commit_;
  bool began_outermost_{};
};

}  // namespace grille::exec::sqlite
