#include "session/recorder.hpp"

#include <chrono>
#include <utility>

#include "session/hash.hpp"

namespace grille::pipeline {

namespace {

audit_event event_of(recorder::call const& c, phase when, std::string_view decision) {
  return {.phase = when,
          .id = c.id,
          .principal = c.principal,
          .on_behalf_of = c.on_behalf_of,
          .policy = c.policy,
          .decision = std::string(decision),
          .statement_hash = c.statement_hash,
          .detail = {},
          .at = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
}

}  // namespace

recorder::call recorder::begin(std::string_view principal, std::string_view on_behalf_of, std::string_view policy,
                               std::string_view statement) const {
  if (!active()) return {};
  return {random_id(), std::string(principal), std::string(on_behalf_of), std::string(policy), fingerprint(statement)};
}

outcome<void> recorder::decided(call const& c) const { return active() ? write(event_of(c, phase::decided, "allowed")) : outcome<void>{}; }

outcome<void> recorder::finished(call const& c, std::uint64_t affected) const {
  if (!active()) return {};
  auto e = event_of(c, phase::finished, "done");
  e.affected = affected;
  return write(std::move(e));
}

outcome<void> recorder::acted(std::string_view what, std::string_view policy, std::string detail) const {
  if (!active()) return {};
  auto e = event_of({.id = random_id(), .principal = {}, .on_behalf_of = {}, .policy = std::string(policy), .statement_hash = {}}, phase::decided, what);
  e.detail = std::move(detail);
  return write(std::move(e));
}

refusal recorder::failed(call const& c, phase when, refusal why, std::uint64_t affected) const {
  if (!active()) return why;
  auto e = event_of(c, when, to_string(why.parts.kind));
  e.detail = why.parts.message;
  if (!why.detail.empty()) e.detail += ": " + why.detail;
  e.affected = affected;
  if (auto written = write(std::move(e)); !written) return std::move(written.error());
  why.parts.incident = c.id;
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
