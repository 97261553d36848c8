#include "catalog/scratch.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace grille::catalog {

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (char const c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

namespace {

std::string_view word(affinity a) {
  switch (a) {
    case affinity::none:
    case affinity::blob:
      return "";
    case affinity::text:
      return " text";
    case affinity::numeric:
      return " numeric";
    case affinity::integer:
      return " integer";
    case affinity::real:
      return " real";
  }
  return "";
}

std::string columns_of(scratch_layout const& l) {
  std::string out;
  for (std::size_t i = 0; i < l.columns.size(); ++i) {
    auto const& c = l.columns[i];
    out += (i > 0 ? ", \"c" : "\"c") + std::to_string(i + 1) + '"';
    out += word(c.affinity);
    if (!c.collation.empty()) out += " collate " + quoted(c.collation);
  }
  return out;
}

std::string name_of(scratch_layout const& l) {
  auto const text = columns_of(l);
  auto number = XXH3_64bits(text.data(), text.size());
  std::string out = "grille_" + l.purpose + '_';
  for (int i = 0; i < 16; ++i, number >>= 4U) out += "0123456789abcdef"[number & 15U];
  return out;
}

}  // namespace

scratch_column like(table const& t, unsigned column) {
  if (column >= t.columns.size()) return {.affinity = affinity::integer};
  return {t.columns[column].affinity, t.columns[column].collation, t.columns[column].type};
}

namespace {

table of_columns(scratch_layout const& l) {
  table t{};
  t.kind = relation_kind::table;
  for (std::size_t i = 0; i < l.columns.size(); ++i) {
    column c;
    c.name = "c" + std::to_string(i + 1);
    c.affinity = l.columns[i].affinity;
    c.collation = l.columns[i].collation;
    c.type = l.columns[i].type;
    t.columns.push_back(std::move(c));
  }
  return t;
}

}  // namespace

table scratch_table(scratch_layout const& l) {
  auto t = of_columns(l);
  t.schema = "temp";
  t.name = name_of(l);
  t.ignores_case = true;
  return t;
}

table rows_table(scratch_layout const& l) {
  auto t = of_columns(l);
  t.name = "grille_" + l.purpose;
  return t;
}

table written_rows(table const& t, std::string const& purpose, std::size_t keys) {
  table out{};
  out.name = "grille_" + purpose;
  out.kind = relation_kind::table;
  out.columns = t.columns;
  std::string former = "grille_key";
  while (std::any_of(t.columns.begin(), t.columns.end(), [&](column const& c) { return c.name.starts_with(former); })) former += '_';
  for (std::size_t i = 0; i < keys; ++i) {
    column c;
    c.name = former + std::to_string(i + 1);
    out.columns.push_back(std::move(c));
  }
  return out;
}

std::string definition_of(scratch_layout const& l) { return "create table \"temp\".\"" + name_of(l) + "\" (" + columns_of(l) + ")"; }

}  // namespace grille::catalog
