#include "exec/sqlite/connection.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/limits.hpp"
#include "exec/sqlite/failures.hpp"
#include "exec/sqlite/shadowing.hpp"
#include "exec/sqlite/values.hpp"

namespace grille::exec::sqlite {

namespace {

constexpr std::size_t statements_kept = 200;

failure internal(std::string detail) {
  return {.kind = errc::unsupported, .message = "the check at execution refused the statement", .detail = std::move(detail)};
}

/// A constant statement of Grille's own, made when it is first needed.
sqlite3_stmt* constant(sqlite3* db, statement_ptr& s, char const* sql) {
  if (s == nullptr) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) == SQLITE_OK) s.reset(made);
  }
  return s.get();
}

bool run(sqlite3_stmt* s) {
  if (s == nullptr) return false;
  auto const done = sqlite3_step(s) == SQLITE_DONE;
  return sqlite3_reset(s) == SQLITE_OK && done;
}

/// Whether a failure may come of a schema that is not the one expected: a table or column that is gone, or one more that is read.
bool may_be_the_schema(failure const& f) { return f.kind == errc::backend || f.kind == errc::unsupported || f.retryable; }

}  // namespace

void connection::closer::operator()(sqlite3* db) const { sqlite3_close(db); }

/// One state of the database from the first read in it to the end. Inside a transaction of the application's, that one.
class connection::read_transaction {
 public:
  explicit read_transaction(connection& c) : of_(c) {
    auto const all = of_.authorizer_.all();
    if (sqlite3_get_autocommit(of_.db_) == 0) return;
    began_ = run(constant(of_.db_, of_.begin_, "begin"));
    failed_ = !began_;
  }
  read_transaction(read_transaction const&) = delete;
  read_transaction& operator=(read_transaction const&) = delete;
  // A statement that is still being read goes on reading the same state: SQLite keeps it until the last reader is done.
  ~read_transaction() {
    if (!began_) return;
    auto const all = of_.authorizer_.all();
    run(constant(of_.db_, of_.commit_, "commit"));
  }
  bool failed() const { return failed_; }

 private:
  connection& of_;
  bool began_{};
  bool failed_{};
};

connection::connection(sqlite3* db, bool own)
    : owned_(own ? db : nullptr),
      db_(db),
      own_(own),
      settings_(db, own),
      authorizer_(db, own ? authorizer::owner::grille : authorizer::owner::application),
      watch_(db, own),
      statements_(statements_kept),
      own_statements_(statements_kept) {}

connection::~connection() = default;

result<std::unique_ptr<connection>> connection::open(std::filesystem::path const& path) {
  sqlite3* db = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  auto const code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
  std::unique_ptr<sqlite3, closer> owned(db);
  if (code != SQLITE_OK) return fail(failure_of(code, path.string()));
  std::unique_ptr<connection> made(new connection(owned.release(), true));
  if (auto checked = made->check_functions(); !checked) return fail(std::move(checked.error()));
  return made;
}

result<std::unique_ptr<connection>> connection::borrow(sqlite3* db) {
  if (db == nullptr) return fail({.kind = errc::usage, .message = "the handle is null"});
  std::unique_ptr<connection> made(new connection(db, false));
  if (auto checked = made->check_functions(); !checked) return fail(std::move(checked.error()));
  return made;
}

result<void> connection::check_functions() {
  auto const all = authorizer_.all();
  auto const found = shadowed_function(db_);
  if (!found) return fail(found.error());
  if (!*found) return {};
  return fail({.kind = errc::usage, .message = fmt::format("the application's function `{}` stands in the place of SQLite's", **found)});
}

bool connection::clean_up() {
  auto const all = authorizer_.all();
  if (own_ && sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "rollback", nullptr, nullptr, nullptr);
  return !own_ || sqlite3_get_autocommit(db_) != 0;
}

failure connection::failure_now(std::string_view sql, allowance const* a) {
  auto f = failure_of(db_, sql);
  if (auto const denied = authorizer_.take_denied(); !denied.empty()) f.detail += "; denied: " + denied;
  if (a != nullptr && a->timed_out()) f.message = "the statement took longer than it may", f.kind = errc::unavailable, f.retryable = false;
  if (a != nullptr && a->stopped()) f.message = "the statement was stopped", f.kind = errc::unavailable, f.retryable = false;
  return f;
}

result<std::uint32_t> connection::schema_version() {
  auto const all = authorizer_.all();
  auto* const s = constant(db_, version_, "pragma main.schema_version");
  if (s == nullptr) return fail(failure_now("pragma main.schema_version"));
  result<std::uint32_t> found = sqlite3_step(s) == SQLITE_ROW ? result<std::uint32_t>(static_cast<std::uint32_t>(sqlite3_column_int64(s, 0)))
                                                              : fail(failure_now("pragma main.schema_version"));
  sqlite3_reset(s);
  return found;
}

int connection::prepare(std::string const& sql, statement_ptr& made, char const*& tail) {
  sqlite3_stmt* s = nullptr;
  auto const code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &s, &tail);
  made.reset(s);
  return code;
}

