// A random policy over random tables, and one caller of it. Enters: choices. Leaves: the policy's text for Grille; the schema; and, made
// from the same parts without Grille, SQL that says what the caller sees: the meaning of points 2-4 and 6 of the policy language.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cases/raw_database.hpp"
#include "noninterference/tape.hpp"

namespace noninterference {

struct column {
  std::string name, declared;
  std::vector<std::string> benign, nasty;  // literals
};
struct table {
  std::string name;
  std::vector<column> columns;  // id, o, s, and some others
};
/// Predicates are SQL in which `{me}` is the caller's attribute, `{x}` the held scope, `{w}` another table of the owner's.
struct grant {
  unsigned role{}, table{};
  std::vector<std::optional<std::string>> cells;  // by column: none, plain (""), or masked
  std::string where;
};
struct restriction {
  unsigned table{};
  std::string predicate;
  std::optional<unsigned> except;
};
struct mask {
  unsigned table{}, column{};
  std::string value, where;
};
struct denial {
  unsigned role{}, table{}, column{};
};

class world {
 public:
  explicit world(tape& t);

  std::vector<table> const& tables() const { return tables_; }
  /// Those with the columns that the caller sees.
  std::vector<table> seen_tables() const;
  std::string schema() const;
  /// With `open`, a policy with the same roles that hides neither rows nor columns.
  std::string policy(bool open = false) const;
  std::string principal() const;
  /// By table: the select list and the guard on the full database called `schema`; nothing where the table is not there.
  std::optional<std::string> seen_rows(unsigned table, std::string_view schema) const;
  /// What the caller sees, as text.
  std::string seen(cases::raw_database& full) const;
  /// What the caller sees, as a database of its own.
  cases::raw_database seen_database(cases::raw_database& full) const;

  std::string fill(tape& t) const;    // rows, mostly harmless
  std::string change(tape& t) const;  // one statement that changes something
 private:
  struct held {  // a grant as the caller holds it, once for each tuple of scope
    grant const* g;
    std::string scope;
  };
  std::vector<held> matching(unsigned table) const;
  bool exists(unsigned table, unsigned column) const;
  std::string guard(held const& h, std::string_view schema) const;
  std::string cell(held const& h, unsigned column, std::string_view schema) const;
  std::string said(std::string predicate, std::string const& scope, std::string_view schema) const;
  std::string row(tape& t, unsigned table, unsigned id, unsigned nasty_once_in) const;

  std::vector<table> tables_;
  std::vector<grant> grants_;
  std::vector<restriction> restrictions_;
  std::vector<mask> masks_;
  std::vector<denial> denials_;
  std::vector<bool> holds_;          // by role; the last role is scoped
  std::vector<std::string> scopes_;  // held values of the scoped role
  std::optional<std::string> me_;
};

}  // namespace noninterference
