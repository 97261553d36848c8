// The command `grille` from outside, as a script sees it: standard output, standard error, exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/process.hpp"
#ifdef GRILLE_POSTGRES
#include "own_folder.hpp"
#include "postgres/proxy.hpp"
#include "postgres/server.hpp"
#endif

namespace {

namespace fs = std::filesystem;
using cli_test::outcome;
using nlohmann::json;
using namespace nlohmann::literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::string const source = GRILLE_SOURCE_DIR;
std::string const bookstore = source + "/examples/bookstore.grille";
std::string const bookstore_sql = source + "/examples/bookstore.sql";

constexpr auto* ada = R"({"id": "a-1", "user_id": 1, "groups": ["it-operations"]})";
constexpr auto* mark = R"({"id": "m-40", "user_id": 40, "roles": [{"role": "merchant", "shop_id": 1}, {"role": "merchant", "shop_id": 9}]})";
constexpr auto* anna = R"({"id": "b-17", "user_id": 17, "groups": ["customers"]})";

std::string read(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
std::vector<std::string> lines(std::string const& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

class command : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = own_folder("grille_command");
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    make("shop.db", read(bookstore_sql));
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(std::string const& name) const { return folder_ / name; }
  void write(std::string const& name, std::string const& text) const { std::ofstream(file(name), std::ios::binary) << text; }
  void make(std::string const& name, std::string const& sql) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file(name).c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << (message == nullptr ? "" : message);
    sqlite3_free(message);
    sqlite3_close(db);
  }
  std::string url(std::string const& name = "shop.db") const { return "sqlite:" + file(name).string(); }

  static outcome grille(std::vector<std::string> arguments, std::string const& input = {}) {
    arguments.insert(arguments.begin(), GRILLE_COMMAND);
    return cli_test::run(arguments, input);
  }
  std::vector<std::string> as(char const* principal, std::vector<std::string> const& more) const {
    std::vector<std::string> all{"query", "--db", url(), "--policy", bookstore};
    if (principal != nullptr) all.insert(all.end(), {"--principal", principal});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// The answers to lines of `grille query --jsonl`, parsed.
  std::vector<json> answers(char const* principal, std::string const& input) const {
    auto const r = grille(as(principal, {"--jsonl"}), input);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.err, IsEmpty());
    std::vector<json> out;
    for (auto const& line : lines(r.out)) out.push_back(json::parse(line));
    return out;
  }

 private:
  fs::path folder_;
};
using query = command;
using json_lines = command;
using formatting = command;
using checking = command;
using testing_policies = command;
using beginning = command;
using rewriting = command;

// --- help and wrong use --------------------------------------------------------------------------------------------------

TEST_F(command, helps_on_standard_output) {
  auto const r = grille({"--help"});
  EXPECT_EQ(r.code, 0);
  EXPECT_THAT(r.err, IsEmpty());
  for (auto const* word : {"query", "rewrite", "explain", "format", "check", "test", "init", "Exit codes"}) EXPECT_THAT(r.out, HasSubstr(word));
  EXPECT_THAT(grille({"query", "--help"}).out, AllOf(HasSubstr("--jsonl"), HasSubstr("--principal"), HasSubstr("Example:")));
}
TEST_F(command, says_its_version) { EXPECT_THAT(grille({"--version"}).out, StartsWith("grille 0.")); }
TEST_F(command, wrong_use_is_told_on_standard_error_with_exit_code_1) {
  for (std::vector<std::string> const& arguments :
       {std::vector<std::string>{}, {"dance"}, {"query"}, {"query", "--db", "sqlite:x"}, {"query", "--nonsense"}, {"format", "--dialect", "cobol", "select 1"},
        {"rewrite", "--policy", bookstore, "select 1"}, {"init"}, {"check"}}) {
    auto const r = grille(arguments);
    EXPECT_EQ(r.code, 1) << testing::PrintToString(arguments);
    EXPECT_THAT(r.out, IsEmpty());
    EXPECT_THAT(r.err, Not(IsEmpty()));
  }
}

// --- query ---------------------------------------------------------------------------------------------------------------

TEST_F(query, gives_each_caller_its_own_rows_and_columns) {
  auto const sql = "select * from users order by id";
  auto const of_ada = grille(as(ada, {"--csv", sql}));
  EXPECT_EQ(of_ada.code, 0) << of_ada.err;
  EXPECT_THAT(lines(of_ada.out), SizeIs(12));
  EXPECT_EQ(lines(of_ada.out)[0], "id,name,email,ssn,role,protected");
  auto const of_anna = grille(as(anna, {"--csv", sql}));
  EXPECT_EQ(of_anna.out, "id,name,email,ssn,protected\n17,Anna,anna@example.org,317-17-1700,0\n");
  auto const of_mark = grille(as(mark, {"--csv", "select id, name, email from users where id in (17, 18) order by id"}));
  EXPECT_EQ(of_mark.out, "id,name,email\n17,Anna,a***\n18,withheld,b***\n");
  EXPECT_THAT(of_mark.out, Not(HasSubstr("canary")));
}
TEST_F(query, prints_a_table) {
  auto const r = grille(as(anna, {"select id, status, total from orders where id in (101, 103, 104) order by id"}));
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out,
            " id  status     total\n"
            "---  ---------  -----\n"
            "101  open        24.5\n"
            "103  open          12\n"
            "104  cancelled   null\n");
  EXPECT_THAT(r.err, IsEmpty()) << "no remarks where standard error is no terminal";
}
TEST_F(query, prints_what_the_readme_shows) {
  auto const readme = read(source + "/README.md");
  auto const begin = readme.find("```text\n") + 8;
  auto const sql = "select * from users order by id";
  EXPECT_EQ(grille(as(mark, {sql})).out + "\n" + grille(as(anna, {sql})).out, readme.substr(begin, readme.find("```", begin) - begin));
}
TEST_F(query, prints_json_with_each_kind_of_value) {
  make("kinds.db",
       "create table t (i integer, r real, t text, b blob, n text); insert into t values"
       " (9223372036854775807, 0.1, 'a\"\\b' || char(10) || '€', x'00ff', null), (-9223372036854775808, 1e300, cast(x'c328' as text), x'', ''),"
       " (0, 3.0, char(27) || '[31m', null, null), (1, 9e999, '', null, null);");
  write("kinds.grille", "policy kinds version 1; owner 'o' contact 'c'; protects t; allow public to select (i, r, t, b, n) on t;");
  auto const r = grille({"query", "--db", url("kinds.db"), "--policy", file("kinds.grille"), "--json", "select i, r, t, b, n from t"});
  EXPECT_EQ(r.code, 0) << r.err;
  auto const j = json::parse(r.out);
  EXPECT_EQ(j["columns"], json({"i", "r", "t", "b", "n"}));
  EXPECT_EQ(j["rows"][0], json({9223372036854775807LL, 0.1, "a\"\\b\n€", "\\x00ff", nullptr}));
  EXPECT_EQ(j["rows"][1][0], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(j["rows"][1][2], "\xEF\xBF\xBD(") << "what is not UTF-8 is replaced";
  EXPECT_EQ(j["rows"][1][3], "\\x");
  EXPECT_EQ(j["rows"][3][1], "Infinity");
  EXPECT_THAT(r.out, HasSubstr("[9223372036854775807, 0.1,"));
  EXPECT_THAT(r.out, HasSubstr("[0, 3.0,")) << "a float stays one";

  auto const table = grille({"query", "--db", url("kinds.db"), "--policy", file("kinds.grille"), "select t from t"});
  EXPECT_THAT(table.out, AllOf(Not(HasSubstr("\x1b")), HasSubstr("\\n"))) << "data steers no terminal";
  auto const csv = grille({"query", "--db", url("kinds.db"), "--policy", file("kinds.grille"), "--csv", "select t, n from t where i = 9223372036854775807"});
  EXPECT_EQ(csv.out, "t,n\n\"a\"\"\\b\n€\",\n");
}
TEST_F(query, takes_parameters_by_position_and_by_name) {
  EXPECT_EQ(grille(as(anna, {"--csv", "--param", "101", "--param", "open", "select id from orders where id = ? and status = ?"})).out, "id\n101\n");
  EXPECT_EQ(grille(as(anna, {"--csv", "--param", ":s=open", "select count(*) as n from orders where status = :s"})).out, "n\n2\n");
  EXPECT_EQ(grille(as(anna, {"--csv", "--param", "\"101\"", "select typeof(?1) as t"})).out, "t\ntext\n");
  EXPECT_EQ(grille(as(anna, {"select id from orders where id = ?"})).code, 1);
}
TEST_F(query, reads_the_statement_from_standard_input) {
  EXPECT_EQ(grille(as(anna, {"--csv"}), "select id\nfrom orders\nwhere id = 101;\n").out, "id\n101\n");
}
TEST_F(query, takes_several_policies_and_then_the_statement) {
  write("a.grille", "policy a version 1; owner 'o' contact 'c'; protects books; allow public to select (id) on books;");
  write("b.grille", "policy b version 1; owner 'o' contact 'c'; protects service_metrics; allow public to select (name) on service_metrics;");
  auto const r = grille({"query", "--db", url(), "--csv", "--policy", file("a.grille"), file("b.grille"), "select count(*) as n from books, service_metrics"});
  EXPECT_EQ(r.out, "n\n20\n") << r.err;
}
TEST_F(query, errors_have_their_exit_code_and_leave_standard_output_empty) {
  struct expectation {
    char const* principal;
    char const* sql;
    int code;
    char const* words;
  };
  for (auto const& e : std::initializer_list<expectation>{
           {anna, "selec 1", 2, "syntax"},
           {anna, "select id from orders; select 1", 2, ""},
           {anna, "pragma table_info(users)", 2, ""},
           {anna, "attach 'x' as y", 2, ""},
           {anna, "select load_extension('x')", 2, "load_extension"},
           {anna, "select nonsense from orders", 3, "not_found"},
           {anna, "select * from no_such_table", 3, "not_found"},
           {mark, "select ssn from users", 3, "not_found"},
           {anna, "select * from sqlite_master", 3, ""},
           {nullptr, "select * from orders", 3, "unauthenticated"},
       }) {
    auto const r = grille(as(e.principal, {e.sql}));
    EXPECT_EQ(r.code, e.code) << e.sql << "\n" << r.err;
    EXPECT_THAT(r.out, IsEmpty()) << e.sql;
    EXPECT_THAT(r.err, HasSubstr(e.words)) << e.sql;
  }
  auto const shown = grille(as(anna, {"select id,\n  form from orders"}));
  EXPECT_THAT(shown.err, AllOf(HasSubstr("line 2, column 3"), HasSubstr("  form from orders\n  ^^^^"))) << shown.err;
}
TEST_F(query, hidden_and_unknown_read_the_same) {
  auto hidden = grille(as(mark, {"select ssn from users"}));
  auto unknown = grille(as(mark, {"select ssx from users"}));
  for (auto at = unknown.err.find("ssx"); at != std::string::npos; at = unknown.err.find("ssx")) unknown.err.replace(at, 3, "ssn");
  EXPECT_EQ(hidden.code, unknown.code);
  EXPECT_EQ(hidden.err.substr(0, hidden.err.find("incident")), unknown.err.substr(0, unknown.err.find("incident")));
}
#ifdef GRILLE_POSTGRES
TEST_F(query, a_server_that_is_not_there_is_unavailable_and_its_password_is_shown_to_nobody) {
  write("none.grille", "policy none version 1;\n");
  for (auto const& url : {"postgresql://u:hunter2@%2Fnonesuch/x", "postgres://u:hunter2@%2Fnonesuch/x", "host=/nonesuch dbname=x password=hunter2"}) {
    auto const r = grille({"query", "--db", url, "--policy", file("none.grille"), "select 1"});
    EXPECT_EQ(r.code, 4) << r.err;
    EXPECT_THAT(r.err, Not(HasSubstr("hunter2")));
    EXPECT_EQ(grille({"init", "--db", url}).code, 4);
  }
  EXPECT_EQ(grille({"query", "--db", "hostt=x password=hunter2", "--policy", file("none.grille"), "select 1"}).code, 1);
  auto const examples = grille({"test", "--db", "host=/nonesuch", file("none.grille")});
  EXPECT_EQ(examples.code, 4);
  EXPECT_EQ(examples.err, "unavailable: the database cannot be reached\n");
}
TEST_F(query, a_postgresql_database_is_one_as_well) {
  testing_postgres::database db;
  db.run("create table books (id int primary key, title text, cost numeric); insert into books values (1, 'On Windows', 3);"
         "create schema other; create table other.books (x int); create table other.\"Odd one\" (x int)");
  auto const begun = grille({"init", "--db", db.conninfo()});
  EXPECT_EQ(begun.code, 0) << begun.err;
  EXPECT_THAT(begun.out, HasSubstr("\nprotects other.\"Odd one\",\n         other.books,\n         books;\n"));
  EXPECT_THAT(begun.out, HasSubstr("\npolicy " + db.name() + " version 1;\n"));
  write("shop.grille", "policy shop version 1; owner 'a' contact 'b'; expires after '2999-01-01'; protects books;\n"
                       "role reader from group 'readers';\nallow reader to select (id, title) on books where id < 9;\n");
  auto const checked = grille({"check", "--db", db.conninfo(), file("shop.grille")});
  EXPECT_EQ(checked.code, 0) << checked.err;
  auto const as_reader = [&](char const* word, std::vector<std::string> const& more) {
    std::vector<std::string> all{word, "--db", db.conninfo(), "--policy", file("shop.grille"), "--principal", R"({"id": "x", "groups": ["readers"]})"};
    all.insert(all.end(), more.begin(), more.end());
    return grille(all);
  };
  auto const got = as_reader("query", {"--json", "--param", "1", "select title from books where id = $1"});
  EXPECT_EQ(got.code, 0) << got.err;
  EXPECT_EQ(json::parse(got.out)["rows"], R"([["On Windows"]])"_json);
  EXPECT_EQ(as_reader("query", {"select cost from books"}).code, 3);
  EXPECT_THAT(as_reader("query", {"select 1 / (id - 1) from books"}).err, HasSubstr("\nsqlstate: 22012\n"));
  auto const sent = as_reader("rewrite", {"--param", "1", "select title from books where id = $1"});
  EXPECT_EQ(sent.code, 0) << sent.err;
  EXPECT_THAT(sent.out, HasSubstr("-- $1 = 1\n"));
  EXPECT_EQ(as_reader("explain", {"select title from books"}).code, 0);
}
TEST_F(query, a_postgresql_database_behind_a_proxy) {
  testing_postgres::database db;
  db.run("create table books (id int primary key, printed date, read timestamp, sold timestamptz, weight real); insert into books values (1, '12345-01-02', '2026-03-04 05:06:07.25', "
         "'2026-03-04 05:06:07+02', 0.1), (2, '0044-03-15 BC', '20000-01-01 00:00:00', null, 1e20), (3, '5000000-01-01', '2026-03-04 05:06:07', 'infinity', 'NaN')");
  write("shop.grille", "policy shop version 1; owner 'a' contact 'b'; protects books;\nrole reader from group 'readers';\nallow reader to select all columns on books;\n");
  std::vector<std::string> all{"query", "--json", "--db", "", "--policy", file("shop.grille"), "--principal", R"({"id": "x", "groups": ["readers"]})", "select printed, read, sold, weight from books order by id"};
  auto const rows = R"([["12345-01-02", "2026-03-04 05:06:07.25", "2026-03-04 03:06:07+00", 0.1], ["0044-03-15 BC", "20000-01-01 00:00:00", null, 1e20], ["5000000-01-01", "2026-03-04 05:06:07", "infinity", "NaN"]])"_json;
  all[3] = db.conninfo();
  auto const directly = grille(all);
  EXPECT_EQ(directly.code, 0) << directly.err;
  EXPECT_EQ(json::parse(directly.out)["rows"], rows);
  testing_postgres::proxy const between(db.name());
  all[3] = between.conninfo();
  all.insert(all.begin() + 1, "--pooled");
  auto const through = grille(all);
  EXPECT_EQ(through.code, 0) << through.err;
  EXPECT_EQ(json::parse(through.out)["rows"], rows);
}
TEST_F(command, exports_row_level_security_and_tells_what_is_left_out) {
  testing_postgres::database db;
  db.run("create table books (id int primary key, title text, cost numeric)");
  write("shop.grille", "policy shop version 1; owner 'a' contact 'b'; expires after '2999-01-01'; protects books;\n"
                       "role reader from group 'readers';\nallow reader to select (id, title), filter (cost) on books where id < 9;\n");
  auto const r = grille({"export", "--postgres-rls", file("shop.grille"), "--db", db.conninfo()});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.err, file("shop.grille").string() + ":3: left out: `filter` has no native form\n");
  EXPECT_THAT(r.out, AllOf(HasSubstr("--   " + file("shop.grille").string() + ":3: `filter` has no native form\n"), HasSubstr("force row level security"),
                           HasSubstr("grant select (\"id\", \"title\") on \"public\".\"books\" to \"grille_role_reader\";\n")));
  db.run(r.out);
  EXPECT_EQ(db.value("select count(*) from pg_policies where tablename = 'books'"), "1");

  EXPECT_EQ(grille({"export", "--postgres-rls", file("shop.grille"), "--db", url()}).code, 2) << "SQLite has none";
  EXPECT_EQ(grille({"export", "--postgres-rls", file("shop.grille")}).code, 1);
  EXPECT_EQ(grille({"export", file("shop.grille"), "--db", db.conninfo()}).code, 1);
  write("books.json", "no catalogue");
  EXPECT_THAT(grille({"export", "--postgres-rls", file("shop.grille"), "--schema", file("books.json")}).code, testing::AnyOf(1, 2));
}
#endif
TEST_F(query, what_is_wrong_with_files_is_told) {
  EXPECT_EQ(grille({"query", "--db", "sqlite:" + file("none.db").string(), "--policy", bookstore, "select 1"}).code, 4);
  EXPECT_FALSE(fs::exists(file("none.db"))) << "a database that is not there is not made";
  EXPECT_EQ(grille({"query", "--db", "shop.db", "--policy", bookstore, "select 1"}).code, 1);
  EXPECT_EQ(grille({"query", "--db", url(), "--policy", file("none.grille"), "select 1"}).code, 1);
  write("bad.grille", "policy bad version 1;\nprotects nothing_there;\nallow someone to select (id) on books;\n");
  auto const r = grille({"query", "--db", url(), "--policy", file("bad.grille"), "select 1"});
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.err, AllOf(HasSubstr("bad.grille:2:10: error:"), HasSubstr("bad.grille:3:"))) << "all faults, not the first";
}
TEST_F(query, broken_principals_are_wrong_use) {
  for (auto const* principal : {"{", "[]", "17", R"({"id": "x", "user_id": {"a": 1}})", R"({"id": "x", "user_id": 1, "roles": [{"role": "administrator"}]})"})
    EXPECT_EQ(grille(as(principal, {"select id from books"})).code, 1) << principal;
}

