#include "cli/source.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <iostream>

#include "base/file_text.hpp"
#include "base/limits.hpp"
#include "cli/json.hpp"
#include "cli/report.hpp"
#include "grille/postgres.hpp"
#include "grille/sqlite.hpp"
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

bool is_postgres(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://") || url.find('=') != url.npos;
}

[[noreturn]] void no_database(std::string_view url) {
  // what has a password in it is not shown
  auto const shown = url.find('@') == url.npos ? ": `" + std::string(url) + "`" : std::string{};
  grille::raise({.kind = errc::usage, .message = "not a database" + shown, .help = "name one as sqlite:PATH, postgresql://… or 'host=… dbname=…'"});
}

/// The path of a URI, or the value of `dbname`; a string that is written in another way has none here.
std::string database_name(std::string_view url) {
  if (auto const scheme = url.find("://"); scheme != url.npos) {
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find('?'));
    auto const path = url.find('/');
    return path == url.npos ? std::string{} : std::string(url.substr(path + 1));
  }
  constexpr std::string_view word = "dbname=";
  auto const at = url.starts_with(word) ? 0 : url.find(" dbname=");
  if (at == url.npos) return {};
  url.remove_prefix(at + (url[at] == ' ' ? 1 : 0) + word.size());
  return std::string(url.substr(0, url.find(' ')));
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

dialect dialect_of(source const& s) {
  std::string_view const url = s.db;
  if (url.empty()) {
    auto const file = catalog_file(s);
    return file ? file->which() : dialect::sqlite;
  }
  if (url.starts_with("sqlite:")) return dialect::sqlite;
  if (is_postgres(url)) {
#ifdef GRILLE_POSTGRES
    return dialect::postgresql;
#else
    grille::raise({.kind = errc::unsupported, .message = "this is a build without PostgreSQL"});
#endif
  }
  no_database(url);
}

fs::path sqlite_path(std::string_view url) {
  if (url.starts_with("sqlite:") && url.size() > 7) return url.substr(7);
  no_database(url);
}

std::string name_of(source const& s) {
  if (s.db.empty()) return fs::path(s.schema).stem().string();
  return dialect_of(s) == dialect::sqlite ? sqlite_path(s.db).stem().string() : database_name(s.db);
}

database open(source const& s, policy_set policies, options how) {
#ifdef GRILLE_POSTGRES
  if (dialect_of(s) == dialect::postgresql) return postgres::database(s.db, std::move(policies), std::move(how));
#endif
  static_cast<void>(dialect_of(s));
  return sqlite::database(sqlite_path(s.db), std::move(policies), std::move(how));
}

std::optional<schema> catalog_file(source const& s) {
  if (s.schema.empty()) return std::nullopt;
  auto const text = read_file(s.schema);
  if (!introspect::is_catalog(text)) return std::nullopt;
  return schema::parse(text);
}

sqlite_handle database_of(fs::path const& definitions) {
  auto handle = in_memory();
  run(handle.get(), definitions);
  return handle;
}

std::shared_ptr<catalog::catalog const> catalog_of(source const& s, std::vector<std::string> const& policies) {
  if (auto const file = catalog_file(s)) return file->tables();
#ifdef GRILLE_POSTGRES
  if (dialect_of(s) == dialect::postgresql) return postgres::read_schema(s.db).tables();
#endif
  static_cast<void>(dialect_of(s));
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

policy_set policies_of(std::vector<std::string> const& paths, dialect d) { return policy_set::load({paths.begin(), paths.end()}, d); }

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
  return base::read_text(std::cin, base::limits::source_bytes + 1);  // what is longer is refused when it is read
}

std::string read_file(fs::path const& file) {
  auto text = base::read_text(file);
  if (!text) raise(text.error(), {});
  return *std::move(text);
}

}  // namespace grille::cli
