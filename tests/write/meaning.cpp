#include "write/meaning.hpp"

#include <algorithm>
#include <set>

namespace random_writes {

namespace {

using row_values = std::map<std::string, std::string>;

row_values with(row_values row, row_values const& more) {
  for (auto const& [column, value] : more) row[column] = value;
  return row;
}
/// What `excluded.` says of a proposed row.
std::string as_proposed(std::string text, row_values const& row) {
  constexpr std::string_view word = "excluded.";
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) {
    auto end = at + word.size();
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    text.replace(at, end - at, "(" + row.at(text.substr(at + word.size(), end - at - word.size())) + ")");
  }
  return text;
}

}  // namespace

std::optional<meaning::covering> meaning::cover(std::string const& method, strings const& names) const {
  auto const& all = method == "insert" ? rules_.insert : method == "update" ? rules_.update : rules_.remove;
  auto const covers = [&](grant const& g) {
    return std::ranges::all_of(names, [&](auto const& column) { return g.names(column); });
  };
  auto const first = std::ranges::find_if(all, covers);
  if (first == all.end()) return std::nullopt;
  covering by{*first, {}};
  for (auto const& g : all) {
    bool same = covers(g);
    for (auto const& [column, value] : g.settings) same = same && first->settings.contains(column) && first->settings.at(column) == value;
    for (auto const& [column, value] : first->settings) same = same && (g.settings.contains(column) || g.names(column));
    if (same) by.all.push_back(g);
  }
  return by;
}

std::optional<std::size_t> meaning::run(a_write const& w) {
  db_.run(
      "savepoint s; drop table if exists temp.was; create temp table was (id integer primary key, owner integer, kind text "
      "collate nocase, a integer, b numeric, note text, m0, m1, m2)");
  written_.clear();
  returned_.clear();
  auto const n = done(w);
  if (n && w.method != "delete") {
    std::string ids;
    for (auto const& id : written_) ids += (ids.empty() ? "" : ", ") + id;
    give_back("id in (" + ids + ") and " + rules_.seen());
  }
  if (!n) db_.run("rollback to s");
  db_.run("release s");
  return n;
}

void meaning::give_back(std::string const& where) {
  for (auto const& row : db_.query("select id, owner, kind, a, b from t where " + where).rows) {
    auto& line = returned_.emplace_back();
    for (auto const& cell : row) line += (line.empty() ? "" : " ") + cell;
  }
  std::ranges::sort(returned_);
}

std::optional<std::size_t> meaning::done(a_write const& w) {
  auto const by = cover(w.method, w.columns);
  if (!by) return std::nullopt;
  if (w.method != "insert") return change(w, *by);
  switch (w.in_the_way) {
    case a_write::way::left_out:
      return leave_out(w, *by);
    case a_write::way::replaced:
      return replace(w, *by);
    case a_write::way::updated:
      return upsert(w, *by);
    default:
      return insert(w.rows, *by);
  }
}

std::string meaning::as_seen(std::string sql) const {
  for (auto at = sql.find("from t"); at != std::string::npos; at = sql.find("from t", at + 40))
    sql.replace(at, 6, "from (select * from t where " + rules_.seen() + ") as t");
  return sql;
}

std::size_t meaning::count(std::string const& sql) { return static_cast<std::size_t>(std::stoull(db_.query(sql).rows[0][0])); }

std::string meaning::allowed(std::string const& method, covering const& by, std::size_t which) const {
  if (which >= by.all.size()) return "0";
  auto all = rules_.restricted(method);
  if (by.all[which].where) all.push_back(*by.all[which].where);
  return all_of(all);
}

void meaning::take(std::string const& method, std::string const& where, covering const& by) {
  strings may;
  std::string flags;
  for (std::size_t i = 0; i < 3; ++i) {
    may.push_back(allowed(method, by, i));
    flags += ", " + may.back();
  }
  db_.run("insert into was select *" + flags + " from t where " + rules_.seen() + " and (" + where + ") and " + any_of(may));
}

bool meaning::good_after(covering const& by, std::string const& key) {
  strings good;
  for (std::size_t i = 0; i < by.all.size(); ++i) {
    auto const& g = by.all[i];
    strings all{"was.m" + std::to_string(i)};
    for (auto const& p : rules_.restricted("update")) all.push_back(qualified(p, "t", "was"));
    if (g.so_that)
      all.push_back(qualified(*g.so_that, "t", "was"));
    else if (g.where)
      all.push_back(qualified(*g.where, "t", "was"));
    good.push_back(all_of(all));
  }
  return count("select count(*) from was join t on t.id = " + key + " where (" + any_of(good) + ") is not true") == 0;
}

std::optional<std::size_t> meaning::change(a_write const& w, covering const& by) {
  take(w.method, as_seen(w.where), by);
  auto const n = count("select count(*) from was");
  if (w.method == "delete") {
    give_back("id in (select id from was)");
    db_.run("delete from t where id in (select id from was)");
    return n;
  }
  std::string set;
  for (auto const& [column, value] : with(w.set, by.first.settings)) set += (set.empty() ? "" : ", ") + column + " = " + value;
  try {
    db_.run("update t set " + set + " where id in (select id from was)");
  } catch (cases::raw_error const&) {
    return std::nullopt;  // the unique key
  }
  std::string key = "was.id";
  if (auto const moved = w.set.find("id"); moved != w.set.end()) {
    key = moved->second;
    if (auto const at = key.find("id"); at != std::string::npos) key.insert(at, "was.");
  }
  for (auto const& row : db_.query("select " + key + " from was").rows) written_.push_back(row[0]);
  return good_after(by, key) ? std::optional(n) : std::nullopt;
}

