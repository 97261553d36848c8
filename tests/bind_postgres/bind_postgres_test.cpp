// Binding by PostgreSQL's rules, with a server as the oracle: a text and what is printed from its bound tree give the same rows, names
// and types. One test goes over many queries, since each test of a process starts a server of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <pqxx/pqxx>
#include <sstream>
#include <utility>

#include "bind/bind.hpp"
#include "bind/unbind.hpp"
#include "grammar/parse.hpp"
#include "introspect/postgres/read.hpp"
#include "postgres/server.hpp"
#include "print/print.hpp"

namespace grille::bind {
namespace {

struct answer {
  std::vector<std::string> names, rows;
  std::vector<unsigned> types;
  std::string error;
  friend bool operator==(answer const&, answer const&) = default;
};
std::ostream& operator<<(std::ostream& out, answer const& a) {
  if (!a.error.empty()) return out << "error: " << a.error;
  for (std::size_t i = 0; i < a.names.size(); ++i) out << a.names[i] << ':' << a.types[i] << " | ";
  for (std::size_t i = 0; i < a.rows.size() && i < 10; ++i) out << "\n  " << a.rows[i];
  return out << "\n  " << a.rows.size() << " rows";
}

class engine {
 public:
  explicit engine(std::string const& schema) {
    db_.run(schema);
    native_ = std::make_unique<pqxx::connection>(db_.conninfo());
    refresh();
  }
  void run(std::string const& sql) { db_.run(sql); }
  void refresh() {
    auto on = postgres::backend::connect(db_.conninfo());
    auto c = introspect::read_postgres(**on, {});
    EXPECT_TRUE(c) << (c ? "" : c.error().message);
    catalog_ = *c;
    visible_ = std::make_unique<full_catalog>(*catalog_);
  }
  answer ask(std::string const& sql, bool in_order) {
    answer a;
    pqxx::nontransaction tx(*native_);
    try {
      auto const r = tx.exec(sql);
      for (pqxx::row::size_type i = 0; i < r.columns(); ++i) {
        a.names.emplace_back(r.column_name(i));
        a.types.push_back(r.column_type(i));
      }
      for (auto const& row : r) {
        std::string text;
        for (auto const& f : row) text.append(f.is_null() ? "~" : f.c_str()).append("|");
        a.rows.push_back(text);
      }
    } catch (pqxx::sql_error const& e) {
      a.error = e.what();
    }
    if (!in_order) std::ranges::sort(a.rows);
    return a;
  }
  /// What is printed from the bound tree, or "kind: message".
  std::string pass(std::string const& sql, std::string& fault) const {
    base::arena memory;
    auto const failed = [&](base::fault const& f) {
      fault = std::string(to_string(f.kind)) + ": " + f.message;
      return std::string{};
    };
    auto const read = grammar::parse_statement(sql, dialect::postgresql, memory);
    if (!read) return failed(read.error());
    options o{*visible_, memory};
    o.text = sql;
    auto const bound = bind_statement(**read, o);
    if (!bound) return failed(bound.error());
    return print::print(*unbind(**bound, dialect::postgresql, memory).statement, dialect::postgresql, print::chains::balanced);
  }
  /// Empty if it is so.
  std::string differs(std::string const& sql) {
    std::string fault;
    auto const in_order = sql.find("order by") != sql.npos && sql.find(" over ") == sql.npos && sql.find("(order by") == sql.npos;
    auto const expected = ask(sql, in_order);
    auto const told = [&](auto const&... what) {
      std::ostringstream out;
      out << sql << '\n';
      (out << ... << what);
      return out.str();
    };
    if (!expected.error.empty()) return told("the server refuses the case itself: ", expected.error);
    auto const printed = pass(sql, fault);
    if (!fault.empty()) return told(fault);
    auto const got = ask(printed, in_order);
    if (got != expected) return told(printed, "\nexpected ", expected, "\ngot ", got);
    // the second check reads what is printed: it must be readable, and print the same again
    auto const again = pass(printed, fault);
    if (!fault.empty()) return told(printed, "\nis not read again: ", fault);
    return again == printed ? std::string{} : told(printed, "\nprints anew as\n", again);
  }
  std::string fault_of(std::string const& sql) const {
    std::string fault;
    auto const printed = pass(sql, fault);
    return fault.empty() ? "no fault: " + printed : fault;
  }