// --- one object a line ---------------------------------------------------------------------------------------------------

TEST_F(json_lines, answers_in_order_with_parameters_and_principals) {
  auto const a = answers(anna, std::string(R"({"sql": "select id, status from orders where id = ?", "params": [101]})") + "\n" +
                                   R"({"sql": "select count(*) as n from orders", "principal": )" + ada + "}\n" +
                                   R"({"sql": "select count(*) as n from orders", "principal": null})" + "\n" +
                                   R"({"sql": "select count(*) as n from orders"})");
  ASSERT_THAT(a, SizeIs(4));
  EXPECT_EQ(a[0], json::parse(R"({"ok": true, "columns": ["id", "status"], "rows": [[101, "open"]], "affected": 0})"));
  EXPECT_EQ(a[1]["rows"][0][0], 20);
  EXPECT_EQ(a[2]["error"]["kind"], "unauthenticated");
  EXPECT_EQ(a[3]["rows"][0][0], 4) << "the last line needs no end";
}
TEST_F(json_lines, numbers_arrive_as_they_were_sent) {
  auto const a = answers(anna, R"({"sql": "select ? as a, ? as b, ? as c, ? as d, ? as e", "params": [9223372036854775807, -9223372036854775808, 0.30000000000000004, 1e3, 2.50]})" "\n");
  ASSERT_THAT(a, SizeIs(1));
  EXPECT_EQ(a[0].value("rows", json()).dump(), "[[9223372036854775807,-9223372036854775808,0.30000000000000004,1000.0,2.5]]");
}
TEST_F(json_lines, errors_have_kind_message_and_incident) {
  auto const a = answers(anna, R"({"sql": "select ssn from payments"})" "\n");
  ASSERT_THAT(a, SizeIs(1));
  EXPECT_EQ(a[0]["ok"], false);
  EXPECT_EQ(a[0]["error"]["kind"], "not_found");
  EXPECT_TRUE(a[0]["error"]["message"].is_string());
  EXPECT_TRUE(a[0]["error"]["incident"].is_string());
}
TEST_F(json_lines, never_dies_of_its_input) {
  std::string const good = R"({"sql": "select id from orders where id = 101"})";
  std::string deep(200'000, '[');
  auto const nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += R"({"a": )";
    return text + "1" + std::string(static_cast<std::size_t>(depth), '}');
  };
  std::string parentheses = R"({"sql": "select )" + std::string(100'000, '(') + "1" + std::string(100'000, ')') + "\"}";
  std::vector<std::pair<std::string, std::string>> const hostile{
      {"", "usage"},
      {"not json", "usage"},
      {"{", "usage"},
      {"[]", "usage"},
      {"null", "usage"},
      {R"({"sql": 1})", "usage"},
      {R"({})", "usage"},
      {good + good, "usage"},
      {"{\"sql\": \"select '\xff\xfe'\"}", "usage"},
      {R"({"sql": "select '\ud800'"})", "usage"},
      {R"({"sql": "select 1 \u0000 + 1"})", "syntax"},
      {std::string("{\"sql\": \"sel\0ect\"}", 19), "usage"},
      {deep, "limit"},
      {R"({"sql": "select 1", "params": )" + std::string(200'000, '[') + std::string(200'000, ']') + "}", "limit"},
      {R"({"sql": "select 1", "principal": )" + nested(200'000) + "}", "limit"},
      {R"({"sql": "select 1", "principal": {"id": "x", "roles": [{"role": {"role": "x"}}]}})", "usage"},
      {R"({"sql": "select ?", "params": [[1]]})", "usage"},
      {R"({"sql": "select ?", "params": 5})", "usage"},
      {R"({"sql": "select ?", "params": [99999999999999999999]})", "usage"},
      {R"({"sql": "select ?", "params": [18446744073709551615]})", "usage"},
      {R"({"sql": "select ?", "params": [0.12345678901234567890123]})", "usage"},
      {R"({"sql": "select ?", "params": []})", "usage"},
      {R"({"sql": "select 1", "sql": "select 2"})", "usage"},
      {R"({"sql": "select 1", "principal": {"id": "x", "id": "a-1"}})", "usage"},
      {R"({"sql": "select 1", "principal": "anna"})", "usage"},
      {R"({"sql": "select 1", "principal": {"id": "x", "roles": 5}})", "usage"},
      {parentheses, "limit"},
      {R"({"sql": "select )" + std::string(10'000'000, ' ') + "1\"}", "limit"},
      {std::string(9'000'000, 'x'), "limit"},
      {R"({"sql": ")" + std::string(2'000'000, 'a') + "\"}", "limit"},
  };
  std::string input;
  for (auto const& [line, kind] : hostile) input += line + "\n" + good + "\r\n";
  auto const a = answers(anna, input);
  ASSERT_THAT(a, SizeIs(hostile.size() * 2)) << "one answer for each line";
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    EXPECT_EQ(a[2 * i].value("/error/kind"_json_pointer, "none"), hostile[i].second) << hostile[i].first.substr(0, 80) << "\n" << a[2 * i].dump().substr(0, 300);
    EXPECT_EQ(a[2 * i + 1].value("rows", json()), json::parse("[[101]]")) << "after " << hostile[i].first.substr(0, 80);
  }
}
TEST_F(json_lines, answers_each_line_before_the_next_is_there) {
  auto arguments = as(anna, {"--jsonl"});
  arguments.insert(arguments.begin(), GRILLE_COMMAND);
  cli_test::conversation talk(arguments);
  for (int i = 0; i < 3; ++i) {
    talk.say(R"({"sql": "select id from orders where id = 101"})");
    EXPECT_EQ(json::parse(talk.hear(std::chrono::seconds(20)), nullptr, false).value("ok", false), true) << "question " << i;
  }
  EXPECT_EQ(talk.end(), 0);
}

