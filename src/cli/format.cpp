// `grille format`: a statement to its canonical form, with neither database nor policy.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/json_lines.hpp"
#include "cli/report.hpp"
#include "cli/source.hpp"
#include "grammar/parse.hpp"
#include "print/print.hpp"

namespace grille::cli {

namespace {

std::string formatted(std::string_view sql, dialect d) {
  base::arena memory;
  auto const tree = grammar::parse_statement(sql, d, memory);
  if (!tree) raise(tree.error(), sql);
  return print::print(**tree, d);
}

}  // namespace

int format(format_options const& o) {
  auto const d = o.dialect == "postgresql" ? dialect::postgresql : dialect::sqlite;
  if (!o.json_lines) {
    std::puts(formatted(statement_of(o.sql), d).c_str());
    return 0;
  }
  if (!o.sql.empty()) grille::raise({.kind = errc::usage, .message = "with --jsonl the statements are read from standard input, none is taken beside"});
  answer_lines(stdin, stdout, [d](nlohmann::json const& request) {
    auto const sql = request.find("sql");
    if (sql == request.end() || !sql->is_string()) grille::raise({.kind = errc::usage, .message = "the member `sql` is not there, or no text"});
    return R"({"ok": true, "sql": )" + json_text(formatted(sql->get_ref<std::string const&>(), d)) + "}";
  });
  return 0;
}

}  // namespace grille::cli
