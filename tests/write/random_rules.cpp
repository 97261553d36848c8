#include "write/random_rules.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>

namespace random_writes {

namespace {

/// Over the row `t`, and `old.` where there is one. Never NULL by accident of spelling: NULLs come from the data.
std::string predicate(chance& c, bool with_old, unsigned depth = 0) {
  if (depth < 2 && c.one_in(3)) {
    auto const left = predicate(c, with_old, depth + 1);
    auto const* const between = c.one_in(2) ? " and " : " or ";
    return "(" + left + between + predicate(c, with_old, depth + 1) + ")";
  }
  auto const column = c.of(columns);
  if (with_old && c.one_in(2))
    return c.of({"a >= old.a", "kind = old.kind", "old.owner = 1", "b <> old.b", "owner = old.owner", "old.note is null", "old.id < 100"});
  switch (c.below(6)) {
    case 0:
      return column + " is not null";
    case 1:
      return column + " <> " + constant(c, column);
    case 2:
      return "a > " + std::to_string(c.below(4));
    case 3:
      return "a <> b";
    case 4:
      return "exists (select 1 from m where m.who = t.owner)";
    default:
      return column + " = " + constant(c, column);
  }
}

std::string listed(strings const& all) {
  std::string s;
  for (auto const& c : all) s += (s.empty() ? "" : ", ") + c;
  return s;
}

}  // namespace

strings chance::some(strings const& all) {
  strings out;
  for (auto const& s : all)
    if (!one_in(3)) out.push_back(s);
  if (out.empty()) out.push_back(of(all));
  return out;
}

std::vector<std::uint32_t> fresh_seeds(unsigned n) {
  if (auto const* one = std::getenv("GRILLE_SEED"); one != nullptr) return {static_cast<std::uint32_t>(std::stoul(one))};
  std::random_device random;
  std::vector<std::uint32_t> out;
  while (out.size() < n) out.push_back(random());
  return out;
}

std::string constant(chance& c, std::string const& column) {
  if (c.one_in(9)) return "null";
  if (column == "kind") return c.of({"'x'", "'X'", "'y'", "'z'"});
  if (column == "note") return c.of({"'n'", "'m'"});
  return std::to_string(c.below(5));
}

std::string some_row(chance& c, unsigned id) {
  auto out = "(" + std::to_string(id);
  for (auto const& column : columns) out += ", " + constant(c, column);
  return out + ")";
}

bool grant::names(std::string const& column) const { return std::ranges::find(columns, column) != columns.end(); }

std::string rules::text() const {
  std::string out = "policy p version 1; owner 'o' contact 'c'; protects t, m; role caller;\n";
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

strings rules::restricted(std::string const& method) const {
  auto const found = restricts.find(method);
  return found == restricts.end() ? strings{} : found->second;
}

std::string rules::seen() const { return shown({}); }

std::string rules::shown(strings const& these) const {
  if (select.empty()) return "1";
  strings any;
  for (auto const& g : select) {
    if (!std::ranges::all_of(these, [&](std::string const& c) { return g.names(c); })) continue;
    auto all = restricted("select");
    if (g.where) all.push_back(*g.where);
    any.push_back(all_of(all));
  }
  return any_of(any);
}

bool rules::shows(strings const& these) const {
  auto const named = [&](grant const& g) { return std::ranges::all_of(these, [&](std::string const& c) { return g.names(c); }); };
  return std::ranges::all_of(select, named) || (restricted("select").empty() && std::ranges::any_of(select, [&](grant const& g) { return !g.where && named(g); }));
}

rules some_rules(chance& c) {
  rules r;
  auto shown = seen_columns;
  if (c.one_in(2)) shown.emplace_back("note");
  for (unsigned n = c.below(3) + (c.one_in(8) ? 0 : 1); n > 0; --n)
    r.select.push_back({shown, c.one_in(3) ? std::nullopt : std::optional(predicate(c, false)), {}, {}});
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
    grant g{c.some(columns),
            c.one_in(4) ? std::nullopt : std::optional(predicate(c, false)),
            c.one_in(2) ? std::nullopt : std::optional(predicate(c, true)),
            {}};
    settings(g);
    if (c.one_in(2)) g.columns.push_back("id");
    r.update.push_back(g);
  }
  for (unsigned n = c.below(3); n > 0; --n)
    r.remove.push_back({{}, c.one_in(4) ? std::nullopt : std::optional(predicate(c, false)), {}, {}});
  for (auto const* method : {"insert", "update", "delete", "select"})
    if (c.one_in(4)) r.restricts[method].push_back(predicate(c, false));
  return r;
}

void widen(rules& r, chance& c) {
  r.insert.push_back({{"id", "owner", "kind", "a", "b", "note"}, {}, {}, {}});
  if (r.update.size() > 2) r.update.pop_back();
  auto all = columns;
  all.push_back("id");
  r.update.push_back({all, c.one_in(2) ? std::optional<std::string>("a < 4") : std::nullopt, {}, {}});
  r.remove.push_back({{}, c.one_in(2) ? std::optional<std::string>("owner <> 2") : std::nullopt, {}, {}});
}

namespace {

/// What is said for a value, and what it is.
std::string some_value(chance& c, std::string const& column, std::string& value, bool on_server) {
  auto const own = defaults.find(column);
  auto const by_default = on_server && own != defaults.end() && c.one_in(3);
  value = by_default ? own->second : constant(c, column);
  return by_default ? "default" : value;
}

/// `(…), (…)`, for `w.columns`.
std::string some_values(chance& c, a_write& w, bool on_server, std::function<unsigned()> const& next_id) {
  std::string values;
  for (unsigned n = 1 + c.below(3); n > 0; --n) {
    std::map<std::string, std::string> row;
    std::string one;
    for (auto const& column : w.columns) {
      row[column] = column == "id" ? std::to_string(next_id()) : "";
      one += (one.empty() ? "" : ", ") + (column == "id" ? row[column] : some_value(c, column, row[column], on_server));
    }
    values += (values.empty() ? "(" : ", (") + one + ")";
    w.rows.push_back(row);
  }
  return values;
}

}  // namespace

a_write some_write(chance& c, unsigned& next_id, bool sees, bool on_server) {
  a_write w;
  w.method = c.of({"insert", "update", "update", "delete"});
  w.where =
      sees && !c.one_in(4)
          ? c.of({"id > 4", "a < 3", "kind = 'X'", "id in (select id from t where a > 1)", "owner = 1", "(select count(*) from t) > 3"})
          : "true";
  if (w.method == "insert") {
    w.columns = c.some(columns);
    w.columns.insert(w.columns.begin(), "id");
    w.sql = "insert into t (" + listed(w.columns) + ") values " + some_values(c, w, on_server, [&] { return next_id++; });
  } else if (w.method == "update") {
    w.columns = c.some(c.one_in(2) ? strings{"a", "b"} : columns);
    for (auto const& column : w.columns) {
      auto& value = w.set[column];
      auto said = some_value(c, column, value, on_server);
      if (sees && column != "note" && c.one_in(3)) said = value = column == "kind" ? "kind" : c.of({"a + 1", "b", "owner", "kind"});
      w.sql += (w.sql.empty() ? "update t set " : ", ") + column + " = " + said;
    }
    w.sql += " where " + w.where;
  } else {
    w.sql = "delete from t where " + w.where;
  }
  return w;
}

void move(a_write& w, chance& c, bool sees) {
  if (w.method != "update" || !c.one_in(3)) return;
  auto const& to = w.set["id"] = sees && !c.one_in(4) ? std::string("990 - id") : std::to_string(1 + c.below(10));
  w.columns.push_back("id");
  w.sql.insert(std::string("update t set ").size(), "id = " + to + ", ");
}

void ask_back(a_write& w, chance& c, bool sees) {
  w.returns = sees && c.one_in(2);
  if (w.returns) w.sql += returning;
}

a_write some_upsert(chance& c, unsigned& next_id, bool sees, bool on_server) {
  a_write w;
  w.method = "insert";
  w.columns = c.some(columns);
  w.columns.insert(w.columns.begin(), "id");
  auto const names = [&](char const* column) { return std::ranges::find(w.columns, column) != w.columns.end(); };
  strings forms{"nothing", "nothing", "update", "update", "update"};
  if (!on_server) forms.insert(forms.end(), {"ignore", "replace", "replace"});
  auto const form = c.of(forms);
  if (names("kind") && names("note") && c.one_in(3))
    w.key = {"kind", "note"};
  else if (form == "update" || c.one_in(2))
    w.key = {"id"};
  if (form == "ignore" || form == "replace") w.key.clear();
  w.in_the_way = form == "update" ? a_write::way::updated : form == "replace" ? a_write::way::replaced : a_write::way::left_out;
  w.sql = std::string("insert ") + (w.key.empty() && form != "nothing" ? "or " + form + " " : "") + "into t (" + listed(w.columns) + ") values " +
          some_values(c, w, on_server, [&] { return c.one_in(4) ? next_id++ : 1 + c.below(10); });
  if (form == "ignore" || form == "replace") return w;
  w.sql += " on conflict " + (w.key.empty() ? std::string() : "(" + listed(w.key) + ") ") + "do ";
  if (form == "nothing") {
    w.sql += "nothing";
    return w;
  }
  strings numbers{"id"};
  auto const left = w.sql.find("default") != std::string::npos;  // what that is, is read by who is shown the column
  for (auto const* column : {"owner", "a", "b"})
    if (names(column) && !(left && defaults.contains(column))) numbers.push_back(column);
  std::string set;
  for (auto const& column : c.some(c.one_in(2) ? strings{"a", "b"} : columns)) {
    auto& value = w.update[column];
    auto said = some_value(c, column, value, on_server);
    if (column != "kind" && column != "note" && c.one_in(2))
      said = value = sees && c.one_in(2) ? c.of({"t.a + 1", "t.b", "t.owner", "t.a + excluded.id"}) : "excluded." + c.of(numbers);
    set += (set.empty() ? " set " : ", ") + column + " = " + said;
  }
  w.sql += "update" + set;
  if (c.one_in(3)) w.update_where = sees && c.one_in(2) ? c.of({"t.a < 3", "t.kind = 'x'", "t.owner <> excluded.id"}) : "excluded." + c.of(numbers) + " > 2";
  if (!w.update_where.empty()) w.sql += " where " + w.update_where;
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

std::string qualified(std::string const& predicate, std::string const& row, std::string const& before) {
  std::string out;
  for (std::size_t i = 0; i < predicate.size();) {
    auto end = i;
    auto const in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '\''; };
    while (end < predicate.size() && in_word(predicate[end])) ++end;
    auto const word = predicate.substr(i, end - i);
    if (word.starts_with("old."))
      out += before + word.substr(3);
    else if (word.starts_with("t."))
      out += row + word.substr(1);
    else
      out += std::ranges::find(columns, word) != columns.end() ? row + "." + word : word;
    if (end == i) out += predicate[end++];
    i = end;
  }
  return out;
}

}  // namespace random_writes