// --- rewrite and explain -------------------------------------------------------------------------------------------------

TEST_F(rewriting, needs_no_database) {
  auto const r = grille({"rewrite", "--schema", bookstore_sql, "--policy", bookstore, "--principal", mark, "select id from orders where total > 20"});
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_THAT(r.out, AllOf(HasSubstr("shop_id"), HasSubstr("-- ?")));
  EXPECT_THAT(r.out, Not(HasSubstr("m-40"))) << "values travel as parameters";
}
TEST_F(rewriting, gives_what_the_engine_runs_to_the_same_rows) {
  auto const r = grille({"rewrite", "--json", "--db", url(), "--policy", bookstore, "--principal", mark, "select id from orders order by id"});
  ASSERT_EQ(r.code, 0) << r.err;
  auto const j = json::parse(r.out);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file("shop.db").c_str(), &db), SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db, j["sql"].get<std::string>().c_str(), -1, &s, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  ASSERT_EQ(sqlite3_bind_parameter_count(s), static_cast<int>(j["parameters"].size()));
  for (int i = 0; i < sqlite3_bind_parameter_count(s); ++i) {
    auto const& v = j["parameters"][static_cast<std::size_t>(i)];
    v.is_number_integer() ? sqlite3_bind_int64(s, i + 1, v.get<std::int64_t>()) : sqlite3_bind_text(s, i + 1, v.get<std::string>().c_str(), -1, SQLITE_TRANSIENT);
  }
  std::string ids;
  while (sqlite3_step(s) == SQLITE_ROW) ids += std::to_string(sqlite3_column_int64(s, 0)) + "\n";
  sqlite3_finalize(s);
  sqlite3_close(db);
  EXPECT_EQ("id\n" + ids, grille(as(mark, {"--csv", "select id from orders order by id"})).out);
}
TEST_F(rewriting, explains_with_the_sentences_that_applied) {
  for (std::vector<std::string> const& where : {std::vector<std::string>{"--db", url()}, {"--schema", bookstore_sql}}) {
    std::vector<std::string> all{"explain", where[0], where[1], "--policy", bookstore, "--principal", mark, "select id, name, email from users"};
    auto const r = grille(all);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_THAT(r.out, AllOf(HasSubstr("allow merchant to select contact on users"), HasSubstr("mask (name as 'withheld')"))) << r.out;
  }
}

