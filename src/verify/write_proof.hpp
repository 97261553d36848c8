// What the proofs of writes are made of. Enters: printed steps, and which of them belong to one change of one table. Leaves: that change
// proven, or a refusal; what is demanded of each step stands in verify/writes.cpp.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bind/write_form.hpp"
#include "verify/guarded_write.hpp"
#include "verify/proof.hpp"
#include "verify/write_rights.hpp"

namespace grille::verify {

/// Reads steps against everything, and the temporary tables that they may name.
class step_reader {
 public:
  step_reader(policy::access const& who, printed_write const& what) : who_(who), steps_of_(what) {}

 protected:
  /// `locks`: it may lock rows, by what proves its guards.
  base::result<bound::statement*> read(write_step const& s, ast::query_ptr query, std::vector<catalog::table const*> temporary, bool locks = false);
  /// A step that reads, with what it will be allowed.
  base::result<bound::statement*> read_query(write_step& s, std::vector<catalog::table const*> temporary);
  base::result<bind::write_form> parse_write(write_step const& s);
  /// A step that puts rows into `into`, column by column; its query, with what it will be allowed.
  base::result<bound::statement*> read_collection(write_step& s, catalog::table const& into, std::vector<catalog::table const*> temporary);

  policy::access const& who_;
  base::arena memory_;

 private:
  /// The caller's parameters in the text of a step that those of others use too, and not all by one cast.
  std::vector<unsigned> used_beside(write_step const& s);
  /// How many positions of parameters stand before the slots of a step.
  unsigned before(write_step const& s) const;

  printed_write const& steps_of_;
  std::vector<std::unique_ptr<bind::step_catalog>> catalogs_;
  using kinds_of_use = std::map<unsigned, std::set<std::string>>;  // by position: the types of casts, empty for another use
  std::vector<kinds_of_use> uses_;                                 // by step
};

/// Of an upsert, a column of the row as it is proposed.
struct proposed_value {
  bool callers{};
  bound::expr const* own{};  // else: what is forced, which may be NULL, as it is where nothing is said of the column
  bool by_default{};         // in every row it is the column's default, as where it is not named: nobody's right is asked for it
  bool hidden{};             // in some row it is, and the caller is not shown the column as it is
};

/// Of rows that are deleted because an insert is to have their keys: the rows to be inserted.
struct replacing_rows {
  catalog::table const* table{};
  std::vector<std::optional<unsigned>> stored;  // by column of it: the column of the written table that it goes into
  assigned_columns assigned;                    // of the insert
};

/// By what rows are in the way of those proposed.
struct compared_keys {
  std::set<unsigned> columns{};  // of the table
  bool one{};                    // no more is compared than one key has
};

/// The steps of one change.
struct write_part {
  grille::method method{};
  write_step *collect{}, *apply{}, *check{}, *result{}, *conflict{}, *record{}, *former{}, *erase{};
  catalog::table const* collected{};  // S
  catalog::table const* written{};    // S, or N of an insert
  std::size_t collected_at{}, written_at{};                 // in printed_write::temporary
  std::vector<proposed_value> const* proposed{};            // upsert: by column of P, of which S of the insert is a part
  catalog::table const* beside{};                           // upsert: P, next to the table where the rows of the update are collected
  compared_keys* compared{};                                // beside it: gets by what they are in the way
  replacing_rows const* replaced_by{};                      // of the delete before an insert
};

class write_proof : public step_reader {
 public:
  write_proof(printed_write& what, policy::access const& who, write_part part) : step_reader(who, what), what_(what), table_(*what.table), part_(part) {}

  /// All of it.
  proof run();
  /// That the source of an insert is a query of the caller's, put where it belongs.
  proof collect();
  assigned_columns const& assigned() const { return assigned_; }
  std::vector<unsigned> const& places() const { return places_; }
  /// Of an insert.
  replacing_rows replacing() const { return {part_.collected, stored_, assigned_}; }

 private:
  proof table();
  proof history();
  proof apply();
  proof left_out(bind::write_form const& form, write_step& s);
  proof inserted(bound::select const& select, bool leaves_out);
  proof updated(bound::select const& select);
  bool may_move() const;
  proof moved(bound::select const& select, bound::relation const& s);
  proof removed(bound::select const& select);
  /// Each is a column of what was collected, of which the first so many are then the caller's; or a value that is forced.
  proof values(bound::select const& select, bound::relation const* s);
  proof conflict();
  proof check();
  proof result();
  /// That columns of the temporary table keep a key as the table itself does.
  bool keeps(std::size_t temporary, std::vector<unsigned> const& key, std::vector<unsigned> const& places) const;

