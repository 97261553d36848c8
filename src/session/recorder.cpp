#include "session/recorder.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "audit/digest.hpp"
#include "session/database_state.hpp"
#include "session/explain.hpp"
#include "session/hash.hpp"

namespace grille::pipeline {

namespace {

audit_event event_of(recorder::facts const& c, phase when, std::string_view decision) {
  audit_event e;
  e.phase = when;
  e.id = c.id;
  e.transaction = c.transaction;
  e.principal = c.principal;
  e.on_behalf_of = c.on_behalf_of;
  e.policy = c.policy;
  e.policy_version = c.policy_version;
  e.decision = decision;
  e.statement_hash = c.statement_hash;
  e.rewritten_hash = c.rewritten_hash;
  e.at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  return e;
}

}  // namespace

recorder::entry recorder::begin(std::string_view principal, std::string_view on_behalf_of, std::string_view statement) const {
  if (!active()) return {};
  return std::make_unique<facts>(
      facts{.id = random_id(), .principal = std::string(principal), .on_behalf_of = std::string(on_behalf_of), .statement_hash = audit::digest(statement)});
}

void recorder::under(entry& c, policy::compiled const& p) const {
  if (!active()) return;
  c->policy = p.fingerprint;
  auto& version = c->policy_version;
  version.clear();
  for (auto const& f : p.files) version += fmt::format("{}{} {}", version.empty() ? "" : ", ", f.policy, f.version);
}

outcome<void> recorder::decided(entry& c, call const& what, std::string_view decision) const {
  if (!active()) return {};
  c->rewritten_hash = audit::digest(sql_of(what));
  auto e = event_of(*c, phase::decided, decision);
  e.grants = what.statement->grants;
  e.accesses = what.statement->accesses;
  return write(std::move(e));
}

outcome<void> recorder::finished(entry const& c, std::uint64_t affected) const {
  if (!active()) return {};
  auto e = event_of(*c, phase::finished, "done");
  e.affected = affected;
  return write(std::move(e));
}

void recorder::ended(entry const& c, std::string_view how) const noexcept {
  if (active()) static_cast<void>(write(event_of(*c, phase::ended, how)));
}

outcome<void> recorder::acted(std::string_view what, policy::compiled const& under, std::string detail) const {
  if (!active()) return {};
  auto c = std::make_unique<facts>(facts{.id = random_id(), .principal = {}, .on_behalf_of = {}});
  this->under(c, under);
  auto e = event_of(*c, phase::decided, what);
  e.detail = std::move(detail);
  return write(std::move(e));
}

refusal recorder::failed(entry const& c, phase when, refusal why, std::uint64_t affected) const {
  if (!active()) return why;
  auto e = event_of(*c, when, to_string(why.parts.kind));
  e.sqlstate = why.parts.sqlstate;
  e.detail = why.parts.message;
  if (!why.detail.empty()) e.detail += ": " + why.detail;
  e.affected = affected;
  if (auto written = write(std::move(e)); !written) return std::move(written.error());
  why.parts.incident = c->id;
  return why;
}

outcome<void> recorder::write(audit_event e) const {
  try {
    sink_->write(e);
  } catch (...) {  // whatever a sink throws, it is not the caller's to see
    if (required_) return refuse({.parts = {.kind = errc::unavailable, .message = "the audit is not available", .retryable = true}});
  }
  return {};
}

}  // namespace grille::pipeline
