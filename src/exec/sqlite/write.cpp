// Running a write: all its steps or nothing of it. Enters: a plan that was proven. Leaves: what it returned, or a failure after which the
// database, and the transaction that was open before, are as they were.

#include <fmt/format.h>
#include <sqlite3.h>

#include "catalog/scratch.hpp"
#include "exec/finished_write.hpp"
#include "exec/sqlite/connection.hpp"
#include "exec/sqlite/failures.hpp"
#include "exec/sqlite/values.hpp"

namespace grille::exec::sqlite {

namespace {

failure not_allowed(std::string detail) {
  return {.kind = errc::check_failed, .message = "the policy does not allow a row as it would be", .detail = std::move(detail)};
}
/// A kept statement, or a temporary table, that does not fit the schema any more.
bool may_be_the_schema(failure const& f) { return f.kind == errc::backend || f.kind == errc::unsupported || f.kind == errc::usage; }
failure in_the_way(std::string detail) {
  return {.kind = errc::conflict, .message = "a constraint of the database stands in the way", .detail = std::move(detail)};
}

}  // namespace

/// A transaction of its own, which takes the lock for writing at once; inside of another a savepoint.
class connection::write_transaction {
 public:
  explicit write_transaction(connection& c) : of_(c), inside_(sqlite3_get_autocommit(c.db_) == 0) {
    began_ = of_.run_own(inside_ ? "savepoint \"grille write\"" : "begin immediate");
  }
  write_transaction(write_transaction const&) = delete;
  write_transaction& operator=(write_transaction const&) = delete;
  ~write_transaction() { undo(); }
  bool failed() const { return !began_; }
  /// False: it is undone, and `failure_now` says why.
  bool keep() {
    if (!of_.run_own(inside_ ? "release \"grille write\"" : "commit")) return false;
    began_ = false;
    return true;
  }
  void undo() {
    // a trigger may have rolled back all that was open: then there is nothing of ours to undo
    if (std::exchange(began_, false) && sqlite3_get_autocommit(of_.db_) == 0) {
      if (!inside_) {
        of_.run_own("rollback");
      } else {
        of_.run_own("rollback to \"grille write\"");
        of_.run_own("release \"grille write\"");
      }
    }
  }

 private:
  connection& of_;
  bool inside_;
  bool began_{};
};

/// A statement in use, which goes back to the others when its step is done.
class connection::step_statement {
 public:
  step_statement(statements& s, statements::taken t) : of_(s), taken_(std::move(t)) {}
  step_statement(step_statement const&) = delete;
  step_statement& operator=(step_statement const&) = delete;
  ~step_statement() {
    sqlite3_reset(handle());
    sqlite3_clear_bindings(handle());
    of_.give_back(std::move(taken_));
  }
  sqlite3_stmt* handle() { return taken_->handle.get(); }
  /// Since it was last known what it was prepared for.
  bool prepared_anew() { return times() != taken_->times_prepared_anew; }
  void known() { taken_->times_prepared_anew = times(); }

 private:
  int times() { return sqlite3_stmt_status(handle(), SQLITE_STMTSTATUS_REPREPARE, 0); }

