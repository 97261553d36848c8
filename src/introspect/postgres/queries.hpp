// What is asked of the system catalogues, https://www.postgresql.org/docs/15/catalogs.html. All but `settings` run with
// search_path = pg_catalog, so that no name in them means anything else and every other name is spelled with its schema.
#pragma once
#include <string_view>

namespace grille::introspect::queries {

/// A row for each schema of the path, or one without.
inline constexpr std::string_view settings = R"(
select pg_catalog.current_setting('server_version_num'), pg_catalog.getdatabaseencoding(), pg_catalog.current_setting('search_path'), s.name
from (select 1) one left join pg_catalog.unnest(pg_catalog.current_schemas(true)) with ordinality s(name, at) on s.name !~ '^pg_temp'
order by s.at)";

inline constexpr std::string_view relations = R"(
select c.oid, n.nspname, c.relname, c.relkind, c.relispartition, c.relrowsecurity, c.relpersistence = 'u',
  exists (select from pg_rewrite w where w.ev_class = c.oid and w.rulename <> '_RETURN')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)')";

inline constexpr std::string_view columns = R"(
select a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), tn.nspname, t.typname,
  a.attnotnull or t.typnotnull, a.attidentity, a.attgenerated, a.atthasdef, ln.nspname, l.collname, coalesce(l.collisdeterministic, true),
  a.attidentity <> '' and exists (
    select from pg_depend d join pg_sequence s on s.seqrelid = d.objid
    where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype = 'i'
      and s.seqincrement > 0 and s.seqcache = 1 and not s.seqcycle),
  case when a.attgenerated = '' and a.attidentity = '' then
    coalesce((select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum),
      pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault), '')
  else '' end
from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_type t on t.oid = a.atttypid join pg_namespace tn on tn.oid = t.typnamespace
  left join (pg_collation l join pg_namespace ln on ln.oid = l.collnamespace) on l.oid = a.attcollation
where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum)";

/// A key only where the index tells values apart as the columns do, at once: whole, unconditional, not deferrable, by the types' own
/// operators and the columns' own collations.
inline constexpr std::string_view keys = R"(
select i.indrelid, i.indisprimary,
  (select string_agg(k.attnum::text, ' ' order by k.at) from unnest(i.indkey::int2[]) with ordinality k(attnum, at) where k.at <= i.indnkeyatts),
  coalesce((select k.conname from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u')), '')
from pg_index i
where i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
  and to_jsonb(i) ->> 'indnullsnotdistinct' is distinct from 'true'  -- before 15 there is no such column
  and not exists (
    select from generate_series(0, i.indnkeyatts - 1) g(at)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[g.at]
      join pg_opclass o on o.oid = i.indclass[g.at]
    where not o.opcdefault or i.indcollation[g.at] <> a.attcollation)
order by i.indrelid, i.indexrelid)";

/// The others that a row may stand in the way by, as the server writes them.
inline constexpr std::string_view unique_indexes = R"(
select i.indrelid, pg_get_indexdef(i.indexrelid)
from pg_index i
where i.indisunique and i.indisvalid and i.indimmediate
  and (i.indpred is not null or i.indexprs is not null or exists (
    select from generate_series(0, i.indnkeyatts - 1) g(at) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[g.at]
    where i.indcollation[g.at] <> a.attcollation))
order by i.indrelid, i.indexrelid)";

/// Exclusions; and, without a name, the keys of which nothing above tells: deferrable ones, by operators that are not the type's own, of NULLs that are equal, not yet
/// valid,
/// or of some partitions alone (columns by the names that they have there). Of an expression the server's tree says which columns it names.
inline constexpr std::string_view other_keys = R"(
select t.relid, t.name, coalesce((
  select string_agg(o.attnum::text, ' ' order by o.attnum)
  from pg_attribute a join pg_attribute o on o.attrelid = t.relid and o.attname = a.attname
  where a.attrelid = t.indrelid and a.attnum > 0 and not a.attisdropped and (a.attnum = any((t.indkey::int2[])[0 : t.indnkeyatts - 1])
    or strpos(t.trees, ':varattno 0 ') > 0 or strpos(t.trees, concat(':varattno ', a.attnum, ' ')) > 0)), ''),
  not t.indimmediate, t.indexprs is not null or exists (
    select from pg_constraint k, unnest(k.conexclop) o(id)
    where k.conindid = t.indexrelid and k.contype = 'x' and not exists (
      select from pg_amop m join pg_am h on h.oid = m.amopmethod where m.amopopr = o.id and h.amname = 'btree' and m.amopstrategy = 3))
