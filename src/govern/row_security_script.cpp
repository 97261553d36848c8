// The script around the policies. What an earlier export left is taken back first, so that a narrower policy narrows; at the end the
// script refuses what is not its own and would show more.
#include <fmt/format.h>

#include <algorithm>

#include "base/glyph.hpp"
#include "govern/native_policies.hpp"
#include "govern/native_text.hpp"

namespace grille::govern {

namespace {

constexpr std::string_view head =
    R"(-- Row-level security and column grants of PostgreSQL's own, made by `grille export --postgres-rls`: a second line of defence.
--
-- Run it as a superuser, in the database of the tables; it may be run again. It is one transaction.
--   * Give a caller's login the roles it holds: grant grille_role_… to LOGIN. Everybody is at least of grille_role_public, whoever is
--     authenticated of grille_role_authenticated. Roles are the server's, not the database's: two databases share those of one name.
--   * The application says who calls, before it runs a statement and never at the word of a caller:
--       select set_config('grille.principal', '{"id": "m-17", "user_id": 17, "roles": [{"role": "merchant", "shop_id": 1}]}', true)
--     This is the principal that Grille takes, `context` and `expires_at` too; names in lower case. Who can set it can be anybody.
--   * A superuser, and a role with bypassrls, is held by none of this. The owner of a table is, and sees no row. Grille's own login needs
--     bypassrls: it reads what the policy's conditions ask for, and is held by the policy itself.
)";

// Policies by their names, roles by theirs: nobody else's is touched.
constexpr std::string_view take_back = R"(
-- what an earlier export left
do $grille$
declare it record;
begin
  for it in select * from pg_policies where policyname like 'grille %' loop
    execute format('drop policy %I on %I.%I', it.policyname, it.schemaname, it.tablename);
  end loop;
  for it in
    select distinct c.oid::regclass as name, r.rolname as role from pg_class c
      cross join lateral (select grantee from aclexplode(c.relacl)
                          union all select x.grantee from pg_attribute a cross join lateral aclexplode(a.attacl) x where a.attrelid = c.oid) g
      join pg_roles r on r.oid = g.grantee
     where r.rolname like 'grille\_role\_%' or r.rolname = 'grille_policy_reader' loop
    execute format('revoke all on %s from %I', it.name, it.role);
  end loop;
  for it in
    select r.rolname as role, m.rolname as member from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
     where r.rolname like 'grille\_role\_%' and m.rolname like 'grille\_role\_%' loop
    execute format('revoke %I from %I', it.role, it.member);
  end loop;
end $grille$;
drop schema if exists grille_policy cascade;
)";

constexpr std::string_view make_roles = R"(
-- roles; nobody logs in as one of them
do $grille$
declare it text;
begin
  foreach it in array array[{}] loop
    if not exists (select from pg_roles where rolname = it) then
      execute format('create role %I nologin', it);
    elsif exists (select from pg_roles where rolname = it and (rolsuper or rolbypassrls or rolcanlogin)) then
      raise exception 'role % is there already, and is held by no row-level security or logs in', it;
    end if;
  end loop;
end $grille$;
)";

constexpr std::string_view who_calls = R"(
-- who calls, and with which values. No caller may use the schema, so none calls a function of it but through a policy.
create schema grille_policy authorization grille_policy_reader;
revoke all on schema grille_policy from public;
create function grille_policy.caller() returns jsonb language sql stable set timezone to 'UTC'
  return (select p from (select nullif(current_setting('grille.principal', true), '')::jsonb) as s(p)
           where jsonb_typeof(p) = 'object' and coalesce((p ->> 'expires_at')::timestamptz > statement_timestamp(), true));
create function grille_policy.known() returns boolean language sql stable
  return (select {} from (select grille_policy.caller()) as s(c));
create function grille_policy.holds(held name, groups text[], users text[], stated text[]) returns boolean language sql stable
  return pg_has_role(current_user, held, 'member')
      or (select coalesce(c -> 'groups' ?| groups, false) or coalesce(c ->> 'id' = any (users), false)
              or exists (select from jsonb_array_elements(c -> 'roles') as h(r) where lower(r ->> 'role') = any (stated))
            from (select grille_policy.caller()) as s(c)) is true;
)";

constexpr std::string_view check = R"(
-- what is not of this script and would show more
do $grille$
declare it regclass;
begin
  foreach it in array array[{}]::regclass[] loop
    if exists (select from pg_policy where polrelid = it and polname not like 'grille %') then
      raise exception '% has policies that are not of this script', it using hint = 'drop them: what they open would be open still';
    end if;
    if has_any_column_privilege('public', it, 'select') then
      raise exception 'everybody may select from %', it using hint = 'revoke it from public';
    end if;
  end loop;
end $grille$;
)";

/// On one line: a name, or a sentence's text, does not end the comment that it stands in.
std::string line_of(std::string_view text) {
  auto out = base::printable(text);
  std::ranges::replace(out, '\n', ' ');
  std::ranges::replace(out, '\r', ' ');
  return out;
}

std::string joined(std::vector<std::string> const& items) {
  std::string out;
  for (auto const& i : items) out += (out.empty() ? "" : ", ") + i;
  return out;
}

std::string where(left_out const& l) { return line_of(l.file) + ":" + std::to_string(l.line); }
std::string where(policy::sentence_ref const* s) {
  return s == nullptr ? std::string() : line_of(s->file) + ":" + std::to_string(s->line) + ": " + line_of(s->text);
}

