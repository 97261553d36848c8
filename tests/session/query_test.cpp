// Running statements: the forms of results and arguments, and what goes wrong with each.
#include <tuple>

#include "session/shop.hpp"

namespace {

using namespace std::chrono_literals;
using grille::arg;
using grille::errc;
using grille::numeric;
using shop::failure;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct order {
  std::int64_t id{};
  std::string status;
  std::optional<numeric> total;
  std::optional<std::string> ghost;
};

}  // namespace

template <>
struct grille::mapping<order> {
  static constexpr std::string_view resource = "orders";
  static constexpr auto columns =
      std::tuple{field{"id", &order::id}, field{"status", &order::status}, field{"total", &order::total}, field{"ghost", &order::ghost}};
};

namespace {

class query : public shop::with_a_shop {
 protected:
  query() : database_(open({.max_rows = 100})), session_(database_.session(shop::anna())) {}
  grille::sqlite::database database_;
  grille::session session_;
};

template <class R>
std::vector<std::int64_t> ids(R const& rows) {
  std::vector<std::int64_t> all;
  for (auto const& r : rows) all.push_back(r["id"].template as<std::int64_t>());
  return all;
}

TEST_F(query, gives_each_caller_their_own_rows_and_columns) {
  constexpr auto all = "select * from orders order by id";
  auto const hers = session_.query(all);
  EXPECT_THAT(ids(hers), ElementsAre(1, 2, 4));
  EXPECT_EQ(hers.columns().size(), 6U);
  EXPECT_TRUE(hers.filtered());
  auto his_session = database_.session(shop::mark());
  auto const his = his_session.query(all);
  EXPECT_THAT(ids(his), ElementsAre(1, 3, 4, 5));
  EXPECT_EQ(his[0].size(), 6U);
  EXPECT_EQ(failure([&] { std::ignore = his[0]["note"]; }), "usage: the result has no column `note`");
  auto admins = database_.session(shop::admin());
  EXPECT_EQ(admins.query(all).size(), 5U);
  EXPECT_EQ(admins.query_value<std::string>("select note from orders where id = ?", 3), "canary");
}

TEST_F(query, tuples_structs_and_cells) {
  auto const tuples = session_.query<std::int64_t, std::optional<numeric>>("select id, total from orders order by id");
  EXPECT_EQ(std::get<1>(tuples[0]), numeric{"20.1"});
  EXPECT_EQ(std::get<1>(tuples[1]), numeric{"30"});
  EXPECT_EQ(std::get<1>(tuples[2]), std::nullopt);
  auto const structs = session_.query<order>("select total, id, status from orders order by id");
  EXPECT_EQ(structs[1].id, 2);
  EXPECT_EQ(structs[1].status, "shipped");
  EXPECT_EQ(structs[1].total, numeric{"30"});
  EXPECT_EQ(structs[1].ghost, std::nullopt);
  auto const rows = session_.query("select id, status as STATE from orders order by id");
  EXPECT_EQ(rows[0]["state"].as<std::string>(), "open");
  EXPECT_EQ(rows[0][0].as<int>(), 1);
  EXPECT_EQ(session_.query("select id, status, total from orders order by id")[1].as<order>().status, "shipped");
  EXPECT_EQ(session_.query1("select status from orders where id = 2")["status"].as<std::string>(), "shipped") << "of a row that is gone";
}

TEST_F(query, a_result_read_as_something_else_says_so) {
  EXPECT_EQ(failure([&] { session_.query<std::int64_t>("select id, total from orders"); }), "usage: the result has 2 columns, 1 are read");
  EXPECT_THAT(failure([&] { session_.query<numeric, numeric>("select id, total from orders"); }), StartsWith("type: ")) << "NULL is not a numeric";
  EXPECT_THAT(failure([&] { session_.query<std::int64_t>("select status from orders"); }), StartsWith("type: "));
  EXPECT_THAT(failure([&] { session_.query<order>("select id from orders"); }), HasSubstr("no column `status`"));
  auto const row = session_.query1("select id, id, total from orders where id = 4");
  EXPECT_THAT(failure([&] { std::ignore = row["id"]; }), StartsWith("ambiguous: "));
  EXPECT_THAT(failure([&] { std::ignore = row[3]; }), StartsWith("usage: "));
  EXPECT_THAT(failure([&] { std::ignore = row["total"].as<numeric>(); }), StartsWith("type: "));
  EXPECT_EQ(row["total"].as<std::optional<numeric>>(), std::nullopt);
}

TEST_F(query, one_row_one_or_none_one_value) {
  EXPECT_EQ((session_.query1<std::int64_t, std::string>("select id, status from orders where id = 1")), std::tuple(1, "open"));
  EXPECT_EQ(failure([&] { session_.query1("select id from orders where id = 3"); }), "not_found: no row") << "hidden is absent";
  EXPECT_EQ(failure([&] { session_.query1("select id from orders where id = 999"); }), "not_found: no row");
  EXPECT_EQ(failure([&] { session_.query1("select id from orders"); }), "usage: more than one row");
  EXPECT_EQ(session_.query01("select id from orders where id = 3").has_value(), false);
  EXPECT_EQ(session_.query01<order>("select id, status from orders where id = 1")->id, 1);
  EXPECT_EQ(session_.query_value<std::int64_t>("select count(*) from orders"), 3);
  EXPECT_EQ(session_.query_value<numeric>("select sum(total) from orders"), numeric{"50.1"});
  EXPECT_EQ(failure([&] { session_.query_value<int>("select id, 1 from orders"); }), "usage: the result has 2 columns, one is read");
  EXPECT_EQ(session_.query_value<std::optional<int>>("select null"), std::nullopt);
}

TEST_F(query, positions_and_names) {
  EXPECT_EQ(session_.query_value<int>("select count(*) from orders where status = ? and id > ?", "open", 1), 1);
  EXPECT_EQ(session_.query_value<int>("select ?2 - ?1", 1, 10), 9);
  EXPECT_EQ(session_.query_value<int>("select $2 - $1", 1, 10), 9);
  EXPECT_EQ(session_.query_value<int>("select :big - @small", arg("small", 1), arg(":big", 10)), 9);
  EXPECT_EQ(session_.query_value<int>("select ?1 + ?1", 4), 8);
  EXPECT_EQ(session_.query_value<int>("select ?1 + ?2", std::vector<arg>{1, 2}), 3);
  EXPECT_EQ(session_.query_value<std::optional<int>>("select ?", std::optional<int>{}), std::nullopt);
  EXPECT_EQ(session_.query_value<std::string>("select ?", std::string("a\0b", 3)), std::string("a\0b", 3));
}

TEST_F(query, arguments_are_neither_guessed_nor_dropped) {
  for (auto const& wrong : {
           failure([&] { session_.query("select ?"); }),
           failure([&] { session_.query("select ?", 1, 2); }),
           failure([&] { session_.query("select 1", 1); }),
           failure([&] { session_.query("select ?3", 1, 2); }),
           failure([&] { session_.query("select :a"); }),
           failure([&] { session_.query("select :a", 1); }),
           failure([&] { session_.query("select :a", arg("b", 1)); }),
           failure([&] { session_.query("select :a", arg("a", 1), arg("a", 2)); }),
           failure([&] { session_.query("select :a", arg("a", 1), arg("b", 2)); }),
           failure([&] { session_.query("select ?", arg("a", 1)); }),
           failure([&] { session_.query("select ?, :a", 1, arg("a", 2)); }),
       })
    EXPECT_THAT(wrong, StartsWith("usage: "));
}

TEST_F(query, every_kind_of_refusal) {
  struct {
    char const* sql;
    char const* starts;
  } const cases[] = {
      {"selec id from orders", "syntax: "},
      {"", "syntax: "},
      {"select id from orders; select 1", "unsupported: more than one statement"},
      {"select ssn from users", "not_found: no such column: `ssn`"},
      {"select nonesuch from users", "not_found: no such column: `nonesuch`"},
      {"select * from unprotected", "not_found: no such table: `unprotected`"},
      {"select * from nowhere", "not_found: no such table: `nowhere`"},
      {"select * from sqlite_master", "not_found: no such table: `sqlite_master`"},
      {"select o.id from orders o, orders p where id = 1", "ambiguous: "},
      {"select load_extension('x')", "unsupported: "},
      {"insert into orders values (1)", "syntax: 1 values for 6 columns"},
      {"update orders set status = 'x'", "forbidden: `update` on `orders` is not allowed"},
      {"delete from orders", "forbidden: `delete` on `orders` is not allowed"},
      {"pragma table_info(users)", "unsupported: "},
      {"attach 'x' as y", "unsupported: "},
      {"drop table users", "unsupported: "},
      {"begin", "unsupported: "},
      {"select '\xFF'", "syntax: "},
      {"select json('{')", "type: a value does not fit"},
      {"select json_extract('{}', 'k')", "type: a value does not fit"},
      {"select abs(-9223372036854775807 - 1)", "type: a value does not fit"},
      {"select sum(n) from (select 9223372036854775807 as n union all select 1)", "type: a value does not fit"},
      {"select 'a' like 'b' escape 'ab'", "type: a value does not fit"},
  };
  for (auto const& c : cases) EXPECT_THAT(failure([&] { session_.query(c.sql); }), StartsWith(c.starts)) << c.sql;
  EXPECT_THAT(failure([&] { session_.query(std::string_view("select 1\0", 9)); }), StartsWith("syntax: "));
  EXPECT_THAT(failure([&] { session_.query("select " + std::string(100'000, '(') + "1" + std::string(100'000, ')')); }), StartsWith("limit: "));
  EXPECT_THAT(failure([&] { session_.query("select '" + std::string(10'000'000, 'x') + "'"); }), StartsWith("limit: "));
  EXPECT_EQ(session_.query("select 1").size(), 1U) << "after errors it is usable";
}

TEST_F(query, a_refusal_shows_the_callers_own_text) {
  try {
    session_.query("select id,\n       ssn from users");
    FAIL();
  } catch (grille::not_found const& e) {
    ASSERT_TRUE(e.where());
    EXPECT_EQ(e.where()->line, 2U);
    EXPECT_EQ(e.where()->column, 8U);
    EXPECT_EQ(e.http_status(), 404);
  }
}

TEST_F(query, a_table_of_other_methods_is_forbidden) {
  auto clerk = database_.session(grille::principal("c").group("clerks"), {{"network", "internal"}});
  EXPECT_EQ(clerk.query("select title from books").size(), 2U) << "as the public may";
  EXPECT_THAT(failure([&] { clerk.query("select * from orders"); }), StartsWith("not_found: "));
}

TEST_F(query, never_a_cut_off_answer) {
  auto const series = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i from n";
  EXPECT_EQ(session_.query(series, 100).size(), 100U);
  EXPECT_EQ(failure([&] { session_.query(series, 101); }), "limit: the result has more than 100 rows");
  std::int64_t sum = 0;
  for (auto const& [i] : session_.stream<std::int64_t>(series, 1000)) sum += i;
  EXPECT_EQ(sum, 500'500);
}

TEST_F(query, masks_are_told_as_facts) {
  auto const rows = session_.query("select name, email, 1 as one from users");
  EXPECT_EQ(rows.columns()[0].mask, grille::masking::none);
  EXPECT_EQ(rows.columns()[1].mask, grille::masking::all_rows);
  EXPECT_EQ(rows.columns()[2].mask, grille::masking::none);
  EXPECT_EQ(rows.columns()[0].type, "TEXT");
  EXPECT_EQ(rows[0]["email"].as<std::string>(), "a***");
  EXPECT_FALSE(session_.query("select title from books").filtered());
}

TEST_F(query, rows_outlive_everything) {
  std::optional<grille::rows<grille::row>> kept;
  {
    auto const database = open();
    kept = database.session(shop::anna()).query("select status from orders order by id");
  }
  EXPECT_EQ((*kept)[0]["status"].as<std::string>(), "open");
  EXPECT_EQ(kept->columns()[0].name, "status");
  EXPECT_TRUE(std::is_copy_constructible_v<grille::rows<grille::row>>);
}

TEST_F(query, a_row_outlives_its_result) {
  std::vector<grille::row> kept;
  std::optional<grille::cell> copied;
  {
    auto const all = session_.query("select id, status from orders order by id");
    for (auto const& r : all) kept.push_back(r);
    copied = grille::row(all[1])["id"];
    for (auto const& r : session_.stream("select status, id from orders order by id")) kept.push_back(r);
  }
  ASSERT_EQ(kept.size() % 2, 0U);
  auto const half = kept.size() / 2;
  ASSERT_GE(half, 2U);
  for (std::size_t i = 0; i < half; ++i) {
    EXPECT_EQ(kept[i]["id"].as<int>(), kept[half + i]["id"].as<int>());
    EXPECT_EQ(kept[i]["status"].get(), kept[half + i]["status"].get());
    EXPECT_EQ(kept[i].size(), 2U);
  }
  EXPECT_LT(kept[0]["id"].as<int>(), kept[1]["id"].as<int>());
  EXPECT_EQ(copied->as<int>(), kept[1]["id"].as<int>());
  kept[0] = kept[1];
  EXPECT_EQ(kept[0][0].as<int>(), kept[1][0].as<int>());
  EXPECT_THROW(static_cast<void>(kept[0][2]), grille::usage_error) << "the next row's";
}

// --- streams ---------------------------------------------------------------------------------------------------------------------

TEST_F(query, streams_side_by_side_with_statements) {
  auto outer = session_.stream<std::int64_t>("select id from orders order by id");
  std::vector<std::int64_t> seen;
  for (auto const& [id] : outer) {
    seen.push_back(id);
    EXPECT_EQ(session_.query_value<std::int64_t>("select id from orders where id = ?", id), id);
    std::int64_t n = 0;
    for (auto const& [inner] : session_.stream<std::int64_t>("select id from orders order by id")) n += inner;
    EXPECT_EQ(n, 7) << "the same text within itself";
  }
  EXPECT_THAT(seen, ElementsAre(1, 2, 4));
}

TEST_F(query, a_stream_copies_its_arguments) {
  auto make = [&] {
    std::string const status(100, 'x');
    return session_.stream<std::string>("select ? from orders", status);
  };
  auto rows = make();
  EXPECT_EQ(std::get<0>(*rows.begin()), std::string(100, 'x'));
}

TEST_F(query, a_stream_ends_with_its_session) {
  auto rows = session_.stream<std::int64_t>("select id from orders order by id");
  auto at = rows.begin();
  EXPECT_EQ(std::get<0>(*at), 1);
  {
    auto const gone = std::move(session_);
  }
  EXPECT_EQ(failure([&] { ++at; }), "usage: the session of this stream is closed");
  EXPECT_EQ(failure([&] { ++at; }), "usage: the session of this stream is closed");
}

TEST_F(query, a_stream_that_is_left_early_leaves_nothing_open) {
  for (int i = 0; i < 3; ++i) {
    auto rows = session_.stream<std::int64_t>("select id from orders");
    std::ignore = rows.begin();
  }
  file_.change("create table fresh(x)");  // nobody reads any more
  EXPECT_EQ(session_.query("select id from orders").size(), 3U);
}

TEST_F(query, streams_can_be_moved) {
  auto rows = session_.stream<std::int64_t>("select id from orders order by id");
  auto at = rows.begin();
  auto moved = std::move(rows);
  ++at;
  EXPECT_EQ(std::get<0>(*at), 2);
  EXPECT_EQ(std::get<0>(*moved.begin()), 2) << "there is no way back";
}

TEST_F(query, an_error_within_a_stream_leaves_the_session_usable) {
  auto rows = session_.stream<numeric>("select total from orders order by id desc");
  EXPECT_THAT(failure([&] { std::ignore = rows.begin(); }), StartsWith("type: "));
  EXPECT_EQ(session_.query("select 1").size(), 1U);
}

// --- time -------------------------------------------------------------------------------------------------------------------------

TEST_F(query, a_statement_has_its_time) {
  auto const database = open({.statement_timeout = 20ms});
  auto session = database.session(shop::anna());
  auto const endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(i) from n";
  EXPECT_EQ(failure([&] { session.query(endless); }), "unavailable: the statement took longer than it may");
  EXPECT_EQ(session.query("select 1").size(), 1U);
}

TEST_F(query, a_session_can_be_stopped) {
  std::stop_source stop;
  session_.stop_on(stop.get_token());
  auto rows = session_.stream<std::int64_t>("with recursive n(i) as (select 1 union all select i + 1 from n) select i from n");
  auto at = rows.begin();
  ++at;
  stop.request_stop();
  EXPECT_EQ(failure([&] {
              for (int i = 0; i < 10'000; ++i) ++at;
            }),
            "unavailable: the statement was stopped");
  EXPECT_EQ(failure([&] { session_.query("select 1"); }), "unavailable: the statement was stopped");
  session_.stop_on({});
  EXPECT_EQ(session_.query("select 1").size(), 1U);
}

}  // namespace
