// What the parts of the proof hand to each other. Enters: the bound tree of the printed text, the policy's sentences, what the
// caller was granted. Leaves: for every protected table's occurrence what it lets through, or the one refusal.
// Nothing here says how a statement is rewritten; it only says what a rewritten one must be.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "base/fault.hpp"
#include "bind/bind.hpp"
#include "bound/tree.hpp"
#include "policy/access.hpp"
#include "verify/guarded_statement.hpp"

namespace grille::verify {

using proof = base::result<void>;

/// The one refusal. `why` is for engineers: it names no table, no column and no value; `at` is a place in the printed text.
tl::unexpected<base::fault> disagree(std::string why);
tl::unexpected<base::fault> disagree(std::string why, base::range at);

// --- reading.cpp -------------------------------------------------------------------------------------------------------

/// The printed text, bound against everything that exists. Parameters behind those of the caller, and `before` in all, are the slots they
/// stand for.
base::result<bound::statement*> read(std::string_view sql, std::span<bound::slot const> slots, unsigned caller_parameters,
                                     policy::access const& who, base::arena& memory);
/// The same of a query out of a text that was parsed before, against what exists for it.
base::result<bound::statement*> read(ast::statement const& query, std::string_view sql, std::span<bound::slot const> slots, unsigned caller_parameters,
                                     unsigned before, bind::visible_catalog const& everything, base::arena& memory, bool locks = false);
/// `a and (b and c)` as one junction, throughout: printing nests long chains, which says nothing.
void flatten(bound::expr_ptr& e, base::arena& memory);
void flatten(bound::query& q, base::arena& memory);

// --- lift_guards.cpp ---------------------------------------------------------------------------------------------------

/// Puts a relation of its own around each table that stands among a query's relations, with what the policy says of it there. Never changes what is meant.
/// Leaves: these relations. Their guards need not be asked where the rows are read.
std::set<bound::relation const*> lift_guards(bound::statement& s, policy::access const& who, base::arena& memory);

// --- conditions.cpp ----------------------------------------------------------------------------------------------------

/// Conditions that hold together; empty: no condition. `true` is left out.
using conjunction = std::vector<bound::expr const*>;
/// The ways in which a flattened condition can be true: one for a null condition, none for the literal `false`.
std::vector<conjunction> ways(bound::expr const* condition);
conjunction conjuncts(bound::expr const* condition);
/// The same expression, aliases aside; relations from outside both stand for themselves.
bool same(bound::expr const& a, bound::expr const& b);

// --- sentences.cpp -----------------------------------------------------------------------------------------------------

/// One way to be let at a row: a grant, for one of the tuples it is held for. Its conditions are the grant's `where` and every
/// restriction that is not lifted for it, copied over the relation at hand.
struct alternative {
  policy::grant const* grant{};
  unsigned tuple{};
  conjunction conditions;
};
/// What an aggregate needs before it shows: so many distinct values, of that column if there is one.
struct threshold {
  unsigned at_least{};
  std::optional<unsigned> distinct;
};

/// What the policy says of one occurrence of a table, to this caller: combined anew from the sentences.
class sentences {
 public:
  sentences(sentences&&) = default;  // move only: what is known of an alternative is found by its address
  sentences& operator=(sentences&&) = default;

  /// Refuses a table that is not the caller's to read.
  static base::result<sentences> about(bound::relation& base, policy::access const& who, base::arena& memory);

  std::span<alternative const> of(grille::method m) const;
  /// What `a` shows of a column: the column itself, or masked; null: nothing.
  bound::expr const* shown(alternative const& a, unsigned column);
  bool plain(alternative const& a, unsigned column);
  /// Whether the conditions of `a` follow from `way`.
  bool holds(alternative const& a, conjunction const& way) const;
  /// Whether `way` says nothing but the conditions of alternatives, of these methods, that hold in it, and total comparisons of
  /// columns that are open where it holds: another condition would tell of columns that the caller may not see.
  /// `first`: which alternative to try first.
  bool innocent(conjunction const& way, std::span<grille::method const> methods, std::size_t first = 0);

  // --- writes: the ways to write a row are the grants of one method, for each tuple; what each asks of the row before, and of the row after

