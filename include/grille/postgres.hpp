/// @file
/// PostgreSQL as the data source. In a build without PostgreSQL this is declared and not there.
#pragma once
#include <memory>
#include <string>
#include <type_traits>

#include "grille/database.hpp"

namespace pqxx {
class transaction_base;
}

namespace grille::postgres {

class native;
class connection;
/// For Grille's own layers: a connection whose sessions know these tables and no others. @throws policy_error
connection on_tables(native borrowed, std::shared_ptr<catalog::catalog const> tables, policy_set const& policies, options o);

/// A `pqxx::connection` of the application's own, as a parameter.
class native {
 public:
  template <class Connection>
    requires(!std::is_const_v<Connection> && requires(Connection& c) { c.backendpid(); })
  native(Connection& c) noexcept : at_(address(c)) {}
  /// For Grille's own layers.
  void* at() const noexcept { return at_; }

 private:
  // The class that the member is of: what all connections derive from in libpqxx 6, which has several, and the one class of 7, which uses
  // the base's name for it, so that the name can be declared for neither.
  template <class Member, class Class>
  static Class* owner_of(Member Class::*);
  template <class Connection>
  static void* address(Connection& c) noexcept {
    return static_cast<decltype(owner_of(&Connection::backendpid))>(&c);
  }
  void* at_;
};

/// A connection of the application's own, under the policy while this lives. Move-only; one open session at a time.
/// Holds no transaction of it but while a statement or a stream runs; outside of sessions it is the application's as before, settings
/// and all. Must be destroyed before the native one, outside of which it takes back what it has prepared.
class connection {
 public:
  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;
  ~connection();
  /// As `database::session`, on this connection. @throws `usage` while another one is open.
  grille::session session(principal const& caller, attributes const& context = {});
  /// Inside of a transaction of the application's own, `pqxx::work` for one, which is never ended here and must outlive the session: its
  /// statements see what was done in it. An error of the server's in a query leaves it fit to be rolled back only, as it does without Grille; a write that fails is undone by itself.
  /// Its settings are left as they are: a statement is refused where one is not what its meaning depends on (`TimeZone` UTC, `DateStyle`
  /// ISO, `search_path` as at opening, …; the error names it). But no statement takes longer than `options::statement_timeout`.
  /// @throws `usage` while another session is open, if the transaction is another connection's, or with `options::pooled`.
  grille::session session(pqxx::transaction_base& yours, principal const& caller, attributes const& context = {});

 private:
  friend class database;
  friend connection on_tables(native, std::shared_ptr<catalog::catalog const>, policy_set const&, options);
  struct state;
  grille::session session(pqxx::transaction_base* yours, principal const& caller, attributes const& context);
  explicit connection(std::unique_ptr<state> s) noexcept;
  std::unique_ptr<state> state_;
};

/// The policies must have been read as `dialect::postgresql`. A change of the schema is noticed within `options::schema_interval`; the policy is then
/// compiled anew.
/// The handle that `unguarded` gives is a `pqxx::connection_base*` with libpqxx 6, a `pqxx::connection*` with 7: a connection of its own
/// with the server's settings, or the borrowed one.
class database : public grille::database {
 public:
  /// Opens own connections, at most `options::pool`. `conninfo`: a URI or `keyword=value …`, as libpq takes it; what it says of the
  /// search path is what names without a schema are looked up by.
  /// Where that path reaches functions or operators which could be taken for PostgreSQL's own (pg_trgm's, say), writes run with search_path = pg_catalog: what a
  /// trigger calls then names its schema, or its function sets a path.
  /// @throws `unavailable` if the server cannot be reached or refuses; `usage` if the string cannot be read; `unsupported` if the
  /// database holds casts that the server would take unasked between PostgreSQL's own types; policy_error with every fault of the policy.
  explicit database(std::string const& conninfo, policy_set policies, options o = {});
  /// On a connection of the application's own, as `attach` takes it: a pool of one. It must outlive the database and its sessions, and
  /// no transaction may be open on it while a session's statement runs. @throws as above.
  explicit database(native borrowed, policy_set policies, options o = {});
  /// Another connection to the same database. @throws `usage` if it is to another one.
  connection attach(native borrowed) const;
};

/// What is in a database, for work without a connection. @throws as `database`.
schema read_schema(std::string const& conninfo);

}  // namespace grille::postgres