  statements& of_;
  statements::taken taken_;
};

result<statements::taken> connection::take_own(std::string const& sql) {
  if (auto found = own_statements_.take(sql)) return *std::move(found);
  prepared p{.handle = {}, .sql = sql};
  char const* tail = nullptr;
  if (prepare(p.sql, p.handle, tail) != SQLITE_OK) return fail(failure_now(sql));
  return statements::wrap(std::move(p));
}

bool connection::run_own(std::string const& sql) {
  auto const all = authorizer_.all();
  auto taken = take_own(sql);
  if (!taken) return false;
  auto* const s = (*taken)->handle.get();
  auto const done = sqlite3_step(s) == SQLITE_DONE;
  if (sqlite3_reset(s) != SQLITE_OK || !done) return false;
  own_statements_.give_back(*std::move(taken));
  return true;
}

/// A temporary table of ours is there just as it is to be, and nothing else bears its name: on a borrowed handle the application may have
/// made anything.
result<void> connection::make_temporary(catalog::scratch_layout const& l) {
  auto const all = authorizer_.all();
  auto const name = catalog::scratch_table(l).name;
  auto const definition = catalog::definition_of(l);
  constexpr std::string_view written = "create table \"temp\".", kept = "CREATE TABLE ";
  auto const wanted = std::string(kept) + definition.substr(written.size());

  constexpr auto* look = "select sql from temp.sqlite_schema where name = ?1 or tbl_name = ?1";
  auto taken = take_own(look);
  if (!taken) return fail(std::move(taken.error()));
  auto* const made = (*taken)->handle.get();
  sqlite3_bind_text(made, 1, name.c_str(), static_cast<int>(name.size()), SQLITE_TRANSIENT);
  int found = 0;
  bool same = true;
  int code = 0;
  while ((code = sqlite3_step(made)) == SQLITE_ROW) {
    ++found;
    auto const* const text = static_cast<char const*>(static_cast<void const*>(sqlite3_column_text(made, 0)));
    same = same && text != nullptr && wanted == text;
  }
  if (code != SQLITE_DONE) return fail(failure_now(look));
  sqlite3_reset(made);
  own_statements_.give_back(*std::move(taken));
  if (found > 1 || !same)
    return fail({.kind = errc::usage, .message = "a temporary object of the application stands in the place of Grille's", .detail = name});
  if (found == 1) {
    made_.insert(name);
    return {};
  }
  // Counted with one row in it: of a table that was never counted SQLite takes it that there are a million, and reads all of the
  // application's table for a filter (https://www.sqlite.org/fileformat2.html#stat1tab).
  auto const table = "\"temp\".\"" + name + '"';
  for (auto const& sql : {definition, "insert into " + table + " default values", "analyze " + table, "delete from " + table})
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail(failure_now(sql));
  made_.insert(name);
  return {};
}

bool connection::keeps_all_of(verify::guarded_write const& what, conditions const& c) const {
  for (auto const& name : what.temporary_names())
    if (!made_.contains(name)) return false;
  for (auto const& s : what.steps())
    if (auto const* const kept = statements_.find(s.sql); kept == nullptr || kept->schema_version != c.schema_version) return false;
  return true;
}

/// Of a temporary table of ours.
result<std::uint64_t> connection::count(std::string const& table) {
  auto const all = authorizer_.all();
  auto const sql = "select 1 from \"temp\".\"" + table + '"';  // not `count`, which the application may have made its own
  auto taken = take_own(sql);
  if (!taken) return fail(std::move(taken.error()));
  step_statement statement(own_statements_, *std::move(taken));
  std::uint64_t rows = 0;
  for (;; ++rows) {
    auto const code = sqlite3_step(statement.handle());
    if (code == SQLITE_DONE) return rows;
    if (code != SQLITE_ROW) return fail(failure_now(sql));
  }
}

result<statements::taken> connection::take_step(verify::write_step const& s, conditions const& c) {
  if (auto found = statements_.take(s.sql); found && (*found)->schema_version == c.schema_version) return *std::move(found);
  bool const reads = s.kind == bound::step_kind::check || s.kind == bound::step_kind::conflict || s.kind == bound::step_kind::result ||
                     s.kind == bound::step_kind::former;
  auto p = prepare(s.sql, s.allowed, s.caller_parameters + s.slots.size(), reads, c);
  if (!p) return fail(std::move(p.error()));
  p->schema_version = c.schema_version;
  return statements::wrap(*std::move(p));
}

/// One try of a write. Of what is kept from earlier ones, statements and temporary tables, SQLite itself tells where it is not what it
/// was: a statement that it prepares anew has met another schema, temporary objects and functions of the application's included, and the
/// try is undone and thrown away, whatever came of it. A try that looks at all of it first keeps what it finds.
class connection::writing {
 public:
  enum class trust { kept, nothing };
  writing(connection& on, verify::guarded_write const& what, std::vector<std::vector<value>> const& parameters, conditions const& c, allowance& time,
          trust t)
      : on_(on), what_(what), parameters_(parameters), conditions_(c), time_(time), trust_(t) {}

