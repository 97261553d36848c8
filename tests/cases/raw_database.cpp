#include "cases/raw_database.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

namespace cases {

answer sorted(answer a) {
  std::ranges::sort(a.rows);
  return a;
}

std::string to_text(answer const& a) {
  std::string out = "columns:";
  for (auto const& c : a.columns) out += ' ' + c + ',';
  out += '\n';
  for (auto const& row : a.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "  " : " | ") + row[i];
    out += '\n';
  }
  return out;
}

std::string spell(std::int64_t i) { return std::to_string(i); }

std::string spell(double d) {
  if (std::isnan(d)) return "NULL";
  if (std::isinf(d)) return d > 0 ? "9e999" : "-9e999";
  char buffer[64];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, d).ptr;
  std::string s(buffer, end);
  return s.find_first_of(".e") == std::string::npos ? s + ".0" : s;
}

std::string spell_text(std::string_view s) {
  std::string out = "'";
  for (char const c : s) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + '\'';
}

std::string spell_blob(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "x'";
  for (char const c : bytes) {
    auto const b = static_cast<unsigned char>(c);
    out += digits[b >> 4U];
    out += digits[b & 15U];
  }
  return out + '\'';
}

std::string spell(grille::value const& v) {
  struct speller {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool b) const { return b ? "1" : "0"; }
    std::string operator()(std::int64_t i) const { return spell(i); }
    std::string operator()(double d) const { return spell(d); }
    std::string operator()(grille::numeric const& n) const {
      auto const digits = std::string_view(n.text).substr(n.text.starts_with('-') ? 1 : 0);
      if (digits.find_first_not_of("0123456789") == std::string_view::npos) return n.text;
      return spell(std::stod(n.text));
    }
    std::string operator()(std::string const& s) const { return spell_text(s); }
    std::string operator()(grille::bytes const& b) const {
      std::string raw;
      for (auto const x : b) raw += static_cast<char>(x);
      return spell_blob(raw);
    }
    std::string operator()(grille::json const& j) const { return spell_text(j.text); }
    std::string operator()(grille::timestamp const& t) const { return "timestamp " + std::to_string(t.time_since_epoch().count()); }
    std::string operator()(grille::date const& d) const { return "date " + std::to_string(d.time_since_epoch().count()); }
  };
  return std::visit(speller{}, v.data());
}

namespace {

std::string_view bytes_of(sqlite3_stmt* s, int i) {
  auto const* p = static_cast<char const*>(sqlite3_column_blob(s, i));
  return {p == nullptr ? "" : p, static_cast<std::size_t>(sqlite3_column_bytes(s, i))};
}

grille::value cell(sqlite3_stmt* s, int i) {
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
      return sqlite3_column_double(s, i);
    case SQLITE_TEXT:
      return bytes_of(s, i);
    case SQLITE_BLOB: {
      auto const b = bytes_of(s, i);
      auto const* p = reinterpret_cast<std::byte const*>(b.data());
      return grille::bytes(p, p + b.size());
    }
    default:
      return {};
  }
}

struct binder {
  sqlite3_stmt* s;
  int i;
  int operator()(std::monostate) const { return sqlite3_bind_null(s, i); }
  int operator()(bool b) const { return sqlite3_bind_int(s, i, b ? 1 : 0); }
  int operator()(std::int64_t n) const { return sqlite3_bind_int64(s, i, n); }
  int operator()(double d) const { return sqlite3_bind_double(s, i, d); }
  int operator()(std::string const& t) const { return sqlite3_bind_text64(s, i, t.data(), t.size(), SQLITE_TRANSIENT, SQLITE_UTF8); }
  int operator()(grille::bytes const& b) const { return sqlite3_bind_blob64(s, i, b.data(), b.size(), SQLITE_TRANSIENT); }
  int operator()(grille::numeric const&) const { return SQLITE_MISUSE; }
  int operator()(grille::json const&) const { return SQLITE_MISUSE; }
  int operator()(grille::timestamp const&) const { return SQLITE_MISUSE; }
  int operator()(grille::date const&) const { return SQLITE_MISUSE; }
};

}  // namespace

void raw_database::close::operator()(sqlite3* db) const { sqlite3_close(db); }
void raw_database::finish::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }

raw_database::raw_database(std::filesystem::path const& file) {
  sqlite3* db = nullptr;
  auto const rc = sqlite3_open(file.empty() ? ":memory:" : file.c_str(), &db);
  handle_.reset(db);
  if (rc != SQLITE_OK) fail("open " + file.string());
  // As Grille's own connections read SQL, or the two would not read the same statement.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  run("pragma synchronous = off");
}

void raw_database::fail(std::string_view sql) {
  throw raw_error(std::string(sqlite3_errmsg(native())) + " in: " + std::string(sql.substr(0, 400)));
}

void raw_database::run(std::string const& sql) {
  if (sqlite3_exec(native(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

raw_database::statement raw_database::prepare(std::string_view sql) {
  sqlite3_stmt* s = nullptr;
  if (sqlite3_prepare_v2(native(), sql.data(), static_cast<int>(sql.size()), &s, nullptr) != SQLITE_OK) fail(sql);
  if (s == nullptr) throw raw_error("no statement in: " + std::string(sql.substr(0, 400)));
  return statement(s);
}

answer raw_database::query(std::string_view sql, std::vector<grille::value> const& parameters) {
  auto const s = prepare(sql);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (std::visit(binder{s.get(), static_cast<int>(i + 1)}, parameters[i].data()) != SQLITE_OK) fail(sql);
  answer a;
  auto const width = sqlite3_column_count(s.get());
  for (int i = 0; i < width; ++i) a.columns.emplace_back(sqlite3_column_name(s.get(), i));
  for (int rc = sqlite3_step(s.get()); rc != SQLITE_DONE; rc = sqlite3_step(s.get())) {
    if (rc != SQLITE_ROW) fail(sql);
    auto& row = a.rows.emplace_back();
    for (int i = 0; i < width; ++i) row.push_back(spell(cell(s.get(), i)));
  }
  return a;
}

std::vector<std::vector<grille::value>> raw_database::values(std::string_view sql) {
  auto const s = prepare(sql);
  std::vector<std::vector<grille::value>> rows;
  auto const width = sqlite3_column_count(s.get());
  for (int rc = sqlite3_step(s.get()); rc != SQLITE_DONE; rc = sqlite3_step(s.get())) {
    if (rc != SQLITE_ROW) fail(sql);
    auto& row = rows.emplace_back();
    for (int i = 0; i < width; ++i) row.push_back(cell(s.get(), i));
  }
  return rows;
}

std::string raw_database::dump() {
  std::string out;
  auto const schema = query("select type, name, tbl_name, sql from sqlite_schema order by rowid");
  out += to_text(schema);
  for (auto const& row : schema.rows) {
    if (row[0] != "'table'") continue;
    auto const name = row[1].substr(1, row[1].size() - 2);
    out += name + '\n' + to_text(query("select * from \"" + name + "\""));
  }
  return out;
}

std::string read_file(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

scratch_file::scratch_file(std::string_view stem) {
  static std::atomic<unsigned> next{0};
  path_ = std::filesystem::temp_directory_path() /
          ("grille-" + std::string(stem) + '-' + std::to_string(getpid()) + '-' + std::to_string(next++) + ".db");
  std::filesystem::remove(path_);
}

scratch_file::~scratch_file() {
  std::error_code ignored;
  for (auto const* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path_.string() + suffix, ignored);
}

}  // namespace cases
