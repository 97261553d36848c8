// Random policies, random writes by a random caller. What must be in the database afterwards is worked out by plain SQL from the
// meaning of the sentences: which rows are seen, which may be written by one grant, what each must be afterwards. So no row outside of the
// grants has changed, and no row inside of them was left out. And on a database without the rows that the caller may not see, every
// answer is the same.
// RapidCheck's environment variable makes it longer: RC_PARAMS="max_success=5000".
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <random>

#include "cases/guarded.hpp"
#include "cases/raw_database.hpp"

namespace {

using strings = std::vector<std::string>;

constexpr auto* schema =
    "create table t (id integer primary key, owner integer, kind text collate nocase, a integer, b numeric, note text, unique (kind, "
    "note));";
strings const seen_columns{"id", "owner", "kind", "a", "b"};
strings const written_columns{"owner", "kind", "a", "b", "note"};

class chance {
 public:
  explicit chance(std::uint32_t seed) : random_(seed) {}
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  bool one_in(unsigned n) { return below(n) == 0; }
  std::string const& of(strings const& all) { return all[below(static_cast<unsigned>(all.size()))]; }
  strings some(strings const& all) {
    strings out;
    for (auto const& s : all)
      if (!one_in(3)) out.push_back(s);
    if (out.empty()) out.push_back(of(all));
    return out;
  }

 private:
  std::mt19937 random_;
};

std::string constant(chance& c, std::string const& column) {
  if (c.one_in(9)) return "null";
  if (column == "kind") return c.of({"'x'", "'X'", "'y'", "'z'"});
  if (column == "note") return c.of({"'n'", "'m'"});
  return std::to_string(c.below(5));
}

/// Over the row `r`, and `old.` where there is one. Never NULL by accident of spelling: NULLs come from the data.
std::string predicate(chance& c, bool with_old, unsigned depth = 0) {
  if (depth < 2 && c.one_in(3))
    return "(" + predicate(c, with_old, depth + 1) + (c.one_in(2) ? " and " : " or ") + predicate(c, with_old, depth + 1) + ")";
  auto const column = c.of({"owner", "kind", "a", "b", "note"});
  if (with_old && c.one_in(2))
    return c.of({"a >= old.a", "kind = old.kind", "old.owner = 1", "b <> old.b", "owner = old.owner", "old.note is null"});
  switch (c.below(5)) {
    case 0:
      return column + " is not null";
    case 1:
      return column + " <> " + constant(c, column);
    case 2:
      return "a > " + std::to_string(c.below(4));
    case 3:
      return "a <> b";
    default:
      return column + " = " + constant(c, column);
  }
}

struct grant {
  strings columns;
  std::optional<std::string> where, so_that;
  std::map<std::string, std::string> settings;
};
struct rules {
  std::vector<grant> select, insert, update, remove;
  std::map<std::string, strings> restricts;  // by method

