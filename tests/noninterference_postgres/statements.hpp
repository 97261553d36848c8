// Statements at random over tables and views of which some rows are hidden, or are left out by the views: most of what can fail in them does so on such a
// row only. Enters: a seed. Leaves: their texts, one after the other.
#pragma once
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace noninterference_postgres {

/// Statements over p and q, and what is made of them.
class statements {
 public:
  explicit statements(unsigned seed) : random_(seed) {}

  bool parameter{};  // the statement holds one
  bool of_open{};    // it reads what the caller sees the whole of

  /// One that locks rows, of tables or of what is made of them.
  std::string next_locking() {
    parameter = of_open = false;
    auto const depth = upto(0, 2);
    auto const how = " for " + one({"update", "no key update", "share", "key share"}), t = one({"p", "q", "w"});
    of_open = t == "w";
    names in{"u"};
    switch (upto(0, 6)) {
      case 0: return "with c as (select u.id, u.a, u.b from " + t + " u where " + condition(in, depth) + how + ") select c.id, " + number({"c"}, 0) + " as x from c where c.a + 1 > " + std::to_string(upto(0, 4)) + " order by 1, 2";
      case 1: return "select u.id, u.x from (select y.id, y.a, " + number({"y"}, depth) + " as x from " + t + " y where " + condition({"y"}, depth) + ") u where 100 / (u.a - 77) > -9 order by 1, 2" + how;
      case 2: return "select x.id, l.k from p x, lateral (select u.id as k from " + t + " u where u.id = x.a and " + condition({"u", "x"}, depth) + how + ") l order by 1, 2";
      case 3: {
        auto const body = source("v", depth);
        return "select u.id, " + number({"u", "v"}, depth) + " as x from " + t + " u " + one({"join ", "left join "}) + body + " on u.id = v." + one({"id", "a"}) + " and " + condition({"u", "v"}, depth) + " order by 1, 2" + how + " of u";
      }
      case 4: return "select x.id from " + one({"p", "q", "pw", "qv"}) + " x where " + one({"exists (select 1", "x.a in (select u.id", "x.b = any (select u.a"}) + " from " + t + " u where " + condition({"u", "x"}, depth) + how + ") order by 1";
      default: return "select u.id, " + number(in, depth) + " as x from " + t + " u where " + condition(in, depth) + " order by 1, 2" + how;
    }
  }

  std::string next() {
    parameter = of_open = false;
    auto const depth = upto(1, 3);
    names in;
    auto const body = from(depth, in);
    auto const where = upto(0, 9) < 8 ? " where " + condition(in, depth) : std::string();
    auto const rest = " from " + body + where;
    switch (upto(0, 9)) {
      case 0: return "select count(*), sum(" + number(in, 1) + "), min(" + number(in, 1) + "), max(" + number(in, 1) + ")" + rest;
      case 1: {
        auto const key = number(in, 1);
        auto const having = one({"count(*) > 0", key + " > 1", key + " is null or max(" + whole(in) + ") > 2"});
        return "select " + key + " as g, count(*), max(" + number(in, 1) + ")" + rest + " group by " + key + " having " + having + " order by 1, 2, 3";
      }
      case 2: return "select distinct " + number(in, depth) + " as x, " + in[0] + ".s" + rest + " order by 1, 2";
      case 3: return "select " + in[0] + ".id, " + number(in, depth) + " as x, count(*) over (partition by " + number(in, 1) + ")" + rest + " order by 1, 2, 3";
      case 4: {
        std::string columns;
        for (auto const* c : {"id", "a", "b", "n", "f", "s", "t", "c", "d"}) columns += std::string(columns.empty() ? "" : ", ") + in[0] + "." + c + " as " + c;
        return "with c as (select " + columns + rest + ") select c.id, " + number({"c"}, 1) + " as x from c where c.a + 1 > " + std::to_string(upto(0, 5)) + " order by 1, 2";
      }
      case 5: return "select " + in[0] + ".id" + rest + " union select " + number({"y"}, depth) + " from q y order by 1";
      case 7: {
        auto const key = no_constant(in);
        return "select distinct on (" + key + ") " + key + " as k, " + in[0] + ".id, " + number(in, depth) + " as x" + rest + " order by " + key + ", 2, 3";
      }
      case 9: {
        auto const key = no_constant(in), other = one(in) + one({".id", ".a", ".b"});
        auto const sets = rest + " group by " + one({"rollup", "cube"}) + " (" + key + ", " + other + ")" +
                          one({"", " having " + key + " > 1", " having 1000 / (" + other + " - 500) <= 0 or grouping(" + other + ") = 1"});
        if (upto(0, 2) == 0)
          return "select s.h, 1000 / (s.h - 500) as x, s.n from (select " + other + " as h, " + key + " as k, count(*) as n" + sets + ") s where 100 / (s." + one({"h", "k"}) + " - 77) < s.n order by 1, 2, 3";
        return "select " + key + " as g, " + other + " as h, count(*), max(" + number(in, 1) + "), grouping(" + other + ")" + sets + " order by 1, 2, 3, 4, 5";
      }
      case 8: {
        auto const key = one(in) + one({".id", ".a", ".b"});
        return "select " + key + " as g, percentile_disc(0.5) within group (order by " + number(in, 1) + "), mode() within group (order by " + number(in, depth) + ") filter (where " +
               condition(in, 1) + ")" + rest + " group by " + key + " order by 1, 2, 3";
      }
      default: {
        std::string ids, order;
        for (std::size_t i = 0; i < in.size(); ++i) ids += in[i] + ".id, ", order += std::to_string(i + 1) + ", ";
        return "select " + ids + number(in, depth) + " as x" + rest + " order by " + order + std::to_string(in.size() + 1);
      }
    }
  }

 private:
  using names = std::vector<std::string>;

  int upto(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string one(std::vector<std::string> const& of) { return of[static_cast<std::size_t>(upto(0, static_cast<int>(of.size()) - 1))]; }
  std::string table() {
    auto const open = upto(0, 6) < 2;
    of_open = of_open || open;
    if (open) return one({"w", "v", "w", "v", "vv", "wg", "wl", "wu", "wd", "wn"});
    return one({"p", "q", one({"p", "q"}), one({"pv", "pw", "pb", "pq", "qv"}), one({"pp", "pc", "qn", "pe"})});
  }
  std::string whole(names const& in) {
    auto const t = one(in);
    return one({t + ".id", t + ".a", t + ".b", std::to_string(upto(0, 9)), t + ".id"});
  }
  std::string no_constant(names const& in) {
    auto const t = one(in);
    return one({t + ".id", "(100 / (" + t + ".a - 77))", "cast(" + t + ".s as int)", "(" + t + ".b * " + t + ".id)"});
  }
  std::string number(names const& in, int depth) {
    if (depth <= 0) return whole(in);
    auto const d = depth - 1;
    switch (upto(0, 17)) {
      case 0: return upto(0, 1) == 0 ? "(" + number(in, d) + " / nullif(" + number(in, d) + ", 0))" : "(100 / (" + one(in) + ".a - 77))";
      case 1: return "(1000 / (" + one(in) + ".id - 500))";
      case 2: return "cast(" + one(in) + ".s as int)";
      case 3: return "(" + number(in, d) + " + " + number(in, d) + ")";
      case 4: return "length(" + text(in) + ")";
      case 5: return "case when " + condition(in, d) + " then " + number(in, d) + " else " + number(in, d) + " end";
      case 6: return "(select " + one({"max", "min", "count"}) + "(" + number({"z"}, d) + ") from " + table() + " z where " + condition(with("z", in), d) + ")";
      case 7: return "coalesce(" + number(in, d) + ", " + number(in, d) + ")";
      case 9: return "(array[" + number(in, d) + ", " + number(in, d) + "])[" + whole(in) + "]";
      case 10: return "cast(jsonb_build_object('k', " + one(in) + ".s) ->> 'k' as int)";
      case 14: return "(array(select " + number({"k"}, d) + " from " + table() + " k where " + condition(with("k", in), d) + " order by 1))[1]";
      case 15: return one({"length(regexp_replace(" + text(in) + ", " + text(in) + ", 'x'))", "width_bucket(" + whole(in) + ", 1, 9, " + whole(in) + ")", "cast(to_number(" + text(in) + ", '99') as int)"});
      case 8: return "(" + number(in, d) + " * " + number(in, d) + ")";
      case 16: return "cast(" + one({"to_json(", "to_jsonb(", "row_to_json("}) + one(in) + one({")", ".*)"}) + " ->> '" + one({"id", "s", "a", "t"}) + "' as int)";
      case 17: return one({"cast(to_json(row(" + one(in) + ".s, " + number(in, d) + ")) ->> 'f1' as int)", "json_array_length(json_build_array(" + one(in) + ", " + number(in, d) + "))",
                           "json_array_length((select json_agg(z order by z.id) from " + table() + " z where " + condition(with("z", in), d) + "))"});
      default: return whole(in);
    }
  }
  std::string text(names const& in) {
    auto const t = one(in);
    return one({t + ".t", t + ".s", "lower(" + t + ".t)", "(" + t + ".t || 'x')", "substr(" + t + ".t, 1, " + t + ".a)", "'abc'"});
  }
  std::string condition(names const& in, int depth) {
    auto const d = depth - 1;
    switch (upto(depth > 0 ? 0 : 6, 20)) {
      case 0: return "(" + condition(in, d) + " and " + condition(in, d) + ")";
      case 1: return "(" + condition(in, d) + " or " + condition(in, d) + ")";
      case 2: return "not " + condition(in, d);
      case 3: return "exists (select 1 from " + table() + " e where " + condition(with("e", in), d) + ")";
      case 4: return number(in, d) + one({" in ", " not in "}) + "(select " + number({"i"}, d) + " from " + table() + " i where " + condition({"i"}, d) + ")";
      case 5: return "(" + number(in, d) + " > " + number(in, d) + ") is " + one({"", "not "}) + "true";
      case 6: return one(in) + ".n = " + one(in) + ".f";
      case 7: return text(in) + " like " + one({"'a%'", "E'SECRET\\\\'", one(in) + ".t"});
      case 8: return text(in) + " ~ " + one({"'^a'", one(in) + ".t"});
      case 9: return one(in) + one({".id", ".a", ".n", ".f", ".s", ".t"}) + " is " + one({"", "not "}) + "null";
      case 10: return one(in) + ".n > " + one({"1::float8", "2.5", "3"});
      case 11: return "(" + one(in) + ".id, " + number(in, d) + ") in ((1, 2), (3, " + number(in, d) + "))";
      case 12: return one(in) + ".c " + one({"<", "=", "like"}) + " " + one(in) + ".d";
      case 13: parameter = true; return "$1 between " + one(in) + ".f and " + one(in) + ".n";
      case 14: parameter = true; return "(" + one(in) + one({".f", ".n", ".id"}) + " = $1" + one({"", "::int", "::float8", "::numeric"}) + " or " + one(in) + one({".n", ".f"}) + " > $1" + one({"", "::int", "::float8", "::numeric"}) + ")";
      case 15: return "array[" + number(in, d) + ", " + whole(in) + "]" + one({" && ", " @> "}) + "array[" + number(in, d) + "]";
      default: return number(in, depth) + one({" = ", " < ", " > ", " <> ", " <= ", " is distinct from "}) + number(in, depth);
    }
  }
  static names with(std::string first, names const& rest) {
    names all{std::move(first)};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
  std::string source(std::string const& name, int depth) {
    auto const d = depth - 1;
    switch (depth > 0 ? upto(0, 7) : 0) {
      case 4: return "(select x.id, x.a + x.b as a, " + number({"x"}, d) + " as b, x.n, x.f, x.s, x.t, x.c, x.d from " + table() + " x where " + condition({"x"}, d) + ") " + name;
      case 5: return "(select distinct x.id, x.a * 2 as a, x.b, x.n, x.f, x.s, x.t, x.c, x.d || '!' as t from " + table() + " x) " + name;
      case 6:
        return "(select x.id, x.a, x.b + 1 as b, x.n, x.f, x.s, x.t, x.c, x.d from p x union " + one({"", "all "}) + "select y.id + 1, y.a, y.b, " + one({"y.n, y.f", "y.f, y.n"}) + ", y.s, y.t, y.c, y.d from q y) " + name;
      case 7:
        return "(select g as id, g % 4 as a, " + number({"x"}, d) + " as b, x.n, x.f, x.s, x.t, x.c, x.d from generate_series(1, 12) g left join " + table() + " x on x.id = g) " + name;
      default: return table() + " " + name;
    }
  }
  std::string lateral(int depth) {
    auto const d = depth - 1;
    switch (upto(0, 5)) {
      case 0: return "(select u.id, u.a + u.b as a, " + number({"u"}, d) + " as b, u.n, u.f, u.s, u.t, u.c, u.d) v";
      case 1: return "(select x.id, x.a, count(*) as b, max(" + number({"u", "x"}, d) + ") as n, 1 as f, 's' as s, 't' as t, 'c' as c, 'd' as d from " + table() + " x where " + condition({"x", "u"}, d) + " group by 1, 2) v";
      case 2: return "(select g as id, g % 4 as a, " + number({"u"}, d) + " as b, u.n, u.f, u.s, u.t, u.c, u.d from generate_series(u.id - 1, " + one({"u.id", "u.a", number({"u"}, d)}) + " + 1) g) v";
      case 3: return "(select u.id, u.a, e.b::int, u.n, u.f, u.s, u.t, u.c, u.d from string_to_table(u.s, '1') as e (b) where e.b <> '' limit 3) v";
      case 4:
        return "(select m.id, m.a, m.b, x.n, x.f, x.s, x.t, x.c, x.d from " + table() + " x, lateral (select " + number({"u", "x"}, d) + " as id, u.a, x.b) m where " + condition({"m", "x"}, 0) + ") v";
      default: return "(select x.id, x.a, " + number({"x", "u"}, d) + " as b, x.n, x.f, x.s, x.t, x.c, x.d from " + table() + " x where x.id = u.id and " + condition({"x", "u"}, d) + ") v";
    }
  }
  std::string from(int depth, names& in) {
    if (upto(0, 1) == 0) {
      in = {"u"};
      return source("u", depth);
    }
    in = {"u", "v"};
    if (upto(0, 4) == 0) return source("u", depth) + one({", lateral ", " cross join lateral "}) + lateral(depth);
    if (upto(0, 5) == 0) return source("u", depth) + one({" left", ""}) + " join lateral " + lateral(depth) + " on " + condition(in, depth - 1);
    auto const kind = one({"join", "left join", "right join", "full join"});
    auto const more = upto(0, 9) < (kind == "full join" ? 3 : 6) ? " and " + condition({"u", "v"}, depth - 1) : std::string();
    auto const side = kind == "full join" && upto(0, 1) == 0 ? one({"(1000 / (u.id - 500))", "(100 / (u.a - 77))", "(u.b * u.id)", "cast(u.s as int)"}) : "u.id";
    in = {"u", "v"};
    auto const left = source("u", depth);
    return left + " " + kind + " " + source("v", depth) + " on " + side + " = v." + one({"id", "a", "b + 1"}) + more + (side != "u.id" && upto(0, 1) == 0 ? " and u.a = v.a" : "");
  }

  std::mt19937 random_;
};

}  // namespace noninterference_postgres
