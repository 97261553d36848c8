// The book store's reads through PgBouncer in transaction mode: sessions of several callers at once over one server connection. Each gets
// what it gets without the proxy; the server is asked what is left on the connection, and there is nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <map>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <vector>

#include "grille/grille.hpp"
#include "postgres/proxy.hpp"
#include "postgres/server.hpp"
#include "session_postgres/bookstore.hpp"
#include "session_postgres/shown.hpp"

namespace {

constexpr auto postgresql = grille::dialect::postgresql;
constexpr auto* left = "select (select count(*) from pg_prepared_statements) + (select count(*) from pg_cursors) + "
                       "(select count(*) from pg_class where relpersistence = 't') + (select count(*) from pg_settings where source = 'session') + "
                       "(select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')";

std::string answer(grille::session& s, bookstore::sent const& what) {
  try {
    std::string out;
    std::optional<grille::transaction> undone;  // a write: the next asks of the same rows
    if (!what.sql.starts_with("select")) undone = s.begin();
    auto const rows = s.query(what.sql, what.parameters);
    for (auto const& c : rows.columns()) out += c.name + "|";
    for (auto const& line : shown::sorted(rows)) out += "\n" + line;
    return out;
  } catch (grille::error const& e) {
    return std::string(to_string(e.kind())) + ": " + e.what();
  }
}

TEST(proxy, the_book_store_reads_as_without_it_and_nothing_is_left) {
  testing_postgres::database db;
  db.run(bookstore::definitions(postgresql));
  auto const statements = bookstore::statements();
  std::map<std::string, std::vector<std::string>> expected;
  grille::postgres::database const direct(db.conninfo(), bookstore::policies(postgresql));
  int answered = 0;
  for (auto const& who : bookstore::callers()) {
    auto session = direct.session(bookstore::principal_of(who));
    for (auto const& s : statements) {
      expected[who.name].push_back(answer(session, s));
      answered += expected[who.name].back().find('|') != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GT(answered, 70);

  testing_postgres::proxy const between(db.name());
  auto const callers = bookstore::callers().size();
  grille::postgres::database const database(between.conninfo(), bookstore::policies(postgresql),
                                            {.pool = callers, .pool_wait = std::chrono::seconds(60), .pooled = true});
  pqxx::connection other(between.conninfo());
  auto const ask = [&](std::string const& sql) { return pqxx::nontransaction(other).exec(sql)[0][0].as<int>(); };
  EXPECT_EQ(ask(left), 0);

  // by turns, from sessions that are all open
  std::vector<grille::session> sessions;
  for (auto const& who : bookstore::callers()) sessions.push_back(database.session(bookstore::principal_of(who)));
  for (std::size_t i = 0; i < statements.size(); ++i)
    for (std::size_t c = 0; c < callers; ++c)
      EXPECT_EQ(answer(sessions[c], statements[i]), expected[bookstore::callers()[c].name][i]) << statements[i].sql << " as " << bookstore::callers()[c].name;
  EXPECT_EQ(ask(left), 0);
  EXPECT_EQ(db.value("select count(*) from pg_stat_activity where datname = current_database() and application_name not like 'grille%' and pid <> pg_backend_pid() "
                     "and state = 'idle in transaction'"), "0");

  // and at once
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t c = 0; c < callers; ++c)
    threads.emplace_back([&, c] {
      for (std::size_t i = c % 3; i < statements.size(); i += 3)
        wrong += answer(sessions[c], statements[i]) == expected[bookstore::callers()[c].name][i] ? 0 : 1;
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(ask(left), 0);

  // a stream holds the one server process: who waits for it gets its own answer afterwards
  auto const mark = bookstore::statements().front();
  {
    int seen = 0;
    for (auto const& r : sessions[0].stream<>("select id from books order by id")) seen += static_cast<int>(r.size());
    EXPECT_GT(seen, 0);
  }
  EXPECT_EQ(answer(sessions[1], mark), expected[bookstore::callers()[1].name][0]);
  EXPECT_EQ(ask(left), 0);
}

}  // namespace