// --- format --------------------------------------------------------------------------------------------------------------

TEST_F(formatting, prints_the_canonical_form_and_is_a_fixed_point) {
  auto const once = grille({"format", "--dialect", "sqlite", "SELECT  a,b FROM t /* c */ WHERE a=1 AND(b='x') -- end"});
  EXPECT_EQ(once.code, 0) << once.err;
  EXPECT_THAT(once.out, AllOf(Not(HasSubstr("end")), Not(HasSubstr("/*"))));
  EXPECT_THAT(lines(once.out), SizeIs(1));
  EXPECT_EQ(grille({"format", "--dialect", "sqlite"}, once.out).out, once.out);
}
TEST_F(formatting, answers_lines_of_either_dialect) {
  auto const r = grille({"format", "--dialect", "postgresql", "--jsonl"}, "{\"sql\": \"select $1::int\"}\n{\"sql\": \"select from from\"}\nnonsense\n{\"sql\": \"select 2\"}\n");
  EXPECT_EQ(r.code, 0);
  auto const l = lines(r.out);
  ASSERT_THAT(l, SizeIs(4));
  EXPECT_EQ(json::parse(l[0]), json::parse(R"({"ok": true, "sql": "select $1::int"})"));
  EXPECT_EQ(json::parse(l[1])["error"]["kind"], "syntax");
  EXPECT_EQ(json::parse(l[2])["error"]["kind"], "usage");
  EXPECT_EQ(json::parse(l[3])["ok"], true);
}
TEST_F(formatting, refuses_with_exit_code_2_and_a_caret) {
  auto const r = grille({"format", "--dialect", "sqlite", "select (1"});
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.out, IsEmpty());
  EXPECT_THAT(r.err, AllOf(StartsWith("syntax: "), HasSubstr("line 1"), HasSubstr("^")));
}

