// Writes, tried as each caller: one test for each block of *.case and caller. Each runs on a database of its own; what must be in it
// afterwards is worked out by plain SQL, and on a database that differs in what the caller may not see the answer must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <memory>
#include <ostream>
#include <regex>
#include <set>
#include <sstream>

#include "cases/guarded.hpp"
#include "cases/seen.hpp"

namespace {

using cases::block;
using cases::expectation;

struct attempt {
  std::string world;
  cases::block block;
  std::string caller;
  friend std::ostream& operator<<(std::ostream& out, attempt const& a) {
    return out << a.block.file << ".case:" << a.block.line << ", as " << a.caller;
  }
};

std::vector<attempt> read_all() {
  std::vector<std::filesystem::path> files;
  for (auto const& f : std::filesystem::directory_iterator(GRILLE_TESTS_DIR "/write"))
    if (f.path().extension() == ".case") files.push_back(f.path());
  std::ranges::sort(files);
  std::vector<attempt> out;
  for (auto const& f : files) {
    auto const read = cases::read_cases(f);
    for (auto const& b : read.blocks)
      for (auto const& c : b.callers) out.push_back({read.world, b, c});
  }
  return out;
}

std::string test_name(testing::TestParamInfo<attempt> const& info) {
  std::string out;
  for (char const c : info.param.block.file + "_" + info.param.block.title + "__" + info.param.caller)
    out += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : '_';
  return out;
}

std::string clock(std::chrono::seconds ago) {
  auto const then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - ago);
  std::tm parts{};
  gmtime_r(&then, &parts);
  std::array<char, 32> out{};
  std::strftime(out.data(), out.size(), "'%Y-%m-%d %H:%M:%S'", &parts);
  return out.data();
}

/// What a history says of the last hour and of the world's policy stands for any such.
std::string without_time(std::string const& dump) {
  static std::regex const said(R"('\d{4}-\d\d-\d\d \d\d:\d\d:\d\d'|'(\w+ \d+) [0-9a-f]{32}')");
  auto const from = clock(std::chrono::hours(1)), to = clock(std::chrono::seconds(0));
  std::string out;
  auto rest = dump.begin();
  for (std::sregex_iterator m(dump.begin(), dump.end(), said), end; m != end; ++m) {
    out.append(rest, (*m)[0].first);
    auto const text = m->str();
    out += (*m)[1].matched ? "'" + m->str(1) + "'" : text >= from && text <= to ? "'now'" : text;
    rest = (*m)[0].second;
  }
  return out.append(rest, dump.end());
}

/// A database of its own under the world's policy, and what the caller did to it.
struct trial {
  trial(cases::world const& w, cases::caller const& c, block const& b, std::string const& sql, bool changed, bool returning)
      : file(w.name) {
    cases::fill(w, file.path(), changed ? &c : nullptr);
    grille::sqlite::database const db(file.path(), grille::policy_set::parse(w.policy, w.name + ".grille"));
    auto const who = cases::principal_of(c.principal);
    if (returning) {
      got = cases::ask(db, who, sql, b.parameters);
      got.got = sorted(std::move(got.got));
      return;
    }
    std::vector<grille::arg> args;
    for (auto const& p : b.parameters) p.name.empty() ? args.emplace_back(p.value) : args.emplace_back(p.name, p.value);
    try {
      auto session = db.session(who);
      affected = session.execute(sql, args);
    } catch (grille::error const& e) {
      got.refused = cases::refusal{std::string(to_string(e.kind())), e.what(), std::string(e.help()), ""};
      if (e.where()) got.refused->at = e.where()->source.substr(e.where()->begin, e.where()->end - e.where()->begin);
    }
  }
  std::string dump() const { return without_time(cases::raw_database(file.path()).dump()); }

  cases::scratch_file file;
  cases::outcome got;
  std::uint64_t affected{};
};

