// Events to the audit sink. Enters: what was decided and what came of it. Leaves: `unavailable` where an event cannot be recorded
// and must be. Without a sink nothing is recorded and nothing costs anything. Any thread.
// Guaranteed: values of the caller's, data and what the database says are in no member of an event but its detail.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "grille/audit.hpp"
#include "policy/compiled.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

struct call;

class recorder {
 public:
  recorder(std::shared_ptr<audit_sink> sink, bool required) : sink_(std::move(sink)), required_(required) {}

  struct facts {
    std::string id, principal, on_behalf_of;
    std::string transaction{}, policy{}, policy_version{}, statement_hash{}, rewritten_hash{};
  };
  /// What the events of one call have in common. Null without a sink, and never else.
  using entry = std::unique_ptr<facts>;
  bool active() const noexcept { return sink_ != nullptr; }
  entry begin(std::string_view principal, std::string_view on_behalf_of, std::string_view statement) const;
  /// By which policy it is decided.
  void under(entry& c, policy::compiled const& p) const;
  /// `c` gets the fingerprint of what is sent. `decision`: that it is to run, or what else becomes of it.
  outcome<void> decided(entry& c, pipeline::call const& what, std::string_view decision = "allowed") const;
  outcome<void> finished(entry const& c, std::uint64_t affected) const;
  /// What became of what was written. It is done, so where this cannot be recorded nobody is told that it failed.
  void ended(entry const& c, std::string_view how) const noexcept;
  /// An operator's act: a reload, a migration.
  outcome<void> acted(std::string_view what, policy::compiled const& under, std::string detail) const;
  /// Records why the call fails, and gives the error the number under which it is recorded.
  refusal failed(entry const& c, phase when, refusal why, std::uint64_t affected = 0) const;

 private:
  outcome<void> write(audit_event e) const;

  std::shared_ptr<audit_sink> sink_;
  bool required_;
};

}  // namespace grille::pipeline
