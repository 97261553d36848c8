#include "postgres/backend.hpp"

#include <exception>
#include <utility>

namespace grille::postgres {

namespace {

/// The application's connection opens itself again as before when Grille is done with it.
class no_reconnect {
 public:
  no_reconnect(native_connection& c, bool ours) : connection_(c), ours_(ours) {
    if (!ours_) driver::reconnects(connection_, false);
  }
  no_reconnect(no_reconnect const&) = delete;
  no_reconnect& operator=(no_reconnect const&) = delete;
  ~no_reconnect() {
    if (!ours_) driver::reconnects(connection_, true);
  }

 private:
  native_connection& connection_;
  bool ours_;
};

/// Of the exception that is being handled.
trouble current_trouble() {
  try {
    throw;
  } catch (pqxx::broken_connection const& e) {
    return {.sqlstate = {}, .text = e.what(), .broken = true};
  } catch (pqxx::serialization_failure const& e) {  // of these libpqxx 6 does not tell the state
    return {.sqlstate = "40001", .text = e.what()};
  } catch (pqxx::deadlock_detected const& e) {
    return {.sqlstate = "40P01", .text = e.what()};
  } catch (pqxx::statement_completion_unknown const& e) {
    return {.sqlstate = "40003", .text = e.what()};
  } catch (pqxx::transaction_rollback const& e) {
    return {.sqlstate = "40000", .text = e.what()};
  } catch (pqxx::insufficient_privilege const& e) {
    return {.sqlstate = "42501", .text = e.what()};
  } catch (pqxx::sql_error const& e) {
    return {.sqlstate = e.sqlstate(), .text = e.what()};
  } catch (pqxx::usage_error const& e) {  // a transaction is open beside
    return {.sqlstate = "25001", .text = e.what()};
  } catch (std::exception const& e) {
    return {.sqlstate = {}, .text = e.what()};
  } catch (...) {
    return {.sqlstate = {}, .text = "unknown"};
  }
}

}  // namespace

template <class T, class Work>
answer<T> backend::attempt(Work&& work) {
  try {
    no_reconnect const guard(*connection_, owned_ != nullptr);
    if constexpr (std::is_void_v<T>) {
      std::forward<Work>(work)();
      return {};
    } else {
      return T(std::forward<Work>(work)());
    }
  } catch (...) {
    auto why = current_trouble();
    why.broken = why.broken || !connection_->is_open();
    return tl::unexpected(std::move(why));
  }
}

template <class T, class Work>
answer<T> backend::in_transaction(Work&& work) {
  return attempt<T>([&] {
    if (yours_ != nullptr) return work(*yours_);
    if (held_) return work(static_cast<pqxx::transaction_base&>(*held_));
    pqxx::nontransaction alone(*connection_);
    return work(static_cast<pqxx::transaction_base&>(alone));
  });
}

backend::backend(std::unique_ptr<pqxx::connection> owned, native_connection& c) : owned_(std::move(owned)), connection_(&c) {
  if (owned_) driver::reconnects(c, false);
}

backend::~backend() { release(); }

answer<std::unique_ptr<backend>> backend::connect(std::string const& conninfo) {
  try {
    auto made = std::make_unique<pqxx::connection>(conninfo);
    auto& native = static_cast<native_connection&>(*made);
    return std::unique_ptr<backend>(new backend(std::move(made), native));
  } catch (...) {
    auto why = current_trouble();
    why.broken = true;
    return tl::unexpected(std::move(why));
  }
}

std::unique_ptr<backend> backend::borrow(native_connection& c) { return std::unique_ptr<backend>(new backend(nullptr, c)); }

int backend::pid() const noexcept { return connection_->backendpid(); }
bool backend::open() const noexcept { return connection_->is_open(); }

answer<void> backend::revive() {
  for (int tries = 2;; --tries) try {  // 6 only lets go of what is broken in the first one
      pqxx::nontransaction alone(*connection_);
      alone.exec("select 1");
      return {};
    } catch (...) {
      auto why = current_trouble();
      why.broken = true;
      if (tries == 0) return tl::unexpected(std::move(why));
    }
}

answer<rows> backend::run(std::string const& sql) {
  return in_transaction<rows>([&](pqxx::transaction_base& t) { return t.exec(sql); });
}
answer<rows> backend::run(std::string const& sql, texts const& parameters) {
  return in_transaction<rows>([&](pqxx::transaction_base& t) { return driver::run(t, sql, parameters); });
}
answer<void> backend::prepare(std::string const& name, std::string const& sql) {
  return attempt<void>([&] {
    connection_->prepare(name, sql);
    try {
      driver::prepare_now(*connection_, name);
    } catch (...) {
      connection_->unprepare(name);  // it is only known here, not there: nothing is sent
      throw;
    }
  });
}
answer<rows> backend::run_prepared(std::string const& name, texts const& parameters) {
  return in_transaction<rows>([&](pqxx::transaction_base& t) { return driver::run_prepared(t, name, parameters); });
}
answer<void> backend::forget(std::string const& name) {
  return attempt<void>([&] { connection_->unprepare(name); });
}

void backend::cancel() noexcept {
  try {
    connection_->cancel_query();
  } catch (...) {  // the server is gone, or goes on: its own time limit ends the statement
    return;
  }
}

answer<void> backend::hold() {
  return attempt<void>([&] {
    if (yours_ == nullptr && !held_) held_.emplace(*connection_);
  });
}

void backend::release() noexcept { held_.reset(); }

std::unique_ptr<backend::scope> backend::inside(pqxx::transaction_base& yours) {
  if (&yours.conn() != connection_) return nullptr;
  yours_ = &yours;
  return std::unique_ptr<scope>(new scope(*this));
}

}  // namespace grille::postgres
