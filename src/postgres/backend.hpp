// One connection to a server, as libpqxx has it. Enters: SQL of Grille's own, or what `verify` let pass. Leaves: whole results as text,
// or what went wrong as a value: no exception of libpqxx's leaves this folder. Its text is for the audit: it can hold data and SQL.
// Guaranteed: nothing is ever sent on another server process than the last one that `pid` told of, until `revive` is called.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "postgres/driver.hpp"

namespace grille::postgres {

struct trouble {
  std::string sqlstate;  // empty where the server did not give one
  std::string text;
  bool broken{};         // the connection is gone
};
template <class T>
using answer = tl::expected<T, trouble>;

/// A result, cheap to copy. What it gives out lives as long as any copy of it.
class rows {
 public:
  explicit rows(pqxx::result r) : result_(std::move(r)) {}
  std::size_t size() const { return static_cast<std::size_t>(result_.size()); }
  std::size_t width() const { return static_cast<std::size_t>(result_.columns()); }
  std::uint32_t type(std::size_t column) const { return result_.column_type(static_cast<pqxx::row::size_type>(column)); }
  /// Nothing for NULL.
  std::optional<std::string_view> at(std::size_t row, std::size_t column) const {
    auto const f = result_[static_cast<pqxx::result::size_type>(row)][static_cast<pqxx::row::size_type>(column)];
    if (f.is_null()) return std::nullopt;
    return std::string_view(f.c_str(), f.size());
  }
  /// Calls `f(column, cell)` for each column of a row; a cell is as `at` gives it. Cheaper than to ask for them one by one, where the library
  /// counts those who hold the result anew each time.
  template <class F>
  void each(std::size_t row, F f) const {
    std::size_t column = 0;
    auto const cells = result_[static_cast<pqxx::result::size_type>(row)];
    for (auto c = cells.begin(), end = cells.end(); c != end; ++c) f(column++, c->is_null() ? std::nullopt : std::optional(std::string_view(c->c_str(), c->size())));
  }
  /// Empty for NULL.
  std::string_view text(std::size_t row, std::size_t column) const { return at(row, column).value_or(std::string_view{}); }

 private:
  pqxx::result result_;
};

class backend {
 public:
  static answer<std::unique_ptr<backend>> connect(std::string const& conninfo);
  /// The application's connection, which must outlive this.
  static std::unique_ptr<backend> borrow(native_connection& c);
  backend(backend const&) = delete;
  backend& operator=(backend const&) = delete;
  ~backend();

  /// Of the server's process; costs nothing. 0: not connected.
  int pid() const noexcept;
  /// False once it is known to be broken.
  bool open() const noexcept;
  /// Lets a broken connection that is the application's be opened again, where the library does that. All that was set and prepared is lost.
  answer<void> revive();

  /// Any number of statements without parameters; the last one's result.
  answer<rows> run(std::string const& sql);
  answer<rows> run(std::string const& sql, texts const& parameters);
  answer<void> prepare(std::string const& name, std::string const& sql);
  answer<rows> run_prepared(std::string const& name, texts const& parameters);
  answer<void> forget(std::string const& name);
  /// Asks the server to end what it is doing. From any thread, while a call runs.
  void cancel() noexcept;

  /// Keeps others from beginning a transaction on the connection until `release`: what is sent in between may be one.
  answer<void> hold();
  void release() noexcept;
  /// While it lives, everything runs in a transaction of the application's.
  class scope {
   public:
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;
    ~scope() { of_.yours_ = nullptr; }

   private:
    friend class backend;
    explicit scope(backend& of) : of_(of) {}
    backend& of_;
  };
  /// Null if the transaction is another connection's.
  std::unique_ptr<scope> inside(pqxx::transaction_base& yours);

  native_connection& native() noexcept { return *connection_; }

 private:
  backend(std::unique_ptr<pqxx::connection> owned, native_connection& c);
  template <class T, class Work>
  answer<T> attempt(Work&& work);
  template <class T, class Work>
  answer<T> in_transaction(Work&& work);

  std::unique_ptr<pqxx::connection> owned_;  // the base that 6 has in common is not made to be deleted through
  native_connection* connection_;
  std::optional<pqxx::nontransaction> held_;
  pqxx::transaction_base* yours_{};
};

}  // namespace grille::postgres