result<prepared> connection::prepare(std::string const& sql, verify::allowed_objects const& allowed, std::size_t parameters, bool reads,
                                     conditions const& c) {
  if (sql.size() > base::limits::output_bytes) return fail(failure_of(SQLITE_TOOBIG, "preparing"));
  prepared p{.handle = {}, .sql = sql};
  char const* tail = nullptr;
  auto const checked = [&] {
    auto const only = authorizer_.only(allowed, c.tables.get());
    return prepare(sql, p.handle, tail);
  };
  if (checked() != SQLITE_OK) {
    // A virtual table, or a table function, that is met for the first time declares its columns by SQL of its own, which no proof
    // covers. Preparing without the check lets it do so; nothing is run, and what is prepared under the check is what counts.
    auto const why = failure_now(sql);
    if (why.kind != errc::backend) return fail(why);
    {
      auto const all = authorizer_.all();
      prepare(sql, p.handle, tail);
    }
    if (checked() != SQLITE_OK) return fail(failure_now(sql));
  }
  auto* const made = p.handle.get();
  if (made == nullptr || tail != sql.data() + sql.size()) return fail(internal("not one whole statement: " + sql));
  if (reads && (sqlite3_stmt_readonly(made) == 0 || sqlite3_column_count(made) == 0))
    return fail(internal("the statement is no query: " + sql));
  if (!reads && sqlite3_stmt_readonly(made) != 0) return fail(internal("the statement writes nothing: " + sql));
  auto const positions = static_cast<std::size_t>(sqlite3_bind_parameter_count(made));
  if (positions > parameters) return fail(internal("more parameters than are known: " + sql));
  return p;
}

result<std::unique_ptr<running>> connection::start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                                   conditions const& c) {
  if (parameters.size() != what->caller_parameters() + what->slots().size())
    return fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  if (c.stop.stop_requested()) return fail({.kind = errc::unavailable, .message = "the statement was stopped"});
  if (auto found = statements_.take(what->sql()); found && (*found)->schema_version == c.schema_version) {
    std::unique_ptr<running> r(new running(*this, what, std::move(parameters), std::move(*found), c));
    auto const begun = r->begin();
    if (begun && !r->prepared_anew()) return r;
    if (!begun && !may_be_the_schema(begun.error())) return fail(begun.error());
    r->drop();
    parameters = std::move(r->parameters_);
  }
  return start_anew(std::move(what), std::move(parameters), c);
}

result<std::unique_ptr<running>> connection::start_anew(std::shared_ptr<verify::guarded_statement const> what,
                                                        std::vector<value> parameters, conditions const& c) {
  allowance time(c.time_limit, c.stop);
  auto const watched = watch_.over(time);
  read_transaction const one_state(*this);
  if (one_state.failed()) return fail(failure_now("begin", &time));
  auto const version = schema_version();
  if (!version) return fail(version.error());
  if (*version != c.schema_version)
    return fail({.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true});
  if (!own_)
    if (auto checked = check_functions(); !checked) return fail(std::move(checked.error()));
  auto p = prepare(what->sql(), what->allowed(), what->caller_parameters() + what->slots().size(), true, c);
  if (!p) return fail(std::move(p.error()));
  p->schema_version = *version;
  std::unique_ptr<running> r(new running(*this, std::move(what), std::move(parameters), statements::wrap(*std::move(p)), c));
  if (auto begun = r->begin(); !begun) {
    r->drop();
    return fail(std::move(begun.error()));
  }
  auto& statement = *r->statement_;
  statement->times_prepared_anew = sqlite3_stmt_status(statement->handle.get(), SQLITE_STMTSTATUS_REPREPARE, 0);
  return r;
}

running::running(connection& on, std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters, statements::taken t,
                 conditions const& c)
    : connection_(on),
      what_(std::move(what)),
      tables_(c.tables),
      parameters_(std::move(parameters)),
      statement_(std::move(t)),
      allowance_(c.time_limit, c.stop),
      limit_each_step_(c.limit_each_step) {}

running::~running() {
  if (!statement_) return;
  auto* const s = (*statement_)->handle.get();
  sqlite3_reset(s);
  sqlite3_clear_bindings(s);
  connection_.statements_.give_back(*std::move(statement_));
}

void running::drop() { statement_.reset(); }

bool running::prepared_anew() const {
  auto const& statement = *statement_;
  return sqlite3_stmt_status(statement->handle.get(), SQLITE_STMTSTATUS_REPREPARE, 0) != statement->times_prepared_anew;
}

result<void> running::begin() {
  auto* const s = (*statement_)->handle.get();
  auto const positions = static_cast<std::size_t>(sqlite3_bind_parameter_count(s));
  for (std::size_t i = 0; i < positions; ++i)
    if (auto bound = bind(s, static_cast<int>(i + 1), parameters_[i]); !bound) return bound;
  width_ = static_cast<std::size_t>(sqlite3_column_count(s));
  return step();
}

result<void> running::step() {
  if (limit_each_step_) allowance_.begin_anew();
  auto const only = connection_.authorizer_.only(what_->allowed(), tables_.get());
  auto const watched = connection_.watch_.over(allowance_);
  switch (sqlite3_step((*statement_)->handle.get())) {
    case SQLITE_ROW: state_ = state::row_ready; return {};
    case SQLITE_DONE: state_ = state::done; return {};
    default: state_ = state::done; return fail(connection_.failure_now(what_->sql(), &allowance_));
  }
}

result<bool> running::append(std::vector<value>& to) {
  if (state_ == state::row_taken) {
    if (auto stepped = step(); !stepped) return fail(std::move(stepped.error()));
    if (prepared_anew())
      return fail({.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true});
  }
  if (state_ == state::done) return false;
  if (auto done = read((*statement_)->handle.get(), to); !done) return fail(std::move(done.error()));
  state_ = state::row_taken;
  return true;
}

}  // namespace grille::exec::sqlite
