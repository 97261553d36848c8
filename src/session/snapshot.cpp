#include "session/snapshot.hpp"

#include <charconv>
#include <utility>

#include "catalog/catalog.hpp"

namespace grille::pipeline {

std::string lock_of(std::shared_ptr<catalog::catalog const> const& tables) {
  policy::compiled all;
  all.files.push_back({.name = {}, .policy = "opening", .owner = {}, .contact = {}, .version = 0, .expires = {}});
  for (auto const& t : tables->tables()) {
    auto& p = all.tables[&t];
    p.table = &t;
    p.file = 0;
  }
  return policy::lock_text(all, "opening");
}

compiled_files compile(detail::policy_files const& files, std::shared_ptr<catalog::catalog const> const& tables, std::string const& opening_lock) {
  auto sources = files.sources;
  if (!opening_lock.empty())
    for (auto& s : sources)
      if (!s.has_lock) {
        s.lock = opening_lock;
        s.has_lock = true;
      }
  auto done = policy::compile(sources, tables);
  return {.policy = std::move(done.policy), .faults = std::move(done.faults)};
}

outcome<decision> decide(snapshot_ptr under, detail::principal_data const& caller, attributes const& context, timestamp now) {
  bool const known = !caller.id.empty() && (!caller.expires || now < *caller.expires);
  auto who = caller_of(caller, context, *under->policy, known);
  if (!who) return refuse(std::move(who.error()));
  auto access = policy::decide(under->policy, *who, now);
  if (!access) return refuse(std::move(access.error()));
  return decision{.under = std::move(under), .access = *std::move(access), .known = known, .day = std::chrono::floor<std::chrono::days>(now)};
}

refusal to(decision const& d, refusal r) {
  if (d.known || (r.parts.kind != errc::not_found && r.parts.kind != errc::forbidden)) return r;
  auto const what = r.parts.message;
  r.parts = {.kind = errc::unauthenticated, .message = "who calls is not known, or no longer"};
  r.detail = what;
  return r;
}

}  // namespace grille::pipeline