std::string roles_of(policy::compiled const& p) {
  std::vector<std::string> names;
  for (auto const& r : p.roles) names.push_back(native_literal(native_role(r.name)));
  names.push_back(native_literal("grille_policy_reader"));
  auto out = fmt::format(fmt::runtime(make_roles), joined(names));
  for (unsigned i = 0; i < p.roles.size(); ++i) {
    auto const& r = p.roles[i];
    auto const member = native_name(native_role(r.name));
    std::vector<std::string> included;
    if (i == policy::authenticated_role) included.push_back(native_name(native_role(p.roles[policy::public_role].name)));
    if (!r.builtin) included.push_back(native_name(native_role(p.roles[policy::authenticated_role].name)));
    for (auto const other : r.includes) included.push_back(native_name(native_role(p.roles[other].name)));
    if (!included.empty()) out += fmt::format("grant {} to {};\n", joined(included), member);
  }
  return out;
}

std::string known(policy::compiled const& p) {
  std::string out = "coalesce(c ->> 'id', '') <> ''";
  for (auto const& a : p.principal)
    if (!a.optional) out += fmt::format(" and c ->> {} is not null", native_literal(a.name));
  for (auto const& a : p.context)
    if (!a.optional) out += fmt::format(" and c -> 'context' ->> {} is not null", native_literal(a.name));
  return out;
}

std::string table_of(policy::compiled const& p, native_table const& t, unsigned& number) {
  auto const name = native_name(*t.table);
  std::string out = "\n-- " + line_of(t.table->name) + "\n";
  out += fmt::format("alter table {0} enable row level security;\nalter table {0} force row level security;\n", name);
  std::vector<std::pair<unsigned, std::vector<bool>>> columns;  // by role
  for (auto const& n : t.policies) {
    auto const role = n.grant->role;
    out += fmt::format("-- {}\ncreate policy \"grille {}\" on {} for select to {}\n  using ({});\n", where(n.grant->sentence), ++number,
                       name, native_name(native_role(p.roles[role].name)), n.rows);
    auto at = std::ranges::find(columns, role, &std::pair<unsigned, std::vector<bool>>::first);
    if (at == columns.end()) at = columns.insert(at, {role, std::vector<bool>(n.columns.size())});
    for (std::size_t i = 0; i < n.columns.size(); ++i) at->second[i] = at->second[i] || n.columns[i];
  }
  std::vector<std::string> callers;
  for (auto const& [role, which] : columns) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < which.size(); ++i)
      if (which[i]) names.push_back(native_name(t.table->columns[i].name));
    callers.push_back(native_name(native_role(p.roles[role].name)));
    out += fmt::format("grant select ({}) on {} to {};\ngrant usage on schema {} to {};\n", joined(names), name, callers.back(),
                       native_name(t.table->schema), callers.back());
  }
  for (auto const& d : t.denials)
    if (!callers.empty())
      out += fmt::format("-- {}\ncreate policy \"grille {}\" on {} as restrictive for select to {}\n  using (({}) is not true);\n",
                         where(d.denial->sentence), ++number, name, joined(callers), d.callers);
  return out;
}

}  // namespace

std::string native_role(std::string_view name) { return "grille_role_" + std::string(name); }

std::string script_of(policy::compiled const& p, native_policies const& n, std::vector<left_out> const& without) {
  std::string out(head);
  out += "--\n";
  for (auto const& f : p.files) out += fmt::format("-- policy {} version {}, of {}\n", line_of(f.policy), f.version, line_of(f.name));
  if (!without.empty()) out += "--\n-- Left out, so denied:\n";
  for (auto const& l : without) out += fmt::format("--   {}: {}\n", where(l), line_of(l.reason));
  out += "\nbegin;\nset local search_path = pg_catalog, pg_temp;\nset local standard_conforming_strings = on;\n";
  out += take_back;
  out += roles_of(p);
  out += fmt::format(fmt::runtime(who_calls), known(p));

  unsigned number = 0;
  std::vector<std::string> protected_tables;
  for (auto const& t : n.tables)
    if (t.table->kind == catalog::relation_kind::table) protected_tables.push_back(native_literal(native_name(*t.table)));
  if (!n.functions.empty()) out += "\n-- conditions with subqueries: they read all rows, as the owner's do\n";
  for (auto const* t : n.read)
    out += fmt::format(
        "grant select on {0} to grille_policy_reader;\ngrant usage on schema {1} to grille_policy_reader;\n"
        "create policy \"grille {2}\" on {0} for select to grille_policy_reader using (true);\n",
        native_name(*t), native_name(t->schema), ++number);
  for (std::size_t i = 0; i < n.functions.size(); ++i) {
    auto const& f = n.functions[i];
    out += fmt::format(
        "create function grille_policy.predicate_{0}{1};\nalter function grille_policy.predicate_{0}{2} owner to grille_policy_reader;\n",
        i + 1, f, f.substr(0, f.find(')') + 1));
  }
  for (auto const& t : n.tables)
    if (t.table->kind == catalog::relation_kind::table) out += table_of(p, t, number);
  if (!protected_tables.empty()) out += fmt::format(fmt::runtime(check), joined(protected_tables));
  out += "\ncommit;\n";
  return out;
}

}  // namespace grille::govern
