#include "catalog/row_key.hpp"

#include <algorithm>
#include <array>

namespace grille::catalog {

namespace {

constexpr std::array<std::string_view, 3> rowid_names{"rowid", "_rowid_", "oid"};

}  // namespace

bool is_rowid_name(std::string_view name) noexcept {
  return std::any_of(rowid_names.begin(), rowid_names.end(), [&](std::string_view word) { return same_name(word, name); });
}

std::string_view rowid_name(table const& t) noexcept {
  for (auto const name : rowid_names)
    if (std::none_of(t.columns.begin(), t.columns.end(), [&](column const& c) { return same_name(c.name, name); })) return name;
  return {};
}

std::string_view name_of(table const& t, unsigned i) noexcept {
  return i < t.columns.size() ? std::string_view(t.columns[i].name) : rowid_name(t);
}

std::vector<unsigned> row_key(table const& t) {
  if (t.kind != relation_kind::table) return {};
  if (!has_rowid(t)) return t.primary_key;
  if (rowid_name(t).empty()) return {};
  return {rowid_of(t)};
}

/// `integer primary key` is the rowid but for a quirk of `desc`, which is taken for it here too: it only refuses more.
bool decides_key(table const& t, unsigned i) noexcept {
  bool const in_key = std::find(t.primary_key.begin(), t.primary_key.end(), i) != t.primary_key.end();
  if (!in_key) return false;
  return !has_rowid(t) || (t.primary_key.size() == 1 && same_name(t.columns[i].declared_type, "integer"));
}

bool numbers_itself(table const& t, unsigned i) noexcept {
  auto const& c = t.columns[i];
  return (has_rowid(t) && decides_key(t, i)) || c.identity != identity::no || c.default_text.starts_with("nextval(") || c.default_text == "gen_random_uuid()";
}

}  // namespace grille::catalog
