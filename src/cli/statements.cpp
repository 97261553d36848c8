// `grille query`, `rewrite` and `explain`: one statement, or one a line, for one caller.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/answer.hpp"
#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/json_lines.hpp"
#include "cli/report.hpp"
#include "cli/source.hpp"
#include "cli/text.hpp"
#include "grille/audit_file.hpp"
#include "grille/database.hpp"
#include "grille/sqlite.hpp"

namespace grille::cli {

namespace {

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// What PostgreSQL writes there, where the value alone does not tell.
value as_declared(value v, std::string_view type) {
  if (auto const* t = std::get_if<timestamp>(&v.data()); t != nullptr && type.ends_with("with time zone")) return to_text(v) + "+00";
  auto const* d = std::get_if<double>(&v.data());
  if (d == nullptr || type != "real" || !std::isfinite(*d)) return v;
  return numeric{fmt::format("{}", static_cast<float>(*d))};
}

answer run(database const& db, dialect which, principal const& caller, std::string_view sql, std::vector<arg> const& args) {
  auto session = db.session(caller);
  auto const rows = session.query(sql, args);
  answer out;
  out.affected = rows.affected();
  for (auto const& c : rows.columns()) out.columns.push_back(c.name);
  for (auto const& r : rows) {
    auto& line = out.rows.emplace_back();
    for (std::size_t i = 0; i < r.size(); ++i) line.push_back(which == dialect::postgresql ? as_declared(r[i].get(), rows.columns()[i].type) : r[i].get());
  }
  return out;
}

/// The members of one request of `--jsonl`: `sql`, and what stands in place of the command line's.
struct request {
  std::string sql;
  std::vector<arg> parameters;
  std::optional<principal> caller;

  explicit request(nlohmann::json const& object) {
    auto const text = object.find("sql");
    if (text == object.end() || !text->is_string()) grille::raise({.kind = errc::usage, .message = "the member `sql` is not there, or no text"});
    sql = text->get<std::string>();
    if (auto const params = object.find("params"); params != object.end() && !params->is_null()) {
      if (params->is_array())
        for (auto const& v : *params) parameters.emplace_back(value_of(v));
      else if (params->is_object())
        for (auto const& [name, v] : params->items()) parameters.emplace_back(name, value_of(v));
      else
        grille::raise({.kind = errc::usage, .message = "the member `params` is no array"});
    }
    if (auto const who = object.find("principal"); who != object.end()) caller = who->is_null() ? principal::anonymous() : principal::from_json(who->dump());
  }
};

/// What statements are rewritten for: a database, or what stands for one.
struct data {
  sqlite_handle standing;  // a database in memory, where only its definitions are given
  database at;
  dialect which;
};
data data_of(statement_options const& o, options how) {
  how.pooled = o.pooled;
  auto const& s = o.source;
  if (auto file = catalog_file(s)) return {nullptr, database(*file, policies_of(o.policies, file->which()), std::move(how)), file->which()};
  auto const which = dialect_of(s);
  auto policies = policies_of(o.policies, which);
  if (!s.db.empty()) return {nullptr, open(s, std::move(policies), std::move(how)), which};
  auto standing = database_of(s.schema);
  database at = sqlite::database(standing.get(), std::move(policies), std::move(how));
  return {std::move(standing), std::move(at), which};
}

std::string parameters_text(std::vector<value> const& values, dialect d) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) out += fmt::format("-- {}{} = {}\n", d == dialect::sqlite ? '?' : '$', i + 1, to_json(values[i]));
  return out;
}

}  // namespace

int query(statement_options const& o) {
  options how;
  how.pooled = o.pooled;
  if (!o.audit.empty()) how.audit = std::make_shared<file_audit>(o.audit, file_audit_options{.key = o.audit_key});
  auto const which = dialect_of(o.source);
  auto const db = open(o.source, policies_of(o.policies, which), std::move(how));
  auto const caller = principal_of(o.principal);
  auto const given = parameters_of(o.parameters);
  if (o.json_lines) {
    if (!o.sql.empty()) grille::raise({.kind = errc::usage, .message = "with --jsonl the statements are read from standard input, none is taken beside"});
    answer_lines(stdin, stdout, [&](nlohmann::json const& object) {
      request const r(object);
      return to_json(run(db, which, r.caller.value_or(caller), r.sql, object.contains("params") ? r.parameters : given));
    });
    return 0;
  }
  auto const got = run(db, which, caller, statement_of(o.sql), given);
  bool const has_rows = !got.columns.empty();
  if (o.json)
    put(to_json(got) + "\n");
  else if (has_rows)
    put(o.csv ? to_csv(got) : to_table(got));
  if (o.json || o.csv || isatty(STDERR_FILENO) == 0) return 0;
  if (has_rows)
    note(fmt::format("{} row{}", got.rows.size(), got.rows.size() == 1 ? "" : "s"));
  else
    note(fmt::format("{} row{} written", got.affected, got.affected == 1 ? "" : "s"));
  return 0;
}

int rewrite(statement_options const& o) {
  auto const of = data_of(o, {});
  auto const out = of.at.rewrite(principal_of(o.principal), statement_of(o.sql), parameters_of(o.parameters));
  if (o.json) put(fmt::format("{{\"ok\": true, \"sql\": {}, \"parameters\": {}}}\n", json_text(out.sql), to_json(out.parameters)));
  else put(out.sql + "\n" + parameters_text(out.parameters, of.which));
  return 0;
}

int explain(statement_options const& o) {
  auto const of = data_of(o, {.explain = true});
  auto const out = of.at.explain(principal_of(o.principal), statement_of(o.sql), parameters_of(o.parameters));
  put(o.json ? out.json : out.text);
  put("\n");
  return 0;
}

}  // namespace grille::cli