  std::string text() const {
    std::string out = "policy p version 1; owner 'o' contact 'c'; protects t; role caller;\n";
    auto const listed = [](strings const& all) {
      std::string s;
      for (auto const& c : all) s += (s.empty() ? "" : ", ") + c;
      return s;
    };
    auto const put = [&](std::string const& method, grant const& g) {
      out += "allow caller to " + method + (g.columns.empty() ? "" : " (" + listed(g.columns) + ")") + " on t";
      std::string set;
      for (auto const& [column, value] : g.settings) set += (set.empty() ? " setting " : ", ") + column + " = " + value;
      out += set + (g.where ? " where " + *g.where : "") + (g.so_that ? " so that " + *g.so_that : "") + ";\n";
    };
    for (auto const& g : select) put("select", g);
    for (auto const& g : insert) put("insert", g);
    for (auto const& g : update) put("update", g);
    for (auto const& g : remove) put("delete", g);
    for (auto const& [method, all] : restricts)
      for (auto const& p : all) out += "restrict " + method + " on t to " + p + ";\n";
    return out;
  }
};

rules some_rules(chance& c) {
  rules r;
  for (unsigned n = c.below(3) + (c.one_in(8) ? 0 : 1); n > 0; --n)
    r.select.push_back({seen_columns, c.one_in(3) ? std::nullopt : std::optional(predicate(c, false)), {}, {}});
  auto const settings = [&](grant& g) {
    if (!c.one_in(3)) return;
    auto const column = c.of({"owner", "note"});
    std::erase(g.columns, column);
    if (!g.columns.empty())
      g.settings[column] = constant(c, column);
    else
      g.columns.push_back(column);
  };
  for (unsigned n = c.below(3); n > 0; --n) {
    grant g{c.some({"id", "owner", "kind", "a", "b", "note"}), {}, c.one_in(3) ? std::nullopt : std::optional(predicate(c, false)), {}};
    settings(g);
    r.insert.push_back(g);
  }
  for (unsigned n = c.below(4); n > 0; --n) {
    grant g{c.some(written_columns),
            c.one_in(4) ? std::nullopt : std::optional(predicate(c, false)),
            c.one_in(2) ? std::nullopt : std::optional(predicate(c, true)),
            {}};
    settings(g);
    r.update.push_back(g);
  }
  for (unsigned n = c.below(3); n > 0; --n)
    r.remove.push_back({{}, c.one_in(4) ? std::nullopt : std::optional(predicate(c, false)), {}, {}});
  for (auto const* method : {"insert", "update", "delete", "select"})
    if (c.one_in(4)) r.restricts[method].push_back(predicate(c, false));
  return r;
}

struct write {
  std::string method, sql;  // what the caller says
  strings columns;
  std::map<std::string, std::string> set;                // update
  std::vector<std::map<std::string, std::string>> rows;  // insert
  std::string where;                                     // over seen columns
};

write some_write(chance& c, unsigned& next_id, bool sees) {
  write w;
  w.method = c.of({"insert", "update", "update", "delete"});
  w.where =
      sees && !c.one_in(4)
          ? c.of({"id > 4", "a < 3", "kind = 'X'", "id in (select id from t where a > 1)", "owner = 1", "(select count(*) from t) > 3"})
          : "true";
  if (w.method == "insert") {
    w.columns = c.some({"owner", "kind", "a", "b", "note"});
    w.columns.insert(w.columns.begin(), "id");
    std::string names, values;
    for (auto const& column : w.columns) names += (names.empty() ? "" : ", ") + column;
    for (unsigned n = 1 + c.below(3); n > 0; --n) {
      std::map<std::string, std::string> row;
      std::string one;
      for (auto const& column : w.columns) {
        row[column] = column == "id" ? std::to_string(next_id++) : constant(c, column);
        one += (one.empty() ? "" : ", ") + row[column];
      }
      values += (values.empty() ? "(" : ", (") + one + ")";
      w.rows.push_back(row);
    }
    w.sql = "insert into t (" + names + ") values " + values;
  } else if (w.method == "update") {
    w.columns = c.some(c.one_in(2) ? strings{"a", "b"} : written_columns);
    for (auto const& column : w.columns) {
      auto const computed = sees && column != "note" && c.one_in(3) ? (column == "kind" ? "kind" : c.of({"a + 1", "b", "owner", "kind"}))
                                                                    : constant(c, column);
      w.set[column] = computed;
      w.sql += (w.sql.empty() ? "update t set " : ", ") + column + " = " + computed;
    }
    w.sql += " where " + w.where;
  } else {
    w.sql = "delete from t where " + w.where;
  }
  return w;
}

std::string all_of(strings const& parts) {
  std::string out = "1";
  for (auto const& p : parts) out += " and (" + p + ")";
  return "(" + out + ")";
}
std::string any_of(strings const& parts) {
  std::string out = "0";
  for (auto const& p : parts) out += " or (" + p + ")";
  return "(" + out + ")";
}

/// What the sentences mean, in plain SQL.
class oracle {
 public:
  oracle(rules const& r, cases::raw_database& db) : rules_(r), db_(db) {}

  /// The rows written, or nothing where the write must be refused. Then nothing has changed.
  std::optional<std::size_t> run(write const& w) {
    auto const& all = w.method == "insert" ? rules_.insert : w.method == "update" ? rules_.update : rules_.remove;
    auto const names = [&](grant const& g, std::string const& column) { return std::ranges::find(g.columns, column) != g.columns.end(); };
    auto const covers = [&](grant const& g) {
      return std::ranges::all_of(w.columns, [&](auto const& column) { return names(g, column); });
    };
    auto const first = std::ranges::find_if(all, covers);
    if (first == all.end()) return std::nullopt;
    std::vector<grant> by;
    for (auto const& g : all) {
      bool same = covers(g);
      for (auto const& [column, value] : g.settings) same = same && first->settings.contains(column) && first->settings.at(column) == value;
      for (auto const& [column, value] : first->settings) same = same && (g.settings.contains(column) || names(g, column));
      if (same) by.push_back(g);
    }
    db_.run(
        "savepoint s; drop table if exists temp.was; create temp table was (id integer primary key, owner integer, kind text "
        "collate nocase, a integer, b numeric, note text, m0, m1, m2)");
    auto const done = w.method == "insert" ? insert(w, *first, by) : change(w, *first, by);
    if (!done) db_.run("rollback to s");
    db_.run("release s");
    return done;
  }