// --- check ---------------------------------------------------------------------------------------------------------------

TEST_F(checking, compiles_the_book_store_against_database_schema_file_or_neighbour) {
  for (std::vector<std::string> const& arguments : {std::vector<std::string>{"check", bookstore, "--db", url()}, {"check", bookstore, "--schema", bookstore_sql}, {"check", bookstore}}) {
    auto const r = grille(arguments);
    EXPECT_EQ(r.code, 0) << r.err;
  }
}
TEST_F(checking, tells_all_faults_with_their_places) {
  write("bad.grille", "policy bad version 1; owner 'o' contact 'c';\nprotects users;\nallow public to select (nam) on users;\nallow public to select (id) on users where idd = 1;\n");
  auto const r = grille({"check", file("bad.grille"), "--db", url()});
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.out, IsEmpty());
  EXPECT_THAT(r.err, AllOf(HasSubstr("bad.grille:3:25: error:"), HasSubstr("`nam`"), HasSubstr("bad.grille:4:")));
}
TEST_F(checking, accepting_fixes_what_all_columns_means) {
  write("p.grille", "policy p version 1; owner 'o' contact 'c'; protects books; allow public to select all columns on books;");
  auto const before = grille({"check", file("p.grille"), "--db", url()});
  EXPECT_THAT(before.out, HasSubstr("without a lock file"));
  EXPECT_FALSE(fs::exists(file("p.grille.lock")));
  EXPECT_EQ(grille({"check", file("p.grille"), "--db", url(), "--accept"}).code, 0);
  EXPECT_THAT(read(file("p.grille.lock")), AllOf(HasSubstr("table books"), HasSubstr("supplier_note")));
  EXPECT_THAT(grille({"check", file("p.grille"), "--db", url()}).out, Not(HasSubstr("lock file")));

  make("shop.db", "alter table books add column secret_margin integer default 7;");
  auto const after = grille({"check", file("p.grille"), "--db", url()});
  EXPECT_EQ(after.code, 0);
  EXPECT_THAT(after.out, AllOf(HasSubstr("warning"), HasSubstr("`secret_margin`"), HasSubstr("new since")));
  auto const seen = grille({"query", "--db", url(), "--policy", file("p.grille"), "--csv", "select * from books"});
  EXPECT_THAT(seen.out, AllOf(HasSubstr("supplier_note"), Not(HasSubstr("secret_margin")))) << "closed until the owner accepts";
}

