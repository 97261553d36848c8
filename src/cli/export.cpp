// `grille export`: a policy in a form that others enforce, or a catalogue as what stands for a database.
#include <fmt/format.h>

#include <cstdio>

#include "base/glyph.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/source.hpp"
#include "govern/row_security.hpp"
#include "introspect/introspect.hpp"
#include "policy/compile.hpp"
#include "session/policy_files.hpp"

namespace grille::cli {

int export_postgres_rls(export_options const& o) {
  auto const tables = catalog_of(o.source, o.policies);
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

int export_catalog(export_options const& o) {
  auto const text = introspect::write_catalog(*catalog_of(o.source, {}));
  if (!text) raise(text.error(), {});
  fmt::print("{}", *text);
  return 0;
}

}  // namespace grille::cli
