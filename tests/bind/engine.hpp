// What the tests of binding share: an in-memory database as the oracle, and the way of a text through parse, bind, unbind, print.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "grammar/parse.hpp"
#include "introspect/introspect.hpp"
#include "print/print.hpp"

namespace grille::bind {

/// What the engine says to a text: column names and rows as text with their storage class, or its error.
struct answer {
  std::vector<std::string> names;
  std::vector<std::string> rows;
  std::string error;
  friend bool operator==(answer const&, answer const&) = default;
};
inline std::ostream& operator<<(std::ostream& out, answer const& a) {
  if (!a.error.empty()) return out << "error: " << a.error;
  for (auto const& n : a.names) out << n << " | ";
  for (std::size_t i = 0; i < a.rows.size() && i < 20; ++i) out << "\n  " << a.rows[i];
  return out << "\n  " << a.rows.size() << " rows";
}
inline answer sorted(answer a) {
  std::ranges::sort(a.rows);
  return a;
}

class engine {
 public:
  explicit engine(std::string_view schema = "") {
    sqlite3* db = nullptr;
    sqlite3_open(":memory:", &db);
    db_.reset(db);
    for (auto const option : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL}) sqlite3_db_config(db, option, 0, nullptr);
    run(std::string(schema));
  }
  sqlite3* get() const { return db_.get(); }
  bool try_run(std::string const& sql) { return sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }
  void run(std::string const& sql) { EXPECT_TRUE(try_run(sql)) << sql << ": " << sqlite3_errmsg(get()); }

  /// Parameter i is bound to the integer 10 * i, by position.
  answer ask(std::string const& sql) const {
    answer a;
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(get(), sql.c_str(), -1, &s, nullptr) != SQLITE_OK) {
      a.error = sqlite3_errmsg(get());
      return a;
    }
    for (int i = 1; i <= sqlite3_bind_parameter_count(s); ++i) sqlite3_bind_int(s, i, 10 * i);
    auto const columns = sqlite3_column_count(s);
    for (int i = 0; i < columns; ++i) a.names.emplace_back(sqlite3_column_name(s, i));
    int code{};
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
      std::string row;
      for (int i = 0; i < columns; ++i) {
        auto const type = sqlite3_column_type(s, i);
        row.append("?irtbn", static_cast<std::size_t>(type), 1).append(":");
        if (auto const* text = reinterpret_cast<char const*>(sqlite3_column_text(s, i)))
          row.append(text, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
        row.append(" ");
      }
      a.rows.push_back(row);
    }
    if (code != SQLITE_DONE) a.error = sqlite3_errmsg(get());
    sqlite3_finalize(s);
    return a;
  }
  introspect::catalog_ptr catalog() const {
    auto c = introspect::read_sqlite(get());
    EXPECT_TRUE(c) << (c ? "" : c.error().message);
    return c ? *c : nullptr;
  }

 private:
  struct closed {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, closed> db_;
};

/// The text that leaves, or "kind: message | offending text | help".
struct passed {
  std::string sql;
  std::string fault;
  errc kind{};
  bound::statement* tree{};
  std::shared_ptr<base::arena> memory = std::make_shared<base::arena>();
};
inline std::string describe(base::fault const& f, std::string_view text) {
  auto out = std::string(to_string(f.kind)) + ": " + f.message + " | " + std::string(text.substr(f.at.begin, f.at.end - f.at.begin));
  return f.help.empty() ? out : out + " | " + f.help;
}
inline passed pass(visible_catalog const& visible, std::string_view sql) {
  passed p;
  auto const failed = [&](base::fault const& f) {
    p.kind = f.kind;
    p.fault = describe(f, sql);
    return p;
  };
  auto const read = grammar::parse_statement(sql, dialect::sqlite, *p.memory);
  if (!read) return failed(read.error());
  options o{visible, *p.memory};
  o.text = sql;
  auto const bound = bind_statement(**read, o);
  if (!bound) return failed(bound.error());
  p.tree = *bound;
  auto const back = unbind(**bound, dialect::sqlite, *p.memory);
  p.sql = print::print(*back.statement, dialect::sqlite, print::chains::balanced);
  return p;
}

/// Binds, prints, asks the engine with both texts. True if rows (in order) and names are the same.
inline testing::AssertionResult same_answer_of(engine const& e, visible_catalog const& visible, std::string const& sql) {
  auto const expected = e.ask(sql);
  if (!expected.error.empty()) return testing::AssertionFailure() << "the engine refuses the case itself: " << sql << "\n" << expected.error;
  auto const p = pass(visible, sql);
  if (!p.fault.empty()) return testing::AssertionFailure() << sql << "\n" << p.fault;
  auto const got = e.ask(p.sql);
  if (got == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << sql << "\n" << p.sql << "\nexpected " << expected << "\ngot " << got;
}

}  // namespace grille::bind