TEST_F(checking, a_history_that_is_not_there_is_told_with_how_it_is_made) {
  make("kept.db", "create table books (id integer primary key, title text);");
  write("p.grille", "policy p version 1; owner 'o' contact 'c'; protects books; keep history of books in books_then;");
  auto const r = grille({"check", file("p.grille"), "--db", url("kept.db")});
  EXPECT_EQ(r.code, 2);
  auto const made = r.err.find("create table \"books_then\" (");
  ASSERT_NE(made, std::string::npos) << r.out << r.err;
  make("kept.db", r.err.substr(made, r.err.find('\n', made) - made) + ";");
  write("p.grille", "policy p version 1; owner 'o' contact 'c'; protects books, books_then; keep history of books in books_then;");
  auto const again = grille({"check", file("p.grille"), "--db", url("kept.db")});
  EXPECT_EQ(again.code, 0) << again.err;
}

// --- test ----------------------------------------------------------------------------------------------------------------

TEST_F(testing_policies, the_book_stores_examples_hold) {
  auto const r = grille({"test", bookstore});
  EXPECT_EQ(r.code, 0) << r.out << r.err;
  EXPECT_THAT(r.out, AllOf(HasSubstr("8 hold, 0 fail\n")));
}
TEST_F(testing_policies, an_example_that_does_not_hold_fails_with_its_reason) {
  auto text = read(bookstore);
  text += "\nexpect anna can select (id) on orders where id = 2;\nexpect mark cannot select (email) on users where id = 17;\n";
  write("bookstore.grille", text);
  auto const r = grille({"test", file("bookstore.grille"), "--schema", bookstore_sql});
  EXPECT_EQ(r.code, 2);
  EXPECT_THAT(r.out, AllOf(HasSubstr("FAILS"), HasSubstr("sees no such row"), HasSubstr("masked as 'a***'"), HasSubstr("8 hold, 2 fail")));
}

// --- init ----------------------------------------------------------------------------------------------------------------

TEST_F(beginning, a_skeleton_compiles_and_grants_nothing) {
  make("odd.db", "create table \"odd \"\"name\n; allow public to select all columns on \" (\"select\" text, \"b c\" integer);");
  for (auto const* db : {"shop.db", "odd.db"}) {
    auto const r = grille({"init", "--db", url(db)});
    ASSERT_EQ(r.code, 0) << r.err;
    write("fresh.grille", r.out);
    auto const checked = grille({"check", file("fresh.grille"), "--db", url(db)});
    EXPECT_EQ(checked.code, 0) << checked.err << r.out;
    EXPECT_THAT(checked.out, HasSubstr("nobody can reach"));
    EXPECT_EQ(grille({"query", "--db", url(db), "--policy", file("fresh.grille"), "--principal", ada, "select * from users"}).code, 3);
  }
  EXPECT_THAT(grille({"init", "--schema", bookstore_sql}).out, AllOf(HasSubstr("policy bookstore version 1;"), HasSubstr("protects ")));
}

}  // namespace
