// A caller's write to a plan of steps, each a statement of its own shape. Enters: the write in the form of queries, and the caller's access.
// Leaves: the steps, and the temporary tables between them. Guaranteed: the caller's text is in `collect` and `result` alone, which are
// queries that read no more than any other of the caller's; what is written, and whether it may be, is decided by the policy's.
//
// T is the table, K its key (the rowid, or the primary key of a table without), S and N temporary tables whose columns are c1, c2, …:
//
//   update   collect   insert into S select E, …, t.K, t.old, …, t.may, … from (T, guarded as for reading) t where W and (t.may or …)
//            apply     update or abort T r set a = s.c1, …, setting = X, … from S s where r.K = s.K
//            check     select 1 from S s where not exists (select 1 from T r where r.K = s.K and (ALT or …))
//            result    select ITEMS from (T, guarded as for reading) t, S s where t.K = s.K
//            where K is assigned, check and result look for the row by what was assigned: S keeps that as K would
//            with `from`, behind collect: conflict  select 1 from S s group by s.K having count(*) > 1
//   delete   collect, check, result (of rows that are yet there), apply: delete from T r where r.K in (select s.K from S s)
//   purge    collect, check, record, former, erase, apply; see write_history.hpp, also for what stands before the apply of an update and
//            of a delete where T keeps a history: record  insert into H … select r.c, …, who, when, … from T r, S s where r.K = s.K
//   insert   collect   insert into S QUERY
//            apply     insert or abort into T (a, …, setting, …) select s.c1, …, X, … from S s returning K        what it returns goes into N
//            check, result   as above, by N
//            with `or replace`, before the apply, the steps of a delete of the rows in the way, beside S as the table would keep it:
//            select t.key, t.may, … from (T, guarded) t where (t.K in (select s.K from S s) or …) and (t.may or …)
//            A row in the way that is not among them stays, and the insert fails by it.
//
//   ALT      one for each grant that covers all that is written, and each tuple of its scope:
//            s.may                       its `where`, and every restrict that counts for it, as they were of the row before; unless it is
//                                        blind, also that the caller saw each assigned cell as it was stored
//            and SO_THAT(r, old: s.old)  without `so that` its `where`
//            and every restrict          of the row as it is stored now
//   guard    where the caller may see no row of T: the ALTs of the grants to write instead, and then no column of it is read
//
// The grants that cover are those of which one could have been the only one: they name all columns that the caller assigns, and force
// what the first of them in the file forces, no more and no less but for what they name themselves.
#pragma once
#include <memory>
#include <vector>

#include "bound/write.hpp"
#include "catalog/scratch.hpp"
#include "rewrite/rewrite.hpp"

namespace grille::rewrite {

struct write_plan {
  std::vector<catalog::scratch_layout> temporary;       // S, then for an insert N
  std::vector<std::unique_ptr<catalog::table>> tables;  // of these; the steps point at them
  std::vector<bound::step> steps;
  outcome result;                                       // of what `returning` gives
  std::vector<applied> relations;
};

/// Changes the queries of `w` in place. Faults are the caller's: what no one grant covers, what is forced or masked, or a history.
base::result<write_plan> plan(bound::write& w, policy::access const& who, base::arena& memory);

}  // namespace grille::rewrite
