// A small shop's schema, and policies compiled against it.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/parse.hpp"
#include "introspect/introspect.hpp"
#include "policy/access.hpp"
#include "policy/compile.hpp"

namespace grille::policy::testing {

inline constexpr std::string_view schema = R"(
  create table users (id integer primary key, name text not null, email text, ssn text, protected boolean);
  create table orders (id integer primary key, buyer_id integer, shop_id integer, status text, total numeric, created_at text);
  create table log (at text, what text);
)";

inline constexpr std::string_view people = R"(
  policy shop version 1;
  protects users, orders, log;
  principal has user_id integer, email text optional;
  context has network text optional;
  role buyer from group 'customers';
  role merchant per shop_id integer;
  role clerk includes buyer;
  role chief per shop_id integer includes merchant;
  role auditor;
)";

struct compiled_text {
  std::unique_ptr<base::arena> memory = std::make_unique<base::arena>();
  compilation result;
};

inline introspect::catalog_ptr shop_catalog() {
  static auto const c = introspect::read_sqlite_schema(schema).value();
  return c;
}

/// Each text is a file of its own, named a.grille, b.grille, …; faults of the grammar are faults here too.
inline compiled_text compile_texts(std::vector<std::string> const& texts, std::vector<std::string> const& locks = {}) {
  compiled_text out;
  std::vector<source_file> files;
  std::vector<diagnostic> syntax;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto parsed = grammar::parse_policy(texts[i], dialect::sqlite, *out.memory);
    auto const name = std::string(1, static_cast<char>('a' + i)) + ".grille";
    for (auto const& f : parsed.faults) syntax.push_back({name, base::locate(texts[i], f.at), f.message, f.help, false});
    source_file file{name, texts[i], parsed.file, {}, false};
    if (i < locks.size() && !locks[i].empty()) file.lock = locks[i], file.has_lock = true;
    files.push_back(std::move(file));
  }
  if (!syntax.empty()) {
    out.result.faults = syntax;
    return out;
  }
  out.result = compile(files, shop_catalog());
  return out;
}

inline compiled_text compile_rules(std::string_view rules) { return compile_texts({std::string(people) + std::string(rules)}); }

inline timestamp at(int year, unsigned month, unsigned day_of_month) {
  return std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day_of_month}};
}

}  // namespace grille::policy::testing