  result<std::unique_ptr<exec::running>> run() {
    if (trust_ == trust::nothing)
      for (auto const& l : what_.temporary())
        if (auto made = on_.make_temporary(l); !made) return fail(std::move(made.error()));
    write_transaction all_or_nothing(on_);
    if (all_or_nothing.failed()) return fail(failure_of("begin"));
    if (auto fit = look(); !fit) return fail(std::move(fit.error()));
    if (!empty()) return fail(failure_of("emptying"));
    for (std::size_t i = 0; i < what_.steps().size(); ++i)
      if (auto done = step(i); !done) return fail(std::move(done.error()));
    if (!empty()) return fail(failure_of("emptying"));
    if (stale_) return fail({.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true});
    if (conditions_.before_commit)
      if (auto may = conditions_.before_commit(affected_); !may) return fail(std::move(may.error()));
    if (!all_or_nothing.keep()) return fail(failure_of("commit"));
    return std::make_unique<finished_write>(width_, std::move(rows_), affected_);
  }
  /// What came of it is to be thrown away, and the write tried again with trust in nothing.
  bool stale() const { return stale_; }

 private:
  failure failure_of(std::string_view sql) {
    auto f = on_.failure_now(sql, &time_);
    stale_ = stale_ || (trust_ == trust::kept && may_be_the_schema(f));
    return f;
  }

  result<void> look() {
    auto const version = on_.schema_version();
    if (!version) return fail(version.error());
    if (*version != conditions_.schema_version)
      return fail(
          {.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true});
    return trust_ == trust::nothing && !on_.own_ ? on_.check_functions() : result<void>();
  }

  bool empty() {
    for (auto const& name : what_.temporary_names())
      if (!on_.run_own("delete from \"temp\".\"" + name + '"')) return false;
    return true;
  }

  result<statements::taken> keeper_of_keys() {
    std::string sql = "insert into \"temp\".\"" + what_.temporary_names().back() + "\" values (";
    for (std::size_t k = 0; k < what_.temporary().back().columns.size(); ++k) sql += k > 0 ? ", ?" : "?";
    sql += ")";
    auto const all = on_.authorizer_.all();
    auto made = on_.take_own(sql);
    if (!made) return fail(failure_of(sql));
    return made;
  }

  result<void> step(std::size_t i) {
    auto const& s = what_.steps()[i];
    if (trust_ == trust::kept && s.source && collected_.at(*s.source) == 0) return {};  // nothing is to be inserted; else it is prepared, to be kept
    auto taken = on_.take_step(s, conditions_);
    if (!taken) {
      stale_ = stale_ || (trust_ == trust::kept && may_be_the_schema(taken.error()));
      return fail(std::move(taken.error()));
    }
    step_statement statement(on_.statements_, *std::move(taken));
    auto* const h = statement.handle();
    auto const positions = static_cast<std::size_t>(sqlite3_bind_parameter_count(h));
    for (std::size_t p = 0; p < positions; ++p)
      if (auto bound = bind(h, static_cast<int>(p + 1), parameters_[i][p]); !bound) return bound;
    auto done = run(s, h);
    if (trust_ == trust::nothing)
      statement.known();
    else
      stale_ = stale_ || statement.prepared_anew();
    return done;
  }

  result<void> run(verify::write_step const& s, sqlite3_stmt* h) {
    auto const keys = s.kind == bound::step_kind::apply && sqlite3_column_count(h) > 0;  // of an insert
    std::optional<step_statement> keeper;
    if (keys) {
      auto made = keeper_of_keys();
      if (!made) return fail(std::move(made.error()));
      keeper.emplace(on_.own_statements_, *std::move(made));
    }
    std::uint64_t returned = 0;
    for (;;) {
      int code = 0;
      {
        auto const only = on_.authorizer_.only(s.allowed, conditions_.tables.get());
        code = sqlite3_step(h);
      }
      if (code == SQLITE_DONE) break;
      if (code != SQLITE_ROW) return fail(failure_of(s.sql));
      ++returned;
      if (s.kind == bound::step_kind::check || s.kind == bound::step_kind::former) return fail(not_allowed("a row that no grant allows, by: " + s.sql));
      if (s.kind == bound::step_kind::conflict) return fail(in_the_way("a row that is hidden, or that no grant updates, by: " + s.sql));
      if (keys) {
        if (!keep(h, keeper->handle())) return fail(failure_of("keeping a key"));
      } else if (s.kind == bound::step_kind::result) {
        if (rows_.size() == conditions_.most_rows)
          return fail({.kind = errc::limit, .message = fmt::format("the result has more than {} rows", conditions_.most_rows)});
        if (auto done = read(h, rows_.emplace_back()); !done) return done;
      }
    }
    return count_up(s, h, keys, returned);
  }

