#include "exec/postgres/connection.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <span>

#include "exec/postgres/failures.hpp"
#include "exec/postgres/values.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/schema_mark.hpp"

namespace grille::exec::postgres {

using grille::postgres::answer;
using grille::postgres::texts;
using grille::postgres::trouble;

namespace {

constexpr std::size_t statements_kept = 200;

failure changed() {
  return {.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true, .schema_changed = true};
}
failure not_as_it_has_to_be(std::string const& setting) {
  return {.kind = errc::usage, .message = fmt::format("the connection's setting `{}` is not as it has to be", setting)};
}
failure stopped() { return {.kind = errc::unavailable, .message = "the statement was stopped"}; }

bool gone(std::string_view sqlstate) { return sqlstate == "26000"; }             // somebody said `deallocate all`
bool of_another_shape(std::string_view sqlstate) { return sqlstate == "0A000"; }  // a type of the result is not what it was

}  // namespace

/// The server is asked to end the call when a stop is requested; nobody can ask any more when this returns. It lets go by what it is asked while the call
/// is still on its way to it, so it is asked again, for a quarter of a second.
template <class Call>
auto connection::stoppable(std::stop_token const& stop, Call&& call) {
  if (!stop.stop_possible()) return std::forward<Call>(call)();
  using outcome = decltype(std::forward<Call>(call)());
  if (stop.stop_requested()) return outcome(tl::unexpected(trouble{.sqlstate = "57014", .text = "stopped before it was sent"}));
  std::mutex guard;
  std::condition_variable changed;
  bool ended = false;
  std::stop_callback const watch(stop, [&] {
    for (std::chrono::milliseconds wait(1); wait < std::chrono::milliseconds(200); wait *= 2) {
      backend_->cancel();
      std::unique_lock lock(guard);
      if (changed.wait_for(lock, wait, [&] { return ended; })) return;
    }
  });
  struct at_end {
    ~at_end() {
      std::lock_guard const lock(guard);
      ended = true;
      changed.notify_all();
    }
    std::mutex& guard;
    std::condition_variable& changed;
    bool& ended;
  } const done{guard, changed, ended};
  return std::forward<Call>(call)();
}

connection::connection(std::unique_ptr<backend> b, bool own, terms t)
    : backend_(std::move(b)), own_(own), terms_(std::move(t)), statements_(statements_kept) {}

result<std::unique_ptr<connection>> connection::open(std::string const& conninfo, terms t) {
  auto wanted = t.pooled ? std::vector<std::pair<std::string, std::string>>{} : at_start(t);
  std::vector<grille::postgres::setting> settings(wanted.begin(), wanted.end());
  auto const with = t.pooled ? tl::expected<std::string, std::string>(conninfo) : grille::postgres::with_settings(conninfo, settings);
  if (!with) return fail({.kind = errc::usage, .message = "the connection string cannot be read", .detail = with.error()});
  auto b = backend::connect(*with);
  if (!b && b.error().text.find("unsupported startup parameter") != std::string::npos)
    return fail({.kind = errc::usage, .message = "what stands before the database takes no settings: behind PgBouncer it is `options::pooled`, `--pooled`", .detail = b.error().text});
  if (!b) return fail({.kind = errc::unavailable, .message = "the database cannot be reached", .detail = b.error().text, .retryable = true});
  std::unique_ptr<connection> made(new connection(*std::move(b), true, std::move(t)));
  made->conninfo_ = *with;
  if (auto arrived = made->arrive(); !arrived) return fail(std::move(arrived.error()));
  return made;
}

result<std::unique_ptr<connection>> connection::borrow(grille::postgres::native_connection& c, terms t) {
  return std::unique_ptr<connection>(new connection(backend::borrow(c), false, std::move(t)));
}

connection::~connection() {
  clean_up();
  if (own_ || !backend_->open() || backend_->pid() != pid_) return;
  for (auto const& name : statements_.names()) static_cast<void>(backend_->forget(name));
}

bool connection::clean_up() {
  if (transaction_) end_transaction(false);
  if (yours_ != nullptr) {
    if (timeout_before_) static_cast<void>(backend_->run("select pg_catalog.set_config('statement_timeout', $1, true)", {timeout_before_->c_str()}));
    timeout_before_.reset();
    yours_.reset();
  }
  if (own_) return backend_->open();
  pinned_ = pinned::unknown;  // until the next session the connection is the application's again
  return true;
}

result<void> connection::enter(pqxx::transaction_base& yours) {
  clean_up();
  if (own_ || terms_.pooled) return fail({.kind = errc::usage, .message = "the transaction is not of a connection that was attached"});
  yours_ = backend_->inside(yours);
  if (yours_ == nullptr) return fail({.kind = errc::usage, .message = "the transaction is another connection's"});
  return {};
}

/// Nothing that was set, prepared or looked at on one server process is taken to be there on another.
result<void> connection::arrive() {
  if (transaction_) return {};
  if (!backend_->open()) {
    if (yours_ != nullptr) return fail(failure_of({.sqlstate = {}, .text = "the connection is closed", .broken = true}, "arriving"));
    if (auto const back = own_ ? connect_anew() : backend_->revive(); !back) return fail(failure_of(back.error(), "reconnecting"));
  }
  if (auto const pid = backend_->pid(); pid != pid_) {
    for (auto const& name : statements_.names()) static_cast<void>(backend_->forget(name));
    statements_.forget_all();
    pinned_ = pinned::unknown;
    mark_.clear();
    pid_ = pid;
  }
  if (pinned_ != pinned::unknown) return {};
  if (terms_.pooled) {
    pinned_ = pinned::each_transaction;
    return {};
  }
  auto looked = backend_->run(look());
  if (!looked) return fail(failure_of(looked.error(), look()));
  auto departs = departure(*looked, terms_);
  if (departs && own_) {  // what libpq reads from the environment, `PGTZ` and its kin, stands above what the connection string says
    auto const sql = set_for_session(terms_);
    if (auto const set = backend_->run(sql); !set) return fail(failure_of(set.error(), sql));
    looked = backend_->run(look());
    if (!looked) return fail(failure_of(looked.error(), look()));
    departs = departure(*looked, terms_);
  }
  auto const longer = longer_timeout(*looked, terms_);
  if (departs && (own_ || yours_ != nullptr)) return fail(not_as_it_has_to_be(*departs));
  if (yours_ != nullptr && longer) {
    auto const limit = std::to_string(terms_.statement_timeout.count());
    auto const set = backend_->run("select pg_catalog.set_config('statement_timeout', $1, true)", {limit.c_str()});
    if (!set) return fail(failure_of(set.error(), "statement_timeout"));
    timeout_before_ = longer;
  }
  pinned_ = departs || (longer && yours_ == nullptr) ? pinned::each_transaction : pinned::always;
  return {};
}

/// With the settings that it began with. Nothing that was prepared there is here.
answer<void> connection::connect_anew() {
  auto again = backend::connect(conninfo_);
  if (!again) {
    again.error().broken = true;
    return tl::unexpected(std::move(again.error()));
  }
  backend_ = *std::move(again);
  statements_.forget_all();
  pid_ = {};
  return {};
}

bool connection::mark_is_due(std::string_view known) const { return mark_ != known || clock::now() - marked_at_ >= terms_.schema_interval; }

result<void> connection::note_mark(rows const& r, std::string_view known) {
  mark_ = r.text(0, 0);
  marked_at_ = clock::now();
  if (mark_ != known) return fail(changed());
  return {};
}

result<void> connection::compare_mark(std::string_view known) {
  auto const got = backend_->run(std::string(grille::postgres::schema_mark));
  if (!got) return fail(failure_of(got.error(), "the schema's mark"));
  return note_mark(*got, known);
}

result<void> connection::begin(access a, bool mark, std::string_view known, isolation apart) {
  if (auto const held = backend_->hold(); !held) return fail(failure_of(held.error(), "begin"));
  auto sql = pinned_ == pinned::each_transaction ? begin_with_pins(terms_, a, apart) : begin_plain(terms_, a, apart);
  if (mark) sql.append(";").append(grille::postgres::schema_mark);
  transaction_ = true;
  auto const begun = backend_->run(sql);
  if (!begun) return fail(failure_of(begun.error(), sql));
  if (mark) return note_mark(*begun, known);
  return {};
}

void connection::end_transaction(bool well) {
  transaction_ = false;
  session_ = false;
  streams_ = 0;
  if (backend_->open()) static_cast<void>(backend_->run(well ? "commit" : "rollback"));
  backend_->release();
}

failure connection::after(trouble const& t, std::string_view sql, std::stop_token const& stop) {
  auto f = failure_of(t, sql);
  if (t.sqlstate == "57014" && stop.stop_requested()) {
    f.message = stopped().message;
    f.kind = stopped().kind;
  }
  return f;
}

/// A statement that names what is not there is not at fault if the catalogue that it was made with is not of this schema.
failure connection::perhaps_the_schema(failure f, std::string_view known) {
  if (!may_be_the_schema(f.sqlstate) || transaction_ || yours_ != nullptr || !backend_->open()) return f;
  if (pinned_ == pinned::each_transaction) {
    auto const begun = begin(access::read, true, known);
    end_transaction(begun.has_value());
    return begun ? f : begun.error();
  }
  auto const same = compare_mark(known);
  return same ? f : same.error();
}

result<rows> connection::execute(std::string const& sql, std::size_t hash, texts const& parameters, std::stop_token const& stop) {
  auto const asked = [&](auto&& call) -> result<rows> {
    auto got = stoppable(stop, call);
    if (!got) return fail(after(got.error(), sql, stop));
    if (stop.stop_requested()) return fail(stopped());
    return *std::move(got);
  };
  if (terms_.pooled) return asked([&] { return backend_->run(sql, parameters); });
  auto const* known = statements_.find(sql, hash);
  if (known == nullptr && !statements_.met_again(hash)) return asked([&] { return backend_->run(sql, parameters); });
  if (known == nullptr) {
    if (auto const surplus = statements_.surplus())
      if (auto const gone = backend_->forget(*surplus); !gone) return fail(after(gone.error(), "deallocate", stop));
    auto name = statements_.name_for(sql);
    auto const prepared = stoppable(stop, [&] { return backend_->prepare(name, sql); });
    if (!prepared) return fail(after(prepared.error(), sql, stop));
    known = &statements_.keep(sql, std::move(name));
  }
  return asked([&] { return backend_->run_prepared(*known, parameters); });
}

result<void> connection::run_whole(running& r, texts const& parameters, conditions const& c) {
  bool const alone = yours_ == nullptr && !transaction_;
  bool const due = mark_is_due(c.schema_mark);
  // default_transaction_read_only is on where the connection is ours
  bool const needs_transaction = alone && (pinned_ == pinned::each_transaction || (own_ && c.access == access::write));
  if (needs_transaction) {
    if (auto begun = begin(c.access, due, c.schema_mark); !begun) {
      end_transaction(false);
      return begun;
    }
  } else if (due) {
    if (auto same = compare_mark(c.schema_mark); !same) return same;
  }
  // beside a stream of ours: what fails must not take its transaction along
  bool const beside = transaction_ && !needs_transaction;
  if (beside)
    if (auto const saved = backend_->run("savepoint grille"); !saved) return fail(failure_of(saved.error(), "savepoint"));
  auto got = execute(r.what_->sql(), r.what_->hash(), parameters, c.stop);
  if (beside) static_cast<void>(backend_->run(got ? "release grille" : "rollback to grille; release grille"));
  if (needs_transaction) {
    transaction_ = false;
    auto const ended = backend_->open() ? backend_->run(got ? "commit" : "rollback") : answer<rows>(tl::unexpected(trouble{{}, "lost", true}));
    backend_->release();
    if (got && !ended) return fail(failure_of(ended.error(), "commit"));
  }
  if (!got) return fail(std::move(got.error()));
  r.take(*std::move(got));
  r.last_ = true;
  return {};
}

result<void> connection::run_stream(running& r, texts const& parameters, conditions const& c) {
  bool const due = mark_is_due(c.schema_mark);
  if (yours_ == nullptr && !transaction_) {
    if (auto begun = begin(access::read, due, c.schema_mark); !begun) {
      end_transaction(false);
      return begun;
    }
  } else if (due) {
    if (auto same = compare_mark(c.schema_mark); !same) return same;
  }
  bool const beside = transaction_ && (streams_ > 0 || session_);
  if (beside)
    if (auto const saved = backend_->run("savepoint grille"); !saved) return fail(failure_of(saved.error(), "savepoint"));
  auto done = declare(r, parameters);
  if (done) done = r.fetch();
  if (beside) static_cast<void>(backend_->run(done ? "release grille" : "rollback to grille; release grille"));
  if (!done) {
    r.cursor_.clear();
    if (transaction_ && streams_ == 0 && !session_) end_transaction(false);
    return done;
  }
  if (transaction_) ++streams_;
  return {};
}

result<void> connection::declare(running& r, texts const& parameters) {
  auto name = fmt::format("grille_{}", ++cursors_);
  auto const sql = fmt::format("declare {} no scroll cursor without hold for {}", name, r.what_->sql());
  auto const declared = stoppable(r.stop_, [&] { return backend_->run(sql, parameters); });
  if (!declared) return fail(after(declared.error(), sql, r.stop_));
  r.cursor_ = std::move(name);
  return {};
}

std::optional<failure> connection::for_good(failure why, std::string const& sql, std::string_view known, bool tried_again) {
  bool again = gone(why.sqlstate);
  if (again) statements_.forget_all();
  if (of_another_shape(why.sqlstate) && statements_.find(sql) != nullptr && !transaction_ && yours_ == nullptr) {
    static_cast<void>(backend_->forget(*statements_.find(sql)));
    statements_.drop(sql);
    again = true;
  }
  auto f = perhaps_the_schema(std::move(why), known);
  if (again && !tried_again && !f.schema_changed && yours_ == nullptr) return std::nullopt;
  return f;
}

result<std::unique_ptr<running>> connection::start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> const& parameters,
                                                   conditions const& c) {
  if (parameters.size() != what->caller_parameters() + what->slots().size())
    return fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  if (c.stop.stop_requested()) return fail(stopped());
  if (what->locks() && !in_session_transaction())  // it would be over before its rows are read
    return fail({.kind = errc::usage, .message = "a lock lasts until its transaction ends, and none is open: begin one"});
  if (auto taken = encoded_.take(parameters); !taken) return fail(std::move(taken.error()));
  auto const& pointers = encoded_.pointers();
  if (auto arrived = arrive(); !arrived) return fail(std::move(arrived.error()));

  auto const& sql = what->sql();
  std::unique_ptr<running> r(new running(*this, std::move(what), c));
  for (bool again = false;; again = true) {
    auto done = c.rows_at_once > 0 ? run_stream(*r, pointers, c) : run_whole(*r, pointers, c);
    if (done) return r;
    if (auto why = for_good(std::move(done.error()), sql, c.schema_mark, again)) return fail(*std::move(why));
  }
}