  /// In the order of the matched grants. `conditions`: of the row before, over the relation at hand; of an insert none.
  base::result<std::vector<alternative>> to_write(grille::method m) const;
  /// What `a` asks of the row as it is stored. `old`: what stands for a column of the row before, null where nothing does.
  base::result<conjunction> of_the_row_after(alternative const& a, std::function<bound::expr_ptr(unsigned column)> const& old) const;
  /// What the grant forces a column to be.
  bound::expr const* forced(alternative const& a, bound::expr const& value) const { return copy(&value, a.grant->subject, a.tuple); }
  /// Whether the grant lets the caller itself write the column.
  bool names(alternative const& a, unsigned column) const;
  /// Whether what the caller sees of the column is, in every row, what is stored.
  bool shown_as_stored(unsigned column);
  /// The same, or it sees nothing of it at all.
  bool seen_as_stored(unsigned column);
  /// The same of the rows in which all of these conditions hold.
  bool seen_as_stored_in(conjunction const& said, unsigned column);
  /// Whether it is made of conditions of these, and of those by which rows are seen and cells masked.
  bool of_the_policy(bound::expr const& said, std::span<alternative const> ways) const;
  bool follow(conjunction const& conditions, conjunction const& way) const;
  /// Whether it is part of what one of these, of those that hold in `way`, asks for.
  bool explained(bound::expr const& said, conjunction const& way, std::span<alternative const> ways) const;
  /// As `innocent`, of the conditions of these.
  bool innocent(conjunction const& way, std::span<alternative const> ways) const;

  /// Whether it has a value for every row, one that the engine may compute of rows that the guard has not let through.
  bool total(bound::expr const& e) const;

  bound::relation const& base() const { return *base_; }
  catalog::table const& table() const { return *base_->table; }

 private:
  sentences(bound::relation& base, policy::table_policy const& policy, unsigned groups, base::arena& memory)
      : base_(&base), policy_(&policy), groups_(groups), memory_(&memory) {}
  proof instantiate(std::vector<policy::matched_grant> const& matched, grille::method m);
  bound::expr_ptr copy(bound::expr const* e, bound::relation const* subject, unsigned tuple) const;
  bool follows(bound::expr const& condition, conjunction const& way) const;
  bool over_open_columns(bound::expr const& e, conjunction const& way);

