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

/// One step's statement, which goes back to the others when the step is done.
class connection::step_statement {
 public:
  step_statement(connection& c, statements::taken t) : of_(c), taken_(std::move(t)) {}
  step_statement(step_statement const&) = delete;
  step_statement& operator=(step_statement const&) = delete;
  ~step_statement() {
    sqlite3_reset(handle());
    sqlite3_clear_bindings(handle());
    of_.statements_.give_back(std::move(taken_));
  }
  sqlite3_stmt* handle() { return taken_->handle.get(); }

 private:
  connection& of_;
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
  if (found == 1) return {};
  // Counted with one row in it: of a table that was never counted SQLite takes it that there are a million, and reads all of the
  // application's table for a filter (https://www.sqlite.org/fileformat2.html#stat1tab).
  auto const table = "\"temp\".\"" + name + '"';
  for (auto const& sql : {definition, "insert into " + table + " default values", "analyze " + table, "delete from " + table})
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return fail(failure_now(sql));
  return {};
}

/// Of a temporary table of ours.
result<std::uint64_t> connection::count(std::string const& table) {
  auto const all = authorizer_.all();
  auto const sql = "select count(*) from \"temp\".\"" + table + '"';
  auto taken = take_own(sql);
  if (!taken) return fail(std::move(taken.error()));
  auto* const s = (*taken)->handle.get();
  if (sqlite3_step(s) != SQLITE_ROW) return fail(failure_now(sql));
  auto const rows = static_cast<std::uint64_t>(sqlite3_column_int64(s, 0));
  sqlite3_reset(s);
  own_statements_.give_back(*std::move(taken));
  return rows;
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
  for (auto const& l : what->temporary())
    if (auto made = make_temporary(l); !made) return fail(std::move(made.error()));
  write_transaction all_or_nothing(*this);
  if (all_or_nothing.failed()) return fail(failure_now("begin", &time));
  auto const version = schema_version();
  if (!version) return fail(version.error());
  if (*version != c.schema_version)
    return fail(
        {.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true});
  if (!own_)
    if (auto checked = check_functions(); !checked) return fail(std::move(checked.error()));
  std::vector<std::string> names;
  for (auto const& l : what->temporary()) names.push_back("delete from \"temp\".\"" + catalog::scratch_table(l).name + "\"");
  auto const empty = [&] {
    for (auto const& sql : names)
      if (!run_own(sql)) return false;
    return true;
  };
  if (!empty()) return fail(failure_now("emptying", &time));

  std::uint64_t affected = 0;
  std::vector<std::uint64_t> collected;  // into each temporary table, in order
  bool records = false;  // is the next change to be of what was recorded
  std::uint64_t recorded = 0;
  std::size_t width = 0;
  std::vector<std::vector<value>> rows;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto const& s = steps[i];
    auto taken = take_step(s, c);
    if (!taken) return fail(std::move(taken.error()));
    step_statement statement(*this, *std::move(taken));
    auto* const h = statement.handle();
    auto const positions = static_cast<std::size_t>(sqlite3_bind_parameter_count(h));
    for (std::size_t p = 0; p < positions; ++p)
      if (auto bound = bind(h, static_cast<int>(p + 1), parameters[i][p]); !bound) return fail(std::move(bound.error()));

    auto const keys = s.kind == bound::step_kind::apply && sqlite3_column_count(h) > 0;  // of an insert
    std::optional<statements::taken> keep;
    if (keys) {
      auto const& l = what->temporary().back();
      std::string sql = "insert into \"temp\".\"" + catalog::scratch_table(l).name + "\" values (";
      for (std::size_t k = 0; k < l.columns.size(); ++k) sql += k > 0 ? ", ?" : "?";
      sql += ")";
      auto const all = authorizer_.all();
      auto made = take_own(sql);
      if (!made) return fail(failure_now(sql, &time));
      keep = *std::move(made);
    }
    std::uint64_t returned = 0;
    for (;;) {
      int code = 0;
      {
        auto const only = authorizer_.only(s.allowed, c.tables.get());
        code = sqlite3_step(h);
      }
      if (code == SQLITE_DONE) break;
      if (code != SQLITE_ROW) return fail(failure_now(s.sql, &time));
      ++returned;
      if (s.kind == bound::step_kind::check || s.kind == bound::step_kind::former) return fail(not_allowed("a row that no grant allows, by: " + s.sql));
      if (s.kind == bound::step_kind::conflict) return fail(in_the_way("a row that is hidden, or that no grant updates, by: " + s.sql));
      if (keys) {
        auto* const into = (*keep)->handle.get();
        for (int k = 0; k < sqlite3_column_count(h); ++k) sqlite3_bind_value(into, k + 1, sqlite3_column_value(h, k));
        auto const all = authorizer_.all();
        if (sqlite3_step(into) != SQLITE_DONE) return fail(failure_now("keeping a key", &time));
        sqlite3_reset(into);
      } else if (s.kind == bound::step_kind::result) {
        if (rows.size() == c.most_rows)
          return fail({.kind = errc::limit, .message = fmt::format("the result has more than {} rows", c.most_rows)});
        if (auto done = read(h, rows.emplace_back()); !done) return fail(std::move(done.error()));
      }
    }
    auto const changed = static_cast<std::uint64_t>(sqlite3_changes(db_));
    if (keep) own_statements_.give_back(*std::move(keep));
    if (s.kind == bound::step_kind::collect) collected.push_back(changed);
    if (s.kind == bound::step_kind::result) width = static_cast<std::size_t>(sqlite3_column_count(h));
    if (s.records) {
      auto const wanted = count(catalog::scratch_table(what->temporary()[*s.records]).name);
      if (!wanted) return fail(wanted.error());
      if (*wanted != changed) return fail(not_allowed("rows that are to be changed and did not all go into the history"));
      recorded = changed;
      records = true;
    }
    if (s.kind == bound::step_kind::apply) {
      if (records && changed != recorded) return fail(not_allowed("rows that are in the history and were not all changed"));
      records = false;
      if (!s.makes_room) affected += keys ? returned : changed;
      auto const wanted = s.source ? collected.at(*s.source) : 1;
      if (keys && !s.leaves_out && returned != wanted) return fail(not_allowed("rows that were to be inserted are not there"));
    }
  }
  if (!empty()) return fail(failure_now("emptying", &time));
  if (c.before_commit)
    if (auto may = c.before_commit(affected); !may) return fail(std::move(may.error()));
  if (!all_or_nothing.keep()) return fail(failure_now("commit", &time));
  return std::make_unique<finished_write>(width, std::move(rows), affected);
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