/// What is in the database after that SQL, without Grille.
std::string after(std::string const& sql, cases::world const& w, bool changed, cases::caller const& c) {
  cases::scratch_file const file(w.name + "-plain");
  cases::fill(w, file.path(), changed ? &c : nullptr);
  cases::raw_database raw(file.path());
  raw.run("pragma foreign_keys = on");
  if (!sql.empty()) raw.run(sql);
  return without_time(raw.dump());
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

std::string as_refused(trial const& t, block const& b, cases::world const& w, cases::caller const& c) {
  auto const& e = b.expected;
  if (!t.got.refused) return "not refused, " + std::to_string(t.affected) + " rows written";
  auto const& r = *t.got.refused;
  if (std::ranges::find(e.errors, r.kind) == e.errors.end()) return "another kind wanted\n" + to_text(t.got);
  if (e.message && r.message.find(*e.message) == std::string::npos) return "another message wanted: " + *e.message + '\n' + to_text(t.got);
  if (e.at && r.at != *e.at) return "underlines something else than " + *e.at + '\n' + to_text(t.got);
  if (!e.twin) return {};
  auto const& [hidden, unknown] = *e.twin;
  trial const other(w, c, b, replaced(b.sql, hidden, unknown), false, false);
  if (!other.got.refused) return "its twin is not refused";
  auto o = *other.got.refused;
  for (auto* text : {&o.message, &o.help, &o.at}) *text = replaced(*text, unknown, hidden);
  return o == r ? "" : "told from a name that does not exist\n" + to_text(t.got) + "its twin\n" + to_text(other.got);
}

std::string verdict(attempt const& a) {
  auto const w = cases::read_world(std::string(GRILLE_TESTS_DIR "/cases/") + a.world + ".world");
  auto const& b = a.block;
  auto const& c = w.by_name(a.caller);
  auto const& e = b.expected;
  if (e.which != expectation::kind::wrote && e.which != expectation::kind::error) return "a write is wanted here";
  trial const one(w, c, b, b.sql, false, false);
  if (e.which == expectation::kind::error) {
    if (auto wrong = as_refused(one, b, w, c); !wrong.empty()) return wrong;
  } else {
    if (one.got.refused) return "refused\n" + to_text(one.got);
    if (one.affected != e.affected) return std::to_string(one.affected) + " rows written";
  }
  if (!b.may_show_canaries && shows_canary(one.got, b.sql)) return "a canary shows\n" + to_text(one.got);
  if (auto const wanted = after(e.after, w, false, c); one.dump() != wanted)
    return "wanted in the database\n" + wanted + "is there\n" + one.dump();

  trial const elsewhere(w, c, b, b.sql, true, false);
  if (elsewhere.affected != one.affected || elsewhere.got != one.got)
    return "can tell what it cannot see\n" + to_text(one.got) + to_text(elsewhere.got);
  if (auto const wanted = after(e.after, w, true, c); elsewhere.dump() != wanted)
    return "on other data wanted in the database\n" + wanted + "is there\n" + elsewhere.dump();

  if (!e.returns) return {};
  trial const returned(w, c, b, b.sql, false, true);
  if (returned.got.refused) return "refused\n" + to_text(returned.got);
  std::string shown, wanted;
  std::vector<std::string> lines = e.rows;
  std::ranges::sort(lines);
  for (auto const& line : lines) wanted += line + '\n';
  std::vector<std::string> mine;
  for (auto const& row : returned.got.got.rows) {
    std::string line;
    for (auto const& cell : row) line += (line.empty() ? "" : " | ") + cell;
    mine.push_back(line);
  }
  std::ranges::sort(mine);
  for (auto const& line : mine) shown += line + '\n';
  if (shown != wanted) return "wanted back\n" + wanted + "got\n" + shown;
  if (!b.may_show_canaries && shows_canary(returned.got, b.sql)) return "a canary shows\n" + to_text(returned.got);
  trial const returned_elsewhere(w, c, b, b.sql, true, true);
  return returned.got == returned_elsewhere.got ? "" : "can tell by what is returned\n" + to_text(returned_elsewhere.got);
}

class writes : public testing::TestWithParam<attempt> {};

TEST_P(writes, end_as_the_policy_means) {
  auto const& a = GetParam();
  std::string wrong;
  try {
    wrong = verdict(a);
  } catch (std::exception const& e) {
    wrong = e.what();
  }
  EXPECT_EQ(wrong, "") << a.block.file << ".case:" << a.block.line << ": " << a.block.title << " (" << a.block.why << ")\n" << a.block.sql;
}

INSTANTIATE_TEST_SUITE_P(cases, writes, testing::ValuesIn(read_all()), test_name);

/// What the docs name as showing a row: cases by `file: title`, tests by `suite.name`; and the engines that each is tried on.
class evidence {
 public:
  evidence() {
    auto const tried = cases::read_file(GRILLE_TESTS_DIR "/write_postgres/write_postgres_test.cpp");
    for (auto const* folder : {"/write", "/write_postgres"})
      for (auto const& f : std::filesystem::directory_iterator(std::string(GRILLE_TESTS_DIR) + folder)) {
        if (f.path().extension() != ".case") continue;
        auto const file = f.path().stem().string();
        auto const shared = std::string(folder) == "/write";
        files_.insert(file);
        for (auto const& b : cases::read_cases(f.path()).blocks) {
          auto& on = on_[file + ": " + b.title];
          if (shared) on.insert("SQLite");
          if (tried.find('"' + file + '"') != std::string::npos && (!shared || tried.find('"' + file + ": " + b.title + '"') == std::string::npos)) on.insert("PostgreSQL");
        }
      }
    static std::regex const test(R"(\nTEST(?:_F|_P)?\((\w+), (\w+)\))");
    for (auto const& f : std::filesystem::recursive_directory_iterator(GRILLE_TESTS_DIR)) {
      if (f.path().extension() != ".cpp") continue;
      auto const text = cases::read_file(f.path());
      auto const served = f.path().string().find("_postgres/") != std::string::npos || text.find("#include \"postgres/server.hpp\"") != std::string::npos;
      for (std::sregex_iterator m(text.begin(), text.end(), test), end; m != end; ++m) on_[m->str(1) + '.' + m->str(2)].insert(served ? "PostgreSQL" : "SQLite");
    }
  }
  /// Nullptr: there is none of that name.
  std::set<std::string> const* find(std::string const& name) const {
    auto const at = on_.find(name);
    return at == on_.end() ? nullptr : &at->second;
  }
  /// Whether a word of the text, outside of the tables, can only be such a name.
  bool is_name(std::string const& word) const {
    static std::regex const test(R"(\w+\.\w+_\w+_\w+)");
    auto const colon = word.find(": ");
    return colon != std::string::npos ? files_.contains(word.substr(0, colon)) : std::regex_match(word, test);
  }

 private:
  std::map<std::string, std::set<std::string>> on_;
  std::set<std::string> files_;
};

std::vector<std::string> quoted_in(std::string const& text) {
  static std::regex const quoted("`([^`]+)`");
  std::vector<std::string> out;
  for (std::sregex_iterator m(text.begin(), text.end(), quoted), end; m != end; ++m) out.push_back(m->str(1));
  return out;
}

/// Tables with a last column `shown by`, of PostgreSQL where the line before says so, else of both engines but where a column `engine` says another.
struct row {
  std::string line, engine;
  std::vector<std::string> shown;
};
std::vector<row> rows_of(std::string const& text) {
  std::vector<row> out;
  std::istringstream in(text);
  bool inside = false, with_engine = false;
  std::string above, engine;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('|')) {
      inside = false;
      if (!line.empty()) above = line;
    } else if (line.ends_with("| shown by |")) {
      inside = true;
      with_engine = line.find("| engine |") != std::string::npos;
      engine = above.starts_with("On PostgreSQL") ? "PostgreSQL" : "both";
    } else if (inside && !line.starts_with("|---")) {
      auto const end = line.rfind(" |"), last = line.rfind(" | ", end - 1), one = line.find(" | ");
      auto const said = with_engine ? line.substr(one + 3, line.find(" | ", one + 3) - one - 3) : engine;
      out.push_back({line, said, quoted_in(line.substr(last + 3, end - last - 3))});
    }
  }
  return out;
}

TEST(the_table_of_outcomes, names_cases_that_are_there) {
  evidence const all;
  for (auto const& [file, least] : {std::pair("writes.md", 90U), std::pair("history.md", 16U)}) {
    auto const text = cases::read_file(std::string(GRILLE_SOURCE_DIR "/docs/") + file);
    for (auto const& word : quoted_in(text)) EXPECT_TRUE(!all.is_name(word) || all.find(word) != nullptr) << file << ": " << word;
    auto const rows = rows_of(text);
    EXPECT_GT(rows.size(), least);
    for (auto const& r : rows) {
      EXPECT_FALSE(r.shown.empty()) << r.line;
      std::set<std::string> on;
      for (auto const& name : r.shown) {
        auto const* const engines = all.find(name);
        EXPECT_NE(engines, nullptr) << file << ": " << name;
        if (engines != nullptr) on.insert(engines->begin(), engines->end());
      }
      auto const wanted = r.engine == "both" ? std::set<std::string>{"PostgreSQL", "SQLite"} : std::set{r.engine};
      EXPECT_TRUE(std::ranges::includes(on, wanted)) << "not tried on " << r.engine << ": " << r.line;
    }
  }
}

}  // namespace
