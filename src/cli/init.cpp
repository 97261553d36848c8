// `grille init`: a policy that protects all that is in a database and grants nothing of it, to begin from.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "ast/tree.hpp"
#include "base/glyph.hpp"
#include "cli/commands.hpp"
#include "cli/source.hpp"
#include "print/print.hpp"

namespace grille::cli {

namespace {

/// A name as a sentence says it: quoted where it has to be.
std::string name(std::string_view text, dialect d) {
  ast::identifier const word{.text = text};
  return print::print(ast::expr{.node = ast::column_ref{.path = {&word, 1}}}, d);
}

/// With its schema where it would not be found without.
std::string name(catalog::table const& t, catalog::catalog const& in) {
  auto const own = name(t.name, in.which());
  return in.find({}, t.name) == &t ? own : name(t.schema, in.which()) + "." + own;
}
std::string heading(catalog::table const& t, catalog::catalog const& in) { return in.find({}, t.name) == &t ? t.name : t.schema + "." + t.name; }

/// Names come from the database: none of them ends the comment that it stands in.
std::string comment(std::string_view text) {
  auto out = base::printable(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

std::string policy_name(source const& s) {
  auto const stem = name_of(s);
  std::string out;
  for (unsigned char const c : stem) out += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '_';
  return out.empty() || std::isdigit(static_cast<unsigned char>(out.front())) != 0 ? "policy_" + out : out;
}

std::string in_a_year() {
  auto const today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return fmt::format("{:%F}", fmt::gmtime(std::chrono::system_clock::to_time_t(today + std::chrono::days{365})));
}

std::string_view kind(catalog::relation_kind k) {
  switch (k) {
    case catalog::relation_kind::table: return "";
    case catalog::relation_kind::view: return " (a view)";
    case catalog::relation_kind::virtual_table: return " (a virtual table)";
    case catalog::relation_kind::materialized_view: return " (a materialized view)";
    case catalog::relation_kind::foreign_table: return " (a foreign table)";
  }
  return "";
}

std::string section(catalog::table const& t, catalog::catalog const& in) {
  std::string columns, shown;
  for (auto const& c : t.columns) {
    if (c.hidden) continue;
    columns += (columns.empty() ? "" : ", ") + c.name + (c.declared_type.empty() ? "" : " " + c.declared_type);
    shown += (shown.empty() ? "" : ", ") + name(c.name, in.which());
  }
  auto const subject = name(t, in);
  return fmt::format("\n-- {}{}: {}\n-- allow customer to select ({}) on {} where …;\n", comment(heading(t, in)), kind(t.kind), comment(columns), comment(shown), comment(subject));
}

}  // namespace

int init(source const& s) {
  auto const tables = catalog_of(s, {});
  auto const policy = policy_name(s);
  std::string protects, sections;
  for (auto const& t : tables->tables()) {
    if (t.partition) continue;  // the rules of the whole are its own
    protects += (protects.empty() ? "" : ",\n         ") + name(t, *tables);
    sections += section(t, *tables);
  }
  fmt::print(
      "-- Who may see and change the data of {0}. What is not written here is refused, and nothing is granted yet.\n"
      "-- Take the two dashes from a sentence, or write your own, for what somebody may see. Then: grille check {0}.grille\n"
      "\n"
      "policy {0} version 1;\n"
      "owner 'who answers for this data' contact 'how to reach them';\n"
      "expires after '{1}';\n"
      "\n"
      "section 'Who calls';\n"
      "\n"
      "principal has user_id integer optional;\n"
      "-- role customer from group 'customers';\n"
      "\n"
      "section 'What is protected';\n",
      policy, in_a_year());
  if (!protects.empty()) fmt::print("\nprotects {};\n{}", protects, sections);
  return 0;
}

}  // namespace grille::cli
