#include "exec/sqlite/authorizer.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <string_view>

namespace grille::exec::sqlite {

namespace {

std::string lower(char const* name) {
  std::string out(name == nullptr ? "" : name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Reading no column of a table (`count(*)`) is reported with an empty name; it tells less than a column that may be read.
bool reads(verify::allowed_objects const& allowed, std::string const& table, std::string const& column) {
  auto const at = allowed.columns.lower_bound({table, column});
  if (at == allowed.columns.end() || at->first != table) return false;
  return column.empty() || at->second == column;
}

/// `search_content`, where `search` is a virtual table and no table of that name is anybody's.
bool shadows(catalog::catalog const& tables, std::string_view owner, std::string_view name) {
  if (!name.starts_with(owner) || !name.substr(owner.size()).starts_with('_') || tables.find("main", name) != nullptr) return false;
  auto const* const t = tables.find("main", owner);
  return t != nullptr && t->kind == catalog::relation_kind::virtual_table;
}
bool shadows_what_may_be_read(verify::allowed_objects const& allowed, catalog::catalog const* tables, std::string_view name) {
  return tables != nullptr && std::ranges::any_of(allowed.columns, [&](auto const& c) {
    return shadows(*tables, std::string_view(c.first).substr(std::min(c.first.size(), std::string_view("main.").size())), name);
  });
}
/// What a trigger writes to is the schema's own to say; a virtual table keeps that by statements of its own, within no trigger.
bool is_kept_for_a_trigger(verify::allowed_objects const& allowed, catalog::catalog const* tables, int action, char const* first) {
  if (!allowed.triggers || tables == nullptr) return false;
  if (action == SQLITE_PRAGMA) return lower(first) == "data_version";
  if (action != SQLITE_READ && action != SQLITE_INSERT && action != SQLITE_UPDATE && action != SQLITE_DELETE) return false;
  return std::ranges::any_of(tables->tables(), [&, name = lower(first)](catalog::table const& t) { return shadows(*tables, lower(t.name.c_str()), name); });
}

}  // namespace

authorizer::authorizer(sqlite3* db, owner o) : db_(db), current_{.all = o == owner::application, .only = nullptr, .tables = nullptr} {
  sqlite3_set_authorizer(db_, &authorizer::ask, this);
}

authorizer::~authorizer() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

int authorizer::ask(void* self, int action, char const* first, char const* second, char const* schema, char const* inside) {
  auto& of = *static_cast<authorizer*>(self);
  if (of.allows(action, first, second, schema, inside)) return SQLITE_OK;
  auto const text = [](char const* s) { return s == nullptr ? "-" : s; };
  of.denied_ = fmt::format("action {} on {}, {}, {}, within {}", action, text(first), text(second), text(schema), text(inside));
  return SQLITE_DENY;
}

bool authorizer::allows(int action, char const* first, char const* second, char const* schema, char const* inside) const {
  if (current_.all) return true;
  if (current_.only == nullptr) return false;
  if (current_.only->triggers && inside != nullptr) return true;  // what is written inside of a trigger is the schema's own
  if (is_kept_for_a_trigger(*current_.only, current_.tables, action, first)) return true;
  auto const named = [&] { return (schema == nullptr ? "main" : lower(schema)) + '.' + lower(first); };
  switch (action) {
    case SQLITE_INSERT:
      return current_.only->inserts.contains(named());
    case SQLITE_DELETE:
      return current_.only->deletes.contains(named());
    case SQLITE_UPDATE:
      return current_.only->updates.contains({named(), lower(second)});
    case SQLITE_SELECT: return true;
    case SQLITE_READ:  // without a schema: a common table or a table function
      return reads(*current_.only, named(), lower(second)) || shadows_what_may_be_read(*current_.only, current_.tables, lower(first));
    case SQLITE_FUNCTION:  // a view calls what the schema's owner wrote
      return current_.only->functions.contains(lower(second)) || (inside != nullptr && current_.only->views.contains(lower(inside)));
    case SQLITE_RECURSIVE: return current_.only->recursive;
    default: return false;
  }
}

}  // namespace grille::exec::sqlite
