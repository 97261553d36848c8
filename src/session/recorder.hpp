// Events to the audit sink. Enters: what was decided and what came of it. Leaves: `unavailable` where an event cannot be recorded
// and must be. Without a sink nothing is recorded and nothing costs anything. Any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "grille/audit.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

class recorder {
 public:
  recorder(std::shared_ptr<audit_sink> sink, bool required) : sink_(std::move(sink)), required_(required) {}

  /// What the events of one call have in common. Empty without a sink.
  struct call {
    std::string id, principal, on_behalf_of, policy, statement_hash;
  };
  bool active() const noexcept { return sink_ != nullptr; }
  call begin(std::string_view principal, std::string_view on_behalf_of, std::string_view policy, std::string_view statement) const;
  outcome<void> decided(call const& c) const;
  outcome<void> finished(call const& c, std::uint64_t affected) const;
  /// An operator's act: a reload, a migration.
  outcome<void> acted(std::string_view what, std::string_view policy, std::string detail) const;
  /// Records why the call fails, and gives the error the number under which it is recorded.
  refusal failed(call const& c, phase when, refusal why, std::uint64_t affected = 0) const;

 private:
  outcome<void> write(audit_event e) const;

  std::shared_ptr<audit_sink> sink_;
  bool required_;
};

}  // namespace grille::pipeline