std::optional<std::size_t> meaning::insert(std::vector<row_values> const& rows, covering const& by) {
  std::string ids;
  for (auto const& given : rows) {
    auto const row = with(given, by.first.settings);
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
    ids += (ids.empty() ? "" : ", ") + row.at("id");
    written_.push_back(row.at("id"));
  }
  strings good;
  for (auto const& g : by.all) {
    auto all = rules_.restricted("insert");
    if (g.so_that) all.push_back(*g.so_that);
    good.push_back(all_of(all));
  }
  auto const bad = count("select count(*) from t where id in (" + ids + ") and (" + any_of(good) + ") is not true");
  return bad == 0 ? std::optional(rows.size()) : std::nullopt;
}

namespace {
std::vector<strings> keys_of(a_write const& w) { return w.key.empty() ? std::vector<strings>{{"id"}, {"kind", "note"}} : std::vector<strings>{w.key}; }
}  // namespace

std::string meaning::stands_in_the_way(std::vector<strings> const& keys, row_values const& row) {
  strings any;
  for (auto const& key : keys) {
    strings all;
    for (auto const& column : key) all.push_back("t." + column + " = " + (row.contains(column) ? row.at(column) : "null"));
    any.push_back(all_of(all));
  }
  return any_of(any);
}

std::optional<std::size_t> meaning::leave_out(a_write const& w, covering const& by) {
  std::size_t n = 0;
  for (auto const& row : w.rows) {
    if (count("select count(*) from t where " + stands_in_the_way(keys_of(w), with(row, by.first.settings))) > 0) continue;
    if (!insert({row}, by)) return std::nullopt;
    ++n;
  }
  return n;
}

/// A delete of all that is in the way, then an insert.
std::optional<std::size_t> meaning::replace(a_write const& w, covering const& by) {
  auto const deletes = cover("delete", {});
  if (!deletes) return std::nullopt;
  auto const keys = keys_of(w);  // with several, all have to be shown
  if (rules_.select.empty() || !std::ranges::all_of(keys, [&](strings const& key) { return rules_.shows(key); })) return std::nullopt;
  strings any;
  for (auto const& row : w.rows) any.push_back(stands_in_the_way(keys, with(row, by.first.settings)));
  take("delete", any_of(any), *deletes);
  auto const gone = count("select count(*) from was");
  db_.run("delete from t where id in (select id from was)");
  auto const n = insert(w.rows, by);
  overwritten_ += n ? gone : 0;
  return n;
}

/// A row in the way that is not seen, or whose key is not shown, or may not be updated, or a second time, is a refusal; so is a proposed one that may not be inserted, even
/// where it is not. Where no row is seen, all is.
std::optional<std::size_t> meaning::upsert(a_write const& w, covering const& by) {
  strings updated;
  for (auto const& [column, value] : w.update) updated.push_back(column);
  auto const updates = cover("update", updated);
  if (!updates) return std::nullopt;
  auto const shown = [&](grant const& g) { return std::ranges::all_of(w.key, [&](std::string const& c) { return g.names(c); }); };
  if (std::ranges::none_of(rules_.select, shown)) return std::nullopt;
  std::vector<row_values> fresh;
  std::map<std::string, row_values> old;  // by the id of the row in the way
  for (auto const& row : w.rows) {
    auto const whole = with(row, by.first.settings);
    db_.run("savepoint alone; delete from t");
    auto const insertable = insert({row}, by).has_value();
    written_.clear();
    db_.run("rollback to alone; release alone");
    auto const there = stands_in_the_way(keys_of(w), whole);
    if (!insertable || count("select count(*) from t where " + there + " and (" + rules_.shown(w.key) + ") is not true") > 0) return std::nullopt;
    auto const found = db_.query("select id from t where " + there).rows;
    if (found.empty()) {
      fresh.push_back(row);
      continue;
    }
    auto const where = w.update_where.empty() ? "true" : as_proposed(w.update_where, row);
    if (count("select count(*) from t where " + there + " and (" + where + ")") == 0) continue;
    if (!old.emplace(found[0][0], row).second) return std::nullopt;
    take("update", "id = " + found[0][0], *updates);
    if (count("select count(*) from was") != old.size()) return std::nullopt;
  }
  if (!fresh.empty() && !insert(fresh, by)) return std::nullopt;
  for (auto const& [id, row] : old) {
    std::string set;
    for (auto const& [column, value] : with(w.update, updates->first.settings)) set += (set.empty() ? "" : ", ") + column + " = " + as_proposed(value, row);
    try {
      db_.run("update t set " + set + " where id = " + id);
    } catch (cases::raw_error const&) {
      return std::nullopt;
    }
  }
  if (!good_after(*updates, "was.id")) return std::nullopt;
  for (auto const& [id, row] : old) written_.push_back(id);
  overwritten_ += old.size();
  return fresh.size() + old.size();
}

}  // namespace random_writes
