#include "session/sqlite_connection.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "introspect/introspect.hpp"

namespace grille::pipeline {

namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t n{};
  auto const* const end = text.data() + text.size();
  auto const r = std::from_chars(text.data(), end, n);
  if (r.ec != std::errc{} || r.ptr != end) return std::nullopt;
  return n;
}

}  // namespace

exec::result<std::unique_ptr<exec::running>> sqlite_connection::start(std::shared_ptr<verify::guarded_statement const> what,
                                                                      std::vector<value> parameters, conditions const& c) {
  auto const version = number(c.schema_mark);
  if (!version) return exec::fail({.kind = errc::unavailable, .message = "the schema of the database has no version"});
  return connection_->start(std::move(what), std::move(parameters),
                            {.tables = c.tables,
                             .schema_version = *version,
                             .time_limit = c.time_limit,
                             .limit_each_step = c.streamed,
                             .stop = c.stop});
}

exec::result<std::unique_ptr<exec::running>> sqlite_connection::write(std::shared_ptr<verify::guarded_write const> what,
                                                                      std::vector<std::vector<value>> parameters, conditions const& c) {
  auto const version = number(c.schema_mark);
  if (!version) return exec::fail({.kind = errc::unavailable, .message = "the schema of the database has no version"});
  return connection_->write(
      std::move(what), std::move(parameters),
      {.tables = c.tables, .schema_version = *version, .time_limit = c.time_limit, .stop = c.stop, .most_rows = c.most_rows,
       .before_commit = c.before_commit});
}

base::result<std::shared_ptr<catalog::catalog const>> sqlite_connection::read_schema() {
  return connection_->unguarded([](sqlite3* db) { return introspect::read_sqlite(db); });
}

exec::result<void> sqlite_connection::unguarded(std::function<void(void* native)> const& work) {
  connection_->unguarded([&](sqlite3* db) { work(db); });
  return {};
}

}  // namespace grille::pipeline