 private:
  testing_postgres::database db_;
  std::unique_ptr<pqxx::connection> native_;
  introspect::catalog_ptr catalog_;
  std::unique_ptr<full_catalog> visible_;
};

constexpr char const* schema = R"(
create table t (a int, b int, c int); insert into t values (1,2,3), (4,5,6), (7,2,9), (null,5,10);
create table u (a int, d int); insert into u values (1,10), (4,40), (8,80), (null,90);
create table v (a int, d int, e int); insert into v values (1,10,100), (9,90,900), (4,41,400);
create table one (z int); insert into one values (1);
create table n (id int primary key, name text); insert into n values (1,'Anna'), (4,'bo'), (7,null);
create table cased (a int, "A" int); insert into cased values (1,2);
create schema s2; create table s2.t (z int); insert into s2.t values (42);
create type geo as (lat int, "Long Name" numeric); create type addr as (city text, n int, at geo, lines text[], spots geo[], "select" date); create domain home as addr;
create table k (id int primary key, addr addr, spots geo[], home home, city text);
insert into k values (1, row('Ulm', 7, row(48, 10.5), array['a', 'b'], array[row(1, 2)::geo, row(3, 4)::geo], '2021-01-01'), array[row(5, 6)::geo], row('Bonn', 1, null, null, null, null), 'x'),
  (2, row('Kiel', null, null, null, null, null), null, null, 'Ulm'), (3, null, array[null, row(8, null)::geo], null, null), (4, row('Ulm', -7, row(null, 1), '{}', '{}', null), '{}', row('Ulm', 7, row(48, 1), array['h'], null, null), 'Kiel');
create table s2.addr (addr addr, k int); insert into s2.addr select addr, id from k;
create table kept (id int, row_of t); insert into kept values (1, row(1, 2, 3));
)";

TEST(bind_postgres, as_written_and_as_printed) {
  engine e(schema);
  std::ifstream file(std::string(GRILLE_TESTS_DIR) + "/bind_postgres/same_answer.sql");
  std::string line;
  std::size_t cases = 0;
  while (std::getline(file, line)) {
    if (line.empty() || line.starts_with("--")) continue;
    ++cases;
    auto const why = e.differs(line);
    EXPECT_TRUE(why.empty()) << why;
  }
  EXPECT_GT(cases, 100U);
}

/// The comparison of answers above can only tell what the data tells apart.
TEST(bind_postgres, what_means_something_else_is_printed_as_something_else) {
  engine const e("create table t (id int primary key, a int, b int, c int, tx text, ty text, bo bool, l timestamptz, ts timestamp, ar int[], j jsonb, i interval); create table u (a int)");
  std::ifstream file(std::string(GRILLE_TESTS_DIR) + "/bind_postgres/variants.sql");
  std::string line;
  std::map<std::string, std::string> printed;
  std::size_t pairs = 0;
  while (std::getline(file, line)) {
    if (line.empty()) printed.clear();
    if (line.empty() || line.starts_with("--")) continue;
    std::string fault;
    auto const text = e.pass(line, fault);
    if (!fault.empty()) continue;  // it is refused
    pairs += printed.size();
    auto const [same, fresh] = printed.emplace(text, line);
    EXPECT_TRUE(fresh) << line << "\n" << same->second << "\nboth are " << text;
  }
  EXPECT_GT(pairs, 300U);
}

TEST(bind_postgres, what_does_not_exist_or_is_not_supported_is_refused) {
  engine e(schema);
  std::pair<char const*, char const*> const cases[] = {
      {"select b as x from t where x = 2", "not_found: no such column: `x`"},
      {"select A from cased where \"B\" = 1", "not_found: no such column: `B`"},
      {"select \"T\".a from t", "not_found: no such column: `T.a`"},
      {"select * from \"T\"", "not_found: no such table: `T`"},
      {"select t from t", "not_found: no such column: `t`"},
      {"select t.lower from t", "not_found: no such column: `t.lower`"},
      {"select ctid from t", "not_found: no such column: `ctid`"},
      {"select t.tableoid, xmin from t", "not_found: no such column: `t.tableoid`"},
      {"select rowid from t", "not_found: no such column: `rowid`"},
      {"select public.t.a from t x", "not_found: no such column: `public.t.a`"},
      {"select * from t, t", "ambiguous: table name `t` stands twice in one `from`"},
      {"select a from t, u", "ambiguous: ambiguous column name: `a`"},
      {"select a from t join u using (a) join v on true", "ambiguous: ambiguous column name: `a`"},
      {"select * from t, u join v on t.a = u.a", "not_found: no such column: `t.a`"},
      {"select * from (select 1)", "syntax: a subquery in `from` needs an alias"},
      {"with x as (select * from y), y as (select 1) select * from x", "not_found: no such table: `y`"},
      {"with recursive x as (select * from y), y as (select * from x) select * from x", "syntax: circular reference to `x`"},
      {"select a from t union select d from u order by a + 1", "not_found: `order by` of a compound query names no column of its result"},
      {"select 1 from t order by 2", "syntax: position 2 is not in the result"},
      {"select a as x, b as x from t order by x", "ambiguous: ambiguous name in `order by`"},
      {"select pg_sleep(1)", "unsupported: function `pg_sleep` is not allowed"},
      {"select to_tsvector(name) from n", "unsupported: function `to_tsvector` without a text search configuration is not supported"},
      {"select to_tsvector(name, name) from n", "unsupported: function `to_tsvector` without a text search configuration is not supported"},
      {"select ts_headline('simple', to_tsquery('simple', 'x'))", "unsupported: function `ts_headline` without a text search configuration is not supported"},
      {"select to_tsquery('\"a.b\"', 'x')", "unsupported: a quoted text search configuration is not supported"},
      {"select to_tsquery('mine', 'x')", "unsupported: text search configuration `mine` is not one of the server's own"},
      {"select ts_rewrite('a'::tsquery, 'select 1')", "unsupported: function `ts_rewrite` is not allowed"},
      {"select make_interval(day => 3)", "syntax: function `make_interval` has no parameter `day`"},
      {"select make_interval(1, years => 3)", "syntax: parameter `years` is given twice"},
      {"select lpad(string => name, length => 3) from n", "unsupported: named arguments are not supported"},
      {"select name collate \"mine\" from n", "unsupported: collation `mine` is not supported"},
      {"select name collate \"x-icu\" from n", "unsupported: collation `x-icu` is not supported"},
      {"select name collate \"de_DE.latin1\" from n", "unsupported: collation `de_DE.latin1` is not supported"},
      {"select name collate nd from n", "unsupported: collation `nd` is not supported"},
      {"select name collate de_DE from n", "unsupported: collation `de_de` is not supported"},
      {"select name collate \"de_D\" from n", "unsupported: collation `de_D` is not supported"},
      {"select name collate \"deu\" from n", "unsupported: collation `deu` is not supported"},
      {"select name collate public.\"de-x-icu\" from n", "unsupported: collation `public.de-x-icu` is not supported"},
      {"select public.lower('x')", "unsupported: function `public.lower` is not allowed"},
      {"select 'pg_class'::regclass", "unsupported: type `regclass` is not supported in a cast"},
      {"select 't'::public.t", "unsupported: type `public.t` is not supported in a cast"},
      {"select (((((a between symmetric 1 and 2)::int between symmetric 1 and 2)::int between symmetric 1 and 2)::int between symmetric 1 and 2)::int between symmetric 1 and 2) from t",
       "limit: `between` within `between`, too often"},
      {"select '1 s'::pg_catalog.interval(2)", "unsupported: type `pg_catalog.interval` is not supported in a cast"},
      {"select '1 s'::\"interval\"(2)", "unsupported: type `interval` is not supported in a cast"},
      {"select 'x'::\"char\"", "unsupported: type `char` is not supported in a cast"},
      {"select substring(name from name) from n", "unsupported: `substring` from what is neither a plain number nor a plain text is not supported"},
      {"select name operator(public.~~) 'a' from n", "unsupported: operator `~~` is not supported"},
      {"select name || any (array['a']) from n", "unsupported: operator `||` with `any` or `all` is not supported"},
      {"select name ~~ public.like_escape('a', 'b') from n", "unsupported: function `public.like_escape` is not allowed"},
      {"select name ~~ like_escape(pattern => 'a', escape => 'b') from n", "unsupported: named arguments are not supported"},
      {"select name ~~ like_escape(distinct 'a', 'b') from n", "unsupported: function `like_escape` is not allowed"},
      {"select like_escape(name, 'b') from n", "unsupported: function `like_escape` is not allowed"},
      {"select name ~ like_escape('a', 'b') from n", "unsupported: function `like_escape` is not allowed"},
      {"select a operator(public.=) 1 from t", "unsupported: operator `=` is not supported"},
      {"select current_user", "unsupported: `current_user` is not supported"},
      {"select * from t for update", "unsupported: `for update` and its kin are supported in queries, and in what an update or a delete reads, only"},
      {"select * from only t", "unsupported: `only` is not supported"},
      {"select * from t tablesample system (10)", "unsupported: `tablesample` is not supported"},
      {"select * from pg_catalog.pg_class", "not_found: no such table: `pg_catalog.pg_class`"},
      {"select distinct on (a, 3) a, b from t", "syntax: position 3 is not in the result"},
      {"select distinct on (x) a as x, b as x from t", "ambiguous: ambiguous name in `distinct on`"},
      {"select distinct on ('a') a from t", "syntax: a constant in `distinct on` is a position"},
      {"select distinct on (count(*)) a from t", "syntax: aggregate `count` cannot stand here"},
      {"select distinct on (row_number() over ()) a from t", "syntax: window function `row_number` cannot stand here"},
      {"select 1 from t group by rollup (row(a, b))", "unsupported: a row as a key of grouping sets is not supported"},
      {"select a, 2 as x, count(*) from t group by rollup (a, 2)", "unsupported: a constant as a key of grouping sets is not supported"},
      {"select a, -2 as x, count(*) from t group by rollup (a, x)", "unsupported: a constant as a key of grouping sets is not supported"},
      {"select 1 from t group by rollup (count(*))", "syntax: aggregate `count` cannot stand here"},
      {"select 1 from t group by cube (a, b, c, a, b, c, a, b, c, a, b, c, a)", "limit: a cube of more than 12 elements"},
      {"select 1 from t group by cube (a, b, c, a, b, c), cube (a, b, c, a, b, c), rollup (a)", "limit: more than 4096 grouping sets"},
      {"select array(select a, b from t)", "syntax: an array is made of a query with one column"},
      {"select percentile_cont(0.5) from t", "syntax: function `percentile_cont` needs `within group` with one key"},
      {"select mode() within group (order by a, b) from t", "syntax: function `mode` needs `within group` with one key"},
      {"select percentile_cont(a) within group (order by b) from t group by a", "unsupported: the fraction of `percentile_cont` is a constant or a parameter"},
      {"select percentile_cont(distinct 0.5) within group (order by a) from t", "syntax: function `percentile_cont` takes no `distinct`, `*` or `order by` before `within group`"},
      {"select mode() within group (order by a) over () from t", "unsupported: `over` is not supported behind `within group`"},
      {"select rank(1) within group (order by a, b) from t", "syntax: function `rank` needs `within group` with one key"},
      {"select rank(1, 2) within group (order by a) from t", "syntax: function `rank` needs `within group` with 2 keys"},
      {"select rank(1) from t", "syntax: function `rank` needs `within group` with one key"},
      {"select rank(a) within group (order by b) from t group by a", "unsupported: the row of `rank` is a constant or a parameter"},
      {"select rank(1) within group (order by a) over () from t", "unsupported: `over` is not supported behind `within group`"},
      {"select sum(a) within group (order by a) from t", "unsupported: `within group` is not supported for function `sum`"},
      {"select * from t, (select t.a) s", "not_found: no such column: `t.a`"},
      {"select * from lateral (select t.a) s, t", "not_found: no such column: `t.a`"},
      {"select * from t, lateral (select a from u, v) s", "ambiguous: ambiguous column name: `a`"},
      {"select * from t, u, lateral (select a) s", "ambiguous: ambiguous column name: `a`"},
      {"select * from t right join lateral (select t.a) s on true", "syntax: `t.a` cannot be named here: the join is neither inner nor left"},
      {"select * from t full join generate_series(1, t.a) s on true", "syntax: `t.a` cannot be named here: the join is neither inner nor left"},
      {"select (select 1 from u full join lateral (select d) s on true) from v", "syntax: `d` cannot be named here: the join is neither inner nor left"},
      {"select * from t, lateral (select sum(t.a)) s", "unsupported: an aggregate over columns of a query around is not supported"},
      {"select * from t, generate_series(1, sum(t.a)) s", "syntax: aggregate `sum` cannot stand here"},
      {"select * from t, lateral (select t.ctid) s", "not_found: no such column: `t.ctid`"},
      {"select * from t, unnest(t) s", "not_found: no such column: `t`"},
      {"select * from generate_series(1, g.a) g", "not_found: no such column: `g.a`"},
      {"select * from pg_catalog.unnest(array[1], array[2]) x", "syntax: wrong number of arguments to function `unnest`"},
      {"select * from json_to_recordset('[]') x", "syntax: function `json_to_recordset` needs a list of column definitions"},
      {"select * from generate_series(1, 2) x (a int)", "syntax: a list of column definitions is for functions that have no columns of their own"},
      {"select * from json_to_record('{}') with ordinality as x (a int)", "syntax: `with ordinality` takes no column definitions"},
      {"select * from rows from (json_to_record('{}'), json_to_record('{}')) as x (a int)", "unsupported: a list of column definitions beside other columns is not supported"},
      {"select * from json_to_record('{}') as x (a int, a int)", "ambiguous: column `a` is defined twice"},
      {"select * from json_to_record('{}') as x (a regclass)", "unsupported: type `regclass` is not supported in a cast"},
      {"select * from json_to_record('{}') as x (a public.t)", "unsupported: type `public.t` is not supported in a cast"},
      {"select (select sum(t.a) from u) from t", "unsupported: an aggregate over columns of a query around is not supported"},
      {"select (addr).zip from k", "not_found: no such field: `zip`"},
      {"select (addr).City, (addr).\"City\" from k", "not_found: no such field: `City`"},
      {"select (addr).ctid from k", "not_found: no such field: `ctid`"},
      {"select (k.addr).tableoid from k", "not_found: no such field: `tableoid`"},
      {"select (addr).lower from k", "not_found: no such field: `lower`"},
      {"select ((addr).at).city from k", "not_found: no such field: `city`"},
      {"select addr.city from k", "not_found: no such column: `addr.city`"},
      {"select k.addr.city from k", "not_found: no such column: `k.addr.city`"},
      {"select (k).addr.zip from k", "not_found: no such field: `zip`"},
      {"select (city).lower from k", "type: a value of type `text` has no fields"},
      {"select (spots).lat from k", "type: a value of type `public.geo[]` has no fields"},
      {"select ((addr).n).lat from k", "type: a value of type `integer` has no fields"},
      {"select (lower(city)).lower from k", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (null).city", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select ('(1,2)').lat", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (row(1, 2)).f1", "unsupported: a field of `row(…)` is not supported"},
      {"select ((addr, spots)).city from k", "unsupported: a field of `row(…)` is not supported"},
      {"select (x.column1).y from (values (1)) x", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (case when id = 1 then addr else city end).city from k", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (coalesce(addr, '(1,2)')).city from k", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (s.x).city from (select addr as x from k union all select null) s", "unsupported: a field of a value whose type is not known here is not supported"},
      {"select (row_of).a from kept", "unsupported: a field of the row of a table that is kept as a value is not supported"},
      {"select (populate(addr)).city from k", "unsupported: function `populate` is not allowed"},
      {"select (cast('(1,2)' as geo)).lat", "unsupported: type `geo` is not supported in a cast"},
      {"select (addr).* is null from k", "syntax: `(…).*` stands only in the list of results"},
      {"select 1 from k order by (addr).*", "syntax: `(…).*` stands only in the list of results"},
      {"select to_json((addr).*) from k", "syntax: `(…).*` stands only in the list of results"},
      {"select s from k, unnest(spots) s", "unsupported: `unnest` of a `tsvector` or of composites is not supported"},
      {"select s.lat from k, unnest((k.addr).spots) s", "unsupported: `unnest` of a `tsvector` or of composites is not supported"},
      {"select s from k, unnest(array_append(k.spots, (k.addr).at), array[1]) s", "unsupported: `unnest` of a `tsvector` or of composites is not supported"},
      {"select s from k, unnest(array[k.addr]) with ordinality s", "unsupported: `unnest` of a `tsvector` or of composites is not supported"},
      {"select (city).* from k", "type: a value of type `text` has no fields"},
  };
  for (auto const& [sql, expected] : cases) EXPECT_EQ(e.fault_of(sql), expected) << sql;
}

/// What the allow-list says of a function, the server says of one of that name: that it exists, its kind, how many arguments it takes, that
/// its value does not change within a statement, and that it is the server's own code.
TEST(bind_postgres, the_allow_list_is_of_functions_that_the_server_has) {
  testing_postgres::database db;
  pqxx::connection c(db.conninfo());
  pqxx::nontransaction tx(c);
  auto const words = std::vector<std::string_view>{"coalesce", "greatest", "grouping", "least", "nullif"};  // of its grammar, and in no catalogue
  for (auto const& f : catalog::functions(dialect::postgresql)) {
    if (std::ranges::count(words, f.name) > 0) continue;
    std::string const kinds = f.kind == catalog::function_kind::aggregate ? "a" : f.kind == catalog::function_kind::window ? "w" : "f";
    for (auto const count : {f.min_arguments, f.max_arguments}) {
      if (count == -1) continue;
      // an ordered-set aggregate counts the key that it sorts by among its arguments
      auto const arguments = std::to_string(count + (f.within_group && f.max_arguments != -1 ? 1 : 0));
      auto const found = tx.exec(
          "select bool_and(p.provolatile <> 'v') as steady, bool_or(p.proretset) as rows, count(*) as those, "
          "bool_or(p.proargtypes::oid[] && array['\"any\"', 'anyelement', 'record']::regtype[]::oid[]) as of_all from pg_proc p join pg_language l on l.oid = p.prolang "
          "where p.pronamespace = 'pg_catalog'::regnamespace and p.proname = " + tx.quote(std::string(f.name)) + " and p.prokind = '" + kinds +
          "' and l.lanname in ('internal', 'sql') and ((" + arguments + " between p.pronargs - p.pronargdefaults and p.pronargs) or (p.provariadic <> 0 and " + arguments +
          " >= p.pronargs - 1))");
      ASSERT_GT(found[0]["those"].as<int>(), 0) << f.name << " of " << arguments;
      EXPECT_EQ(found[0]["steady"].as<bool>(), f.deterministic) << f.name;
      EXPECT_TRUE(!f.takes_rows || count == 0 || found[0]["of_all"].as<bool>()) << f.name << " takes no row";
      auto const one_row = f.name == "json_to_record" || f.name == "jsonb_to_record";  // its columns are as the text defines them
      EXPECT_EQ(found[0]["rows"].as<bool>(), f.kind == catalog::function_kind::table && !one_row) << f.name;
    }
  }
  auto const ordered = tx.exec("select string_agg(distinct p.proname, ',' order by p.proname) from pg_aggregate a join pg_proc p on p.oid = a.aggfnoid where a.aggkind in ('o', 'h')")[0][0].as<std::string>();
  std::string listed;
  for (auto const& f : catalog::functions(dialect::postgresql))
    if (f.within_group) listed.append(listed.empty() ? "" : ",").append(f.name);
  EXPECT_EQ(listed, ordered);
}

/// The tables of TPC-H, revision 3.0.1, section 1.4, with a few rows of our own.
constexpr char const* tpch_schema = R"(
create table region (r_regionkey int primary key, r_name char(25), r_comment varchar(152));
create table nation (n_nationkey int primary key, n_name char(25), n_regionkey int, n_comment varchar(152));
create table part (p_partkey int primary key, p_name varchar(55), p_mfgr char(25), p_brand char(10), p_type varchar(25), p_size int, p_container char(10), p_retailprice numeric(15,2), p_comment varchar(23));
create table supplier (s_suppkey int primary key, s_name char(25), s_address varchar(40), s_nationkey int, s_phone char(15), s_acctbal numeric(15,2), s_comment varchar(101));
create table partsupp (ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost numeric(15,2), ps_comment varchar(199), primary key (ps_partkey, ps_suppkey));
create table customer (c_custkey int primary key, c_name varchar(25), c_address varchar(40), c_nationkey int, c_phone char(15), c_acctbal numeric(15,2), c_mktsegment char(10), c_comment varchar(117));
create table orders (o_orderkey int primary key, o_custkey int, o_orderstatus char(1), o_totalprice numeric(15,2), o_orderdate date, o_orderpriority char(15), o_clerk char(15), o_shippriority int, o_comment varchar(79));
create table lineitem (l_orderkey int, l_partkey int, l_suppkey int, l_linenumber int, l_quantity numeric(15,2), l_extendedprice numeric(15,2), l_discount numeric(15,2), l_tax numeric(15,2), l_returnflag char(1), l_linestatus char(1), l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct char(25), l_shipmode char(10), l_comment varchar(44), primary key (l_orderkey, l_linenumber));
insert into region select i, (array['AFRICA','AMERICA','ASIA','EUROPE','MIDDLE EAST'])[i + 1], 'r' from generate_series(0, 4) i;
insert into nation select i, (array['FRANCE','GERMANY','BRAZIL','SAUDI ARABIA','CANADA','INDIA','JAPAN','CHINA','PERU','KENYA'])[i + 1], i % 5, 'n' from generate_series(0, 9) i;
insert into part select i, (array['green','forest','red'])[i % 3 + 1] || ' thing', 'm' || i % 2, 'Brand#' || (array[23,12,34,45])[i % 4 + 1], (array['PROMO','ECONOMY ANODIZED','STANDARD POLISHED'])[i % 3 + 1] || ' ' || (array['STEEL','BRASS','TIN'])[i % 3 + 1], i % 50 + 1, (array['MED BOX','SM CASE','LG CASE'])[i % 3 + 1], 900 + i, 'p' from generate_series(1, 60) i;
insert into supplier select i, 'Supplier#' || i, 'a', i % 10, i % 30 + 10 || '-1', i * 10, case when i % 5 = 0 then 'Customer Complaints' else 's' end from generate_series(1, 20) i;
insert into partsupp select p, (p * 7 + s * 3) % 20 + 1, p * 10 % 997, p + s, 'ps' from generate_series(1, 60) p, generate_series(0, 3) s on conflict do nothing;
insert into customer select i, 'Customer#' || i, 'a', i % 10, i % 30 + 10 || '-1', i * 10 - 100, (array['BUILDING','AUTOMOBILE','MACHINERY'])[i % 3 + 1], 'c' from generate_series(1, 50) i;
insert into orders select i, i % 40 + 1, (array['F','O','P'])[i % 3 + 1], i * 1000, date '1992-01-01' + i * 7, (array['1-URGENT','2-HIGH','3-MEDIUM'])[i % 3 + 1], 'k', 0, case when i % 4 = 0 then 'special x requests' else 'o' end from generate_series(1, 340) i;
insert into lineitem select o, (o * 13 + l * 17) % 60 + 1, (o * 5 + l) % 20 + 1, l, (o * l) % 50 + 1 + (case when o % 50 = 0 then 300 else 0 end), o * 10 + l, (o + l) % 11 / 100.0, 0.02, (array['R','A','N'])[o % 3 + 1], (array['O','F'])[o % 2 + 1], date '1992-01-01' + o * 7 + l * 5, date '1992-01-01' + o * 7 + 20, date '1992-01-01' + o * 7 + l * 8, (array['DELIVER IN PERSON','NONE'])[o % 2 + 1], (array['AIR','MAIL','SHIP','AIR REG'])[(o + l) % 4 + 1], 'l' from generate_series(1, 340) o, generate_series(1, 4) l;
)";

TEST(bind_postgres, the_queries_of_tpc_h) {
  auto const folder = std::filesystem::path(GRILLE_CORPORA) / "tpch";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the corpora are not here: " << folder;
  engine e(tpch_schema);
  std::size_t matched = 0, rows = 0;
  for (int i = 1; i <= 22; ++i) {
    std::ostringstream name;
    name << 'q' << (i < 10 ? "0" : "") << i << ".sql";
    std::ifstream file(folder / name.str());
    std::ostringstream text;
    text << file.rdbuf();
    auto sql = text.str();
    // as it is kept there, the third casts to a type that only other engines have
    if (auto const at = sql.find("AS STRING"); at != sql.npos) sql.replace(at, 9, "AS TEXT");
    auto const why = e.differs(sql);
    EXPECT_TRUE(why.empty()) << name.str() << '\n' << why;
    matched += why.empty() ? 1 : 0;
    rows += e.ask(sql, false).rows.empty() ? 0 : 1;
  }
  std::cout << "TPC-H: " << matched << " of 22 give the same answer, " << rows << " of them with rows\n";
  EXPECT_EQ(matched, 22U);
  EXPECT_GE(rows, 15U) << "an answer without rows says little";
}

/// The statements and queries of a sqllogictest file, whatever engine each is meant for: the server says which it takes.
std::vector<std::pair<bool, std::string>> records_of(std::filesystem::path const& path) {
  std::ifstream file(path);
  std::vector<std::pair<bool, std::string>> all;
  std::string line, kind, sql;
  bool answer = false;
  auto const finish = [&] {
    if (!sql.empty()) all.emplace_back(kind == "query", sql);
    kind.clear();
    sql.clear();
    answer = false;
  };
  while (std::getline(file, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) {
      finish();
    } else if (line == "----") {
      answer = true;
    } else if (kind.empty()) {
      if (line.starts_with("query") || line.starts_with("statement")) kind = line.substr(0, line.find(' '));
    } else if (!answer) {
      sql += (sql.empty() ? "" : "\n") + line;
    }
  }
  finish();
  return all;
}

TEST(bind_postgres, queries_of_sqllogictest) {
  auto const folder = std::filesystem::path(GRILLE_CORPORA) / "sqllogictest";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the corpora are not here: " << folder;
  std::size_t asked = 0, same = 0;
  std::map<std::string, std::size_t> refused;
  for (auto const* name : {"select1.test", "select2.test", "select3.test", "random/select.test", "random/expr.test", "random/aggregates.test", "random/groupby.test"}) {
    engine e("select 1");
    bool read = false;
    std::size_t here = 0, before = same;
    for (auto const& [is_query, sql] : records_of(folder / name)) {
      if (!is_query) {
        static_cast<void>(e.ask(sql, false));
        read = false;
        continue;
      }
      if (!std::exchange(read, true)) e.refresh();
      if (!e.ask(sql, false).error.empty()) continue;  // not for this engine
      if (++here > 600) break;  // of each file; the whole takes minutes
      ++asked;
      std::string fault;
      static_cast<void>(e.pass(sql, fault));
      if (!fault.empty()) {
        if (++refused[fault] == 1) std::cout << "  " << name << ": " << sql << '\n';
        continue;
      }
      auto const why = e.differs(sql);
      EXPECT_TRUE(why.empty()) << name << ": " << why;
      same += why.empty() ? 1 : 0;
    }
    std::cout << name << ": " << same - before << " the same\n";
  }
  std::cout << "sqllogictest on PostgreSQL: " << asked << " queries, " << same << " with the same answer\n";
  for (auto const& [why, n] : refused) std::cout << "  refused " << n << ": " << why << '\n';
  EXPECT_GT(same, 4000U);
  EXPECT_GE(same * 100, asked * 99) << "at least 99 in 100";
}

}  // namespace
}  // namespace grille::bind
