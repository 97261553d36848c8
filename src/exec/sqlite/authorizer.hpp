// The engine's own check: SQLite asks it about each table, column and function when it prepares a statement, and again when it
// prepares one anew because the schema changed (https://www.sqlite.org/c3ref/set_authorizer.html). Installed once per handle:
// installing it anew would expire every prepared statement. Enters: what the current statement may touch. Leaves: yes or no.
// Guaranteed: what the current statement is not allowed is denied, and between statements everything is, on a handle of our own.
#pragma once
#include <string>
#include <utility>

#include "catalog/catalog.hpp"
#include "verify/guarded_statement.hpp"

struct sqlite3;

namespace grille::exec::sqlite {

class authorizer {
 public:
  /// Whose statements run on the handle between ours.
  enum class owner { grille, application };

  authorizer(sqlite3* db, owner o);
  authorizer(authorizer const&) = delete;
  authorizer& operator=(authorizer const&) = delete;
  ~authorizer();

  /// While it lives, other rules hold.
  class scope {
   public:
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;
    ~scope() { of_.current_ = before_; }

   private:
    friend class authorizer;
    struct rules {
      bool all{};
      verify::allowed_objects const* only{};
      catalog::catalog const* tables{};
    };
    scope(authorizer& of, rules now) : of_(of), before_(std::exchange(of.current_, now)) {}
    authorizer& of_;
    rules before_;
  };
  /// `tables`: what there is. A virtual table that may be read reads tables of its own, which bear its name and are not among them.
  [[nodiscard]] scope only(verify::allowed_objects const& allowed, catalog::catalog const* tables) {
    return {*this, {.all = false, .only = &allowed, .tables = tables}};
  }
  /// For what Grille itself asks of the engine, in constant text.
  [[nodiscard]] scope all() { return {*this, {.all = true, .only = nullptr, .tables = nullptr}}; }

  /// What was denied since it was last asked for; empty if nothing was.
  std::string take_denied() { return std::exchange(denied_, {}); }

 private:
  static int ask(void* self, int action, char const* first, char const* second, char const* schema, char const* inside);
  bool allows(int action, char const* first, char const* second, char const* schema, char const* inside) const;

  sqlite3* db_;
  scope::rules current_;
  std::string denied_;
};

}  // namespace grille::exec::sqlite
