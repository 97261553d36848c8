// `grille audit`, `--audit`, and standard streams that are closed, full or endless, as a script meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/process.hpp"
#include "own_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using cli_test::outcome;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto* rules =
    "policy notes version 3;\nprotects notes;\nrole writer;\n"
    "allow writer to select (id, text), insert (id, text) on notes;\n";
constexpr auto* writer = R"({"id": "w-1", "roles": [{"role": "writer"}]})";

/// A line for `--jsonl`.
std::string insertion(int id) { return "{\"sql\": \"insert into notes (id, text) values (" + std::to_string(id) + ", 'x')\"}"; }

class auditing : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = own_folder("grille_audit");
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(at("notes.db").c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, "create table notes (id integer primary key, text text, hidden text)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    write("notes.grille", rules);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string at(std::string const& name) const { return (folder_ / name).string(); }
  void write(std::string const& name, std::string const& text) const { std::ofstream(at(name), std::ios::binary) << text; }
  std::string read(std::string const& name) const {
    std::ifstream in(at(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), GRILLE_COMMAND);
    return arguments;
  }
  static outcome grille(std::vector<std::string> arguments, std::string const& input = {}) { return cli_test::run(command(std::move(arguments)), input); }
  std::vector<std::string> query(std::vector<std::string> const& more) const {
    std::vector<std::string> all{"query", "--db", "sqlite:" + at("notes.db"), "--policy", at("notes.grille"), "--principal", writer};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// By a shell, with what it does to the streams.
  outcome redirected(std::vector<std::string> const& arguments, std::string const& how) const {
    std::vector<std::string> all{"/bin/sh", "-c", "exec \"$0\" \"$@\" " + how};
    auto const c = command(arguments);
    all.insert(all.end(), c.begin(), c.end());
    return cli_test::run(all);
  }

  fs::path folder_;
};

TEST_F(auditing, a_trail_is_kept_and_verified) {
  auto const made = grille({"audit", "keygen", at("k")});
  EXPECT_EQ(made.code, 0);
  EXPECT_EQ(made.out.size(), 65U) << "the public key";
  EXPECT_EQ(grille({"audit", "keygen", at("k")}).code, 1) << "never over another";
  std::vector<std::string> const trail{"--audit", at("t"), "--audit-key", at("k.key")};
  auto const with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), trail.begin(), trail.end());
    return query(more);
  };
  EXPECT_EQ(grille(with({"insert into notes (id, text) values (1, 'secret')"})).code, 0);
  EXPECT_EQ(grille(with({"select hidden from notes"})).code, 3);

  auto const good = grille({"audit", "verify", at("t"), "--key", at("k.pub"), "--closed"});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, AllOf(StartsWith("ok: 10 records, 1 to 10, of trail "), HasSubstr("\nsigned: 4 heads, the last is record 10, by " + made.out),
                              HasSubstr("\nhead 10:")));
  EXPECT_THAT(good.err, IsEmpty());
  auto const text = read("t");
  for (auto const* what : {R"("phase":"decided")", R"("phase":"finished")", R"("phase":"ended")", R"("decision":"committed")", R"("decision":"not_found")",
                           R"("principal":"w-1")", R"("policy_version":"notes 3")", R"("accesses":[{"table":"main.notes","method":"insert","columns":["id","text"]}])"})
    EXPECT_THAT(text, HasSubstr(what));

  auto const head = good.out.substr(good.out.find("\nhead ") + 6, 67);
  EXPECT_EQ(grille({"audit", "verify", at("t"), "--expect-head", head}).code, 0);
  auto const cut = text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  write("t", cut);
  EXPECT_EQ(grille({"audit", "verify", at("t"), "--key", at("k.pub")}).code, 0);
  EXPECT_THAT(grille({"audit", "verify", at("t")}).out, AllOf(HasSubstr("\nnot covered by a signature: records 9 to 9\n"), HasSubstr("\nopen: ")));
  auto const noticed = grille({"audit", "verify", at("t"), "--expect-head", head});
  EXPECT_EQ(noticed.code, 5);
  EXPECT_THAT(noticed.out, IsEmpty());
  EXPECT_THAT(noticed.err, HasSubstr("is not in it"));
  EXPECT_EQ(grille({"audit", "verify", at("t"), "--closed"}).code, 5);

  auto changed = text;
  changed.replace(changed.find("w-1"), 3, "w-2");
  write("t", changed);
  auto const bad = grille({"audit", "verify", at("t")});
  EXPECT_EQ(bad.code, 5);
  EXPECT_EQ(bad.err, at("t") + ":3: its hash is not of its text: it was changed\nbefore it: 2 records, 1 to 2; the last signed head is record 2\n");
}

