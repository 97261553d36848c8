// What allows a write. Enters: what the texts were found to do: the columns that are assigned, the values that are forced, what is said of each row.
// Leaves: whether a row that passes a check is one that a single grant allows, before and after.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "verify/proof.hpp"

namespace grille::verify {

struct assigned_columns {
  std::vector<unsigned> named;                                  // whose values the caller gives
  std::vector<std::pair<unsigned, bound::expr const*>> forced;  // and those of the policy's
};
/// What a condition of a check says of the row before, where it is one of the plan's columns; else null.
using said_before = std::function<plan_item const*(bound::expr const&)>;
/// What stands in the check for a column of the row before; null: nothing.
using old_column = std::function<bound::expr_ptr(unsigned column)>;

/// That each way in which `passes` holds is one that a grant to write by `m` allows by itself. `policy`: about the row as it is stored;
/// `forcing`: about the row that what is forced is computed of, where that is another.
proof prove_allowed(sentences& policy, sentences* forcing, grille::method m, assigned_columns const& assigned, std::span<conjunction const> passes,
                    said_before const& said, old_column const& old);

/// What is said for the plan in the rows that an update or a delete collects.
struct collected_rows {
  std::vector<plan_item> known;  // by item; the first so many say nothing: they are the caller's
  std::set<unsigned> as_stored;  // columns of the table that the caller is shown as they are in each of the rows
};
/// Proves the query that collects, once its items for the plan, and the conditions on them, are taken away, as any query of the caller's.
/// `r`: the relation around the guarded table, the one the write is of. `callers`: so many items in front are the caller's.
base::result<collected_rows> prove_collection(bound::statement& s, bound::select& select, bound::relation const& r, unsigned callers, grille::method m,
                                              policy::access const& who, base::arena& memory);
/// As a query of the caller's.
proof prove_query(bound::statement const& s, policy::access const& who, base::arena& memory);
proof prove_query(bound::statement const& s, guarded_relations guarded, dialect d);

// --- forms

/// A row of the table, which stands nowhere.
bound::relation* whole_row(catalog::table const& t, base::arena& memory);
bool names_table(ast::table_name const& n, catalog::table const& t);
/// The places in `s` that the whole of `key`, of `r`, is compared with; what is left of the conditions goes into `rest`.
/// `meaning`: the table's column that one of `r` is.
std::optional<std::vector<unsigned>> by_key(std::vector<unsigned> const& key, conjunction const& conditions, bound::relation const& r,
                                            std::function<std::optional<unsigned>(bound::column const&)> const& meaning, bound::relation const& s,
                                            conjunction& rest);
std::function<std::optional<unsigned>(bound::column const&)> of_base(bound::relation const& r);

bound::column const* column_of(bound::expr const& e, bound::relation const& r);
/// A select with nothing but items, relations and a condition; `common`: and common tables.
bound::select* plain_select(bound::statement const& s, bool common = false);
/// The first of the relations that it selects from, joined so that each row of it stays what it is.
bound::relation* first(bound::from_item const* f);
/// The one relation that it selects from.
bound::relation* only(bound::from_item const* f);
struct side_by_side {
  bound::relation *left{}, *right{};
};
std::optional<side_by_side> both(bound::from_item const* f);
bool is_table(bound::relation const& r, catalog::table const& t);

}  // namespace grille::verify