 private:
  strings restricted(std::string const& method) const {
    auto const found = rules_.restricts.find(method);
    return found == rules_.restricts.end() ? strings{} : found->second;
  }
  std::string seen() const {
    strings any;
    for (auto const& g : rules_.select) {
      auto all = restricted("select");
      if (g.where) all.push_back(*g.where);
      any.push_back(all_of(all));
    }
    return rules_.select.empty() ? "1" : any_of(any);
  }
  /// What the caller's own condition is asked of: the rows it sees.
  std::string as_seen(std::string sql) const {
    for (auto at = sql.find("from t"); at != std::string::npos; at = sql.find("from t", at + 40))
      sql.replace(at, 6, "from (select * from t where " + seen() + ") as t");
    return sql;
  }
  std::size_t count(std::string const& sql) { return static_cast<std::size_t>(std::stoull(db_.query(sql).rows[0][0])); }
  static std::string with_old(std::string text) {
    for (auto at = text.find("old."); at != std::string::npos; at = text.find("old.", at + 4)) text.replace(at, 4, "was.");
    return text;
  }
  /// The columns of the row after are `t`'s, where `was` has the same names.
  static std::string of_t(std::string const& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t end = i;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' || text[end] == '.' || text[end] == '\''))
        ++end;
      auto const word = text.substr(i, end - i);
      bool const column = word == "owner" || word == "kind" || word == "a" || word == "b" || word == "note";
      out += column ? "t." + word : word;
      if (end == i) out += text[end++];
      i = end;
    }
    return out;
  }

  std::optional<std::size_t> change(write const& w, grant const& first, std::vector<grant> const& by) {
    strings may;
    std::string flags;
    for (std::size_t i = 0; i < 3; ++i) {
      auto all = restricted(w.method);
      if (i < by.size() && by[i].where) all.push_back(*by[i].where);
      if (i < by.size()) may.push_back(all_of(all));
      flags += ", " + (i < by.size() ? all_of(all) : std::string("0"));
    }
    db_.run("insert into was select *" + flags + " from t where " + seen() + " and (" + as_seen(w.where) + ") and " + any_of(may));
    auto const n = count("select count(*) from was");
    if (w.method == "delete") {
      db_.run("delete from t where id in (select id from was)");
      return n;
    }
    std::string set;
    auto values = w.set;
    for (auto const& [column, value] : first.settings) values[column] = value;
    for (auto const& [column, value] : values) set += (set.empty() ? "" : ", ") + column + " = " + value;
    try {
      db_.run("update t set " + set + " where id in (select id from was)");
    } catch (cases::raw_error const&) {
      return std::nullopt;  // the unique key
    }
    strings good;
    for (std::size_t i = 0; i < by.size(); ++i) {
      auto const& g = by[i];
      strings all{"was.m" + std::to_string(i)};
      for (auto const& p : restricted("update")) all.push_back(of_t(p));
      if (g.so_that)
        all.push_back(with_old(of_t(*g.so_that)));
      else if (g.where)
        all.push_back(of_t(*g.where));
      good.push_back(all_of(all));
    }
    auto const bad = count("select count(*) from was join t on t.id = was.id where (" + any_of(good) + ") is not true");
    return bad == 0 ? std::optional(n) : std::nullopt;
  }

  std::optional<std::size_t> insert(write const& w, grant const& first, std::vector<grant> const& by) {
    std::string ids;
    for (auto row : w.rows) {
      for (auto const& [column, value] : first.settings) row[column] = value;
      std::string names, values;
      for (auto const& [column, value] : row) {
        names += (names.empty() ? "" : ", ") + column;
        values += (values.empty() ? "" : ", ") + value;
      }
      try {
        db_.run("insert into t (" + names + ") values (" + values + ")");
      } catch (cases::raw_error const&) {
        return std::nullopt;
      }
      ids += (ids.empty() ? "" : ", ") + row["id"];
    }
    strings good;
    for (auto const& g : by) {
      auto all = restricted("insert");
      if (g.so_that) all.push_back(*g.so_that);
      good.push_back(all_of(all));
    }
    auto const bad = count("select count(*) from t where id in (" + ids + ") and (" + any_of(good) + ") is not true");
    return bad == 0 ? std::optional(w.rows.size()) : std::nullopt;
  }

  rules const& rules_;
  cases::raw_database& db_;
};

