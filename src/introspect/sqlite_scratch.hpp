// An empty database in memory that definitions are executed on: nothing in it but a schema, so that it may be asked what a borrowed
// handle may not (its authorizer cannot be given back). Functions, collations that only the application knows are stood in for by
// stubs; no row exists, so none is ever called.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.hpp"
#include "introspect/sqlite_statement.hpp"

namespace grille::introspect {

class scratch {
 public:
  /// `quoted_text`: an unknown "name" in double quotes is a text, SQLite's historical default (SQLITE_DBCONFIG_DQS_DML).
  static answer<scratch> open(bool quoted_text = true);

  sqlite3* native() const noexcept { return db_.get(); }
  /// The first statement of `sql`, which must be a `create`. Returns how many bytes it had.
  base::result<std::size_t> define(std::string_view sql);
  /// The tables and views that the engine asks to read for `select * from view`, "main.name", sorted; nothing if the view is broken.
  std::optional<std::vector<std::string>> reads_of(std::string_view view);

 private:
  struct closed {
    void operator()(sqlite3* db) const;
  };
  explicit scratch(sqlite3* db) : db_(db) {}
  /// Prepares; each function that is unknown is defined as a stub, and it is tried again.
  answer<statement> prepare(std::string_view sql, std::size_t* used = nullptr);

  std::unique_ptr<sqlite3, closed> db_;
};

}  // namespace grille::introspect