  bound::relation* base_;
  policy::table_policy const* policy_;
  unsigned groups_;  // of the caller
  base::arena* memory_;
  std::vector<alternative> select_, filter_, aggregate_;
  policy::table_access const* granted_{};
  std::map<grille::method, std::vector<bool>> denied_;  // by column
  std::map<std::pair<alternative const*, unsigned>, bound::expr const*> shown_;
};

// --- cells.cpp ---------------------------------------------------------------------------------------------------------

/// Any one of these is enough.
using thresholds = std::vector<threshold>;
/// What the statement may do with one column that leaves a guarded relation.
struct column_rights {
  bool open{};                          // anything: it is what the caller sees
  bool filter{};                        // `=` and `in` with constants, in `where` and `on`
  bool aggregate{};                     // count, sum, avg and group by, behind a count that meets all of `needs`
  std::vector<thresholds> needs;
  std::optional<unsigned> plain;        // the table's column it is, where it is just that: what a count may count
};
/// Which rights the policy justifies for an item of a guarded select; none: it must not be there.
/// `fenced`: nothing is evaluated on a row that the guard did not let through.
column_rights judge(bound::expr const& item, std::string_view name, std::vector<conjunction> const& guard, bool fenced, sentences& policy);

// --- guards.cpp --------------------------------------------------------------------------------------------------------

/// An item of the guarded relation that a write is of, for the plan alone: no text of the caller's may use it.
struct plan_item {
  std::optional<unsigned> plain;                               // the column of the table that it is, the rowid behind the last
  std::vector<std::pair<policy::grant const*, unsigned>> may;  // the grants and tuples whose conditions it says hold
  std::vector<unsigned> as_stored;                             // the columns that it says the caller sees as they are
};
struct guarded_relation {
  sentences policy;
  std::vector<column_rights> columns;  // by item
  bool has_guard{};
  bool fenced{};
  bool can_fail{};                     // reading it can: a view's conditions or a generated column's expression can, or are not known
  // of a view on PostgreSQL:
  std::set<std::size_t> partial_items; // what is made of its columns that can fail
  bool as_a_table{};                   // neither it nor what the guard asks of it can fail, and each of its rows is of rows of its tables
  std::optional<unsigned> witness;     // the item, by position, that tells whether the guard is true of the row
  bool apart{};                        // behind `offset 0`, which the server neither takes apart nor moves conditions into: no hidden row leaves it
  bool at_scan{};                      // it stands around the table alone, and none of its queries can become a join: no hidden row goes further than where it is read
  base::range at{};
  bool rows_open{};                    // its rows are the caller's to see; else only aggregates that meet `needs` may say of them
  std::vector<thresholds> needs;
  std::vector<plan_item> plan;         // by item, of the relation that a write is of
};
using guarded_relations = std::unordered_map<bound::relation const*, guarded_relation>;  // by the derived relation around the guard
/// Proves that every occurrence of a base table stands in a guard of its own, or in an expression of the policy inside one. `lifted`: those of
/// lift_guards.
base::result<guarded_relations> prove_guards(bound::statement const& s, policy::access const& who, base::arena& memory, std::set<bound::relation const*> const& lifted);
/// The same where one relation is what a write of method `m` is of. It may yield items for the plan; and where the caller may see no
/// row of its table, its guard is by the grants to write, and it yields nothing else.
base::result<guarded_relations> prove_guards(bound::statement const& s, policy::access const& who, base::arena& memory, bound::relation const* written,
                                             grille::method m);
bound::relation* guarded_table(bound::query const& q);

// --- locks.cpp ---------------------------------------------------------------------------------------------------------

/// PostgreSQL: the relations whose rows the statement locks, by any of its clauses: tables, and what stands around them.
std::set<bound::relation const*> locked_by(bound::statement const& s);
/// Proves of the guard of a table whose rows are locked that each may be changed by the caller, and seen. Leaves: the ways in which it is
/// true of a row, by which its cells are judged.
base::result<std::vector<conjunction>> prove_lock(bound::expr const* guard, sentences& policy, catalog::catalog const& everything);

// --- uses.cpp, fences.cpp, objects.cpp ---------------------------------------------------------------------------------

/// Where a statement tells of rows only behind a count of them. What may not fail before that count is looked at by the dialect's own proof.
struct suppressed_groups {
  std::vector<bound::query const*> queries;    // whose groups are suppressed by their `having`
  // PostgreSQL:
  std::set<bound::select const*> counted;      // read rows of aggregate grants, or group by what may only be aggregated
  std::set<bound::select const*> by_having;    // of these, whose `having` suppresses groups
  std::set<bound::expr const*> behind;         // `case when COUNT >= K then … end`, and the count itself
  std::vector<bound::expr const*> before;      // what is asked before the count: it must have a value for every row
  std::vector<bound::expr const*> compared;    // keys and what is counted
  struct sum {
    bound::expr const* of{};
    bool alone{};                              // nothing is joined, so that each row enters once
  };
  std::vector<sum> sums;                       // and averages
  bool none() const { return counted.empty() && behind.empty(); }
};
/// Proves that what is there for `filter` or `aggregate` alone is used for nothing else.
base::result<suppressed_groups> prove_uses(bound::statement const& s, guarded_relations const& guarded, dialect d);
/// Proves that nothing of the caller's that can fail or signal is evaluated on a row before its guard was true, nor on a group
/// before its count was.
proof prove_fences(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups);
/// PostgreSQL: proves that beside guards there is only what has a value for every row, what is computed of rows and groups that every
/// condition has let through, and what a `case` keeps from rows of which a guard is not true; and before a count that suppresses only what
/// has a value for every row.
proof prove_total(bound::statement const& s, guarded_relations const& guarded, suppressed_groups const& groups);
/// PostgreSQL: of each column of the result the type by which it compares, as a cast says it; empty where it is not known. Of texts, only where
/// they are of the collation that what is cast to a text has.
std::vector<std::string> result_types(bound::statement const& s);
/// The same of an aggregate or a window function, by the type of its one argument, if it has one; empty where it is not known.
std::string_view type_of_result(std::string_view function, std::string_view argument);
/// Which of the arguments decides that; how many there are, where none does.
std::size_t deciding_argument(std::string_view function, std::size_t arguments);
/// SQLite: whether it never fails and never makes a result of unbounded size, whatever the row; no subquery in it.
bool total_on_sqlite(bound::expr const& e);
/// The same of a caller's expression, or relation, with all its queries; nothing: it is total.
std::optional<base::range> first_that_can_fail(bound::expr const& e, guarded_relations const& guarded);
std::optional<base::range> first_that_can_fail(bound::relation const& r, guarded_relations const& guarded);
/// What the engine will be asked for while it prepares and runs the statement.
allowed_objects objects_of(bound::statement& s, catalog::catalog const& c);
/// And for a write to `t`: what foreign keys lead to, and the schema's triggers.
void add_write(allowed_objects& out, catalog::table const& t, grille::method m, std::vector<unsigned> const& columns, catalog::catalog const& c);
void add_collection(allowed_objects& out, catalog::table const& into);

}  // namespace grille::verify
