#include "decoy_postgres/poisoned.hpp"

#include <cstdlib>
#include <stdexcept>

namespace decoy::postgres {
namespace {

// In no file of the corpora.
constexpr char const* mark = "grille_shown";

std::string in_quotes(std::string const& n) { return '"' + n + '"'; }

template <class Spell>
std::string list(std::vector<std::string> const& items, Spell spell) {
  std::string out;
  for (auto const& i : items) out += (out.empty() ? "" : ", ") + spell(i);
  return out;
}
std::string names(std::vector<std::string> const& items) { return list(items, in_quotes); }

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

poisoned::poisoned(shape s) : shape_(s), clean_((db_.run("create schema clean"), db_.conninfo())) {
  pqxx::nontransaction(clean_).exec("set search_path = clean");
}

bool poisoned::execute(std::string const& sql) {
  mirrored_ = false;
  try {
    pqxx::nontransaction(clean_).exec(sql);
    return true;
  } catch (pqxx::sql_error const&) {
    return false;
  }
}

void poisoned::mirror() {
  session_.reset();
  database_.reset();
  tables_.clear();
  pqxx::nontransaction c(clean_);
  for (auto const& row : c.exec(
           "select table_name::text, column_name::text, data_type::text, exists (select from pg_index i join pg_class t on t.oid = i.indrelid"
           "  where t.relnamespace = 'clean'::regnamespace and t.relname = table_name and i.indisunique) from information_schema.columns"
           " join information_schema.tables"
           " using (table_schema, table_name) where table_schema = 'clean' and table_type = 'BASE TABLE' order by 1, ordinal_position")) {
    if (tables_.empty() || tables_.back().name != row[0].c_str()) tables_.push_back({row[0].c_str(), {}, {}, row[3].as<bool>()});
    std::string const type = row[2].c_str();
    if (type != "integer" && type != "text" && type != "character varying") throw std::runtime_error("decoys are made for integers and texts only");
    tables_.back().columns.emplace_back(row[1].c_str());
    tables_.back().texts.push_back(type != "integer");
  }
  std::string sql =
      "set client_min_messages = warning; drop schema public cascade; create schema public;"
      "create table public.grille_marks (value integer primary key); insert into public.grille_marks values (1), (2);";
  for (auto const& t : tables_) {
    auto const n = in_quotes(t.name);
    auto const own = names(t.columns);
    auto const each = [&](std::string const& number, std::string const& text) {
      std::string out;
      for (auto const is_text : t.texts) out += (out.empty() ? "" : ", ") + (is_text ? text : number);
      return out;
    };
    // by number, so that a scan meets the file's rows in the file's order, with decoys before, between and behind
    auto const decoy = [&](int at, std::string const& values, char const* shown) {
      return " union all select n, " + std::to_string(at) + ", " + values + ", " + shown + " from rows";
    };
    // where there is a key a decoy has that of the row that it stands beside, or none
    std::string nullable;
    for (auto const& column : t.columns)
      if (t.has_keys) nullable += "alter table public." + n + " alter column " + in_quotes(column) + " drop not null;";
    sql += "create table public." + n + " (like clean." + n +
           (t.has_keys ? " including all excluding indexes);" : " including all);") + nullable +
           "alter table public." +
           n + " add column " + mark +
           " integer default 0;"
           "insert into public." +
           n + " (" + own + ", " + mark +
           ") "
           "with rows as (select row_number() over (order by ctid) as n, " +
           own + " from clean." + n + ") select " + own + ", " + mark +
           " from ("
           "select n, 2 as at, " +
           own + ", " + (shape_ == shape::grants ? "(1 + n % 2)::int" : "1") + " as " + mark + " from rows" + decoy(0, own, "0") +
           decoy(1, each("null", "null"), "null") + decoy(3, each("2147483647", "'~~~~'"), "-1") + decoy(4, own, "9") +
           decoy(5, each("0", "''"), "7") + decoy(6, each("-2147483648", "' '"), "8") + ") all_rows order by n, at;";
  }
  c.exec(sql + "analyze");
  database_ = std::make_unique<grille::postgres::database>(
      db_.conninfo(), grille::policy_set::parse(policy(), "decoys.grille", {}, grille::dialect::postgresql));
  session_ = std::make_unique<grille::session>(database_->session(grille::principal("decoy")));
  mirrored_ = true;
}

std::string poisoned::policy() const {
  std::string out = "policy decoys version 1;\nowner 'tests' contact 'tests';\nprotects grille_marks";
  for (auto const& t : tables_) out += ", " + in_quotes(t.name);
  out += ";\n";
  for (auto const& t : tables_) {
    auto const grant = [&](std::string const& which, std::string const& where) {
      out += "allow public to select (" + which + ") on " + in_quotes(t.name) + where + ";\n";
    };
    auto const columns = names(t.columns);
    auto const flag = std::string(" where ") + mark + " = 1";
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
        grant(in_quotes(t.columns[0]), std::string(" where ") + mark + " in (1, 3)");
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

table poisoned::clean_answer(std::string const& sql) {
  table out;
  for (auto const& row : pqxx::nontransaction(clean_).exec(sql)) {
    auto& cells = out.emplace_back();
    for (auto const& field : row) {
      if (field.is_null())
        cells.emplace_back();
      else
        cells.emplace_back(
            std::string(field.c_str()));  // its text is what a client of the server's has, and what the files are printed from
    }
  }
  return out;
}

table poisoned::guarded_answer(std::string const& sql) {
  if (!mirrored_) mirror();
  auto const rows = session_->query(sql);
  table out;
  out.reserve(rows.size());
  for (auto const& row : rows) {
    auto& cells = out.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(row[i].get());
  }
  return out;
}

std::size_t poisoned::decoys() {
  if (!mirrored_) mirror();
  std::size_t n = 0;
  for (auto const& t : tables_)
    n += std::stoul(db_.value("select count(*) from " + in_quotes(t.name) + " where " + mark + " not in (1, 2) or " + mark + " is null"));
  return n;
}

}  // namespace decoy::postgres
