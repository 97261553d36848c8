// The mark of a schema's state: PostgreSQL keeps no number of it. Enters: nothing. Leaves: the query that makes one.
//
// Each row of the system catalogues that says something of the schema is known by what it is of and by the transaction that wrote it
// (`xmin`): whatever changes a definition writes a new row, with the number of its own transaction. The mark is the sum of the hashes
// of both over all rows that are not PostgreSQL's own, temporary objects left out. Equal marks mean an equal schema, but for collisions
// of 64-bit hashes; some writes change the mark and not the schema (`truncate`, `vacuum full`), which costs reading it anew.
// Measured: 0.1 ms for an empty database, 9 ms for 500 tables of 11 columns. So it is asked for at intervals, not for each statement.
#pragma once
#include <string_view>

namespace grille::postgres {

inline constexpr std::string_view schema_mark = R"(
with r as materialized (select c.oid, c.xmin, c.relkind from pg_catalog.pg_class c where c.oid >= 16384 and c.relpersistence <> 't')
select coalesce(pg_catalog.sum(pg_catalog.hashint8extended(h.what, h.wrote::pg_catalog.text::pg_catalog.int8)), 0)::pg_catalog.text
from (
  select n.oid::pg_catalog.int8 + (1::pg_catalog.int8 << 56) as what, n.xmin as wrote
    from pg_catalog.pg_namespace n where n.oid = 2200 or n.oid >= 16384 and n.nspname !~ '^pg_'
  union all select r.oid::pg_catalog.int8 + (2::pg_catalog.int8 << 56), r.xmin from r
  union all select (a.attrelid::pg_catalog.int8 << 16) + a.attnum + (3::pg_catalog.int8 << 56), a.xmin
    from r join pg_catalog.pg_attribute a on a.attrelid = r.oid where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and a.attnum > 0
  union all select i.indexrelid::pg_catalog.int8 + (4::pg_catalog.int8 << 56), i.xmin from r join pg_catalog.pg_index i on i.indexrelid = r.oid
  union all select k.oid::pg_catalog.int8 + (5::pg_catalog.int8 << 56), k.xmin
    from pg_catalog.pg_constraint k left join r on r.oid = k.conrelid where k.oid >= 16384 and (k.conrelid = 0 or r.oid is not null)
  union all select r.oid::pg_catalog.int8 + (h.inhparent::pg_catalog.int8 << 24) + (6::pg_catalog.int8 << 56), h.xmin
    from r join pg_catalog.pg_inherits h on h.inhrelid = r.oid
  union all select t.oid::pg_catalog.int8 + (7::pg_catalog.int8 << 56), t.xmin
    from pg_catalog.pg_type t where t.oid >= 16384 and t.typelem = 0 and t.typrelid = 0
  union all select e.oid::pg_catalog.int8 + (8::pg_catalog.int8 << 56), e.xmin from pg_catalog.pg_enum e
  union all select p.oid::pg_catalog.int8 + (9::pg_catalog.int8 << 56), p.xmin from pg_catalog.pg_proc p where p.oid >= 16384
  union all select o.oid::pg_catalog.int8 + (10::pg_catalog.int8 << 56), o.xmin from pg_catalog.pg_operator o where o.oid >= 16384
  union all select c.oid::pg_catalog.int8 + (11::pg_catalog.int8 << 56), c.xmin from pg_catalog.pg_cast c where c.oid >= 16384
  union all select w.oid::pg_catalog.int8 + (12::pg_catalog.int8 << 56), w.xmin from pg_catalog.pg_rewrite w join r on r.oid = w.ev_class
  union all select t.oid::pg_catalog.int8 + (13::pg_catalog.int8 << 56), t.xmin
    from pg_catalog.pg_trigger t join r on r.oid = t.tgrelid where not t.tgisinternal
) h)";

}  // namespace grille::postgres
