// `grille check` and `grille test`: policy files against a catalogue.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/glyph.hpp"
#include "cli/commands.hpp"
#include "cli/report.hpp"
#include "cli/source.hpp"
#include "govern/lint.hpp"
#include "govern/run_examples.hpp"
#include "policy/compile.hpp"
#include "session/policy_files.hpp"

namespace grille::cli {

namespace fs = std::filesystem;

namespace {

using catalog_ptr = std::shared_ptr<catalog::catalog const>;

std::shared_ptr<policy::compiled const> compiled(policy_set const& set, catalog_ptr const& tables) {
  auto made = policy::compile(set.files()->sources, tables);
  if (made.policy == nullptr) throw policy_error(std::move(made.faults));
  return made.policy;
}

/// Whole or not at all: a lock file that is cut off would hide columns.
void write_file(fs::path const& file, std::string const& text) {
  auto fresh = file;
  fresh += ".new";
  {
    std::ofstream out(fresh, std::ios::binary);
    out << text;
    if (!out.flush()) grille::raise({.kind = errc::usage, .message = "cannot write " + fresh.string()});
  }
  fs::rename(fresh, file);
}

void accept(policy_set const& set, policy::compiled const& policy) {
  auto const& sources = set.files()->sources;
  for (std::size_t i = 0; i < sources.size() && i < policy.files.size(); ++i) {
    auto const lock = sources[i].name + ".lock";
    write_file(lock, policy::lock_text(policy, policy.files[i].policy));
    note("wrote " + lock);
  }
}

govern::example_run run_on(source const& s, policy_set const& set, catalog_ptr const& tables) {
  if (tables->which() == dialect::sqlite) return govern::run_examples(set, *tables);
  if (s.db.empty())
    grille::raise({.kind = errc::usage, .message = "examples of PostgreSQL's run on a server", .help = "name it by --db: they leave nothing on it"});
#ifdef GRILLE_POSTGRES
  return govern::run_examples(set, s.db);
#else
  grille::raise({.kind = errc::unsupported, .message = "this is a build without PostgreSQL"});
#endif
}

}  // namespace

int check(policy_options const& o) {
  auto const tables = catalog_of(o.source, o.policies);
  auto set = policies_of(o.policies, tables->which());
  auto policy = compiled(set, tables);
  if (o.accept) {
    accept(set, *policy);
    set = policies_of(o.policies, tables->which());
    policy = compiled(set, tables);
  }
  auto const today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  auto const found = govern::lint(*policy, set.files()->sources, today);
  for (auto const& d : found) report(d, stdout);
  note(fmt::format("{} polic{}, {} warning{}", policy->files.size(), policy->files.size() == 1 ? "y" : "ies", found.size(), found.size() == 1 ? "" : "s"));
  return 0;
}

int test(policy_options const& o) {
  auto const tables = catalog_of(o.source, o.policies);
  auto const set = policies_of(o.policies, tables->which());
  (void)compiled(set, tables);
  auto const run = run_on(o.source, set, tables);
  using outcome = govern::example::outcome;
  for (auto const& e : run.examples) {
    auto const* const word = e.which == outcome::holds ? "holds      " : e.which == outcome::fails ? "FAILS      " : "not checked";
    fmt::print("{}  {}:{}  {}\n", word, base::printable(e.file), e.line, base::printable(e.text));
    if (e.which != outcome::holds) fmt::print("             because {}\n", base::printable(e.reason));
  }
  auto const failed = run.count(outcome::fails);
  auto const unchecked = run.count(outcome::not_checked);
  fmt::print("{} hold, {} fail", run.count(outcome::holds), failed);
  if (unchecked > 0) fmt::print(", {} not checked yet", unchecked);
  fmt::print("\n");
  if (run.examples.empty()) note("the policy has no `expect` sentences");
  return failed == 0 ? 0 : exit_code(errc::syntax);
}

}  // namespace grille::cli
