/// @file
/// Who asked what, and what came of it.
#pragma once
#include <cstdint>
#include <string>

#include "grille/value.hpp"

namespace grille {

/// A statement that is let through makes two events of one id; one that is refused makes only `decided`.
enum class phase {
  decided,  ///< before anything is sent to the database
  finished  ///< with the outcome, and the rows that went to the caller, or were written
};

struct audit_event {
  grille::phase phase{};
  std::string id;              ///< joins the two; what an error shows as its `incident()`
  std::string principal;       ///< empty for nobody
  std::string on_behalf_of;
  std::string policy;          ///< fingerprint of the policy that decided
  std::string decision;        ///< "allowed", "done", or the kind of the error; "reload", "unguarded" for what an operator did
  std::string statement_hash;  ///< xxh128 of the caller's text, hexadecimal
  std::string detail;          ///< of an error: the full text, with the SQL that was sent; never for the caller
  timestamp at{};
  std::uint64_t affected{};    ///< finished: rows that went to the caller; of a write, rows that were written
};

/// Where events go. Called from any thread, several at a time: an implementation locks. If it throws, and `options::audit_required`
/// is set, the statement fails with `unavailable` and nothing of it is handed out.
class audit_sink {
 public:
  virtual ~audit_sink() = default;
  virtual void write(audit_event const& e) = 0;
};

}  // namespace grille
