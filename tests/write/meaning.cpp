#include "write/meaning.hpp"

#include <algorithm>

namespace random_writes {

std::optional<std::size_t> meaning::run(a_write const& w) {
  auto const& all = w.method == "insert" ? rules_.insert : w.method == "update" ? rules_.update : rules_.remove;
  auto const covers = [&](grant const& g) {
    return std::ranges::all_of(w.columns, [&](auto const& column) { return g.names(column); });
  };
  auto const first = std::ranges::find_if(all, covers);
  if (first == all.end()) return std::nullopt;
  std::vector<grant> by;
  for (auto const& g : all) {
    bool same = covers(g);
    for (auto const& [column, value] : g.settings) same = same && first->settings.contains(column) && first->settings.at(column) == value;
    for (auto const& [column, value] : first->settings) same = same && (g.settings.contains(column) || g.names(column));
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

std::string meaning::as_seen(std::string sql) const {
  for (auto at = sql.find("from t"); at != std::string::npos; at = sql.find("from t", at + 40))
    sql.replace(at, 6, "from (select * from t where " + rules_.seen() + ") as t");
  return sql;
}

std::size_t meaning::count(std::string const& sql) { return static_cast<std::size_t>(std::stoull(db_.query(sql).rows[0][0])); }

std::optional<std::size_t> meaning::change(a_write const& w, grant const& first, std::vector<grant> const& by) {
  strings may;
  std::string flags;
  for (std::size_t i = 0; i < 3; ++i) {
    auto all = rules_.restricted(w.method);
    if (i < by.size() && by[i].where) all.push_back(*by[i].where);
    if (i < by.size()) may.push_back(all_of(all));
    flags += ", " + (i < by.size() ? all_of(all) : std::string("0"));
  }
  db_.run("insert into was select *" + flags + " from t where " + rules_.seen() + " and (" + as_seen(w.where) + ") and " + any_of(may));
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
    for (auto const& p : rules_.restricted("update")) all.push_back(qualified(p, "t", "was"));
    if (g.so_that)
      all.push_back(qualified(*g.so_that, "t", "was"));
    else if (g.where)
      all.push_back(qualified(*g.where, "t", "was"));
    good.push_back(all_of(all));
  }
  auto const bad = count("select count(*) from was join t on t.id = was.id where (" + any_of(good) + ") is not true");
  return bad == 0 ? std::optional(n) : std::nullopt;
}

std::optional<std::size_t> meaning::insert(a_write const& w, grant const& first, std::vector<grant> const& by) {
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
    auto all = rules_.restricted("insert");
    if (g.so_that) all.push_back(*g.so_that);
    good.push_back(all_of(all));
  }
  auto const bad = count("select count(*) from t where id in (" + ids + ") and (" + any_of(good) + ") is not true");
  return bad == 0 ? std::optional(w.rows.size()) : std::nullopt;
}

}  // namespace random_writes