from (
  select a.relid, i.*, concat(i.indexprs::text, i.indpred::text) as trees,
    coalesce((select k.conname from pg_constraint k
      where k.conindid = i.indexrelid and k.contype = 'x' and not k.condeferrable and a.relid = i.indrelid), '') as name
  from pg_index i cross join lateral (
    select i.indrelid as relid where not i.indisunique or not i.indisvalid or not i.indimmediate
      or (i.indpred is null and i.indexprs is null and (to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' or exists (
        select from generate_series(0, i.indnkeyatts - 1) g(at) join pg_opclass o on o.oid = i.indclass[g.at] where not o.opcdefault)))
    union all
    select p.relid from pg_partition_ancestors(i.indrelid) p
    where p.relid <> i.indrelid and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)) a
  where (i.indisunique or i.indisexclusion) and i.indisready) t
order by t.relid, t.name, t.indexrelid)";

/// What `catalog::column::limited` says. A trigger that runs by an insert, before or after it, may refuse or change what it names; one in another language than
/// PL/pgSQL, that uses its row as a whole, or that runs what it does not show, any column. What stands so for a partition stands for the whole.
inline constexpr std::string_view limited = R"(
with recursive made(id, at) as (
  select t.oid, t.oid from pg_type t
  union select m.id, t.typbasetype from made m join pg_type t on t.oid = m.at where t.typbasetype <> 0),
few(id) as (
  select m.id from made m join pg_type t on t.oid = m.at
  where t.typtype in ('e', 'c', 'r', 'm') or t.oid in ('bool'::regtype, '"char"'::regtype) or exists (select from pg_constraint k where k.contypid = t.oid)
    or format_type(t.typbasetype, t.typtypmod) ~ '\([1-3](,-?\d+)?\)$'),
run(relid, words, any_column) as (
  select g.tgrelid, regexp_split_to_array(lower(concat(p.prosrc, ' ', pg_get_triggerdef(g.oid))), '[^a-z0-9_]+'),
    l.lanname <> 'plpgsql' or p.prosrc ~* 'u&"|\m(execute|perform|call)\M|\mreturn\M(?!\s+(new|null)\s*;)' or
      exists (select from pg_proc f where f.pronamespace <> 'pg_catalog'::regnamespace and f.proname = any(regexp_split_to_array(lower(p.prosrc), '[^a-z0-9_]+'))) or
      regexp_replace(concat(p.prosrc, ' ', pg_get_triggerdef(g.oid)), '\mreturn\s+new\s*;', '', 'gi') ~* '\mnew\M(?!\s*\.\s*[a-z_"])'
  from pg_trigger g join pg_proc p on p.oid = g.tgfoid join pg_language l on l.oid = p.prolang
  where g.tgtype & 4 = 4 and g.tgenabled <> 'D' and not g.tgisinternal),  -- insert
named(relid, name, refers) as (
  select a.attrelid, a.attname, k.contype = 'f' from pg_attribute a join pg_constraint k on k.conrelid = a.attrelid
  where k.contype in ('c', 'f') and a.attnum > 0 and not a.attisdropped and (a.attnum = any(k.conkey) or coalesce(0 = any(k.conkey), true) or exists (
    select from pg_attribute g where g.attrelid = k.conrelid and g.attnum = any(k.conkey) and g.attgenerated <> ''))
  union
  select a.attrelid, a.attname, false from pg_attribute a join run r on r.relid = a.attrelid
  where a.attnum > 0 and not a.attisdropped and (r.any_column or a.attname !~ '^[a-z0-9_]+$' or a.attname::text = any(r.words)))
select o.attrelid, o.attnum, false from pg_attribute o
where o.attnum > 0 and not o.attisdropped and (o.atttypid in (select id from few) or format_type(o.atttypid, o.atttypmod) ~ '\([1-3](,-?\d+)?\)$')
union
select d.refobjid, d.refobjsubid, false from pg_sequence s join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.seqrelid and d.refclassid = 'pg_class'::regclass
where s.seqcycle and d.refobjsubid > 0
union
select f.adrelid, f.adnum, false from pg_sequence s join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = s.seqrelid and d.classid = 'pg_attrdef'::regclass
  join pg_attrdef f on f.oid = d.objid where s.seqcycle
union
select o.attrelid, o.attnum, n.refers from named n
  cross join lateral (select n.relid union select p.relid from pg_partition_ancestors(n.relid) p) r(id)
  join pg_attribute o on o.attrelid = r.id and o.attname = n.name and o.attnum > 0 and not o.attisdropped)";

inline constexpr std::string_view foreign_keys = R"(
select k.conrelid, k.confrelid, array_to_string(k.conkey, ' '), array_to_string(k.confkey, ' '), k.confdeltype, k.confupdtype
from pg_constraint k where k.contype = 'f' order by k.conrelid, k.conname)";

inline constexpr std::string_view parents = R"(
select h.inhrelid, n.nspname, c.relname
from pg_inherits h join pg_class c on c.oid = h.inhparent join pg_namespace n on n.oid = c.relnamespace
where not h.inhdetachpending order by h.inhrelid, h.inhseqno)";