  printed_write& what_;
  catalog::table const& table_;
  write_part part_;
  std::vector<unsigned> key_;
  std::vector<unsigned> columns_;    // that are written
  assigned_columns assigned_;        // the same, by who says their values
  unsigned callers_{};               // so many columns of S are the caller's
  std::vector<std::optional<unsigned>> stored_;  // by column of S: that of the table into which it goes
  std::vector<unsigned> places_;     // of the key in what is written
  std::vector<unsigned> keys_after_; // update: what tells the rows apart after it
  std::vector<unsigned> after_;      // update: the places of that
  std::vector<plan_item> known_;     // by column of S
  std::optional<sentences> forcing_; // of the table as the apply of an update has it
};

/// The rows that a change is of, and what is said of them to the history (histories.cpp).
struct recorded_part {
  grille::method method{};
  write_step *record{}, *former{}, *erase{};
  catalog::table const* collected{};  // S
  std::vector<unsigned> key{}, places{};  // SQLite: of the table, and where S has it
  std::function<std::optional<unsigned>(unsigned place)> holds{};  // PostgreSQL: the column of the table that S has there, of the row as it was locked
};
/// That nothing of a table that keeps its history is changed without a record.
proof prove_history(printed_write& what, policy::access const& who, recorded_part const& part);

/// The column of the table that a relation around its guard yields there; none: something else.
std::optional<unsigned> yields_plain(bound::relation const& r, bound::column const& c);
/// Takes the rows that are proposed out of the query that collects the rows of `t` in their way. `beside`: their table; `compared` gets by what they are.
base::result<bound::relation*> apart_from_proposed(bound::statement& s, bound::select& select, catalog::table const& t, catalog::table const& beside,
                                                   std::vector<proposed_value> const& proposed, compared_keys& compared, policy::access const& who,
                                                   base::arena& memory);
/// The source of a merge: rows that the caller sees, in a common table.
struct read_source {
  catalog::table const* table{};
  std::vector<std::string> types;  // of its columns; empty: not known
};
/// Wherever a statement reads them, values that are not known, of these types.
void stand_in_for_source(bound::statement& s, read_source const& of, base::arena& memory);
/// PostgreSQL: the steps of one change, which return all columns of each row.
struct statement_part {
  grille::method method{};
  write_step *collect{}, *conflict{}, *record{}, *former{}, *erase{}, *apply{}, *check{}, *result{};
  std::size_t rows_at{};                          // of S in printed_write::temporary, where there is one
  std::string written{"written"};                 // what W is called
  std::vector<proposed_value> const* proposed{};  // as in write_part
  catalog::table const* beside{};
  compared_keys* compared{};
  read_source const* source{};                    // of a change that is a merge's: what its collection, or its insert, reads besides
};
struct proven_part {
  assigned_columns assigned;     // who says the values; with `proposed` the forced are those of that
  std::vector<unsigned> places;  // of the key in S
  bool joined{};                 // S may have a row of the table more than once
  std::string unlocked{};        // the text that collects, less its lock
  bool all{};                    // of an upsert's update: each row in the way that the caller sees is in S, whatever else is asked of it
};
base::result<proven_part> prove_part(printed_write& what, policy::access const& who, statement_part const& part);
/// A result over grille_written.
proof prove_result(printed_write& what, policy::access const& who, write_step& s);
/// The one statement that the steps come to.
base::result<whole_write> prove_statement(printed_write& what, policy::access const& who);
/// The one statement of a merge, which has a change for each of its clauses.
base::result<whole_write> prove_merge(printed_write& what, policy::access const& who);
/// Takes the condition by which rows of `t` are replaced out of the query that collects them.
proof apart_from_replacing(bound::select& select, bound::relation const& r, catalog::table const& t, replacing_rows const& by, policy::access const& who,
                           base::arena& memory);
/// An insert that replaces.
proof prove_replace(printed_write& what, policy::access const& who, std::vector<catalog::table> const& temporary);
/// An insert with `on conflict (…) do update`. PostgreSQL: `updated` is what is proven of its update.
proof prove_upsert(printed_write& what, policy::access const& who, std::vector<catalog::table> const& temporary, proven_part* updated = nullptr);

}  // namespace grille::verify