TEST_F(auditing, wrong_use_is_told) {
  write("t", "");
  for (std::vector<std::string> const& wrong : std::vector<std::vector<std::string>>{{"audit"},
                                                                                      {"audit", "verify"},
                                                                                      {"audit", "keygen", ""},
                                                                                      {"audit", "verify", at("none")},
                                                                                      {"audit", "verify", folder_.string()},
                                                                                      {"audit", "verify", at("t"), "--key", at("none")},
                                                                                      {"audit", "verify", at("t"), "--key", "/dev/zero"},
                                                                                      {"audit", "verify", at("t"), "--key", at("notes.db")},
                                                                                      {"audit", "verify", at("t"), "--expect-head", "x"},
                                                                                      {"audit", "verify", at("t"), "--expect-head", "1:ab"},
                                                                                      query({"--audit-key", at("k.key"), "select 1"}),
                                                                                      query({"--audit", at("t"), "--audit-key", at("none"), "select 1"}),
                                                                                      query({"--audit", "/dev/full", "select 1"}),
                                                                                      query({"--audit", at("notes.grille"), "select 1"}),
                                                                                      query({"--jsonl", "select 1"}),
                                                                                      {"format", "--dialect", "sqlite", "--jsonl", "select 1"}}) {
    auto const r = grille(wrong);
    EXPECT_EQ(r.code, 1) << testing::PrintToString(wrong) << r.err;
    EXPECT_THAT(r.out, IsEmpty());
  }
  EXPECT_EQ(grille({"audit", "verify", at("t")}).code, 5) << "an empty file is no trail";
  EXPECT_EQ(grille({"audit", "verify", at("notes.db")}).code, 5);
  EXPECT_EQ(grille(query({"--audit", folder_.string(), "select 1"})).code, 4);
  EXPECT_EQ(read("notes.grille"), rules);
}

TEST_F(auditing, what_was_answered_before_a_kill_is_recorded) {
  auto const args = command(query({"--jsonl", "--audit", at("t")}));
  int id = 0, answered = 0;
  for (int round = 0; round < 8; ++round) {
    cli_test::conversation c(args);
    for (int n = 0; n < 3 + round * 5; ++n) c.say(insertion(++id));
    for (int n = 0; n < 1 + round * 3; ++n) ASSERT_THAT(c.hear(60s), HasSubstr("\"ok\": true"));
    answered += 1 + round * 3;
    std::istringstream rest(c.kill());
    for (std::string line; std::getline(rest, line);) answered += line.starts_with("{\"ok\": true") && line.ends_with('}') ? 1 : 0;
  }
  EXPECT_EQ(grille(query({"--audit", at("t"), "select id from notes"})).code, 0) << "what was written in part is mended";
  auto const verified = grille({"audit", "verify", at("t")});
  EXPECT_EQ(verified.code, 0) << verified.err;

  int finished = 0;
  std::istringstream in(read("t"));
  std::set<std::string> decided;
  for (std::string line; std::getline(in, line);) {
    auto const r = nlohmann::json::parse(line, nullptr, false);
    if (r.is_discarded()) continue;  // torn
    if (r.value("phase", "") == "decided") decided.insert(r["id"]);
    if (r.value("phase", "") == "finished") {
      EXPECT_TRUE(decided.contains(r["id"].get<std::string>()));
      ++finished;
    }
  }
  auto const stored = grille(query({"--csv", "select count(*) as n from notes"}));
  auto const rows = std::stoi(stored.out.substr(stored.out.find('\n') + 1));
  EXPECT_GE(rows, answered) << "what was answered was done";
  EXPECT_GE(finished - 1, rows) << "what was done is recorded; the query above is one of them";
}

TEST_F(auditing, answers_that_nobody_can_read_are_no_success) {
  auto const select = query({"select count(*) as n from notes"});
  for (auto const* how : {">/dev/full", ">&-"}) {
    EXPECT_EQ(redirected(select, how).code, 4) << how;
    EXPECT_EQ(redirected({"format", "--dialect", "sqlite", "select 1"}, how).code, 4) << how;
    EXPECT_EQ(redirected({"--help"}, how).code, 4) << how;
    EXPECT_EQ(redirected({"init", "--db", "sqlite:" + at("notes.db")}, how).code, 4) << how;
  }
  EXPECT_EQ(redirected(select, "2>&-").code, 0);
  EXPECT_EQ(redirected(query({"select hidden from notes"}), "2>&-").code, 3);
  EXPECT_EQ(redirected(query({}), "<&-").code, 2) << "no statement";
}

TEST_F(auditing, a_closed_stream_is_not_taken_for_the_trail) {
  EXPECT_EQ(redirected(query({"--audit", at("t"), "select count(*) as n from notes"}), "<&- >&- 2>&-").code, 4);
  auto const r = grille({"audit", "verify", at("t"), "--closed"});
  EXPECT_EQ(r.code, 0) << r.err;
}

TEST_F(auditing, nothing_more_is_done_when_nobody_hears_the_answers) {
  std::string lines;
  for (int i = 1; i <= 50; ++i) lines += insertion(i) + "\n";
  write("lines", lines);
  EXPECT_EQ(redirected(query({"--jsonl"}), "< '" + at("lines") + "' > /dev/full").code, 4);
  EXPECT_THAT(grille(query({"--csv", "select count(*) as n from notes"})).out, testing::AnyOf("n\r\n1\r\n", "n\n1\n")) << "the first was done before";
}

TEST_F(auditing, files_without_an_end_are_refused) {
  EXPECT_EQ(redirected(query({}), "< /dev/zero").code, 2);
  EXPECT_EQ(grille({"check", at("notes.grille"), "--schema", "/dev/zero"}).code, 2);
  EXPECT_EQ(grille({"check", "/dev/zero", "--db", "sqlite:" + at("notes.db")}).code, 2);
  EXPECT_EQ(grille({"check", at("notes.grille"), "--schema", folder_.string()}).code, 1);
  EXPECT_EQ(grille({"rewrite", "--schema", folder_.string(), "--policy", at("notes.grille"), "select 1"}).code, 1);
}

}  // namespace
