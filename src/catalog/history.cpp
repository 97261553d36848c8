#include "catalog/history.hpp"

#include <algorithm>
#include <optional>

#include "catalog/history_postgresql.hpp"
#include "catalog/row_key.hpp"
#include "catalog/scratch.hpp"

namespace grille::catalog {

namespace {

std::string in_ticks(std::string_view name) { return "`" + std::string(name) + "`"; }
std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool in_key(table const& t, unsigned column) { return std::find(t.primary_key.begin(), t.primary_key.end(), column) != t.primary_key.end(); }

/// The record's own: their types, and whether they are ever NULL.
struct own_column {
  std::string_view name, type;
  bool not_null;
};
constexpr std::array own{own_column{history_column::at, "text", true}, own_column{history_column::by, "text", false},
                         own_column{history_column::behalf, "text", false}, own_column{history_column::policy, "text", true},
                         own_column{history_column::method, "text", true}};

std::string unfit_column(table const& t, unsigned i, table const& h) {
  auto const& mine = t.columns[i];
  auto const at = h.find(mine.name);
  if (!at) return "it has no column " + in_ticks(mine.name);
  auto const& theirs = h.columns[*at];
  auto const name = "its column " + in_ticks(mine.name);
  if (theirs.generated != generated::no) return name + " is generated";
  if (theirs.affinity != mine.affinity) return name + " keeps values otherwise, as one of type `" + theirs.declared_type + "`";
  if (!same_name(theirs.collation, mine.collation)) return name + " is compared otherwise, by `" + theirs.collation + "`";
  if (!in_key(t, i) && theirs.has_default) return name + " has a default, and says nothing where a row was purged";
  if (in_key(t, i) && !theirs.not_null) return name + ", of the key, may be null";
  if (!in_key(t, i) && theirs.not_null) return name + " may not be null, as it is where a row was purged";
  return {};
}

}  // namespace

namespace {

std::string own_cascade(table const& t) {
  for (auto const& k : t.foreign_keys)
    for (auto const& [action, word] : {std::pair(&k.on_delete, "delete"), {&k.on_update, "update"}}) {
      if (*action != "CASCADE" && *action != "SET NULL" && *action != "SET DEFAULT") continue;
      std::string columns;
      for (auto const c : k.columns) columns += (columns.empty() ? "" : ", ") + t.columns[c].name;
      return "(" + columns + ") on " + word + ' ' + lower(*action);
    }
  return {};
}

}  // namespace

std::string cascade_into(table const& t, catalog const& all) {
  if (auto const own = own_cascade(t); !own.empty() || t.ignores_case) return own;
  for (auto const& part : all.tables())
    if (auto own = own_cascade(part); !own.empty() && descends(part, t, all)) return own + " of " + qualified(part.schema, part.name);
  return {};
}

bool descends(table const& t, table const& of, catalog const& all) {
  auto const name = qualified(of.schema, of.name);
  std::vector<table const*> above{&t};  // grows; nothing is in it twice
  for (std::size_t i = 0; i < above.size(); ++i)
    for (auto const& parent : above[i]->parents) {
      if (parent == name) return true;
      for (auto const& other : all.tables())
        if (qualified(other.schema, other.name) == parent && std::find(above.begin(), above.end(), &other) == above.end()) above.push_back(&other);
    }
  return false;
}

std::string cannot_keep_history(table const& t, catalog const& all) {
  if (!t.ignores_case) return on_server::cannot_keep_history(t, all);
  if (t.kind != relation_kind::table) return "it is no table but a view or a virtual table";
  auto const fixed = !t.primary_key.empty() && !row_key(t).empty() &&
                     std::all_of(t.primary_key.begin(), t.primary_key.end(), [&](unsigned c) { return decides_key(t, c); });
  if (!fixed) return "its rows have no key that stays: it needs an `integer primary key`, or a primary key `without rowid`";
  for (auto const name : history_column::all)
    if (t.find(name)) return "it has a column " + in_ticks(name) + ", a name that is the record's";
  return {};
}

std::string unfit_history(table const& t, table const& h, catalog const& all) {
  if (!t.ignores_case) return on_server::unfit_history(t, h, all);
  if (h.kind != relation_kind::table) return "it is no table but a view or a virtual table";
  auto const number = h.find(history_column::number);
  if (!number || h.without_rowid || h.primary_key != column_list{*number} || !decides_key(h, *number))
    return "it has no column " + in_ticks(history_column::number) + " that is its `integer primary key`";
  for (unsigned i = 0; i < t.columns.size(); ++i)
    if (auto why = unfit_column(t, i, h); !why.empty()) return why;
  for (auto const& c : own) {
    auto const at = h.find(c.name);
    if (!at) return "it has no column " + in_ticks(c.name);
    auto const& theirs = h.columns[*at];
    auto const name = "its column " + in_ticks(c.name);
    if (theirs.affinity != affinity::text) return name + " is not of type text";
    if (theirs.generated != generated::no) return name + " is generated";
    if (theirs.not_null && !c.not_null) return name + " may not be null, as it is where nobody is known";
  }
  for (auto const& c : h.columns)
    if (!t.find(c.name) && std::find(history_column::all.begin(), history_column::all.end(), lower(c.name)) == history_column::all.end())
      return "it has a column " + in_ticks(c.name) + " of its own";
  for (auto const& key : h.unique_keys)
    if (key != h.primary_key) return "it has a unique key over " + in_ticks(h.columns[key.front()].name) + ", and a row is recorded as often as it is changed";
  if (!h.unique_indexes.empty()) return "it has a unique index, and a row is recorded as often as it is changed";
  if (!h.foreign_keys.empty()) return "it has a foreign key, and what it refers to may be gone";
  if (h.strict != t.strict) return h.strict ? "it is strict, and keeps less than the table does" : "it is not strict, and keeps values otherwise";
  return {};
}

std::string history_definition(table const& t, std::string_view path) {
  if (!t.ignores_case) return on_server::history_definition(t, path);
  std::string out = "create table " + std::string(path) + " (";
  for (unsigned i = 0; i < t.columns.size(); ++i) {
    auto const& c = t.columns[i];
    out += quoted(c.name);
    if (!c.declared_type.empty()) out += ' ' + lower(c.declared_type);
    if (!c.collation.empty() && !same_name(c.collation, "binary")) out += " collate " + quoted(c.collation);
    if (in_key(t, i)) out += " not null";
    out += ", ";
  }
  out += quoted(history_column::number) + " integer primary key autoincrement";
  for (auto const& c : own) {
    out += ", " + quoted(c.name) + ' ' + std::string(c.type);
    if (c.not_null) out += " not null";
  }
  out += ')';
  if (t.strict) out += " strict";
  return out;
}

}  // namespace grille::catalog
