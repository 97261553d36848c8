// The rows that an update or a delete is of. Enters: the caller's query of them, and what the covering grants ask. Leaves: that query, rewritten as any
// of the caller's, which yields for the plan besides: the row's key, what of the row before is asked for after, and by which grants
// it may be written; only rows that one may write are in it. Guaranteed: nothing of the caller's text reads what is for the plan.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "rewrite/write_grants.hpp"

namespace grille::rewrite {

/// A value that the caller assigns.
struct write_value {
  std::optional<unsigned> place;  // of it among what is collected; none:
  bound::expr_ptr value{};        // a constant or a parameter, which the table's column gives its type on PostgreSQL
};
/// Places are positions in the result of `w.rows`.
struct write_collection {
  std::vector<write_value> values;               // update: by assigned column
  std::vector<unsigned> joined;                  // of what is returned of the relations beside the table
  std::vector<unsigned> key;                     // places of the key's columns
  std::map<unsigned, unsigned> old;              // by column of the table
  std::map<std::size_t, unsigned> may;           // by way: whether what it asks of the row before holds; none where it asks nothing
  std::vector<std::optional<unsigned>> columns;  // by place: the table's column that it is
  bool others{};                                 // there are rows that none of `may` lets be changed: where one is, the statement fails
  outcome read;
};
/// The rows that are proposed where those of `w` stand in the way: then no row is left out for what may not be done to it.
struct write_proposed {
  bound::relation* excluded{};       // beside the table in `w.rows`; becomes the temporary table
  catalog::table const* rows{};      // which has a column for each of the table's, in order
  std::vector<unsigned> columns;     // those that `excluded` has
  bound::conflict_key key;           // by which a row stands in the way
  std::function<bound::expr_ptr(bound::relation*)> shown{};  // of the table's rows: whether the caller is shown the key; null: wherever it sees one
};
/// The rows that an insert replaces: those that have a whole key of one to be inserted.
struct write_replaced {
  catalog::table const* rows{};             // to be inserted
  std::map<unsigned, write_value> values;   // by the table's column: what is inserted there, a place in `rows` or what the policy sets
  std::vector<catalog::column_list> keys;   // of which all values are known; not empty
};
/// Of those that the caller's query is of.
enum class which_rows {
  changeable,  // those that some way lets be changed
  all,
};
base::result<write_collection> collect(bound::write& w, policy::access const& who, write_grants const& grants, std::vector<unsigned> const& key,
                                       base::arena& memory, write_proposed const* beside = nullptr, which_rows which = which_rows::changeable,
                                       write_replaced const* replaced = nullptr);

}  // namespace grille::rewrite
