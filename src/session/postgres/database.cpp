#include <utility>

#include "exec/postgres/connection.hpp"
#include "grille/postgres.hpp"
#include "introspect/postgres/read.hpp"
#include "session/database_state.hpp"
#include "session/postgres/connection.hpp"
#include "session/session_state.hpp"

namespace grille::postgres {

using namespace pipeline;

namespace {

template <class T>
T opened(exec::result<T> o) {
  return value_or_raise(o ? outcome<T>(*std::move(o)) : outcome<T>(refuse(std::move(o.error()))));
}
void opened(exec::result<void> o) {
  if (!o) value_or_raise(outcome<void>(refuse(std::move(o.error()))));
}

/// What a fault of the stages below has to say is said to who opens a database: nothing of the connection string is in it.
template <class T>
T read(base::result<T> r) {
  if (!r) raise({.kind = r.error().kind, .message = std::move(r.error().message), .help = std::move(r.error().help)});
  return *std::move(r);
}

native_connection& native_of(native const& n) { return *static_cast<native_connection*>(n.at()); }

/// For the sake of triggers; none, pg_catalog alone, where the path reaches what could be taken for PostgreSQL's own.
std::string path_of_writes(catalog::catalog const& tables) { return catalog::path_misleads(tables) ? std::string{} : tables.beside().search_path_setting; }

/// `tables`: null where the path is pg_catalog alone.
exec::postgres::terms terms_of(options const& o, catalog::catalog const* tables = nullptr) {
  return {.statement_timeout = o.statement_timeout,
          .search_path = tables == nullptr ? std::vector<std::string>{} : tables->beside().search_path,
          .search_path_setting = tables == nullptr ? std::string{} : tables->beside().search_path_setting,
          .pooled = o.pooled,
          .schema_interval = o.schema_interval};
}

/// As the connection string has the search path, which no connection under the pins does.
catalog_ptr schema_of(std::string const& conninfo) {
  auto on = backend::connect(conninfo);
  if (!on) raise({.kind = errc::unavailable, .message = "the database cannot be reached", .retryable = true});
  return read(introspect::read_postgres(**on));
}

std::shared_ptr<detail::database_state> on_server(std::string const& conninfo, policy_set const& policies, options o) {
  auto terms = terms_of(o);
  auto first = opened(exec::postgres::connection::open(conninfo, terms));
  auto tables = schema_of(conninfo);
  terms.search_path_setting = path_of_writes(*tables);
  first->write_under(terms.search_path_setting);
  auto const most = o.pool;
  auto const wrapped = [conninfo, path = tables->beside().search_path_setting](std::unique_ptr<exec::postgres::connection> c) {
    return std::unique_ptr<pipeline::connection>(std::make_unique<postgres_connection>(std::move(c), conninfo, path));
  };
  auto state = std::make_shared<detail::database_state>(std::move(tables), policies, std::move(o));
  state->connections =
      pool::of(wrapped(std::move(first)), most, [conninfo, terms, wrapped] { return exec::postgres::connection::open(conninfo, terms).map(wrapped); });
  return state;
}

/// `apart`: as the database was opened, whatever the path reaches now.
std::unique_ptr<postgres_connection> borrowed_connection(native const& n, options const& o, catalog::catalog const& tables, bool apart) {
  auto held = opened(exec::postgres::connection::borrow(native_of(n), terms_of(o, apart ? nullptr : &tables)));
  return std::make_unique<postgres_connection>(std::move(held), std::string{}, tables.beside().search_path_setting);
}

std::shared_ptr<detail::database_state> on_connection(native const& borrowed, policy_set const& policies, options o) {
  auto tables = read(introspect::read_postgres(*backend::borrow(native_of(borrowed))));
  auto first = borrowed_connection(borrowed, o, *tables, catalog::path_misleads(*tables));
  auto state = std::make_shared<detail::database_state>(std::move(tables), policies, std::move(o));
  state->connections = pool::of(std::move(first), 1, {});
  return state;
}

}  // namespace

struct connection::state {
  std::shared_ptr<detail::database_state> database;
  std::shared_ptr<pool> own;  // of this one connection
};

connection::connection(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
connection::connection(connection&& other) noexcept = default;
connection& connection::operator=(connection&& other) noexcept = default;
connection::~connection() = default;

grille::session connection::session(principal const& caller, attributes const& context) { return session(nullptr, caller, context); }

grille::session connection::session(pqxx::transaction_base& yours, principal const& caller, attributes const& context) {
  return session(&yours, caller, context);
}

grille::session connection::session(pqxx::transaction_base* yours, principal const& caller, attributes const& context) {
  if (state_ == nullptr) raise({.kind = errc::usage, .message = "the connection was moved away"});
  auto lease = state_->own->take({});
  if (!lease) raise({.kind = errc::usage, .message = "the connection has an open session"});
  if (yours != nullptr) opened(static_cast<postgres_connection&>(**lease).enter(*yours));
  auto made = std::make_shared<detail::session_state>(state_->database, *std::move(lease), caller, context);
  value_or_raise(made->decide());
  return grille::session(std::move(made));
}

database::database(std::string const& conninfo, policy_set policies, options o) : grille::database(on_server(conninfo, policies, std::move(o))) {}

database::database(native borrowed, policy_set policies, options o) : grille::database(on_connection(borrowed, policies, std::move(o))) {}

connection database::attach(native borrowed) const {
  auto const known = state_->current();
  auto held = borrowed_connection(borrowed, state_->options(), *known->tables, state_->apart());
  auto const mark = read(held->schema_mark());
  if (mark != known->schema_mark) {
    // the schema may have changed since it was last read: ask the database's own connection, not the one that claims to be to the same
    auto const lease = value_or_raise(state_->connections->take(state_->options().pool_wait));
    value_or_raise(state_->refresh(*lease, *known));
    if (mark != state_->current()->schema_mark)
      raise({.kind = errc::usage, .message = "the connection is to another database: its schema is not the same"});
  }
  return connection(std::make_unique<connection::state>(connection::state{state_, pool::of(std::move(held), 1, {})}));
}

connection on_tables(native borrowed, std::shared_ptr<catalog::catalog const> tables, policy_set const& policies, options o) {
  auto held = borrowed_connection(borrowed, o, *tables, catalog::path_misleads(*tables));
  auto state = std::make_shared<detail::database_state>(std::move(tables), policies, std::move(o));
  return connection(std::make_unique<connection::state>(connection::state{std::move(state), pool::of(std::move(held), 1, {})}));
}

schema read_schema(std::string const& conninfo) { return schema(schema_of(conninfo)); }

}  // namespace grille::postgres
