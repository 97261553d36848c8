// Executes definitions where they can do no harm. Enters: one `create` statement after another. Leaves: a schema without a row, on a
// handle that attaches nothing, loads nothing and stops after a bounded number of instructions.
#include "introspect/sqlite_scratch.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "catalog/catalog.hpp"

namespace grille::introspect {

namespace {

constexpr int most_instructions = 20'000'000;  // `create table … as select` of an endless query ends here
constexpr int most_stubs = 1000;

void stub_function(sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_null(context); }

int stub_collation(void*, int a_size, void const* a, int b_size, void const* b) {
  auto const order = std::memcmp(a, b, static_cast<std::size_t>(std::min(a_size, b_size)));
  return order != 0 ? order : a_size - b_size;
}

void define_collation(void*, sqlite3* db, int, char const* name) {
  sqlite3_create_collation(db, name, SQLITE_UTF8, nullptr, stub_collation);
}

int stop(void*) { return 1; }

std::string_view without_space_and_comments(std::string_view sql) {
  for (;;) {
    auto const before = sql.size();
    sql.remove_prefix(std::min(sql.find_first_not_of(" \t\n\f\r;"), sql.size()));
    if (sql.starts_with("\xEF\xBB\xBF")) sql.remove_prefix(3);
    if (sql.starts_with("--")) sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    if (sql.starts_with("/*")) {
      auto const end = sql.find("*/", 2);
      sql.remove_prefix(end == sql.npos ? sql.size() : end + 2);
    }
    if (sql.size() == before) return sql;
  }
}

base::range range_of(std::size_t begin, std::size_t size) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + size)};
}

std::size_t length_of_word(std::string_view sql) {
  auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(sql, is_letter) - sql.begin());
}

int collect(void* into, int action, char const* table, char const*, char const* schema, char const*) {
  if (action == SQLITE_READ && table != nullptr)
    static_cast<std::set<std::string>*>(into)->insert(std::string(schema == nullptr ? "main" : schema) + "." + table);
  return SQLITE_OK;
}

}  // namespace

void scratch::closed::operator()(sqlite3* db) const { sqlite3_close(db); }

answer<scratch> scratch::open(bool quoted_text) {
  sqlite3* db = nullptr;
  auto const code = sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, nullptr);
  scratch made(db);
  if (code != SQLITE_OK) return tl::unexpected(code);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, quoted_text ? 1 : 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_collation_needed(db, nullptr, define_collation);
  sqlite3_progress_handler(db, most_instructions, stop, nullptr);
  return made;
}

answer<statement> scratch::prepare(std::string_view sql, std::size_t* used) {
  constexpr std::string_view unknown = "no such function: ";
  for (int stubs = 0;; ++stubs) {
    auto s = statement::prepare(native(), sql, used);
    if (s || stubs == most_stubs) return s;
    std::string_view const message = sqlite3_errmsg(native());
    if (!message.starts_with(unknown)) return s;
    auto const name = std::string(message.substr(unknown.size()));
    constexpr int any_number = -1;
    sqlite3_create_function(native(), name.c_str(), any_number, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                            stub_function, nullptr, nullptr);
  }
}

base::result<std::size_t> scratch::define(std::string_view sql) {
  auto const rest = without_space_and_comments(sql);
  auto const begin = sql.size() - rest.size();
  if (rest.empty()) return sql.size();
  auto const word = rest.substr(0, length_of_word(rest));
  if (!catalog::same_name(word, "create"))
    return base::fail(errc::unsupported, "a schema is made of `create` statements only",
                      range_of(begin, std::max<std::size_t>(word.size(), 1)),
                      "leave out what is not a definition: the rows of tables, settings, transactions");

  auto const refused = [&](int code) {
    if ((code & 0xFF) != SQLITE_ERROR) {
      auto f = fault_of(code);
      f.at = range_of(begin, word.size());
      return tl::unexpected(std::move(f));
    }
    std::string const message = sqlite3_errmsg(native());
    auto const offset = sqlite3_error_offset(native());
    auto const from = offset < 0 ? 0 : std::min(static_cast<std::size_t>(offset), rest.size());
    auto const at = range_of(begin + from, std::max<std::size_t>(length_of_word(rest.substr(from)), 1));
    bool const unreadable = message.find("syntax error") != message.npos || message.find("incomplete input") != message.npos ||
                            message.find("unrecognized token") != message.npos;
    return base::fail(unreadable ? errc::syntax : errc::usage, message, at);
  };

  std::size_t used = 0;
  auto s = prepare(rest, &used);
  if (!s) return refused(s.error());
  for (;;) {
    auto const row = s->step();
    if (!row) return refused(row.error());
    if (!*row) break;
  }
  return begin + used;
}

std::optional<std::vector<std::string>> scratch::reads_of(std::string_view view) {
  std::set<std::string> read;
  sqlite3_set_authorizer(native(), collect, &read);
  auto const prepared = prepare("select * from main." + quoted(view));
  sqlite3_set_authorizer(native(), nullptr, nullptr);
  if (!prepared) return std::nullopt;
  std::vector<std::string> all;
  for (auto const& name : read)
    if (!catalog::same_name(name, "main." + std::string(view))) all.push_back(name);
  return all;
}

}  // namespace grille::introspect
