// The lock file: which columns `all columns` means, as the owner last accepted them. A text for version control, one column a line:
//
//   policy bookstore version 1
//   table users
//     id
//     "e-mail"        (a name that is not plain stands in double quotes, doubled inside)
#include <algorithm>

#include "base/suggest.hpp"
#include "policy/compiler.hpp"
#include "policy/text.hpp"

namespace grille::policy {

namespace {

bool plain(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::string written(std::string_view name) {
  if (plain(name)) return std::string(name);
  std::string out = "\"";
  for (char const c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::optional<std::string> read_name(std::string_view text) {
  if (plain(text)) return std::string(text);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    out += text[i];
    if (text[i] == '"') {
      if (i + 2 >= text.size() || text[i + 1] != '"') return std::nullopt;
      ++i;
    }
  }
  return out;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

}  // namespace

std::string lock_text(compiled const& p, std::string_view policy_name) {
  std::string out = "# Written by `grille check --accept`: the columns that `all columns` means. A column added later stays hidden.\n";
  for (unsigned f = 0; f < p.files.size(); ++f) {
    if (p.files[f].policy != policy_name) continue;
    out += "policy " + written(p.files[f].policy) + " version " + std::to_string(p.files[f].version) + "\n";
    std::vector<catalog::table const*> tables;
    for (auto const& [t, policy] : p.tables)
      if (policy.file == f) tables.push_back(t);
    std::sort(tables.begin(), tables.end(), [](auto const* a, auto const* b) { return a->name < b->name; });
    for (auto const* t : tables) {
      out += "table " + written(t->name) + "\n";
      for (auto const& c : t->columns)
        if (!c.hidden) out += "  " + written(c.name) + "\n";
    }
  }
  return out;
}

void compiler::read_locks() {
  for (file_ = 0; file_ < sources_.size(); ++file_) {
    if (!sources_[file_].has_lock) continue;
    std::string_view rest = sources_[file_].lock;
    std::string table;
    unsigned number = 0;
    bool headed = false;
    while (!rest.empty()) {
      auto const end = std::min(rest.find('\n'), rest.size());
      auto const line = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      if (line.empty() || line.front() == '#') continue;
      if (line.starts_with("policy ")) {
        headed = true;
        continue;
      }
      auto const is_table = line.starts_with("table ");
      auto const name = read_name(is_table ? trimmed(line.substr(6)) : line);
      if (!name || !headed || (!is_table && table.empty())) {
        fault({}, "the lock file is damaged at its line " + std::to_string(number), "restore it from version control, or accept again: grille check --accept");
        break;
      }
      if (is_table) {
        table = lower(*name);
        files_[file_].lock[table];
      } else {
        files_[file_].lock[table].push_back(*name);
      }
    }
  }
}

}  // namespace grille::policy
