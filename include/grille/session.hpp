/// @file
/// One caller on one connection.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "grille/dialect.hpp"
#include "grille/isolation.hpp"
#include "grille/mapping.hpp"
#include "grille/rows.hpp"
#include "grille/specification.hpp"
#include "grille/value.hpp"

namespace grille {

namespace detail {
class session_state;
}

/// A value for a parameter. `?`, `?n` and `$n` take the n-th positional one; `:name`, `@name` and `$name` take the one of that name.
/// One statement uses positions or names, not both; what is missing or left over is `usage`.
class arg {
 public:
  template <class T>
    requires storable<std::decay_t<T>>
  arg(T&& positional) : value_(std::forward<T>(positional)) {}  // NOLINT(google-explicit-constructor): written inline
  arg(grille::value positional) noexcept : value_(std::move(positional)) {}  // NOLINT(google-explicit-constructor): written inline
  /// `name` with or without its sigil.
  arg(std::string_view name, grille::value v) : name_(name), value_(std::move(v)) {}

  /// Empty for a positional one.
  std::string_view name() const noexcept { return name_; }
  grille::value const& get() const noexcept { return value_; }

 private:
  std::string name_;
  grille::value value_;
};

/// What is sent to the database: `parameters` fill positions 1, 2, … of `sql`, those of the policy behind the caller's.
struct rewritten {
  std::string sql;
  std::vector<value> parameters;
  std::vector<column_info> columns;
};
/// The same with its reasons. It shows policy text: for engineers, not for callers.
struct explanation : rewritten {
  std::string text;  ///< for people
  std::string json;  ///< the same for programs
};

/// One way in which the caller holds a method on a column.
struct permission {
  std::string resource;
  std::string column;  ///< empty for `remove` and `purge`, which take whole rows
  grille::method method{};
  bool masked{};       ///< the grant shows the column masked, or a `mask` sentence covers it
  bool filtered{};     ///< the grant or a restriction has a predicate
  std::string by;      ///< the role and the sentence
};

namespace detail {
template <class... A>
auto pack(A&&... args) {
  if constexpr ((std::same_as<std::decay_t<A>, std::vector<arg>> || ...)) {
    std::vector<arg> all;
    auto const add = [&]<class T>(T&& a) {
      if constexpr (std::same_as<std::decay_t<T>, std::vector<arg>>)
        all.insert(all.end(), a.begin(), a.end());
      else
        all.emplace_back(std::forward<T>(a));
    };
    (add(std::forward<A>(args)), ...);
    return all;
  } else {
    return std::array<arg, sizeof...(A)>{arg(std::forward<A>(args))...};
  }
}
}  // namespace detail

/// What a session began. Undone unless it is committed. Inside of another it is a savepoint. Move-only; of its session's thread.
class transaction {
 public:
  transaction(transaction&& other) noexcept;
  transaction& operator=(transaction&& other) noexcept;
  ~transaction();
  /// @throws `usage` while one inside of it is open, on PostgreSQL also while a stream of it is, or if it is over; `unavailable`, `conflict`: then it is still open, to be rolled back.
  void commit();
  /// With all that are inside of it. Ends the session's streams. Nothing if it is over.
  void rollback() noexcept;

 private:
  friend class session;
  transaction(std::shared_ptr<detail::session_state> of, std::uint64_t which) noexcept : of_(std::move(of)), which_(which) {}
  std::shared_ptr<detail::session_state> of_;
  std::uint64_t which_{};
};

/// One caller on one connection, made per request; sends nothing by itself. Move-only; used by one thread at a time, together with
/// its streams. Keeps its database alive. Every statement is decided by the policy that is loaded when it begins; inside of a
/// transaction, by the one that was loaded when that began.
/// After an error the session is usable. Every member throws `grille::error` and nothing else, but for `std::bad_alloc`.
///
/// Arguments are storable values, `arg`s, or one `std::vector<arg>`.
class session {
 public:
  session(session&& other) noexcept;
  session& operator=(session&& other) noexcept;
  /// Rolls back, closes its streams and gives the connection back.
  ~session();

  /// Runs one statement and returns the whole result: at most `options::max_rows` rows, beyond that `limit`, never a cut-off answer.
  template <class... T, class... A>
  rows<row_t<T...>> query(std::string_view sql, A&&... args) {
    return rows<row_t<T...>>(*run(sql, detail::pack(std::forward<A>(args)...)));
  }
  /// Exactly one row. @throws `not_found` if there is none, `usage` if there are more.
  template <class... T, class... A>
  row_t<T...> query1(std::string_view sql, A&&... args) {
    auto found = query01<T...>(sql, std::forward<A>(args)...);
    if (!found) detail::no_row();
    return *std::move(found);
  }
  /// One row or none. @throws `usage` if there are more.
  template <class... T, class... A>
  std::optional<row_t<T...>> query01(std::string_view sql, A&&... args) {
    auto const running = run(sql, detail::pack(std::forward<A>(args)...));
    detail::reader<row_t<T...>> const read(running->heading());
    std::vector<value> cells;
    if (!running->next(cells)) return std::nullopt;
    std::optional<row_t<T...>> found(read(cells));
    if (running->next(cells)) detail::several_rows();
    return found;
  }
  /// The one column of the one row. @throws as `query1`; `usage` if there are more columns.
  template <class T, class... A>
  T query_value(std::string_view sql, A&&... args) {
    auto const running = run(sql, detail::pack(std::forward<A>(args)...));
    auto const width = running->heading()->columns.size();
    if (width != 1) detail::not_one_column(width);
    std::vector<value> cells;
    if (!running->next(cells)) detail::no_row();
    T found = detail::read_as<T>(cells.front());
    if (running->next(cells)) detail::several_rows();
    return found;
  }
  /// One row at a time. Copies its arguments. The time limit is for each step, not for the whole.
  template <class... T, class... A>
  grille::stream<row_t<T...>> stream(std::string_view sql, A&&... args) {
    return grille::stream<row_t<T...>>(open(sql, detail::pack(std::forward<A>(args)...)));
  }

