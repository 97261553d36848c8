// Rewritten SQL, by file: tests/rewrite/*.case. Each case is also run: tests/attack has the answers; here stands the shape, as the
// header comment of rewrite.hpp names it, read by a person before it was written down.
//
//   POLICY RULES (over the people of tests/policy/fixture.hpp)
//   ====
//   # why
//   as buyer | merchant 1 9 | auditor | nobody …   (roles, with the shops that they are held for)
//   SELECT …
//   --
//   the SQL that is sent, or `error KIND: message`
//
// GRILLE_REWRITE_CASES=1 writes what comes out into the file, for a person to read.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "policy/fixture.hpp"
#include "print/print.hpp"
#include "rewrite/rewrite.hpp"
#include "verify/guarded_statement.hpp"

namespace grille::rewrite {
namespace {

using policy::testing::compile_rules;

policy::caller caller_of(std::string const& line) {
  policy::caller who;
  who.id = "u-1";
  who.principal = {{"user_id", 17}};
  std::istringstream words(line);
  std::string word, role;
  words >> word;  // as
  while (words >> word) {
    if (word == "nobody") return {};
    if (word == "buyer") {
      who.groups.push_back("customers");
    } else if (std::isdigit(static_cast<unsigned char>(word[0])) != 0) {
      who.roles.push_back({role, {{"shop_id", std::stoll(word)}}});
    } else {
      role = word;
      if (role != "merchant" && role != "chief") who.roles.push_back({role, {}});
    }
  }
  return who;
}

std::string rewritten(policy::access const& who, std::string const& sql) {
  base::arena memory;
  auto const told = [](base::fault const& f) { return "error " + std::string(to_string(f.kind)) + ": " + f.message + (f.help.empty() ? "" : " (" + f.help + ")"); };
  auto const tree = grammar::parse_statement(sql, dialect::sqlite, memory);
  if (!tree) return told(tree.error());
  bind::options o{who, memory};
  o.text = sql;
  auto const bound = bind::bind_statement(**tree, o);
  if (!bound) return told(bound.error());
  if (auto const done = rewrite(**bound, who, memory); !done) return told(done.error());
  auto const back = bind::unbind(**bound, dialect::sqlite, memory);
  auto text = print::print(*back.statement, dialect::sqlite);
  auto const checked = verify::verify(text, back.slots, (*bound)->parameters, who);
  if (!checked) return text + "\n" + told(checked.error());
  return text;
}

class cases : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(cases, become_the_sql_that_is_written_down) {
  std::ifstream in(GetParam());
  std::string rules, line, out, why;
  while (std::getline(in, line) && line != "====") rules += line + "\n";
  auto const policy = compile_rules(rules);
  for (auto const& f : policy.result.faults) ADD_FAILURE() << f.at.line << ": " << f.message;
  ASSERT_NE(policy.result.policy, nullptr);
  out = rules + "====\n";
  unsigned count = 0;
  std::string who, sql, expected;
  bool answer = false;
  auto const finish = [&] {
    if (sql.empty()) return;
    ++count;
    auto const access = policy::decide(policy.result.policy, caller_of(who), policy::testing::at(2026, 11, 22));
    ASSERT_TRUE(access) << access.error().message;
    sql.pop_back();
    auto const actual = rewritten(**access, sql);
    if (!expected.empty()) expected.pop_back();
    if (std::getenv("GRILLE_REWRITE_CASES") == nullptr) {
      EXPECT_EQ(actual, expected) << why << who << "\n" << sql;
    }
    out += why + who + "\n" + sql + "\n--\n" + actual + "\n\n";
    who.clear(), sql.clear(), expected.clear(), why.clear();
    answer = false;
  };
  while (std::getline(in, line)) {
    if (line.empty()) finish();
    else if (line == "--") answer = true;
    else if (answer) expected += line + "\n";
    else if (line[0] == '#') why += line + "\n";
    else if (line.starts_with("as ")) who = line;
    else sql += line + "\n";
  }
  finish();
  EXPECT_GT(count, 0U);
  if (std::getenv("GRILLE_REWRITE_CASES") != nullptr) std::ofstream(GetParam()) << out;
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> out;
  for (auto const& f : std::filesystem::directory_iterator(GRILLE_TESTS_DIR "/rewrite"))
    if (f.path().extension() == ".case") out.push_back(f.path());
  std::sort(out.begin(), out.end());
  return out;
}
INSTANTIATE_TEST_SUITE_P(rewrite, cases, ::testing::ValuesIn(files()), [](auto const& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace grille::rewrite
