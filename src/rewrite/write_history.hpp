// What becomes of a row goes into the history of its table, before it happens. Enters: the rows that were collected, which are to be changed.
// Leaves: the steps that record them; of a table that keeps none, nothing.
//
//   record   insert into H (T's columns, at, by, for, policy, method)
//            select r.c, …, current_timestamp, BY, FOR, POLICY, 'update' | 'delete' from T r, S s where r.K = s.K
// and of a purge, where the key is all that stays, and all records of it but those of a purge go:
//   record   insert into H (T's primary key, at, …) select r.k, …, 'purge' from T r, S s where r.K = s.K
//   former   select 1 from H h where h.method = 'delete' and PURGED and (ALT or …) is not true       none, where an ALT asks nothing
//   erase    delete from H h where h.method is not 'purge' and PURGED
//   PURGED   h.k in (select r.k from T r, S s where r.K = s.K)
// On PostgreSQL what is recorded are the rows as they were locked, which S has whole: T would be read as it was before another's change.
//   record   insert into H (…) select s.c, …, statement_timestamp(), … from S s returning number        so that it can be counted
//   PURGED   h.k in (select s.k from S s)
// A key may have been another row's before, which was deleted: it is then gone only by who may purge it as it was in the end. ALT: what a grant to
// purge, and every restrict that counts for it, ask, of the columns of h.
#pragma once
#include <set>
#include <vector>

#include "rewrite/write_steps.hpp"

namespace grille::rewrite {

/// The columns of the row before that are recorded from S, where it is not read anew.
std::set<unsigned> recorded_columns(catalog::table const& t, grille::method m, policy::access const& who);
void record(write_steps& steps, catalog::table const& t, grille::method m, policy::access const& who, catalog::table const& rows,
            write_collection const& collected, base::arena& memory);
/// Of a purge: what was recorded before.
void erase(write_steps& steps, catalog::table const& t, write_grants const& grants, policy::access const& who, catalog::table const& rows,
           write_collection const& collected, base::arena& memory);
/// What no write may do to a history, or to a table that keeps one.
base::result<void> refuse_of_history(bound::write const& w, policy::access const& who);

}  // namespace grille::rewrite
