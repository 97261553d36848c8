#include "grille/sqlite.hpp"

#include <utility>

#include "session/database_state.hpp"
#include "session/session_state.hpp"
#include "session/sqlite_connection.hpp"

namespace grille::sqlite {

using namespace pipeline;

namespace {

std::shared_ptr<catalog::catalog const> read_schema(pipeline::connection& c) {
  auto tables = c.read_schema();
  if (!tables) raise({.kind = tables.error().kind, .message = std::move(tables.error().message), .help = std::move(tables.error().help)});
  return *std::move(tables);
}

std::unique_ptr<pipeline::connection> wrapped(std::unique_ptr<exec::sqlite::connection> c) {
  return std::make_unique<sqlite_connection>(std::move(c));
}

std::unique_ptr<pipeline::connection> opened(exec::result<std::unique_ptr<exec::sqlite::connection>> o) {
  if (!o) value_or_raise(outcome<void>(refuse(std::move(o.error()))));
  return wrapped(*std::move(o));
}

std::shared_ptr<detail::database_state> state_of(std::unique_ptr<pipeline::connection> first, policy_set const& policies, options o,
                                                 std::size_t most, pool::maker make) {
  auto state = std::make_shared<detail::database_state>(read_schema(*first), policies, std::move(o));
  state->connections = pool::of(std::move(first), most, std::move(make));
  return state;
}

std::shared_ptr<detail::database_state> on_path(std::filesystem::path const& path, policy_set const& policies, options o) {
  auto const most = path == ":memory:" ? 1 : o.pool;
  return state_of(opened(exec::sqlite::connection::open(path)), policies, std::move(o), most,
                  [path] { return exec::sqlite::connection::open(path).map(wrapped); });
}

std::shared_ptr<detail::database_state> on_handle(sqlite3* borrowed, policy_set const& policies, options o) {
  return state_of(opened(exec::sqlite::connection::borrow(borrowed)), policies, std::move(o), 1, {});
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

grille::session connection::session(principal const& caller, attributes const& context) {
  if (state_ == nullptr) raise({.kind = errc::usage, .message = "the connection was moved away"});
  auto lease = state_->own->take({});
  if (!lease) raise({.kind = errc::usage, .message = "the connection has an open session"});
  auto made = std::make_shared<detail::session_state>(state_->database, *std::move(lease), caller, context);
  value_or_raise(made->decide());
  return grille::session(std::move(made));
}

database::database(std::filesystem::path const& path, policy_set policies, options o) : grille::database(on_path(path, policies, std::move(o))) {}

database::database(sqlite3* borrowed, policy_set policies, options o) : grille::database(on_handle(borrowed, policies, std::move(o))) {}

connection database::attach(sqlite3* borrowed) const {
  auto held = opened(exec::sqlite::connection::borrow(borrowed));
  auto const tables = read_schema(*held);
  auto const known = state_->current();
  if (tables->fingerprint() != known->tables->fingerprint()) {
    // the schema may have changed since it was last read: ask the database's own connection, not the one that claims to be the same
    auto const lease = value_or_raise(state_->connections->take(state_->options().pool_wait));
    value_or_raise(state_->refresh(*lease, *known));
    if (tables->fingerprint() != state_->current()->tables->fingerprint())
      raise({.kind = errc::usage, .message = "the handle is of another database: its schema is not the same"});
  }
  return connection(std::make_unique<connection::state>(connection::state{state_, pool::of(std::move(held), 1, {})}));
}

}  // namespace grille::sqlite
