/// @file
/// Who asked what, and what came of it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grille/dialect.hpp"
#include "grille/value.hpp"

namespace grille {

/// A statement that is let through makes `decided` and `finished`, of one id; one that is refused makes only `decided`. What was written
/// stays to be kept or undone, and which of the two is told by `ended`.
enum class phase {
  decided,   ///< before anything is sent to the database
  finished,  ///< with the outcome, and the rows that went to the caller, or were written; of a write, before its commit. Where the commit
             ///< fails then, a second one says so: the last of an id holds
  ended      ///< of a transaction in which something was written, or of a write outside of one, after the database has answered
};
/// `"decided"`, `"finished"`, `"ended"`.
std::string_view to_string(phase p) noexcept;

/// What a statement does to one table, in the caller's own terms: what the policy's sentences read besides is not in it.
struct audit_access {
  std::string table;  ///< with its schema
  grille::method method{};
  std::vector<std::string> columns;  ///< in the order of the table; none: rows are counted, inserted with defaults, or deleted
  friend bool operator==(audit_access const&, audit_access const&) = default;
};

/// No member but `detail` has values of the caller's, data, or what the database says.
struct audit_event {
  grille::phase phase{};
  std::string id;              ///< joins them; what an error shows as its `incident()`
  std::string transaction;     ///< of the session's that it is in: the `id` of its `ended`. Of one inside of another, the other's is a
                               ///< prefix, up to a dot. "application": of one that Grille did not begin, and does not see the end of
  std::string principal;       ///< empty for nobody
  std::string on_behalf_of;
  std::string policy;          ///< fingerprint of the policy that decided
  std::string policy_version;  ///< its name and version, as its file says them; of several, with commas
  std::string decision;        ///< "allowed", "rewritten" (to be run by others), "done", "committed", "rolled back", or the kind of the
                               ///< error; "reload", "reload refused", "unguarded" for what an operator did
  std::string statement_hash;  ///< BLAKE2b of the caller's text, 256 bits, hexadecimal, as `b2sum -l 256` has it
  std::string rewritten_hash;  ///< of what is sent in its place; of a write, of its steps, each with `;` and a line feed before the next
  std::vector<std::string> grants;     ///< decided: the sentences of the policy that let it, with file and line
  std::vector<audit_access> accesses;  ///< decided
  std::string sqlstate;        ///< of an error on PostgreSQL
  std::string detail;          ///< of an error: the full text, with the SQL that was sent and what the database said; never for the caller
  timestamp at{};
  std::uint64_t affected{};    ///< finished: rows that went to the caller; of a write, rows that were written
};

/// Where events go. Called from any thread, several at a time: an implementation locks. If it throws, and `options::audit_required`
/// is set, the statement fails with `unavailable`: nothing of it is handed out, and what it has written is undone.
class audit_sink {
 public:
  virtual ~audit_sink() = default;
  virtual void write(audit_event const& e) = 0;
};

}  // namespace grille
