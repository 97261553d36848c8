// PostgreSQL: of each view whether its conditions, and what a column of it is made of, have a value for every row. Enters: the views' own
// queries. Leaves: truth values. The server takes a view apart as it does any query behind `from`, so an unknown one has none.
#pragma once
#include <map>
#include <memory>

#include "verify/total_postgresql.hpp"
#include "views/views.hpp"

namespace grille::verify {

class view_totals {
 public:
  explicit view_totals(views::trees const& all) : trees_(all) {}
  view_totals(view_totals const&) = delete;  // what is known of a view points back at it
  view_totals& operator=(view_totals const&) = delete;

  /// What it asks by itself: conditions, joins, groups, and the views behind it.
  bool conditions(catalog::table const& view);
  /// Of a column, and of the conditions: by an equality among these the server may compute one side where the other is asked for.
  bool column(catalog::table const& view, unsigned column);
  /// Whether a view may read it: of what another server, or the server's own row security, asks beside nothing is known.
  bool reads(catalog::table const& t);

  /// Which rows of its tables a view has. Unknown: none of it is so.
  struct extent {
    bool by_row{};    // each row is of one row of each of its tables, or of none, and has one value however often it is computed
    bool all_rows{};  // of its one table, or it keeps the others from whatever is asked of it
    bool one_scan{};  // what is held where its table is read is asked before anything else
  };
  extent extent_of(catalog::table const& view);

 private:
  struct one {
    bound::query const* query{};
    std::unique_ptr<total_trees> trees{};
    bool conditions{};
  };
  one& of(catalog::table const& view);

  views::trees const& trees_;
  guarded_relations const no_guards_{};
  std::set<bound::expr const*> const nothing_{};
  std::map<catalog::table const*, one> known_;
};

}  // namespace grille::verify
