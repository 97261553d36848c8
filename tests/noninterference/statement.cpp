#include "noninterference/statement.hpp"

namespace noninterference {

std::string statement_writer::statement() {
  std::string with;
  for (unsigned n = t_.once_in(4) ? 1 + t_.pick(2) : 0; n > 0; --n) {
    // Sometimes with the name of a table, of one that the policy reads among them.
    auto const name = t_.once_in(3) ? t_.of(all_).name : "k" + std::to_string(n);
    bool taken = false;
    for (auto const& c : ctes_) taken = taken || c.alias == name;
    if (taken) continue;
    auto made = compound(1, 1 + t_.pick(3));
    std::string columns;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < made.columns.size(); ++i) {
      names.push_back("x" + std::to_string(i));
      columns += (i == 0 ? "" : ", ") + names.back();
    }
    with += (with.empty() ? "with " : ", ") + name + '(' + columns + ") as " +
            t_.of(std::vector<std::string>{"", "", "materialized ", "not materialized "}) + '(' + made.sql + ')';
    ctes_.push_back({name, names});
  }
  auto const body = compound(2, 1 + t_.pick(3));
  if (!t_.once_in(5)) return (with.empty() ? "" : with + ' ') + body.sql;
  std::string order;
  for (std::size_t i = 0; i < body.columns.size(); ++i)
    order += (i == 0 ? "" : ", ") + std::to_string(i + 1) + (t_.once_in(3) ? " desc" : "") + (t_.once_in(4) ? " nulls last" : "");
  return (with.empty() ? "" : with + ' ') + "select * from (" + body.sql + ") q order by " + order + " limit " +
         std::to_string(1 + t_.pick(4)) + (t_.once_in(3) ? " offset 1" : "");
}

statement_writer::query statement_writer::compound(unsigned depth, std::size_t width) {
  auto first = select(depth, width);
  if (depth == 0 || !t_.once_in(6)) return first;
  static std::vector<std::string> const operators = {" union all ", " union ", " except ", " intersect "};
  auto const& op = t_.of(operators);
  return {first.sql + op + select(depth - 1, first.columns.size()).sql, first.columns};
}

statement_writer::query statement_writer::select(unsigned depth, std::size_t width) {
  scopes_.emplace_back();
  scope here;
  auto sources = from(here, depth);
  scopes_.back() = here;
  query q;
  std::string items, group, having;
  auto const kind = t_.pick(6);  // 0-2 plain, 3 distinct, 4 grouped, 5 windows
  auto const where = t_.pick(2) == 0 ? "" : " where " + condition(depth + 1);
  if (kind == 4) {
    std::vector<std::string> keys;
    for (unsigned n = t_.pick(3); n > 0; --n) keys.push_back(column());
    for (auto const& k : keys) group += (group.empty() ? " group by " : ", ") + k;
    for (std::size_t i = 0; i < width; ++i)
      items += (i == 0 ? "" : ", ") + (i < keys.size() && t_.pick(2) == 0 ? keys[i] : aggregate(depth)) + " as y" + std::to_string(i);
    if (t_.once_in(3)) having = " having " + aggregate(0) + (t_.pick(2) == 0 ? " > " : " = ") + literal();
    if (group.empty()) having = "";
  } else {
    for (std::size_t i = 0; i < width; ++i)
      items += (i == 0 ? "" : ", ") + (kind == 5 ? window(depth) : expression(depth)) + " as y" + std::to_string(i);
  }
  for (std::size_t i = 0; i < width; ++i) q.columns.push_back("y" + std::to_string(i));
  q.sql = std::string("select ") + (kind == 3 ? "distinct " : "") + items + " from " + sources + where + group + having;
  scopes_.pop_back();
  return q;
}

std::string statement_writer::source(relation& made, unsigned depth) {
  if (depth > 0 && t_.once_in(6)) {
    // A derived table does not see its neighbours.
    auto outer = std::exchange(scopes_.back(), {});
    auto inner = compound(depth - 1, 1 + t_.pick(3));
    scopes_.back() = std::move(outer);
    made = {alias(), inner.columns};
    return '(' + inner.sql + ") " + made.alias;
  }
  if (!ctes_.empty() && t_.pick(2) == 0) {
    auto const& c = t_.of(ctes_);
    made = {alias(), c.columns};
    return c.alias + ' ' + made.alias;
  }
  auto const& on = t_.of(seen_.empty() || t_.once_in(40) ? all_ : seen_);
  made = {alias(), {}};
  for (auto const& c : on.columns) made.columns.push_back(c.name);
  return (t_.once_in(8) ? "main." : "") + on.name + ' ' + made.alias;
}

