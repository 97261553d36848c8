#include "session/postgres/connection.hpp"

#include <optional>
#include <utility>

#include "introspect/postgres/read.hpp"

namespace grille::pipeline {

namespace {

constexpr std::size_t rows_at_once = 500;  // of a stream

}  // namespace

exec::result<std::unique_ptr<exec::running>> postgres_connection::start(std::shared_ptr<verify::guarded_statement const> what,
                                                                        std::vector<value> parameters, conditions const& c) {
  // the time limit is the connection's own, since it is the server that keeps it
  return connection_->start(std::move(what), parameters,
                            {.schema_mark = c.schema_mark,
                             .access = exec::postgres::access::read,
                             .rows_at_once = c.streamed ? rows_at_once : 0,
                             .stop = c.stop});
}

exec::result<std::unique_ptr<exec::running>> postgres_connection::write(std::shared_ptr<verify::guarded_write const> what,
                                                                        std::vector<std::vector<value>> parameters, conditions const& c) {
  if (parameters.size() != 1) return exec::fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  return connection_->write(std::move(what), parameters.front(),
                            {.schema_mark = c.schema_mark, .stop = c.stop, .most_rows = c.most_rows, .before_commit = c.before_commit});
}

base::result<catalog_ptr> postgres_connection::read_schema() {
  // a schema is read in a transaction of its own, and a stream, or a session, holds one open
  if (connection_->in_transaction()) {
    if (conninfo_.empty()) return base::fail(errc::unavailable, "the schema of the database cannot be read inside of a transaction");
    auto other = postgres::backend::connect(conninfo_);
    if (!other) return base::fail(errc::unavailable, "the database cannot be reached");
    return introspect::read_postgres(**other, search_path_);
  }
  return connection_->unguarded([&](postgres::backend& on) { return introspect::read_postgres(on, search_path_); });
}

base::result<std::string> postgres_connection::schema_mark() {
  return connection_->unguarded([](postgres::backend& on) { return introspect::postgres_schema_mark(on); });
}

exec::result<void> postgres_connection::unguarded(std::function<void(void* native)> const& work) {
  if (conninfo_.empty()) {
    connection_->unguarded([&](postgres::backend& on) { work(&on.native()); });
    return {};
  }
  auto other = postgres::backend::connect(conninfo_);
  if (!other)
    return exec::fail({.kind = errc::unavailable, .message = "the database cannot be reached", .detail = std::move(other.error().text), .retryable = true});
  work(&(*other)->native());
  return {};
}

}  // namespace grille::pipeline
