#include "noninterference/world.hpp"

namespace noninterference {
namespace {

constexpr unsigned scoped_role = 3;   // roles 0-2 are plain
constexpr unsigned hidden_table = 2;  // `w`: read by the policy, granted to nobody

std::vector<column> const& fixed_columns() {
  static std::vector<column> const all = {
      {"id", "integer primary key", {}, {}},
      {"o", "integer", {"1", "2", "3", "null"}, {"1", "2", "3", "null"}},
      {"s", "integer", {"1", "2", "0", "null"}, {"1", "2", "0", "null"}},
  };
  return all;
}

std::vector<column> const& further_columns() {
  static std::vector<column> const all = {
      {"a", "integer", {"0", "1", "2", "5", "7", "-3", "null"}, {"-9223372036854775807 - 1", "9223372036854775807", "424242", "'canary'"}},
      {"b", "text", {"'ab'", "'Ab'", "'x'", "''", "'5'", "null", "'{\"a\": 1}'"}, {"'canary'", "'%_\\'", "'{'", "'9999999999'"}},
      {"c", "text collate nocase", {"'Abc'", "'dEF'", "'ghi'", "'?'", "null"}, {"'canary'", "'CANARY'", "'\\'"}},
      {"d", "numeric", {"1", "2.5", "'30'", "7", "null"}, {"1e308", "'canary'", "-1e308"}},
      {"e", "real", {"0.5", "1.5", "-2.5", "null"}, {"9e999", "-1e300", "'canary'"}},
      {"f", "blob", {"x'01'", "'txt'", "4", "null"}, {"x'00ff'", "'canary'", "1e18"}},
      {"j", "text", {"'{\"a\": 1}'", "'{\"a\": \"x\"}'", "'[1]'", "null"}, {"'{canary'", "'$'", "''"}},
  };
  return all;
}

std::string mask_of(column const& c, tape& t) {
  if (c.name == "a" || c.name == "o" || c.name == "s" || c.name == "d") return t.pick(2) == 0 ? "0" : "nullif(" + c.name + ", 1)";
  if (c.name == "e") return "0.5";
  if (c.name == "f") return "null";
  if (c.name == "j") return "'{}'";
  return t.pick(2) == 0 ? "'?'" : "substr(" + c.name + ", 1, 1)";
}

std::string predicate(table const& on, unsigned role, tape& t) {
  switch (t.pick(11)) {
    case 0:
      return "s = 1";
    case 1:
      return "";
    case 2:
      return "o = {me}";
    case 3:
      return "s in (1, 2)";
    case 4:
      return "exists (select 1 from {w} k where k.id = " + on.name + ".o)";
    case 5:
      return "s is not null and o > 1";
    case 6:
      return "s = 1 or o = {me}";
    case 7:
      return "o in (select k.o from {w} k where k.s = 1)";
    case 8:
      return "not (s = 2)";
    case 9:
      return on.columns.back().name + " is not null";
    default:
      return role == scoped_role ? "o = {x}" : "s = 1 and o = {me}";
  }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

std::string with_principal(std::string text) {
  replace_all(text, "{me}", "principal.me");
  replace_all(text, "{x}", "scope.x");
  replace_all(text, "{w}", "w");
  return text;
}

}  // namespace

world::world(tape& t) {
  for (auto const* name : {"t", "u", "w"}) {
    table made{name, fixed_columns()};
    auto const& more = further_columns();
    for (auto const& c : more)
      if (t.pick(2) == 0) made.columns.push_back(c);
    if (made.columns.size() == fixed_columns().size()) made.columns.push_back(more[t.pick(static_cast<unsigned>(more.size()))]);
    tables_.push_back(std::move(made));
  }
  for (unsigned on = 0; on < hidden_table; ++on) {
    auto const& columns = tables_[on].columns;
    for (unsigned n = 1 + t.pick(3); n > 0; --n) {
      grant g{t.pick(4), on, {}, {}};
      for (auto const& c : columns) {
        auto const way = c.name == "id" ? 0 : t.pick(6);
        g.cells.push_back(way == 5 ? std::nullopt : std::optional(way == 4 ? mask_of(c, t) : std::string()));
      }
      g.where = predicate(tables_[on], g.role, t);
      grants_.push_back(std::move(g));
    }
    if (t.once_in(3))
      restrictions_.push_back({on, t.pick(2) == 0 ? "s is not 2" : "o <> 3", t.pick(2) == 0 ? std::nullopt : std::optional(t.pick(4))});
    if (t.once_in(2)) {
      auto const c = 1 + t.pick(static_cast<unsigned>(columns.size()) - 1);
      masks_.push_back({on, c, mask_of(columns[c], t), t.pick(3) == 0 ? "" : t.pick(2) == 0 ? "s = 1" : "o = 2"});
    }
    if (t.once_in(6)) denials_.push_back({t.pick(3), on, 1 + t.pick(static_cast<unsigned>(columns.size()) - 1)});
  }
  for (unsigned r = 0; r < scoped_role; ++r) holds_.push_back(r == 0 || t.pick(2) == 0);
  for (unsigned n = t.pick(3); n > 0; --n) scopes_.push_back(std::to_string(n));
  holds_.push_back(!scopes_.empty());
  if (!t.once_in(5)) me_ = std::to_string(1 + t.pick(3));
}

std::string world::schema() const {
  std::string out;
  for (auto const& on : tables_) {
    out += "create table " + on.name + " (";
    for (auto const& c : on.columns) out += (&c == &on.columns.front() ? "" : ", ") + c.name + ' ' + c.declared;
    out += ");\ncreate index " + on.name + "_o on " + on.name + " (o, s);\n";
  }
  return out;
}

std::string world::policy(bool open) const {
  std::string out = "policy random version 1;\nowner 'tests' contact 'tests';\nprotects t, u, w;\nprincipal has me integer optional;\n";
  for (unsigned r = 0; r < scoped_role; ++r) out += "role r" + std::to_string(r) + ";\n";
  out += "role r" + std::to_string(scoped_role) + " per x integer;\n";
  if (open) return out + "allow public to select all columns on t, u, w;\n";
  unsigned n = 0;
  for (auto const& g : grants_) {
    auto const& on = tables_[g.table];
    std::string shown;
    for (std::size_t c = 0; c < on.columns.size(); ++c) {
      if (!g.cells[c]) continue;
      shown += (shown.empty() ? "" : ", ") + on.columns[c].name + (g.cells[c]->empty() ? "" : " masked as " + *g.cells[c]);
    }
    auto const name = "p" + std::to_string(n++);
    out += "projection " + name + " on " + on.name + " shows " + shown + ";\nallow r" + std::to_string(g.role) + " to select " + name +
           " on " + on.name + (g.where.empty() ? "" : " where " + with_principal(g.where)) + ";\n";
  }
  for (auto const& r : restrictions_)
    out += "restrict select on " + tables_[r.table].name + " to " + r.predicate +
           (r.except ? " except for r" + std::to_string(*r.except) : std::string()) + ";\n";
  for (auto const& m : masks_)
    out += "mask (" + tables_[m.table].columns[m.column].name + " as " + m.value + ") on " + tables_[m.table].name +
           (m.where.empty() ? "" : " where " + m.where) + ";\n";
  for (auto const& d : denials_)
    out += "deny r" + std::to_string(d.role) + " to select (" + tables_[d.table].columns[d.column].name + ") on " + tables_[d.table].name +
           ";\n";
  return out;
}

std::string world::principal() const {
  std::string out = "{\"id\": \"p\"";
  if (me_) out += ", \"me\": " + *me_;
  out += ", \"roles\": [";
  std::string roles;
  for (unsigned r = 0; r < scoped_role; ++r)
    if (holds_[r]) roles += (roles.empty() ? "" : ", ") + ("{\"role\": \"r" + std::to_string(r)) + "\"}";
  for (auto const& x : scopes_)
    roles += (roles.empty() ? "" : ", ") + ("{\"role\": \"r" + std::to_string(scoped_role)) + "\", \"x\": " + x + "}";
  return out + roles + "]}";
}

std::vector<world::held> world::matching(unsigned on) const {
  std::vector<held> out;
  for (auto const& g : grants_) {
    if (g.table != on || !holds_[g.role]) continue;
    if (g.role != scoped_role) out.push_back({&g, ""});
    if (g.role == scoped_role)
      for (auto const& x : scopes_) out.push_back({&g, x});
  }
  return out;
}

bool world::exists(unsigned on, unsigned c) const {
  for (auto const& d : denials_)
    if (d.table == on && d.column == c && holds_[d.role]) return false;
  for (auto const& h : matching(on))
    if (h.g->cells[c]) return true;
  return false;
}

std::vector<table> world::seen_tables() const {
  std::vector<table> out;
  for (unsigned on = 0; on < tables_.size(); ++on) {
    table shown{tables_[on].name, {}};
    for (unsigned c = 0; c < tables_[on].columns.size(); ++c)
      if (exists(on, c)) shown.columns.push_back(tables_[on].columns[c]);
    if (!shown.columns.empty()) out.push_back(std::move(shown));
  }
  return out;
}

std::string world::said(std::string text, std::string const& scope, std::string_view schema) const {
  replace_all(text, "{me}", me_ ? *me_ : "null");
  replace_all(text, "{x}", scope);
  replace_all(text, "{w}", std::string(schema) + ".w");
  return text;
}

std::string world::guard(held const& h, std::string_view schema) const {
  auto out = h.g->where.empty() ? std::string("1") : '(' + said(h.g->where, h.scope, schema) + ')';
  for (auto const& r : restrictions_)
    if (r.table == h.g->table && (!r.except || *r.except != h.g->role)) out += " and (" + r.predicate + ')';
  return '(' + out + ')';
}

std::string world::cell(held const& h, unsigned c, std::string_view schema) const {
  auto const& name = tables_[h.g->table].columns[c].name;
  auto value = h.g->cells[c]->empty() ? name : *h.g->cells[c];
  for (auto const& m : masks_) {
    if (m.table != h.g->table || m.column != c) continue;
    // The mask sees the value that the grant gave, never the raw column; its condition sees the row.
    auto masked = m.value;
    if (auto const at = masked.find('(' + name); at != std::string::npos) masked.replace(at + 1, name.size(), '(' + value + ')');
    value =
        m.where.empty() ? masked : "case when (" + said(m.where, h.scope, schema) + ") is false then " + value + " else " + masked + " end";
  }
  return value;
}

std::optional<std::string> world::seen_rows(unsigned on, std::string_view schema) const {
  auto const held_grants = matching(on);
  if (held_grants.empty()) return std::nullopt;
  std::string columns, rows;
  for (auto const& h : held_grants) rows += (rows.empty() ? "" : " or ") + guard(h, schema);
  for (unsigned c = 0; c < tables_[on].columns.size(); ++c) {
    if (!exists(on, c)) continue;
    std::string plain, masked;
    bool everywhere = true;
    for (auto const& h : held_grants) {
      everywhere = everywhere && h.g->cells[c] && h.g->cells[c]->empty();
      if (h.g->cells[c]) (h.g->cells[c]->empty() ? plain : masked) += " when " + guard(h, schema) + " then " + cell(h, c, schema);
    }
    columns += (columns.empty() ? "" : ", ") +
               (everywhere ? cell(held_grants.front(), c, schema) : "case" + plain + masked + " else null end") + " as " +
               tables_[on].columns[c].name;
  }
  return "select " + columns + " from " + std::string(schema) + '.' + tables_[on].name + " where " + rows + " order by " +
         tables_[on].name + ".id";
}

std::string world::seen(cases::raw_database& full) const {
  std::string out;
  for (unsigned on = 0; on < tables_.size(); ++on)
    if (auto const rows = seen_rows(on, "main")) out += tables_[on].name + '\n' + to_text(full.query(*rows));
  return out;
}

cases::raw_database world::seen_database(cases::raw_database& full) const {
  cases::raw_database out;
  std::string sql = "begin;";
  for (unsigned on = 0; on < tables_.size(); ++on) {
    auto const rows = seen_rows(on, "main");
    if (!rows) continue;
    auto const answer = full.query(*rows);
    sql += "create table " + tables_[on].name + " (";
    for (std::size_t i = 0; i < answer.columns.size(); ++i)
      for (auto const& c : tables_[on].columns)
        if (c.name == answer.columns[i]) sql += (i == 0 ? "" : ", ") + c.name + ' ' + c.declared;
    sql += ");";
    for (auto const& row : answer.rows) {
      sql += "insert into " + tables_[on].name + " values (";
      for (std::size_t i = 0; i < row.size(); ++i) sql += (i == 0 ? "" : ", ") + row[i];
      sql += ");";
    }
  }
  out.run(sql + "commit;");
  return out;
}

std::string world::row(tape& t, unsigned on, unsigned id, unsigned nasty_once_in) const {
  std::string out = "insert or ignore into " + tables_[on].name + " values (" + std::to_string(id);
  for (std::size_t c = 1; c < tables_[on].columns.size(); ++c) {
    auto const& column = tables_[on].columns[c];
    out += ", " + t.of(t.once_in(nasty_once_in) ? column.nasty : column.benign);
  }
  return out + ");";
}

std::string world::fill(tape& t) const {
  std::string out;
  for (unsigned on = 0; on < tables_.size(); ++on)
    for (unsigned id = 1, n = 5 + t.pick(6); id <= n; ++id) out += row(t, on, id, 60);
  return out;
}

std::string world::change(tape& t) const {
  auto const on = t.pick(3);
  auto const id = std::to_string(1 + t.pick(9));
  switch (t.pick(4)) {
    case 0: {
      auto const& c = tables_[on].columns[1 + t.pick(static_cast<unsigned>(tables_[on].columns.size()) - 1)];
      return "update " + tables_[on].name + " set " + c.name + " = " + t.of(c.nasty) + " where id = " + id;
    }
    case 1:
      return "delete from " + tables_[on].name + " where id = " + id;
    default:
      return row(t, on, 10 + t.pick(90), 2);
  }
}

}  // namespace noninterference
