#include "decoy/poisoned.hpp"

#include <algorithm>
#include <cstdint>

namespace decoy {
namespace {

// In no file of the corpora.
constexpr char const* mark = "grille_shown";

std::string in_quotes(std::string const& n) { return '"' + n + '"'; }
std::string unquoted(std::string const& literal) { return literal.substr(1, literal.size() - 2); }

std::string decoded(std::string const& literal) {
  auto text = unquoted(literal);
  for (auto at = text.find("''"); at != std::string::npos; at = text.find("''", at + 1)) text.erase(at, 1);
  return text;
}

std::string list(std::vector<std::string> const& items) {
  std::string out;
  for (auto const& i : items) out += (out.empty() ? "" : ", ") + i;
  return out;
}

std::vector<std::string> all_in_quotes(std::vector<std::string> names) {
  for (auto& n : names) n = in_quotes(n);
  return names;
}

}  // namespace

std::string_view name(shape s) {
  switch (s) {
    case shape::flag:
      return "flag";
    case shape::grants:
      return "grants";
    case shape::exists:
      return "exists";
    case shape::cells:
      return "cells";
    case shape::restricted:
      return "restricted";
    case shape::none:
      return "none";
  }
  return "";
}

poisoned::poisoned(shape s) : shape_(s) {
  raw_.run("create table grille_marks (value integer primary key); insert into grille_marks values (1), (2)");
}

bool poisoned::execute(std::string const& sql) {
  try {
    clean_.run(sql);
  } catch (cases::raw_error const&) {
    return false;
  }
  mirror_schema();
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    auto now = cases::to_text(clean_.query("select * from " + in_quotes(tables_[i].name) + " order by rowid"));
    if (now == mirrored_[i]) continue;
    mirrored_[i] = std::move(now);
    mirror_rows(tables_[i]);
  }
  return true;
}

void poisoned::mirror_schema() {
  auto const schema = clean_.query("select type, name, sql from sqlite_schema where sql is not null and type <> 'view' order by rowid");
  auto const is_known = [](auto const& rows, auto const& row) { return std::ranges::find(rows, row) != rows.end(); };
  auto tables_changed = false;
  for (auto const& row : known_schema_) {
    if (is_known(schema.rows, row)) continue;
    raw_.run("drop " + unquoted(row[0]) + " if exists " + in_quotes(unquoted(row[1])));
    tables_changed = tables_changed || row[0] == "'table'";
  }
  if (tables_changed) {
    std::erase_if(tables_, [&](auto const& t) {
      return std::ranges::none_of(schema.rows, [&](auto const& row) { return row[1] == cases::spell_text(t.name); });
    });
    mirrored_.assign(tables_.size(), "");
  }
  for (auto const& row : schema.rows) {
    if (is_known(known_schema_, row)) continue;
    raw_.run(decoded(row[2]));
    if (row[0] != "'table'") continue;
    tables_changed = true;
    auto const name = unquoted(row[1]);
    raw_.run("alter table " + in_quotes(name) + " add column " + mark + " integer default 0");
    tables_.push_back(described(name));
    mirrored_.emplace_back();
  }
  known_schema_ = schema.rows;
  // A policy knows the tables that were there when it was compiled. An index alone is left for Grille to notice by itself.
  if (tables_changed) {
    session_.reset();
    database_.reset();
  }
}

poisoned::file_table poisoned::described(std::string const& name) {
  file_table t{name, {}, {}, false};
  for (auto const& row : clean_.query("select name, pk from pragma_table_info(" + cases::spell_text(name) + ")").rows) {
    t.columns.push_back(unquoted(row[0]));
    if (row[1] != "0") t.keys.push_back(t.columns.back());
  }
  for (auto const& row : clean_
                             .query("select i.name from pragma_index_list(" + cases::spell_text(name) +
                                    ") l, pragma_index_info(l.name) i where l.\"unique\" and i.name is not null")
                             .rows)
    if (std::ranges::find(t.keys, unquoted(row[0])) == t.keys.end()) t.keys.push_back(unquoted(row[0]));
  t.unique = !t.keys.empty();
  return t;
}

