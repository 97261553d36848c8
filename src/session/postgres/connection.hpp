// A connection to PostgreSQL as a session's. Enters and leaves: what session/connection.hpp says.
#pragma once
#include <memory>
#include <string>

#include "exec/postgres/connection.hpp"
#include "session/connection.hpp"

namespace grille::pipeline {

using catalog_ptr = std::shared_ptr<catalog::catalog const>;

class postgres_connection final : public connection {
 public:
  /// `conninfo`: what it was opened with; empty: it is the application's. `search_path`: what unqualified names are looked up by.
  postgres_connection(std::unique_ptr<exec::postgres::connection> c, std::string conninfo, std::string search_path) noexcept
      : connection_(std::move(c)), conninfo_(std::move(conninfo)), search_path_(std::move(search_path)) {}

  exec::result<std::unique_ptr<exec::running>> start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                                     conditions const& c) override;
  exec::result<std::unique_ptr<exec::running>> write(std::shared_ptr<verify::guarded_write const> what, std::vector<std::vector<value>> parameters,
                                                     conditions const& c) override;
  exec::result<void> begin(unsigned level, isolation apart) override { return connection_->begin(level, apart); }
  exec::result<void> commit(unsigned level) override { return connection_->commit(level); }
  void rollback(unsigned level) noexcept override { connection_->rollback(level); }
  bool in_transaction() const override { return connection_->in_session_transaction(); }
  base::result<catalog_ptr> read_schema() override;
  /// On the application's connection itself; else on one that is opened for this: what `work` sets stays with it.
  exec::result<void> unguarded(std::function<void(void* native)> const& work) override;
  /// From here to `clean_up` inside of a transaction of the application's.
  exec::result<void> enter(pqxx::transaction_base& yours) { return connection_->enter(yours); }
  bool clean_up() override { return connection_->clean_up(); }
  /// What `catalog::version` would be now.
  base::result<std::string> schema_mark();

 private:
  std::unique_ptr<exec::postgres::connection> connection_;
  std::string conninfo_;
  std::string search_path_;
};

}  // namespace grille::pipeline