std::string statement_writer::from(scope& into, unsigned depth) {
  relation first;
  auto out = source(first, depth);
  into.push_back(first);
  if (!t_.once_in(3)) return out;
  relation second;
  auto const other = source(second, depth);
  into.push_back(second);
  scopes_.back() = into;
  static std::vector<std::string> const joins = {" join ", " left join ", " left join ", " right join ", " full join "};
  switch (t_.pick(4)) {
    case 0:
      return out + t_.of(joins) + other + " on " + first.alias + '.' + first.columns[0] + " = " + second.alias + '.' +
             t_.of(second.columns);
    case 1:
      return out + ", " + other;
    case 2:
      return out + t_.of(joins) + other + " on " + condition(depth);
    default:
      if (t_.pick(2) == 0) return out + t_.of(joins) + other + " using (" + t_.of(first.columns) + ')';
      return out + t_.of(std::vector<std::string>{" natural join ", " natural left join ", " natural full join "}) + other;
  }
}

std::string statement_writer::column() {
  // The innermost scope mostly; an outer one is a correlation.
  auto const depth = scopes_.size() > 1 && t_.once_in(4) ? scopes_.size() - 2 : scopes_.size() - 1;
  auto const& s = scopes_[depth].empty() ? scopes_.back() : scopes_[depth];
  if (s.empty()) return "1";
  auto const& r = t_.of(s);
  if (t_.once_in(300)) return r.alias + ".rowid";
  if (t_.once_in(150)) return r.alias + '.' + t_.of(t_.of(all_).columns).name;
  return r.alias + '.' + t_.of(r.columns);
}

std::string statement_writer::literal() {
  static std::vector<std::string> const all = {"1",    "0",   "2",   "5",  "'5'",   "'abc'",  "'ABC'", "'x'",
                                               "null", "2.5", "'?'", "''", "x'01'", "424242", "-1",    "'canary'"};
  return t_.of(all);
}

std::string statement_writer::subquery(unsigned depth, char const* item) {
  scopes_.emplace_back();
  relation made;
  auto const sources = source(made, depth > 0 ? depth - 1 : 0);
  scopes_.back().push_back(made);
  auto const shown = std::string(item) == "1" ? std::string("1") : std::string(item) + '(' + column() + ')';
  auto out = "(select " + shown + " from " + sources;
  if (t_.pick(3) != 0) out += " where " + condition(depth > 0 ? depth - 1 : 0);
  scopes_.pop_back();
  return out + ')';
}

/// One cell, which keeps its column's affinity and collation.
std::string statement_writer::by_key() {
  auto const& on = t_.of(seen_.empty() || t_.once_in(40) ? all_ : seen_);
  return "(select r.c from (select " + t_.of(on.columns).name + " as c, id from " + on.name +
         ") r where r.id = " + std::to_string(1 + t_.pick(9)) + ')';
}

std::string statement_writer::expression(unsigned depth) {
  if (depth == 0) return t_.once_in(4) ? literal() : column();
  auto const e = [&] { return expression(depth - 1); };
  switch (t_.pick(16)) {
    case 0:
    case 1:
    case 2:
      return column();
    case 3:
      return literal();
    case 4:
      return condition(depth);
    case 5:
      return '(' + e() + t_.of(std::vector<std::string>{" + ", " - ", " * ", " / ", " % ", " || ", " & "}) + e() + ')';
    case 6:
      return "case when " + condition(depth - 1) + " then " + e() + " else " + e() + " end";
    case 7:
      return "case " + column() + " when " + literal() + " then " + e() + " when " + literal() + " then " + e() + " end";
    case 8:
      return t_.of(std::vector<std::string>{"coalesce", "ifnull", "nullif", "min", "max"}) + '(' + e() + ", " + e() + ')';
    case 9:
      return t_.of(std::vector<std::string>{"typeof", "length", "lower", "upper", "trim"}) + '(' + e() + ')';
    case 10:
      return "abs(" + e() + ')';
    case 11:
      return "json_extract(" + column() + ", '$.a')";
    case 12:
      return t_.of(std::vector<std::string>{"json_type", "json_array_length", "json_valid", "json_quote"}) + '(' + column() + ')';
    case 13:
      return "cast(" + e() + " as " + t_.of(std::vector<std::string>{"text", "integer", "real", "numeric", "blob"}) + ')';
    case 14:
      return t_.once_in(3) ? by_key() : subquery(depth, t_.of(std::vector<char const*>{"max", "count", "min", "sum"}));
    default:
      return "substr(" + e() + ", 1, " + std::to_string(1 + t_.pick(3)) + ')';
  }
}

