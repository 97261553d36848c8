// A PostgreSQL server of the tests' own. Enters: Debian's package. Leaves: a server that listens on a unix socket in a folder of its
// own, started once per process by the test that first asks for it, and others beside it where a test makes them; as root they run as `postgres` or
// `nobody`. Guaranteed: when this process ends, however it does, each server is stopped by its own data folder and all of its files go.
#pragma once
#include <pqxx/pqxx>
#include <string>
#include <string_view>

namespace testing_postgres {

class server {
 public:
  /// @throws std::runtime_error, with the server's own log, if it does not start.
  static server& running();
  /// Another one. @throws as `running`.
  server();
  server(server const&) = delete;
  server& operator=(server const&) = delete;
  ~server();

  std::string const& folder() const noexcept { return folder_; }
  std::string conninfo(std::string_view database, std::string_view user = "postgres") const;

 private:
  std::string folder_;
  int life_{-1};  // the server lives as long as somebody can write to this
  int word_{-1};
};

/// A new and empty database, dropped with the object.
class database {
 public:
  explicit database(server const& on = server::running());
  database(database const&) = delete;
  database& operator=(database const&) = delete;
  ~database();

  std::string const& name() const noexcept { return name_; }
  std::string conninfo(std::string_view user = "postgres") const { return server_->conninfo(name_, user); }
  /// Runs statements on a connection of its own, in the order given, each text as one.
  database& run(std::string const& sql);
  /// The first column of the first row, on a connection of its own.
  std::string value(std::string const& sql);

 private:
  server const* server_;
  std::string name_;
};

}  // namespace testing_postgres