  bool keep(sqlite3_stmt* from, sqlite3_stmt* into) {
    for (int k = 0; k < sqlite3_column_count(from); ++k) sqlite3_bind_value(into, k + 1, sqlite3_column_value(from, k));
    auto const all = on_.authorizer_.all();
    auto const done = sqlite3_step(into) == SQLITE_DONE;
    sqlite3_reset(into);
    return done;
  }

  /// Whether as many rows were written as there should be.
  result<void> count_up(verify::write_step const& s, sqlite3_stmt* h, bool keys, std::uint64_t returned) {
    auto const changed = static_cast<std::uint64_t>(sqlite3_changes(on_.db_));
    if (s.kind == bound::step_kind::collect) collected_.push_back(changed);
    if (s.kind == bound::step_kind::result) width_ = static_cast<std::size_t>(sqlite3_column_count(h));
    if (s.records) {
      auto const wanted = on_.count(what_.temporary_names()[*s.records]);
      if (!wanted) return fail(wanted.error());
      if (*wanted != changed) return fail(not_allowed("rows that are to be changed and did not all go into the history"));
      recorded_ = changed;
    }
    if (s.kind == bound::step_kind::apply) {
      if (auto const recorded = std::exchange(recorded_, std::nullopt); recorded && changed != *recorded)
        return fail(not_allowed("rows that are in the history and were not all changed"));
      if (s.all_of && changed != collected_.at(*s.all_of)) return fail(not_allowed("rows whose key is to be changed and did not all change"));
      if (!s.makes_room) affected_ += keys ? returned : changed;
      auto const wanted = s.source ? collected_.at(*s.source) : 1;
      if (keys && !s.leaves_out && returned != wanted) return fail(not_allowed("rows that were to be inserted are not there"));
    }
    return {};
  }

  connection& on_;
  verify::guarded_write const& what_;
  std::vector<std::vector<value>> const& parameters_;
  conditions const& conditions_;
  allowance& time_;
  trust trust_;
  bool stale_{};
  std::uint64_t affected_{};
  std::vector<std::uint64_t> collected_;   // into each temporary table, in order
  std::optional<std::uint64_t> recorded_;  // by the step before: the next change is to be of just these
  std::size_t width_{};
  std::vector<std::vector<value>> rows_;
};

result<std::unique_ptr<exec::running>> connection::write(std::shared_ptr<verify::guarded_write const> what,
                                                         std::vector<std::vector<value>> parameters, conditions const& c) {
  auto const& steps = what->steps();
  if (parameters.size() != steps.size()) return fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (parameters[i].size() != steps[i].caller_parameters + steps[i].slots.size())
      return fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  if (c.stop.stop_requested()) return fail({.kind = errc::unavailable, .message = "the statement was stopped"});

  allowance time(c.time_limit, c.stop);
  auto const watched = watch_.over(time);
  if (keeps_all_of(*what, c)) {
    writing quickly(*this, *what, parameters, c, time, writing::trust::kept);
    auto done = quickly.run();
    if (!quickly.stale()) return done;
  }
  return writing(*this, *what, parameters, c, time, writing::trust::nothing).run();
}

// --- transactions

bool connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

result<void> connection::begin(unsigned level, bool alone, allowance a) {
  auto const watched = watch_.over(a);
  auto const outermost = level == 0 && !in_transaction();
  auto const sql = outermost ? std::string(alone ? "begin immediate" : "begin") : fmt::format("savepoint \"grille {}\"", level);
  if (!run_own(sql)) return fail(failure_now(sql, &a));
  if (level == 0) began_outermost_ = outermost;
  return {};
}

result<void> connection::commit(unsigned level, allowance a) {
  auto const watched = watch_.over(a);
  auto const sql = level == 0 && began_outermost_ ? std::string("commit") : fmt::format("release \"grille {}\"", level);
  if (!run_own(sql)) return fail(failure_now(sql, &a));
  return {};
}

void connection::rollback(unsigned level) noexcept {
  if (!in_transaction()) return;
  if (level == 0 && began_outermost_) {
    run_own("rollback");
    return;
  }
  run_own(fmt::format("rollback to \"grille {}\"", level));
  run_own(fmt::format("release \"grille {}\"", level));
}

}  // namespace grille::exec::sqlite
