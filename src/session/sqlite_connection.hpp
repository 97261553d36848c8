// A SQLite handle as a session's connection. Enters and leaves: what session/connection.hpp says.
#pragma once
#include <memory>

#include "exec/sqlite/connection.hpp"
#include "session/connection.hpp"

namespace grille::pipeline {

class sqlite_connection final : public connection {
 public:
  explicit sqlite_connection(std::unique_ptr<exec::sqlite::connection> c) noexcept : connection_(std::move(c)) {}

  exec::result<std::unique_ptr<exec::running>> start(std::shared_ptr<verify::guarded_statement const> what, std::vector<value> parameters,
                                                     conditions const& c) override;
  exec::result<std::unique_ptr<exec::running>> write(std::shared_ptr<verify::guarded_write const> what, std::vector<std::vector<value>> parameters,
                                                     conditions const& c) override;
  void wait_at_most(std::chrono::milliseconds limit, std::stop_token stop) override { waits_ = {limit, std::move(stop)}; }
  exec::result<void> begin(unsigned level, isolation) override { return connection_->begin(level, false, waits_); }
  exec::result<void> begin_alone(isolation) override { return connection_->begin(0, true, waits_); }
  exec::result<void> commit(unsigned level) override { return connection_->commit(level, waits_); }
  void rollback(unsigned level) noexcept override { connection_->rollback(level); }
  bool in_transaction() const override { return connection_->in_transaction(); }
  base::result<std::shared_ptr<catalog::catalog const>> read_schema() override;
  exec::result<void> unguarded(std::function<void(void* native)> const& work) override;
  bool clean_up() override { return connection_->clean_up(); }

 private:
  std::unique_ptr<exec::sqlite::connection> connection_;
  exec::sqlite::allowance waits_{{}, {}};
};

}  // namespace grille::pipeline