void poisoned::mirror_rows(file_table const& t) {
  static std::vector<std::string> const extremes = {
      "9223372036854775807", "-9223372036854775807 - 1", "1e308", "-1e308", "'~~~~~~~~'", "x'ff'"};
  auto const columns = list(all_in_quotes(t.columns));
  auto const into = in_quotes(t.name) + " (" + columns + ", " + mark + ") values (";
  std::string shown, hidden, all;
  std::size_t n = 0;
  for (auto const& row : clean_.query("select " + columns + " from " + in_quotes(t.name) + " order by rowid").rows) {
    ++n;
    auto const visible = "insert into " + into + list(row) + ", " + std::to_string(shape_ == shape::grants ? 1 + n % 2 : 1) + ");";
    std::vector<std::string> extreme, other_keys = row;
    for (std::size_t c = 0; c < row.size(); ++c) {
      bool const is_key = std::ranges::find(t.keys, t.columns[c]) != t.keys.end();
      extreme.push_back(is_key ? std::to_string(INT64_MAX - static_cast<std::int64_t>(n)) : extremes[(n + c) % extremes.size()]);
      if (is_key)
        other_keys[c] = row[c].starts_with('\'') ? cases::spell_text("decoy " + std::to_string(n)) : std::to_string(1'000'000 + n);
    }
    auto const insert = "insert or ignore into " + into;
    auto const decoys = insert + list(row) + ", 0);" + insert + list(std::vector<std::string>(row.size(), "null")) + ", null);" + insert +
                        list(extreme) + ", -1);" + insert + list(other_keys) + ", 9);";
    shown += visible;
    hidden += decoys;
    // A scan meets the file's rows in the file's order, with decoys before, between and behind.
    all += (n == 1 ? decoys : "") + visible + decoys;
  }
  raw_.run("begin; delete from " + in_quotes(t.name) + ";" + (t.unique ? shown + hidden : all) + "commit;");
  decoys_ = 0;
  for (auto const& each : tables_)
    decoys_ += static_cast<std::size_t>(
        std::stoul(raw_.query("select count(*) from " + in_quotes(each.name) + " where " + mark + " not in (1, 2) or " + mark + " is null")
                       .rows[0][0]));
}

std::string poisoned::policy() const {
  std::string out = "policy decoys version 1;\nowner 'tests' contact 'tests';\nprotects grille_marks";
  for (auto const& t : tables_) out += ", " + in_quotes(t.name);
  out += ";\n";
  for (auto const& t : tables_) {
    auto const columns = all_in_quotes(t.columns);
    auto const grant = [&](std::vector<std::string> const& which, std::string const& where) {
      out += "allow public to select (" + list(which) + ") on " + in_quotes(t.name) + where + ";\n";
    };
    std::string const flag = std::string(" where ") + mark + " = 1";
    switch (shape_) {
      case shape::flag:
        grant(columns, flag);
        break;
      case shape::grants:
        grant(columns, flag);
        grant(columns, std::string(" where ") + mark + " = 2");
        break;
      case shape::exists:
        grant(columns, " where exists (select 1 from grille_marks m where m.value = " + in_quotes(t.name) + '.' + mark + ')');
        break;
      case shape::cells:
        grant(columns, flag);
        grant({columns[0]}, std::string(" where ") + mark + " in (1, 3)");
        break;
      case shape::restricted:
        grant(columns, "");
        out += "restrict select on " + in_quotes(t.name) + " to " + mark + " = 1;\n";
        break;
      case shape::none:
        grant(columns, "");
        break;
    }
  }
  return out;
}

grille::session& poisoned::session() {
  if (!session_) {
    database_ = std::make_unique<grille::sqlite::database>(file_.path(), grille::policy_set::parse(policy(), "decoys.grille"));
    session_ = std::make_unique<grille::session>(database_->session(grille::principal("decoy")));
  }
  return *session_;
}

table poisoned::guarded_answer(std::string const& sql) {
  auto const rows = session().query(sql);
  table out;
  out.reserve(rows.size());
  for (auto const& row : rows) {
    auto& cells = out.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(row[i].get());
  }
  return out;
}

}  // namespace decoy