running::running(connection& on, std::shared_ptr<verify::guarded_statement const> what, conditions const& c)
    : connection_(on), what_(std::move(what)), stop_(c.stop), at_once_(c.rows_at_once) {}

running::~running() {
  if (!cursor_.empty()) end(true);
}

void running::take(rows r) {
  types_.clear();
  types_.reserve(r.width());
  for (std::size_t i = 0; i < r.width(); ++i) types_.push_back(r.type(i));
  rows_ = std::move(r);
  next_ = 0;
}

result<void> running::fetch() {
  auto const sql = fmt::format("fetch forward {} from {}", at_once_, cursor_);
  auto got = connection_.stoppable(stop_, [&] { return connection_.backend_->run(sql); });
  if (!got) return fail(connection_.after(got.error(), what_->sql(), stop_));
  if (stop_.stop_requested()) return fail(stopped());
  last_ = got->size() < at_once_;
  take(*std::move(got));
  return {};
}

/// The transaction ends with its last stream; in the application's own only the cursor does.
void running::end(bool well) {
  auto const name = std::exchange(cursor_, {});
  if (connection_.transaction_ && connection_.streams_ > 0) {
    if (--connection_.streams_ == 0 && !connection_.session_)
      connection_.end_transaction(well);
    else
      static_cast<void>(connection_.backend_->run("close " + name));
  } else if (connection_.yours_ != nullptr && well) {
    static_cast<void>(connection_.backend_->run("close " + name));
  }
}

result<bool> running::append(std::vector<value>& to) {
  if (!rows_) return false;
  if (next_ == rows_->size()) {
    if (last_) {
      if (!cursor_.empty()) end(true);
      rows_.reset();
      return false;
    }
    if (cursor_.empty()) return fail({.kind = errc::usage, .message = "the stream was ended"});
    if (auto fetched = fetch(); !fetched) {
      end(false);
      rows_.reset();
      return fail(std::move(fetched.error()));
    }
    if (rows_->size() == 0) return append(to);
  }
  if (to.empty()) to.reserve(width());
  char const* wrong{};
  rows_->each(next_, [&](std::size_t i, std::optional<std::string_view> cell) {
    if (wrong == nullptr) wrong = decode(types_[i], cell, to);
  });
  if (wrong != nullptr) return fail(unreadable(wrong));
  ++next_;
  return true;
}

}  // namespace grille::exec::postgres