  /// Runs a write, the whole of it or nothing, and says how many rows it wrote. What it returns, if it says `returning`, is left aside.
  /// @throws `usage` for a query; `check_failed` where the policy does not allow a row as it would be; `conflict` where a key stands in the way.
  template <class... A>
  std::uint64_t execute(std::string_view sql, A&&... args) {
    return write(sql, detail::pack(std::forward<A>(args)...));
  }
  /// One row.
  std::uint64_t insert(std::string_view resource, attributes const& values);
  /// The rows on which `s` is true and which the caller may write. @returns how many.
  std::uint64_t update(std::string_view resource, specification const& s, attributes const& values);
  std::uint64_t remove(std::string_view resource, specification const& s);
  /// Of a table that keeps its history: the rows, and all that their history has of them. In their place it then says who purged them, when
  /// and under which policy, with their primary key and nothing else. @throws `forbidden` unless `options::purge` is set.
  std::uint64_t purge(std::string_view resource, specification const& s);

  /// Brings a row back as it was recorded under this number (the history's `grille_number`): a row that was deleted is inserted, one that was
  /// overwritten is overwritten in turn, which is recorded as any. For that the caller must see the record whole, with nothing in it masked, and be
  /// granted to write all columns (those of the key are not written where the row is there). @throws `not_found` if there is no such record
  /// for the caller, or no row that it may overwrite; `conflict` if the row is there again; and as `execute`.
  void restore(std::string_view resource, std::int64_t number);

  /// A transaction, or a savepoint inside of the one that is open. @throws `usage` if another isolation is asked for inside of one.
  [[nodiscard]] transaction begin(isolation level = isolation::standard);
  /// Runs `body` in a transaction and commits it. If that fails and is `retryable`, all is undone and `body` runs again, up to `attempts`
  /// times in all; inside of another transaction, once. Where a database has one lock for all who write (SQLite), another try waits for it
  /// first, as long as `options::statement_timeout` allows, so that what it reads is what it writes upon.
  void transact(std::function<void(session&)> const& body, int attempts = 3, isolation level = isolation::standard);

  /// The rows of a resource on which `s` is true.
  rows<row> select(std::string_view resource, specification const& s, select_options const& o = {});
  /// The same as own structs. @throws `type` if a member that is not optional has no column in the shape that was taken.
  template <mapped T>
  rows<T> select(specification const& s, select_options const& o = {}) {
    std::vector<std::string_view> wanted;
    std::apply([&](auto const&... f) { (wanted.push_back(f.column), ...); }, mapping<T>::columns);
    return rows<T>(*find(mapping<T>::resource, s, o, wanted));
  }
  /// Whether `s` is true of the object, which is taken as it stands: whether the caller sees it is not asked. Knows `named` and the
  /// principal. @throws `unsupported` for what needs the database (`exists`, and what is not portable).
  template <mapped T>
  bool matches(specification const& s, T const& object) const {
    return matches(s, mapping<T>::resource, detail::columns_of(object));
  }

  /// What would be sent, and why. @throws `forbidden` unless `options::explain` is set.
  template <class... A>
  grille::explanation explain(std::string_view sql, A&&... args) {
    return explained(sql, detail::pack(std::forward<A>(args)...));
  }
  /// All that the caller holds, by resource, method and column. Derived from schema and policy, never listed by hand.
  std::vector<permission> permissions();

  /// Running and later statements end with `unavailable` once a stop is requested, from any thread.
  void stop_on(std::stop_token token);

  /// Made by a database.
  explicit session(std::shared_ptr<detail::session_state> state) noexcept;

 private:
  std::unique_ptr<detail::cursor> run(std::string_view sql, std::span<arg const> args);
  std::unique_ptr<detail::cursor> open(std::string_view sql, std::span<arg const> args);
  std::uint64_t write(std::string_view sql, std::span<arg const> args);
  std::unique_ptr<detail::cursor> find(std::string_view resource, specification const& s, select_options const& o,
                                       std::span<std::string_view const> wanted);
  bool matches(specification const& s, std::string_view resource, attributes const& object) const;
  grille::explanation explained(std::string_view sql, std::span<arg const> args);
  detail::session_state& state() const;

  std::shared_ptr<detail::session_state> state_;
};

}  // namespace grille
