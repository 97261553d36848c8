// What each word after `grille` does. Enters: options as read. Leaves: results on standard output; errors are thrown.
#pragma once
#include <string>
#include <vector>

namespace grille::cli {

/// A database, or the file that stands for one.
struct source {
  std::string db;      // sqlite:PATH; empty if none
  std::string schema;  // a file of definitions, or a catalogue; empty if none
};
struct statement_options {
  cli::source source;
  std::vector<std::string> policies;  // files and folders
  std::string principal;              // JSON; empty: nobody
  std::vector<std::string> parameters;
  std::string sql;                    // empty: read it from standard input
  bool csv{}, json{}, json_lines{};
  std::string audit, audit_key;       // files; empty: nothing is recorded, nothing is signed
  bool pooled{};                      // PostgreSQL: behind a proxy
};
struct format_options {
  std::string dialect;
  std::string sql;  // empty: read it from standard input
  bool json_lines{};
};
struct policy_options {
  cli::source source;
  std::vector<std::string> policies;
  bool accept{};
};
struct export_options {
  cli::source source;
  std::vector<std::string> policies;
};

struct keygen_options {
  std::string name;
};
struct verify_options {
  std::vector<std::string> files, keys;
  std::string head;  // NUMBER:HASH; empty: none is expected
  bool closed{};
};

/// The exit code of a trail that is not as it was written.
inline constexpr int broken_trail = 5;

// Each returns the exit code.
int query(statement_options const& o);
int rewrite(statement_options const& o);
int explain(statement_options const& o);
int format(format_options const& o);
int check(policy_options const& o);
int test(policy_options const& o);
int init(cli::source const& o);
int export_postgres_rls(export_options const& o);
int export_catalog(export_options const& o);
int audit_keygen(keygen_options const& o);
int audit_verify(verify_options const& o);

}  // namespace grille::cli
