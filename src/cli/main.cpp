// The command `grille`: reads its options, runs one command, turns what is thrown into a message and an exit code.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>

#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "grille/error.hpp"

namespace {

using namespace grille::cli;  // NOLINT(google-build-using-namespace): this file is its face

constexpr auto* about =
    "Runs SQL under a policy that decides, row by row and cell by cell, what a caller may see.\n"
    "What is not granted does not exist; what is not fully understood is refused.";
constexpr auto* epilogue =
    "Exit codes: 0 ok; 1 wrong use; 2 syntax, unsupported, ambiguous, type, limit, policy error;\n"
    "            3 unauthenticated, forbidden, not found, check failed, conflict; 4 database unavailable or failing;\n"
    "            5 an audit trail that is not as it was written.\n"
    "Results go to standard output, everything else to standard error.";

CLI::Option* add_db(CLI::App& app, source& s) { return app.add_option("--db", s.db, "the database: sqlite:PATH, postgresql://… or 'host=… dbname=…'")->type_name("URL"); }
CLI::Option* add_schema(CLI::App& app, source& s) {
  return app.add_option("--schema", s.schema, "a file of SQL definitions, a dump, or a catalogue of `grille export`, in place of a database")->type_name("FILE");
}

void add_statement(CLI::App& app, statement_options& o) {
  app.add_flag("--pooled", o.pooled, "PostgreSQL is reached through a proxy that gives each transaction another connection (PgBouncer)");
  app.add_option("--policy", o.policies, "policy files, and folders of *.grille")->type_name("PATH")->required();
  app.add_option("--principal", o.principal, R"(who calls: {"id": "b-17", "user_id": 17, "groups": ["customers"]}; left out: nobody)")->type_name("JSON");
  app.add_option("--param", o.parameters, "a value, once for each parameter: JSON if it reads as such, else text; :name=VALUE by name")
      ->type_name("VALUE")
      ->allow_extra_args(false);
  app.add_option("SQL", o.sql, "the statement; left out: read from standard input");
}

/// `--policy PATH... SQL`: CLI11 takes the statement for one more path.
void give_back_statement(statement_options& o) {
  if (!o.sql.empty() || o.policies.size() < 2) return;
  auto const& last = o.policies.back();
  std::error_code unknown;
  if (last.find_first_of(" \t\n") == std::string::npos || std::filesystem::exists(last, unknown)) return;
  o.sql = last;
  o.policies.pop_back();
}

void add_query(CLI::App& app, std::function<int()>& chosen) {
  auto* sub = app.add_subcommand("query", "run one statement, or one a line, as a caller");
  auto o = std::make_shared<statement_options>();
  add_db(*sub, o->source)->required();
  add_statement(*sub, *o);
  auto* csv = sub->add_flag("--csv", o->csv, "print CSV (RFC 4180; NULL is empty, an empty text is \"\")");
  auto* json = sub->add_flag("--json", o->json, "print one JSON object, as --jsonl answers");
  sub->add_flag("--jsonl", o->json_lines,
                R"(read {"sql": …, "params": […], "principal": {…}} a line from standard input, answer each with one line)")
      ->excludes(csv)
      ->excludes(json);
  csv->excludes(json);
  auto* audit = sub->add_option("--audit", o->audit, "append what is decided and done to an audit trail")->type_name("FILE");
  sub->add_option("--audit-key", o->audit_key, "sign the trail with this key of `grille audit keygen`")->type_name("FILE")->needs(audit);
  sub->footer(R"(Example: grille query --db sqlite:shop.db --policy shop.grille --principal '{"id": "b-17", "user_id": 17}' 'select * from orders')");
  sub->callback([o, &chosen] {
    give_back_statement(*o);
    chosen = [o] { return query(*o); };
  });
}

void add_rewrite(CLI::App& app, std::function<int()>& chosen, char const* word, char const* what, int (*run)(statement_options const&)) {
  auto* sub = app.add_subcommand(word, what);
  auto o = std::make_shared<statement_options>();
  auto* db = add_db(*sub, o->source);
  db->excludes(add_schema(*sub, o->source));
  add_statement(*sub, *o);
  sub->add_flag("--json", o->json, "print one JSON object");
  sub->callback([o, run, &chosen] {
    if (o->source.db.empty() && o->source.schema.empty()) throw CLI::RequiredError("--db or --schema");
    give_back_statement(*o);
    chosen = [o, run] { return run(*o); };
  });
}

void add_format(CLI::App& app, std::function<int()>& chosen) {
  auto* sub = app.add_subcommand("format", "print a statement in its canonical form; needs neither database nor policy");
  auto o = std::make_shared<format_options>();
  sub->add_option("--dialect", o->dialect, "sqlite or postgresql")->type_name("NAME")->required()->check(CLI::IsMember({"sqlite", "postgresql"}));
  sub->add_flag("--jsonl", o->json_lines, R"(read {"sql": …} a line from standard input, answer each with one line)");
  sub->add_option("SQL", o->sql, "the statement; left out: read from standard input");
  sub->callback([o, &chosen] { chosen = [o] { return format(*o); }; });
}

void add_policies(CLI::App& app, std::function<int()>& chosen) {
  auto const common = [](CLI::App& sub, policy_options& o) {
    sub.add_option("PATH", o.policies, "policy files, and folders of *.grille")->required();
    add_db(sub, o.source)->excludes(add_schema(sub, o.source));
    sub.footer("Without --db and --schema, the file NAME.sql beside each NAME.grille is taken for the schema.");
  };
  {
    auto* sub = app.add_subcommand("check", "compile policies, and remark on what is suspicious in them");
    auto o = std::make_shared<policy_options>();
    common(*sub, *o);
    sub->add_flag("--accept", o->accept, "write NAME.grille.lock: the columns that `all columns` means from now on");
    sub->callback([o, &chosen] { chosen = [o] { return check(*o); }; });
  }
  {
    auto* sub = app.add_subcommand("test", "run the policies' own examples (given, caller, expect)");
    auto o = std::make_shared<policy_options>();
    common(*sub, *o);
    sub->callback([o, &chosen] { chosen = [o] { return test(*o); }; });
  }
}

void add_init(CLI::App& app, std::function<int()>& chosen) {
  auto* sub = app.add_subcommand("init", "print a policy that protects all of a database and grants nothing");
  auto o = std::make_shared<source>();
  add_db(*sub, *o)->excludes(add_schema(*sub, *o));
  sub->callback([o, &chosen] {
    if (o->db.empty() && o->schema.empty()) throw CLI::RequiredError("--db or --schema");
    chosen = [o] { return init(*o); };
  });
}

void add_export(CLI::App& app, std::function<int()>& chosen) {
  auto* sub = app.add_subcommand("export", "print a database's catalogue, or what a policy means to PostgreSQL itself");
  auto o = std::make_shared<export_options>();
  auto native = std::make_shared<bool>(), tables = std::make_shared<bool>();
  auto* as_catalog = sub->add_flag("--catalog", *tables, "tables, columns, keys and types as JSON: what --schema takes in place of the database");
  sub->add_flag("--postgres-rls", *native, "row-level security and column grants, as one SQL script")->excludes(as_catalog);
  sub->add_option("PATH", o->policies, "policy files, and folders of *.grille")->excludes(as_catalog);
  add_db(*sub, o->source)->excludes(add_schema(*sub, o->source));
  sub->footer("What has no native form is left out, so denied, and told on standard error. The script's head says how to use it.");
  sub->callback([o, native, tables, &chosen] {
    if (!*native && !*tables) throw CLI::RequiredError("--catalog or --postgres-rls");
    if (*native && o->policies.empty()) throw CLI::RequiredError("PATH");
    if (o->source.db.empty() && o->source.schema.empty()) throw CLI::RequiredError("--db or --schema");
    chosen = [o, make = *native ? &export_postgres_rls : &export_catalog] { return make(*o); };
  });
}

void add_audit(CLI::App& app, std::function<int()>& chosen) {
  auto* audit = app.add_subcommand("audit", "make keys for audit trails, and find out whether a trail is as it was written");
  audit->require_subcommand(1);
  {
    auto* sub = audit->add_subcommand("keygen", "make NAME.key, which signs, and NAME.pub, which tells whether a signature is good");
    auto o = std::make_shared<keygen_options>();
    sub->add_option("NAME", o->name, "of the files, which must not be there")->required();
    sub->callback([o, &chosen] { chosen = [o] { return audit_keygen(*o); }; });
  }
  {
    auto* sub = audit->add_subcommand("verify", "say whether a trail is as it was written, or the first line that is not");
    auto o = std::make_shared<verify_options>();
    sub->add_option("FILE", o->files, "all files of one trail, in any order")->required();
    sub->add_option("--key", o->keys, "a public key: no other may have signed; may be given several times")->type_name("PUB")->allow_extra_args(false);
    sub->add_option("--expect-head", o->head, "a record that must be there, as an earlier run printed its last")->type_name("NUMBER:HASH");
    sub->add_flag("--closed", o->closed, "the trail must end with the head of a closing");
    sub->footer("Exit code 5 if it is not as it was written.");
    sub->callback([o, &chosen] { chosen = [o] { return audit_verify(*o); }; });
  }
}

/// What could not be written was not answered.
int told(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  note("standard output cannot be written to");
  return code == 0 ? exit_code(grille::errc::unavailable) : code;
}

/// Where one of the three was closed, what is opened next would take its number, and be written to. What is held here cannot be.
void hold_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (fcntl(fd, F_GETFD) == -1) static_cast<void>(open("/dev/null", O_RDONLY));
}

int run(int argc, char** argv) {
  CLI::App app(about, "grille");
  app.footer(epilogue);
  app.require_subcommand(1);
  app.set_version_flag("--version", "grille " GRILLE_VERSION);
  std::function<int()> chosen;
  add_query(app, chosen);
  add_rewrite(app, chosen, "rewrite", "print the SQL that would be sent, and its parameters", rewrite);
  add_rewrite(app, chosen, "explain", "print the SQL that would be sent, and which sentences of the policy made it so", explain);
  add_format(app, chosen);
  add_policies(app, chosen);
  add_init(app, chosen);
  add_export(app, chosen);
  add_audit(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    bool const asked = app.exit(e) == 0;  // --help, --version; else the message went to standard error
    return asked ? told(0) : exit_code(grille::errc::usage);
  }
  return told(chosen());
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_streams();
  try {
    return run(argc, argv);
  } catch (grille::error const& e) {
    report(e);
    return exit_code(e);
  } catch (std::exception const& e) {
    note(std::string("grille: ") + e.what());
    return exit_code(grille::errc::backend);
  }
}