inline constexpr std::string_view reads = R"(
select distinct w.ev_class, n.nspname, c.relname
from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
  join pg_class c on c.oid = d.refobjid join pg_namespace n on n.oid = c.relnamespace
where w.rulename = '_RETURN' and c.oid <> w.ev_class and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by 1, 2, 3)";

/// https://www.postgresql.org/docs/15/functions-info.html: every name is written with its schema that is not the server's own.
inline constexpr std::string_view definitions = R"(
select c.oid, pg_get_viewdef(c.oid),
  exists (select from pg_options_to_table(c.reloptions) o where o.option_name = 'security_barrier' and o.option_value::bool)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'v' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)')";

/// Those of the columns, what these are made of, and all that are not PostgreSQL's own; no table's row type, unless a column has it.
inline constexpr std::string_view types = R"(
with recursive wanted(id) as (
  select distinct a.atttypid from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
  union select t.oid from pg_type t left join pg_class c on c.oid = t.typrelid left join pg_type e on e.oid = t.typelem
    where t.oid >= 16384 and (t.typrelid = 0 or c.relkind = 'c') and coalesce(e.typrelid, 0) = 0
  union select m.id from wanted w join pg_type t on t.oid = w.id left join pg_range r on t.oid in (r.rngtypid, r.rngmultitypid),
    lateral (values (t.typelem), (t.typbasetype), (r.rngsubtype)) m(id) where m.id <> 0)
select n.nspname, t.typname, format_type(t.oid, null), t.typtype, en.nspname, e.typname, bn.nspname, b.typname,
  coalesce(format_type(nullif(t.typbasetype, 0), t.typtypmod), ''), t.typnotnull,
  exists (select from pg_constraint k where k.contypid = t.oid),
  exists (
    with recursive d(id) as (values (t.oid) union select b.typbasetype from d join pg_type b on b.oid = d.id where b.typbasetype <> 0)
    select from d join pg_constraint k on k.contypid = d.id join pg_depend p on p.classid = 'pg_constraint'::regclass and p.objid = k.oid
    where p.refclassid <> 'pg_type'::regclass)
from wanted w join pg_type t on t.oid = w.id join pg_namespace n on n.oid = t.typnamespace
  left join pg_range r on t.oid in (r.rngtypid, r.rngmultitypid)
  left join (pg_type e join pg_namespace en on en.oid = e.typnamespace) on e.oid = coalesce(nullif(t.typelem, 0), r.rngsubtype)
  left join (pg_type b join pg_namespace bn on bn.oid = b.typnamespace) on b.oid = t.typbasetype)";

inline constexpr std::string_view labels = R"(
select n.nspname, t.typname, e.enumlabel
from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace order by t.oid, e.enumsortorder)";

inline constexpr std::string_view composite_fields = R"(
select n.nspname, t.typname, a.attname, an.nspname, at.typname
from pg_type t join pg_namespace n on n.oid = t.typnamespace join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type at on at.oid = a.atttypid join pg_namespace an on an.oid = at.typnamespace
where t.oid >= 16384 order by t.oid, a.attnum)";

/// A row for each argument, or one without. Of an operator without a left or right side, that argument has no type.
inline constexpr std::string_view routines = R"(
with r(id, kind, schema, name, result, volatility, leakproof, implicit, arguments) as (
  select p.oid, p.prokind, n.nspname, p.proname, p.prorettype, p.provolatile, p.proleakproof, false, p.proargtypes::oid[]
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid >= 16384
  union all select o.oid, 'o', n.nspname, o.oprname, o.oprresult, p.provolatile, coalesce(p.proleakproof, false), false, array[o.oprleft, o.oprright]
    from pg_operator o join pg_namespace n on n.oid = o.oprnamespace left join pg_proc p on p.oid = o.oprcode where o.oid >= 16384
  union all select c.oid, 'c', '', '', c.casttarget, p.provolatile, coalesce(p.proleakproof, false), c.castcontext <> 'e', array[c.castsource]
    from pg_cast c left join pg_proc p on p.oid = c.castfunc where c.oid >= 16384)
select r.id, r.kind, r.schema, r.name, tn.nspname, t.typname, coalesce(r.volatility, 'i'), r.leakproof, r.implicit,
  a.at is not null, an.nspname, ta.typname
from r left join (pg_type t join pg_namespace tn on tn.oid = t.typnamespace) on t.oid = r.result
  left join unnest(r.arguments) with ordinality a(type, at) on true
  left join (pg_type ta join pg_namespace an on an.oid = ta.typnamespace) on ta.oid = a.type
order by r.kind, r.id, a.at)";

inline constexpr std::string_view others = R"(
select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_(toast|temp)')";

inline constexpr std::string_view has_distribution = "select to_regclass('pg_catalog.pg_dist_partition') is not null";
inline constexpr std::string_view distribution = "select logicalrelid::oid, partmethod, repmodel, partkey::text from pg_catalog.pg_dist_partition";

}  // namespace grille::introspect::queries
