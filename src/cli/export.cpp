// `grille export`: a policy in a form that others enforce.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/glyph.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/source.hpp"
#include "govern/row_security.hpp"
#include "introspect/introspect.hpp"
#include "policy/compile.hpp"
#include "session/policy_files.hpp"

namespace grille::cli {

namespace {

/// A file of definitions is SQLite's; a catalogue says itself whose it is.
std::shared_ptr<catalog::catalog const> tables_of(export_options const& o) {
  if (!o.source.db.empty()) return catalog_of(o.source, o.policies);
  auto read = introspect::read_catalog(read_file(o.source.schema));
  if (!read) raise(read.error(), {});
  return *read;
}

}  // namespace

int export_postgres_rls(export_options const& o) {
  auto const tables = tables_of(o);
  if (tables->which() != dialect::postgresql)
    grille::raise({.kind = errc::unsupported,
                   .message = "row-level security is PostgreSQL's",
                   .help = "name a PostgreSQL database: postgresql://… or 'host=… dbname=…'"});
  auto const set = policies_of(o.policies, dialect::postgresql);
  auto made = policy::compile(set.files()->sources, tables);
  if (made.policy == nullptr) throw policy_error(std::move(made.faults));
  auto const exported = govern::export_row_security(*made.policy);
  if (!exported) raise(exported.error(), {});
  for (auto const& l : exported->without)
    note(fmt::format("{}:{}: left out: {}", base::printable(l.file), l.line, base::printable(l.reason)));
  fmt::print("{}", exported->script);
  return 0;
}

}  // namespace grille::cli
