#include "cli/source.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/json.hpp"
#include "cli/report.hpp"
#include "introspect/introspect.hpp"

namespace grille::cli {

namespace fs = std::filesystem;

namespace {

sqlite_handle open(fs::path const& file, int flags) {
  sqlite3* db = nullptr;
  int const opened = sqlite3_open_v2(file.c_str(), &db, flags, nullptr);
  sqlite_handle handle(db);
  if (opened != SQLITE_OK) grille::raise({.kind = errc::unavailable, .message = "the database cannot be opened: " + file.string()});
  return handle;
}

sqlite_handle in_memory() {
  auto handle = open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY);
  sqlite3_limit(handle.get(), SQLITE_LIMIT_ATTACHED, 0);  // neither `attach` nor `vacuum into`
  return handle;
}

void run(sqlite3* db, fs::path const& definitions) {
  auto const text = read_file(definitions);
  if (sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    grille::raise({.kind = errc::syntax, .message = definitions.string() + " does not run: " + sqlite3_errmsg(db)});
}

std::shared_ptr<catalog::catalog const> tables_of(sqlite3* db) {
  auto read = introspect::read_sqlite(db);
  if (!read) raise(read.error(), {});
  return *read;
}

std::vector<fs::path> policy_files(std::vector<std::string> const& paths) {
  std::vector<fs::path> files;
  for (fs::path const path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (auto const& entry : fs::directory_iterator(path))
      if (entry.path().extension() == ".grille") files.push_back(entry.path());
  }
  return files;
}

/// The end of `:name` in `:name=V`, or 0.
std::size_t name_end(std::string_view text) {
  if (text.empty() || std::string_view(":@$").find(text.front()) == std::string_view::npos) return 0;
  auto const end = std::find_if(text.begin() + 1, text.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; });
  auto const length = static_cast<std::size_t>(end - text.begin());
  return length > 1 && end != text.end() && *end == '=' ? length : 0;
}

value parameter(std::string_view text) {
  try {
    return value_of(text);
  } catch (usage_error const&) {
    return text;
  }
}

}  // namespace

void handle_closer::operator()(sqlite3* db) const { sqlite3_close(db); }

fs::path sqlite_path(std::string_view url) {
  if (url.starts_with("sqlite:") && url.size() > 7) return url.substr(7);
  if (url.starts_with("postgres:") || url.starts_with("postgresql:") || url.find('=') != std::string_view::npos)
    grille::raise({.kind = errc::unsupported, .message = "PostgreSQL is not supported yet", .help = "this version reads SQLite: --db sqlite:PATH"});
  grille::raise({.kind = errc::usage, .message = "not a database: `" + std::string(url) + "`", .help = "name one as sqlite:PATH"});
}

sqlite_handle database_of(fs::path const& definitions) {
  auto handle = in_memory();
  run(handle.get(), definitions);
  return handle;
}

std::shared_ptr<catalog::catalog const> catalog_of(source const& s, std::vector<std::string> const& policies) {
  if (!s.db.empty()) return tables_of(open(sqlite_path(s.db), SQLITE_OPEN_READONLY).get());
  if (!s.schema.empty()) return tables_of(database_of(s.schema).get());
  auto const db = in_memory();
  bool any = false;
  for (auto file : policy_files(policies))
    if (file.replace_extension(".sql"); fs::exists(file)) {
      run(db.get(), file);
      any = true;
    }
  if (!any)
    grille::raise({.kind = errc::usage, .message = "no schema to check against", .help = "pass --db sqlite:PATH or --schema FILE, or keep NAME.sql beside NAME.grille"});
  return tables_of(db.get());
}

policy_set policies_of(std::vector<std::string> const& paths) { return policy_set::load({paths.begin(), paths.end()}); }

principal principal_of(std::string_view json) { return json.empty() ? principal::anonymous() : principal::from_json(json); }

std::vector<arg> parameters_of(std::vector<std::string> const& texts) {
  std::vector<arg> out;
  for (std::string_view const text : texts) {
    if (auto const end = name_end(text); end != 0) out.emplace_back(text.substr(0, end), parameter(text.substr(end + 1)));
    else out.emplace_back(parameter(text));
  }
  return out;
}

std::string statement_of(std::string const& text) {
  if (!text.empty()) return text;
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

std::string read_file(fs::path const& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) grille::raise({.kind = errc::usage, .message = "cannot read " + file.string()});
  return text;
}

}  // namespace grille::cli