std::string statement_writer::condition(unsigned depth) {
  auto const e = [&] { return expression(depth > 0 ? depth - 1 : 0); };
  auto const c = [&] { return condition(depth - 1); };
  switch (t_.pick(depth == 0 ? 6 : 17)) {
    case 0:
    case 1:
      return column() + t_.of(std::vector<std::string>{" = ", " < ", " >= ", " <> ", " is ", " is not "}) + literal();
    case 2:
      return column() + t_.of(std::vector<std::string>{" is null", " is not null"});
    case 3:
      return column() + t_.of(std::vector<std::string>{" in (", " not in ("}) + literal() + ", " + literal() + ')';
    case 4:
      return column() + t_.of(std::vector<std::string>{" = ", " < ", " <> "}) + column();
    case 5: {
      // SQLite 3.40 loses rows of a left join on `key like 'a%'`, without Grille too; the plus keeps it from the key.
      auto const looked_at = column();
      return (looked_at.ends_with(".id") ? "+" : "") + looked_at + " like " +
             t_.of(std::vector<std::string>{"'a%'", "'%b%'", "'?'", "'_'", "'%'"});
    }
    case 6:
      return '(' + c() + " and " + c() + ')';
    case 7:
      return '(' + c() + " or " + c() + ')';
    case 8:
      return "not (" + c() + ')';
    case 9:
      return e() + t_.of(std::vector<std::string>{" = ", " < ", " > "}) + e();
    case 10:
      return column() + " between " + literal() + " and " + e();
    case 11:
      return (t_.pick(2) == 0 ? "exists " : "not exists ") + subquery(depth, "1");
    case 12:
      return column() + " in " + subquery(depth, "");
    case 13:
      return by_key() + t_.of(std::vector<std::string>{" = ", " < ", " <> "}) + literal();
    case 14:
      return '(' + column() + ", " + column() + ')' + t_.of(std::vector<std::string>{" = (", " < (", " >= (", " is ("}) + literal() + ", " +
             literal() + ')';
    case 15:
      return column() + t_.of(std::vector<std::string>{" is distinct from ", " is not distinct from "}) +
             t_.of(std::vector<std::string>{column(), literal()});
    default:
      return e() + " collate " + t_.of(std::vector<std::string>{"nocase", "binary", "rtrim"}) + " = " + e();
  }
}

std::string statement_writer::aggregate(unsigned depth) {
  auto const argument = depth == 0 || t_.pick(2) == 0 ? column() : expression(depth - 1);
  auto const filter = t_.once_in(5) ? " filter (where " + condition(0) + ')' : "";
  switch (t_.pick(8)) {
    case 0:
      return "count(*)" + filter;
    case 1:
      return "count(" + argument + ')' + filter;
    case 2:
      return "sum(" + argument + ')' + filter;
    case 3:
      return "min(" + argument + ')' + filter;
    case 4:
      return "max(" + argument + ')' + filter;
    case 5:
      return "count(distinct " + argument + ')' + filter;
    case 6:
      return "total(" + argument + ')' + filter;
    default:
      return "avg(" + argument + ')' + filter;
  }
}

std::string statement_writer::window(unsigned depth) {
  static std::vector<std::string> const functions = {"count(*)", "rank()", "dense_rank()"};
  auto const function =
      t_.pick(2) == 0 ? t_.of(functions) : t_.of(std::vector<std::string>{"sum", "min", "max", "count"}) + '(' + column() + ')';
  auto const by = depth > 0 && t_.once_in(3) ? expression(1) : column();
  return function + " over (" + (t_.pick(2) == 0 ? "" : "partition by " + column() + ' ') + "order by " + by +
         (t_.once_in(3) ? " desc" : "") + ')';
}

}  // namespace noninterference
