// Histories on PostgreSQL. A column of the history has the type of the table's to the letter, length and scale too, and its collation: a value
// that is assigned to any other may be another. What the catalogue does not show (checks, indexes of some rows, exclusions, triggers) can make
// a record fail, and the write with it; it cannot make one wrong, but for a trigger.
#include "catalog/history_postgresql.hpp"

#include <algorithm>
#include <array>

#include "catalog/history.hpp"
#include "catalog/row_key.hpp"
#include "catalog/scratch.hpp"

namespace grille::catalog::on_server {

namespace {

constexpr std::string_view no_collation = "pg_catalog.default";

std::string in_ticks(std::string_view name) { return "`" + std::string(name) + "`"; }
bool in_key(table const& t, unsigned column) { return std::find(t.primary_key.begin(), t.primary_key.end(), column) != t.primary_key.end(); }

/// SCHEMA.NAME, in which some parts are in quotes, with all of them so.
std::string all_quoted(std::string_view path) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto const starts = i == 0 || (!inside && path[i - 1] == '.');
    if (starts && path[i] != '"') {
      auto const end = std::min(path.find('.', i), path.size());
      out += quoted(path.substr(i, end - i));
      i = end - 1;
      continue;
    }
    inside = inside != (path[i] == '"');
    out += path[i];
  }
  return out;
}

/// The record's own: their types, and whether they are ever NULL.
struct own_column {
  std::string_view name, type, spelled;
  bool not_null;
};
constexpr std::string_view text = "pg_catalog.text";
constexpr std::array own{own_column{history_column::at, "pg_catalog.timestamptz", "timestamp with time zone", true}, own_column{history_column::by, text, "text", false},
                         own_column{history_column::behalf, text, "text", false}, own_column{history_column::policy, text, "text", true},
                         own_column{history_column::method, text, "text", true}};

std::string unfit_column(table const& t, unsigned i, table const& h) {
  auto const& mine = t.columns[i];
  auto const at = h.find(mine.name);
  if (!at) return "it has no column " + in_ticks(mine.name);
  auto const& theirs = h.columns[*at];
  auto const name = "its column " + in_ticks(mine.name);
  if (theirs.generated != generated::no || theirs.identity != identity::no) return name + " is generated";
  if (theirs.type != mine.type || theirs.declared_type != mine.declared_type)
    return name + " keeps values otherwise, as one of type `" + theirs.declared_type + "`";
  if (theirs.collation != mine.collation) return name + " is compared otherwise, by `" + theirs.collation + "`";
  if (!in_key(t, i) && theirs.has_default) return name + " has a default, and says nothing where a row was purged";
  if (in_key(t, i) && !theirs.not_null) return name + ", of the key, may be null";
  if (!in_key(t, i) && theirs.not_null) return name + " may not be null, as it is where a row was purged";
  return {};
}

/// Whether rows of it can come and go under another name.
std::string of_more_than_itself(table const& t, catalog const& all) {
  if (t.kind != relation_kind::table) return "it is no table but a view or a foreign table";
  if (!t.parents.empty()) return "it is a partition of another table, or inherits from one, by which its rows change too";
  if (!t.partitioned && std::any_of(all.tables().begin(), all.tables().end(), [&](table const& other) { return descends(other, t, all); }))
    return "others inherit from it";
  if (t.rules) return "it has rules, and what is written to it may become something else";
  if (t.unlogged || std::any_of(all.tables().begin(), all.tables().end(), [&](table const& other) { return other.unlogged && descends(other, t, all); }))
    return "it is unlogged, or a partition of it is, and a crash of the server empties that";
  return {};
}

}  // namespace

std::string cannot_keep_history(table const& t, catalog const& all) {
  if (auto why = of_more_than_itself(t, all); !why.empty()) return why;
  if (row_key(t).empty()) return "its rows have no key that stays: it needs a primary key, and one that is not deferrable";
  for (auto const name : history_column::all)
    if (t.find(name)) return "it has a column " + in_ticks(name) + ", a name that is the record's";
  for (unsigned i = 0; i < t.columns.size(); ++i) {
    auto const* type = all.find_type(t.columns[i].type);
    if (type != nullptr && type->not_null && !in_key(t, i))
      return "its column " + in_ticks(t.columns[i].name) + " is of a domain that may not be null, as it is where a row was purged";
  }
  return {};
}

std::string unfit_history(table const& t, table const& h, catalog const& all) {
  if (auto why = of_more_than_itself(h, all); !why.empty()) return why;
  if (h.partitioned) return "it is partitioned";
  auto const number = h.find(history_column::number);
  if (!number || h.primary_key != column_list{*number} || h.columns[*number].type != "pg_catalog.int8" || h.columns[*number].identity == identity::no)
    return "it has no column " + in_ticks(history_column::number) + " that is its primary key, a `bigint generated always as identity`";
  if (!h.columns[*number].counts_up)
    return "its column " + in_ticks(history_column::number) + " does not number the records in their order: it has a cache, a cycle or counts down";
  for (unsigned i = 0; i < t.columns.size(); ++i)
    if (auto why = unfit_column(t, i, h); !why.empty()) return why;
  for (auto const& c : own) {
    auto const at = h.find(c.name);
    if (!at) return "it has no column " + in_ticks(c.name);
    auto const& theirs = h.columns[*at];
    auto const name = "its column " + in_ticks(c.name);
    if (theirs.type != c.type) return name + " is not of type " + std::string(c.spelled);
    if (theirs.generated != generated::no) return name + " is generated";
    if (theirs.not_null && !c.not_null) return name + " may not be null, as it is where nobody is known";
  }
  for (auto const& c : h.columns)
    if (!t.find(c.name) && std::find(history_column::all.begin(), history_column::all.end(), c.name) == history_column::all.end())
      return "it has a column " + in_ticks(c.name) + " of its own";
  for (auto const& key : h.unique_keys)
    if (key != h.primary_key) return "it has a unique key over " + in_ticks(h.columns[key.front()].name) + ", and a row is recorded as often as it is changed";
  if (!h.unique_indexes.empty()) return "it has a unique index, and a row is recorded as often as it is changed";
  if (!h.foreign_keys.empty()) return "it has a foreign key, and what it refers to may be gone";
  return {};
}

std::string history_definition(table const& t, std::string_view path) {
  std::string out = "create table " + std::string(path) + " (";
  for (unsigned i = 0; i < t.columns.size(); ++i) {
    auto const& c = t.columns[i];
    out += quoted(c.name) + ' ' + c.declared_type;
    if (!c.collation.empty() && c.collation != no_collation) out += " collate " + all_quoted(c.collation);
    if (in_key(t, i)) out += " not null";
    out += ", ";
  }
  out += quoted(history_column::number) + " bigint generated always as identity primary key";
  for (auto const& c : own) {
    out += ", " + quoted(c.name) + ' ' + std::string(c.spelled);
    if (c.not_null) out += " not null";
  }
  return out + ')';
}

}  // namespace grille::catalog::on_server
