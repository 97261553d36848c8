// What the allow-list says of SQLite's functions, asked of the engine itself: existence, numbers of arguments, what fails and what cannot.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <set>

#include "catalog/function.hpp"
#include "engine.hpp"

namespace grille::catalog {
namespace {

using testing::IsEmpty;

// Known to the engine of this machine, or to the sqlite3 shell, and refused.
std::set<std::string_view> const refused{
    // operators, and words that are not calls: other parts of the grammar decide about them
    "->", "->>", "current_date", "current_time", "current_timestamp",
    // its second argument must be a literal, which a rewritten statement turns into a parameter
    "likelihood",
    // of the connection and of its other statements
    "changes", "total_changes", "last_insert_rowid", "subtype",
    // of the engine, its files and its code
    "load_extension", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_log", "sqlite_source_id", "sqlite_version",
    "sqlite_offset", "readfile", "writefile", "edit", "eval", "fsdir", "lsmode",
    // of full-text search and of spatial indexes
    "bm25", "fts3_tokenizer", "fts5", "fts5_source_id", "highlight", "match", "matchinfo", "offsets", "optimize", "rtreecheck",
    "rtreedepth", "rtreenode", "snippet", "regexp", "generate_series"};

std::string call(function const& f, std::string_view arguments) {
  auto const name = std::string(f.name);
  auto const list = "(" + std::string(arguments) + ")";
  switch (f.kind) {
    case function_kind::scalar:
      return "select " + name + list;
    case function_kind::aggregate:
      return "select " + name + list + " from (select 1 as a)";
    case function_kind::window:
      return "select " + name + list + " over (order by a) from (select 1 as a)";
    case function_kind::table:
      return "select count(*) from " + name + list;
  }
  return {};
}

std::string repeated(std::vector<std::string> const& arguments, int n) {
  std::string list;
  for (int i = 0; i < n; ++i) {
    if (i > 0) list += ", ";
    list += arguments[std::min(static_cast<std::size_t>(i), arguments.size() - 1)];
  }
  return list;
}

std::string described(function const& f) {
  return std::string(f.name) + " " + std::to_string(f.min_arguments) + ".." + std::to_string(f.max_arguments);
}

TEST(functions_sqlite, every_row_runs_with_every_number_of_arguments_it_claims) {
  engine db;
  std::vector<std::vector<std::string>> const innocuous{{"1"}, {"'{}'", "'$'"}, {"'a'"}, {"'[]'", "'$'", "'{}'", "'$'", "1"}};
  for (auto const& f : functions(dialect::sqlite)) {
    bool ran = false;
    for (int n = f.min_arguments; n <= (f.max_arguments == -1 ? f.min_arguments + 4 : f.max_arguments); ++n) {
      for (auto const& arguments : innocuous) {
        auto const sql = call(f, repeated(arguments, n));
        ASSERT_THAT(db.prepare(sql), IsEmpty()) << sql;
        auto const message = db.step();
        if (!f.can_raise) {
          EXPECT_THAT(message, IsEmpty()) << sql;
        }
        ran |= message.empty();
      }
    }
    EXPECT_TRUE(ran) << described(f);
  }
}

TEST(functions_sqlite, no_row_claims_fewer_or_more_arguments_than_the_engine_takes) {
  engine db;
  for (auto const& f : functions(dialect::sqlite)) {
    if (f.kind == function_kind::table) continue;  // takes any number: tested by its columns below
    for (int const n : {f.min_arguments - 1, f.max_arguments == -1 ? -1 : f.max_arguments + 1}) {
      if (n < 0 || find_function(dialect::sqlite, f.name, n) != nullptr) continue;
      auto const sql = call(f, repeated({"1"}, n));
      EXPECT_FALSE(db.prepare(sql).empty()) << sql << " is taken by the engine";
    }
  }
  EXPECT_THAT(db.prepare("select * from json_each('{}', '$', 1)"), testing::HasSubstr("too many arguments"));
}

TEST(functions_sqlite, every_builtin_of_the_engine_is_allowed_or_refused_on_purpose) {
  engine db;
  auto const builtins = db.rows("select distinct name || '/' || narg from pragma_function_list where builtin");
  ASSERT_GT(builtins.size(), 100U);
  for (auto const& b : builtins) {
    auto const slash = b.rfind('/');
    auto const name = b.substr(0, slash);
    auto const narg = std::stoi(b.substr(slash + 1));
    bool const allowed = narg < 0 ? knows_function(dialect::sqlite, name) : find_function(dialect::sqlite, name, narg) != nullptr;
    EXPECT_NE(allowed, refused.contains(name)) << b << (allowed ? " is allowed and refused" : " is forgotten");
  }
}

TEST(functions_sqlite, of_table_valued_functions_only_those_of_json) {
  engine db;
  for (auto const& module : db.rows("select name from pragma_module_list")) {
    bool const json = module == "json_each" || module == "json_tree";
    auto const* f = find_function(dialect::sqlite, module, 1);
    EXPECT_EQ(f != nullptr, json) << module;
    if (f != nullptr) {
      EXPECT_EQ(f->kind, function_kind::table);
    }
  }
  EXPECT_TRUE(knows_function(dialect::sqlite, "json_tree"));
}

TEST(functions_sqlite, nothing_that_is_refused_is_known) {
  for (auto const name : refused) EXPECT_FALSE(knows_function(dialect::sqlite, name)) << name;
  for (std::string_view const name : std::initializer_list<std::string_view>{"pragma_table_info", "dbstat", "bytecode", "sqlite_stmt", "",
                                                                             " abs", std::string_view("abs\0", 4)})
    EXPECT_FALSE(knows_function(dialect::sqlite, name)) << name;
}

// sqlite3.h: SQLITE_DETERMINISTIC, SQLITE_DIRECTONLY. Aggregates have no flag for the first.
TEST(functions_sqlite, the_flags_of_the_engine_agree) {
  engine db;
  for (auto const& f : functions(dialect::sqlite)) {
    if (f.kind == function_kind::table) continue;
    auto const at = " from pragma_function_list where builtin and name = '" + std::string(f.name) + "'";
    EXPECT_THAT(db.rows("select count(*)" + at + " and flags & 524288"), testing::ElementsAre("0")) << described(f);
    if (f.kind == function_kind::scalar && f.deterministic) {
      EXPECT_THAT(db.rows("select count(*)" + at + " and type = 's' and not flags & 2048"), testing::ElementsAre("0")) << described(f);
    }
    EXPECT_THAT(db.rows("select count(*) > 0" + at + " and type = '" + (f.kind == function_kind::scalar ? "s" : "w") + "'"),
                testing::ElementsAre("1"))
        << described(f);
  }
}

std::vector<argument> extremes() {
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  using blob = std::vector<unsigned char>;
  return {null{},
          std::int64_t{0},
          std::int64_t{1},
          std::int64_t{-1},
          std::int64_t{1000},
          highest,
          lowest,
          std::int64_t{1} << 31U,
          0.0,
          -0.5,
          1e308,
          -1e308,
          5e-324,
          HUGE_VAL,
          -HUGE_VAL,
          9223372036854775808.0,
          std::string(),
          std::string("a"),
          std::string("%"),
          std::string("\\"),
          std::string("{\"a\":"),
          std::string("$.a["),
          std::string("now"),
          std::string("localtime"),
          std::string("utc"),
          std::string("2026-11-22 12:00:00.123"),
          std::string("-9999999999999 years"),
          std::string("9e999"),
          std::string("\xFF\xFE\xC3"),
          std::string("a\0b", 3),
          blob{},
          blob{0},
          blob(1500, 0xFF)};
}

std::vector<argument> moderate() {
  auto all = extremes();
  std::vector<argument> some;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i % 2 == 0 || i < 7) some.push_back(all[i]);
  return some;
}

/// Every tuple of `n` of the values.
void for_each_tuple(std::vector<argument> const& values, int n, std::function<void(std::vector<argument const*> const&)> const& visit) {
  std::vector<std::size_t> at(static_cast<std::size_t>(n), 0);
  std::vector<argument const*> tuple(at.size());
  for (;;) {
    for (std::size_t i = 0; i < at.size(); ++i) tuple[i] = &values[at[i]];
    visit(tuple);
    std::size_t i = 0;
    while (i < at.size() && ++at[i] == values.size()) at[i++] = 0;
    if (i == at.size()) return;
  }
}

std::string on_two_rows(function const& f, int n) {
  std::string call_of(f.name);
  std::string first;
  std::string second;
  std::string list;
  for (int i = 1; i <= n; ++i) {
    auto const k = std::to_string(i);
    list += (i > 1 ? ", x" : "x") + k;
    first += ", ?" + k + " as x" + k;
    second += ", ?" + std::to_string(n + 1 - i);
  }
  call_of += "(" + list + ")";
  auto const from = " from (select 1 as k" + first + " union all select 2" + second + " union all select 3" + first + ")";
  auto const windowed = "select " + call_of + " over (order by k rows between 1 preceding and current row)" + from;
  if (f.kind == function_kind::window) return windowed;
  return "select " + call_of + from + " union all " + windowed;
}

// Each function that is marked `total` on each tuple of extreme arguments; aggregates also with rows that leave the window.
void expect_total(engine& db, std::vector<argument> const& wide, std::vector<argument> const& narrow) {
  std::size_t calls = 0;
  for (auto const& f : functions(dialect::sqlite)) {
    if (f.can_raise) continue;
    for (int n = f.min_arguments; n <= (f.max_arguments == -1 ? std::max(3, f.min_arguments) : f.max_arguments); ++n) {
      std::string parameters;
      for (int i = 1; i <= n; ++i) parameters += (i > 1 ? ", ?" : "?") + std::to_string(i);
      auto const sql = f.kind == function_kind::scalar ? call(f, parameters) : on_two_rows(f, n);
      ASSERT_THAT(db.prepare(sql), IsEmpty()) << sql;
      for_each_tuple(n < 3 ? wide : narrow, n, [&](auto const& tuple) {
        for (std::size_t i = 0; i < tuple.size(); ++i) db.bind(static_cast<int>(i + 1), *tuple[i]);
        auto const message = db.step();
        ++calls;
        if (!message.empty()) {
          ADD_FAILURE() << sql << " failed: " << message;
        }
      });
    }
  }
  EXPECT_GT(calls, 100'000U);
}

TEST(functions_sqlite, what_is_marked_total_never_fails) {
  engine db;
  auto wide = extremes();
  wide.emplace_back(std::string(60'000, '%'));  // beyond the limit of a pattern
  wide.emplace_back(std::string(200'000, '['));
  expect_total(db, wide, moderate());
}

// With values as long as a row can hold: a function whose result outgrows its arguments is found out here.
TEST(functions_sqlite, what_is_marked_total_never_makes_more_than_it_was_given) {
  constexpr int limit = 2000;
  constexpr int most = limit - 8;  // what a row can hold: its header counts too
  std::vector<argument> const longest{null{},
                                      std::int64_t{1},
                                      std::int64_t{-1},
                                      std::string(most, 'a'),
                                      std::string(most, '\''),
                                      std::string(most, '\0'),
                                      std::string(most, '\xFF'),
                                      std::string(most, '\\'),
                                      std::string("now"),
                                      std::vector<unsigned char>(most, 0),
                                      std::vector<unsigned char>(most, 'A'),
                                      HUGE_VAL,
                                      std::numeric_limits<std::int64_t>::max()};
  engine db;
  db.limit_length(limit);
  std::size_t calls = 0;
  for (auto const& f : functions(dialect::sqlite)) {
    if (f.can_raise || f.kind != function_kind::scalar) continue;  // rows of a window are records: the limit is theirs, not the function's
    for (int n = f.min_arguments; n <= (f.max_arguments == -1 ? std::max(3, f.min_arguments) : f.max_arguments); ++n) {
      std::string parameters;
      for (int i = 1; i <= n; ++i) parameters += (i > 1 ? ", ?" : "?") + std::to_string(i);
      auto const sql = call(f, parameters);
      ASSERT_THAT(db.prepare(sql), IsEmpty()) << sql;
      for_each_tuple(longest, n, [&](auto const& tuple) {
        for (std::size_t i = 0; i < tuple.size(); ++i) db.bind(static_cast<int>(i + 1), *tuple[i]);
        auto const message = db.step();
        ++calls;
        if (!message.empty()) {
          ADD_FAILURE() << sql << " failed: " << message;
        }
      });
    }
  }
  EXPECT_GT(calls, 10'000U);
  EXPECT_THAT(db.run("select hex(zeroblob(1999))"), testing::HasSubstr("too big")) << "the limit is at work";
}

TEST(functions_sqlite, dates_with_many_modifiers_never_fail) {
  engine db;
  std::vector<std::string> const words{"now",           "localtime",
                                       "utc",           "+1 day",
                                       "-1e15 years",   "+99999999 months",
                                       "start of year", "weekday 6",
                                       "weekday 7",     "auto",
                                       "julianday",     "unixepoch",
                                       "2026-11-22",    "24:61",
                                       "-4714-11-24",   "9999-12-31 23:59:59.999",
                                       "1e18",          "",
                                       "\xFF",          "+00:00:00.0000001"};
  std::mt19937 random(20'261'122);  // NOLINT(cert-msc51-cpp): the same walk each time
  for (auto const* name : {"date", "time", "datetime", "julianday", "unixepoch"}) {
    ASSERT_THAT(db.prepare("select " + std::string(name) + "(?1, ?2, ?3, ?4, ?5)"), IsEmpty());
    for (int i = 0; i < 5000; ++i) {
      std::vector<argument> drawn;
      for (int k = 1; k <= 5; ++k) drawn.emplace_back(words[random() % words.size()]);
      for (int k = 1; k <= 5; ++k) db.bind(k, drawn[static_cast<std::size_t>(k - 1)]);
      ASSERT_THAT(db.step(), IsEmpty()) << name;
    }
  }
}

struct witness {
  std::string_view name;
  std::string_view sql;
};

// One failing call for each row that is marked `raises`; lengths are limited to 2,000 bytes.
constexpr witness witnesses[] = {
    {"abs", "select abs(-9223372036854775808)"},
    {"glob", "select glob(?1, 'a')"},
    {"group_concat", "select group_concat(x) from (select zeroblob(1500) as x union all select zeroblob(1500))"},
    {"hex", "select hex(zeroblob(1500))"},
    {"json", "select json('{')"},
    {"json_array", "select json_array(x'00')"},
    {"json_array_length", "select json_array_length('{')"},
    {"json_each", "select * from json_each('{')"},
    {"json_extract", "select json_extract('{}', 'a')"},
    {"json_group_array", "select json_group_array(x'00')"},
    {"json_group_object", "select json_group_object('a', x'00')"},
    {"json_insert", "select json_insert('{}', '$.a')"},
    {"json_object", "select json_object(1, 2)"},
    {"json_patch", "select json_patch('{', '{}')"},
    {"json_quote", "select json_quote(x'00')"},
    {"json_remove", "select json_remove('{}', 'a')"},
    {"json_replace", "select json_replace('{', '$.a', 1)"},
    {"json_set", "select json_set('{}', '$.a', x'00')"},
    {"json_tree", "select * from json_tree('{')"},
    {"json_type", "select json_type('{}', 'a')"},
    {"like", "select like('a', 'a', 'two')"},
    {"ltrim", "select ltrim('a', hex(zeroblob(500)))"},
    {"rtrim", "select rtrim('a', hex(zeroblob(500)))"},
    {"trim", "select trim('a', hex(zeroblob(500)))"},
    {"nth_value", "select nth_value(1, 0) over ()"},
    {"ntile", "select ntile(0) over ()"},
    {"quote", "select quote(zeroblob(1500))"},
    {"randomblob", "select randomblob(5000)"},
    {"replace", "select replace('aaaa', 'a', printf('%1000d', 1))"},
    {"strftime", "select strftime(replace(printf('%500s', ''), ' ', '%J'), 2460000.123)"},
    {"sum", "select sum(x) from (select 9223372036854775807 as x union all select 1)"},
    {"zeroblob", "select zeroblob(5000)"},
};

TEST(functions_sqlite, what_is_marked_raises_has_a_call_that_fails) {
  engine db;
  std::set<std::string_view> marked;
  for (auto const& f : functions(dialect::sqlite))
    if (f.can_raise) marked.insert(f.name);
  std::set<std::string_view> shown;
  argument const pattern = std::string(60'000, '*');
  for (auto const& w : witnesses) {
    db.limit_length(w.name == "glob" ? 1'000'000 : 2000);
    ASSERT_THAT(db.prepare(w.sql), IsEmpty()) << w.sql;
    if (w.name == "glob") db.bind(1, pattern);
    EXPECT_FALSE(db.step().empty()) << w.sql;
    shown.insert(w.name);
  }
  for (std::string_view const name : {"format", "printf"}) {  // worse than an error: NULL, after the memory was taken
    EXPECT_THAT(db.rows("select " + std::string(name) + "('%5000d', 1) is null"), testing::ElementsAre("1"));
    shown.insert(name);
  }
  EXPECT_EQ(marked, shown);
}

TEST(functions_sqlite, lookups) {
  auto const* const scalar_min = find_function(dialect::sqlite, "MIN", 2);
  auto const* const aggregate_min = find_function(dialect::sqlite, "Min", 1);
  ASSERT_NE(scalar_min, nullptr);
  ASSERT_NE(aggregate_min, nullptr);
  EXPECT_EQ(scalar_min->kind, function_kind::scalar);
  EXPECT_EQ(aggregate_min->kind, function_kind::aggregate);
  EXPECT_EQ(find_function(dialect::sqlite, "min", 0), nullptr);
  EXPECT_NE(find_function(dialect::sqlite, "coalesce", 100), nullptr);
  EXPECT_EQ(find_function(dialect::sqlite, "coalesce", 1), nullptr);
  EXPECT_TRUE(knows_function(dialect::sqlite, "coalesce"));
  EXPECT_EQ(find_function(dialect::sqlite, "abs", -1), nullptr);
  EXPECT_FALSE(find_function(dialect::sqlite, "random", 0)->deterministic);
  EXPECT_FALSE(find_function(dialect::sqlite, "date", 1)->deterministic);
  EXPECT_TRUE(find_function(dialect::sqlite, "group_concat", 2)->reads_order);
  EXPECT_FALSE(find_function(dialect::sqlite, "count", 0)->reads_order);
}

}  // namespace
}  // namespace grille::catalog
