// `grille export --catalog`: what it writes stands for the database in every command that takes --schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/process.hpp"
#ifdef GRILLE_POSTGRES
#include "own_folder.hpp"
#include "postgres/server.hpp"
#endif

namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string const bookstore = GRILLE_SOURCE_DIR "/examples/bookstore.grille";
std::string const bookstore_sql = GRILLE_SOURCE_DIR "/examples/bookstore.sql";

constexpr char const* statements[] = {"select * from orders", "select u.name, count(*) from users u join orders o on o.buyer_id = u.id group by u.id, u.name",
                                      "select id from orders where 1 / (id - 2) > 0", "select ssn from users", "select * from nothing", "select from from"};
constexpr auto* mark = R"({"id": "m-40", "user_id": 40, "roles": [{"role": "merchant", "shop_id": 1}, {"role": "merchant", "shop_id": 9}]})";

std::string read(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class exported_catalogue : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = own_folder("grille_catalogue");
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string file(std::string const& name) const { return (folder_ / name).string(); }

  static cli_test::outcome grille(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), GRILLE_COMMAND);
    return cli_test::run(arguments);
  }
  void export_from(std::string const& url) const {
    auto const r = grille({"export", "--catalog", "--db", url});
    ASSERT_EQ(r.code, 0) << r.err;
    std::ofstream(file("catalogue.json"), std::ios::binary) << r.out;
    EXPECT_EQ(grille({"export", "--catalog", "--schema", file("catalogue.json")}).out, r.out);
  }
  /// Whatever is asked of `url` is answered in the same words of the file.
  void compare(std::string const& url, std::string const& policy) const {
    std::vector<std::string> const live{"--db", url}, loaded{"--schema", file("catalogue.json")};
    auto const asked = [](std::vector<std::string> words, std::vector<std::string> const& where, std::vector<std::string> const& more) {
      words.insert(words.end(), where.begin(), where.end());
      words.insert(words.end(), more.begin(), more.end());
      return grille(words);
    };
    int rewritten = 0;
    for (auto const* word : {"rewrite", "explain"})
      for (auto const* sql : statements) {
        std::vector<std::string> const more{"--policy", policy, "--principal", mark, sql};
        auto const a = asked({word}, live, more), b = asked({word}, loaded, more);
        EXPECT_EQ(b.out, a.out) << sql;
        EXPECT_EQ(b.err, a.err) << sql;
        EXPECT_EQ(b.code, a.code) << sql;
        rewritten += a.code == 0 ? 1 : 0;
      }
    EXPECT_EQ(rewritten, 6);
    auto const a = asked({"check", policy}, live, {}), b = asked({"check", policy}, loaded, {});
    EXPECT_EQ(b.out + b.err, a.out + a.err);
    EXPECT_EQ(b.code, 0);
  }

 private:
  fs::path folder_;
};

TEST_F(exported_catalogue, stands_for_a_sqlite_database) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file("shop.db").c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, read(bookstore_sql).c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  export_from("sqlite:" + file("shop.db"));
  compare("sqlite:" + file("shop.db"), bookstore);
  EXPECT_EQ(grille({"test", bookstore, "--schema", file("catalogue.json")}).out, grille({"test", bookstore, "--db", "sqlite:" + file("shop.db")}).out);
}

TEST_F(exported_catalogue, is_asked_for_by_name) {
  EXPECT_EQ(grille({"export", "--catalog"}).code, 1);
  EXPECT_EQ(grille({"export", "--schema", bookstore_sql}).code, 1);
  EXPECT_EQ(grille({"export", "--catalog", bookstore, "--schema", bookstore_sql}).code, 1) << "no policy has part in it";
  EXPECT_EQ(grille({"export", "--catalog", "--postgres-rls", "--schema", bookstore_sql}).code, 1);
  EXPECT_EQ(grille({"export", "--catalog", "--schema", bookstore_sql}).code, 0);
  std::ofstream(file("cut.json")) << R"({"format": "grille catalogue", "edition": 1, "dialect": "postgresql", "tab)";
  auto const r = grille({"rewrite", "--schema", file("cut.json"), "--policy", bookstore, "select 1"});
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, HasSubstr("the catalogue is not JSON"));
}

#ifdef GRILLE_POSTGRES
TEST_F(exported_catalogue, stands_for_a_postgresql_database) {
  testing_postgres::database db;
  db.run("create table users (id int primary key, name text not null, email text, ssn text);"
         "create table orders (id bigint primary key, buyer_id int not null, shop_id int not null, status text, total numeric(10, 2), placed timestamptz);");
  std::ofstream(file("shop.grille")) << "policy shop version 1; owner 'a' contact 'b'; expires after '2999-01-01'; protects users, orders;\n"
                                        "principal has user_id integer;\nrole merchant per shop_id integer;\n"
                                        "allow merchant to select all columns on orders where shop_id = scope.shop_id;\n"
                                        "allow merchant to select (id, name) on users where exists (select 1 from orders o where o.buyer_id = users.id and o.shop_id = scope.shop_id);\n";
  export_from(db.conninfo());
  compare(db.conninfo(), file("shop.grille"));
  auto const r = grille({"explain", "--schema", file("catalogue.json"), "--policy", file("shop.grille"), "--principal", mark, "select id from orders where 1 / (id - 2) > 0"});
  EXPECT_THAT(r.out, AllOf(HasSubstr("case when"), HasSubstr("from \"public\".\"orders\" as \"r2\" where (\"r2\".\"shop_id\" = $1)"))) << "in PostgreSQL's words, with no server";
}

TEST_F(exported_catalogue, is_no_server_for_examples) {
  testing_postgres::database db;
  db.run("create table users (id int primary key, name text not null); insert into users values (1, 'Real')");
  std::ofstream(file("shop.grille")) << "policy shop version 1; owner 'a' contact 'b'; expires after '2999-01-01'; protects users;\n"
                                        "allow public to select (id) on users;\ngiven users (id) values (7);\ncaller c is public;\n"
                                        "expect c can select (id) on users where id = 7;\nexpect c cannot select (name) on users where id = 7;\n";
  auto const on_server = grille({"test", file("shop.grille"), "--db", db.conninfo()});
  EXPECT_EQ(on_server.code, 0) << on_server.out << on_server.err;
  EXPECT_THAT(on_server.out, HasSubstr("2 hold, 0 fail"));
  EXPECT_EQ(db.value("select (select count(*) from pg_namespace where nspname = 'grille_examples') + count(*) from users"), "1");
  export_from(db.conninfo());
  auto const without = grille({"test", file("shop.grille"), "--schema", file("catalogue.json")});
  EXPECT_EQ(without.code, 1);
  EXPECT_THAT(without.err, HasSubstr("examples of PostgreSQL's run on a server"));
}

TEST_F(exported_catalogue, begins_no_policy_with_a_partition) {
  testing_postgres::database db;
  db.run("create table orders (id int) partition by list (id); create table orders_1 partition of orders for values in (1)");
  auto const begun = grille({"init", "--db", db.conninfo()});
  EXPECT_THAT(begun.out, AllOf(HasSubstr("\nprotects orders;\n"), testing::Not(HasSubstr("orders_1"))));
  std::ofstream(file("fresh.grille")) << begun.out;
  EXPECT_EQ(grille({"check", file("fresh.grille"), "--db", db.conninfo()}).code, 0);
}
#endif

}  // namespace