struct counts {
  std::size_t writes{}, written{}, rows{}, refused{}, conflicts{};
  std::map<std::string, std::size_t> kinds;
};

struct answered {
  std::string error;  // kind and message
  std::uint64_t affected{};
  friend bool operator==(answered const&, answered const&) = default;
};
answered ask(grille::sqlite::database const& db, std::string const& sql) {
  try {
    auto session = db.session(grille::principal("c").role("caller"));
    return {{}, session.execute(sql)};
  } catch (grille::error const& e) {
    return {std::string(to_string(e.kind())) + ": " + e.what(), 0};
  }
}

void try_one(std::uint32_t seed, counts& n) {
  chance c(seed);
  auto const r = some_rules(c);
  std::string data;
  for (unsigned id = 1; id <= 10; ++id) {
    data += "insert or ignore into t values (" + std::to_string(id);
    for (auto const* column : {"owner", "kind", "a", "b", "note"}) data += ", " + constant(c, column);
    data += ");";
  }
  cases::scratch_file const file("writes"), other("writes-unseen");
  cases::raw_database raw(file.path()), plain, fewer(other.path());
  for (auto* db : {&raw, &plain, &fewer}) db->run(std::string(schema) + data);
  auto const policies = [&] { return grille::policy_set::parse(r.text(), "p.grille"); };
  grille::sqlite::database const guarded(file.path(), policies()), without(other.path(), policies());
  oracle means(r, plain);
  std::string unseen = "0";
  if (!r.select.empty()) {
    strings any;
    for (auto const& g : r.select) {
      strings all = r.restricts.contains("select") ? r.restricts.at("select") : strings{};
      if (g.where) all.push_back(*g.where);
      any.push_back(all_of(all));
    }
    unseen = "(" + any_of(any) + ") is not true";
  }
  unsigned next_id = 100;
  for (int i = 0; i < 6; ++i) {
    auto const w = some_write(c, next_id, !r.select.empty());
    // what the caller cannot see is taken away from a copy of what there is now
    fewer.run("delete from t");
    fewer.run("attach '" + file.path().string() + "' as now; insert into t select * from now.t; detach now; delete from t where " + unseen);
    auto const wanted = means.run(w);
    auto const got = ask(guarded, w.sql);
    auto const got_elsewhere = ask(without, w.sql);
    auto const story = "seed " + std::to_string(seed) + "\n" + r.text() + data + "\n" + w.sql + "\n" +
                       (got.error.empty() ? std::to_string(got.affected) + " written" : got.error);
    ++n.writes;
    auto const conflict = got.error.starts_with("conflict") || got_elsewhere.error.starts_with("conflict");
    if (got.error.empty())
      ++n.written, n.rows += got.affected;
    else
      ++n.kinds[got.error.substr(0, got.error.find(':'))];
    if (wanted.has_value() != got.error.empty())
      RC_FAIL("the sentences mean " + (wanted ? std::to_string(*wanted) + " rows" : std::string("a refusal")) + "\n" + story);
    if (wanted && *wanted != got.affected) RC_FAIL("the sentences mean " + std::to_string(*wanted) + " rows\n" + story);
    if (raw.query("select * from t order by id") != plain.query("select * from t order by id"))
      RC_FAIL("another database\n" + story + "\n" + to_text(plain.query("select * from t order by id")) +
              to_text(raw.query("select * from t order by id")));
    if (!r.select.empty() && !conflict && got != got_elsewhere)
      RC_FAIL("can tell what it cannot see: " + got_elsewhere.error + "\n" + story);
  }
}

TEST(any_policy_and_write, changes_what_the_sentences_mean_and_nothing_else) {
  counts n;
  bool const good =
      rc::check("no row outside of the grants changes, none inside is left out", [&](std::uint32_t seed) { try_one(seed, n); });
  EXPECT_TRUE(good);
  std::string kinds;
  for (auto const& [kind, times] : n.kinds) kinds += ", " + std::to_string(times) + " " + kind;
  std::printf("%zu writes, %zu done, %zu rows%s\n", n.writes, n.written, n.rows, kinds.c_str());
  EXPECT_GT(n.written, n.writes / 10);
  EXPECT_GT(n.rows, n.writes / 5);
  EXPECT_GT(n.kinds["check_failed"], 5U);
}

}  // namespace
