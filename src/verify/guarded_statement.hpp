// What may be executed. Only `verify` can make one, so nothing that was not proven can reach a database: the executor's
// parameter type is this class (a compile-fail test shows that it cannot be made elsewhere).
#pragma once
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/fault.hpp"
#include "bound/tree.hpp"

namespace grille::policy {
class access;
}

namespace grille::verify {

/// What the engine's own authorizer may let this statement touch. Names in lower case.
struct allowed_objects {
  std::set<std::pair<std::string, std::string>> columns;  // "main.table", "column"; column "" : the table is read without columns
  std::set<std::string> functions;
  std::set<std::string> views;  // bare names: functions called inside of these (the authorizer's sixth argument) are the schema's own
  bool recursive{};
  // of the steps of a write:
  std::set<std::string> inserts, deletes;                 // "schema.table"
  std::set<std::pair<std::string, std::string>> updates;  // "schema.table", "column"
  bool triggers{};                                        // the schema's own may do what they do
};

class guarded_statement {
 public:
  std::string const& sql() const noexcept { return sql_; }
  /// `std::hash` of it, made once: what is prepared is found by it.
  std::size_t hash() const noexcept { return hash_; }
  /// Positions 1..caller_parameters() are the caller's, the slots follow in order.
  unsigned caller_parameters() const noexcept { return caller_parameters_; }
  std::vector<bound::slot> const& slots() const noexcept { return slots_; }  // names live in the policy's arena
  allowed_objects const& allowed() const noexcept { return allowed_; }
  /// PostgreSQL: it locks rows, until its transaction ends.
  bool locks() const noexcept { return locks_; }

 private:
  friend base::result<guarded_statement> verify(std::string, std::vector<bound::slot>, unsigned, policy::access const&);
  guarded_statement() = default;
  std::string sql_;
  std::size_t hash_{};
  std::vector<bound::slot> slots_;
  unsigned caller_parameters_{};
  allowed_objects allowed_;
  bool locks_{};
};

/// Proves from the printed text, the parameter slots and the policy's sentences that the statement reads no more than `who` may.
/// Shares nothing with `rewrite`. A refusal is a fault of kind `unsupported`: an internal disagreement, never the caller's doing.
base::result<guarded_statement> verify(std::string sql, std::vector<bound::slot> slots, unsigned caller_parameters, policy::access const& who);

}  // namespace grille::verify
