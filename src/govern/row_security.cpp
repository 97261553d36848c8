// What of a policy set has a native form. The text around it is in row_security_script.cpp.
#include "govern/row_security.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>

#include "govern/native_policies.hpp"
#include "govern/native_text.hpp"
#include "policy/text.hpp"

namespace grille::govern {

using base::fail;
using base::result;

namespace {

constexpr std::size_t longest_name = 63;  // PostgreSQL cuts off what is longer

std::string until(policy::day last) {
  std::chrono::year_month_day const d(last);
  return fmt::format("(pg_catalog.statement_timestamp() at time zone 'UTC')::date <= date '{:04}-{:02}-{:02}'", static_cast<int>(d.year()),
                     static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()));
}

std::string_view kind_of(catalog::relation_kind k) {
  switch (k) {
    case catalog::relation_kind::table:
      return "a table";
    case catalog::relation_kind::view:
      return "a view";
    case catalog::relation_kind::virtual_table:
      return "a virtual table";
    case catalog::relation_kind::materialized_view:
      return "a materialized view";
    case catalog::relation_kind::foreign_table:
      return "a foreign table";
  }
  return {};
}

std::string list_of(std::vector<std::string> const& items) {
  std::string out;
  for (auto const& i : items) out += (out.empty() ? "" : ", ") + i;
  return out;
}

bool includes(std::vector<bool> const& all, std::vector<bool> const& some) {
  for (std::size_t i = 0; i < all.size(); ++i)
    if (some[i] && !all[i]) return false;
  return true;
}
bool any(std::vector<bool> const& columns) { return std::ranges::find(columns, true) != columns.end(); }

class exporter {
 public:
  explicit exporter(policy::compiled const& p) : policy_(p), text_(p) {}

  result<row_security> run() {
    if (policy_.catalog->which() != dialect::postgresql)
      return fail(errc::unsupported, "row-level security is PostgreSQL's: the policy was read for another engine");
    for (auto const& r : policy_.roles)
      if (native_role(r.name).size() > longest_name)
        return fail(errc::unsupported, "the name of role `" + r.name + "` is too long for a role of PostgreSQL's");
    for (auto const& t : policy_.catalog->tables())  // whose order is that of the names
      if (auto const at = policy_.tables.find(&t); at != policy_.tables.end()) made_.tables.push_back(table(at->second));
    made_.functions = text_.functions();
    made_.read = text_.read();
    std::map<std::string, std::size_t> files;
    for (auto const& f : policy_.files) files.emplace(f.name, files.size());
    std::ranges::stable_sort(without_, {}, [&](left_out const& l) { return std::pair(files[l.file], l.line); });
    return row_security{script_of(policy_, made_, without_), without_};
  }

 private:
  void leave_out(policy::sentence_ref const* s, std::string reason) {
    left_out l{s == nullptr ? std::string() : s->file, s == nullptr ? 0 : s->line, s == nullptr ? std::string() : s->text,
               std::move(reason)};
    auto const same = [&](left_out const& o) { return o.file == l.file && o.line == l.line && o.reason == l.reason; };
    if (std::ranges::none_of(without_, same)) without_.push_back(std::move(l));
  }

  // --- roles ---

  /// Whoever holds `role` holds `other`: itself, what it includes, and what is built in.
  bool implies(unsigned role, unsigned other) const {
    if (role == other || other == policy::public_role || (other == policy::authenticated_role && role != policy::public_role)) return true;
    return std::ranges::any_of(policy_.roles[role].includes, [&](unsigned i) { return implies(i, other); });
  }
  /// Held by membership, or by what the application says of the caller: a denial counts by either.
  std::string holds(unsigned role) const {
    if (role == policy::public_role) return "true";
    if (role == policy::authenticated_role) return "(select grille_policy.known())";
    std::vector<std::string> groups, users, stated;
    for (unsigned r = 0; r < policy_.roles.size(); ++r) {
      if (!implies(r, role)) continue;
      auto const& holder = policy_.roles[r];
      for (auto const& g : holder.groups) groups.push_back(native_literal(g));
      for (auto const& u : holder.users) users.push_back(native_literal(u));
      if (holder.stated && !holder.builtin) stated.push_back(native_literal(holder.name));
    }
    auto const array = [](std::vector<std::string> const& items) { return "array[" + list_of(items) + "]::text[]"; };
    return fmt::format("(select grille_policy.holds({}, {}, {}, {}))", native_literal(native_role(policy_.roles[role].name)), array(groups),
                       array(users), array(stated));
  }
  std::string is_member(unsigned role) const {
    return fmt::format("(select pg_catalog.pg_has_role(current_user, {}, 'member'))",
                       native_literal(native_role(policy_.roles[role].name)));
  }
  std::string const& name_of(native_policy const& p) const { return policy_.roles[p.grant->role].name; }
  std::string column_names(catalog::table const& t, std::vector<bool> const& which) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < which.size(); ++i)
      if (which[i]) names.push_back("`" + t.columns[i].name + "`");
    return list_of(names);
  }

  // --- one table ---

  native_table table(policy::table_policy const& t) {
    native_table out{t.table, {}, {}};
    std::string no;
    if (t.table->kind != catalog::relation_kind::table)
      no = fmt::format("`{}` is {}, which has no row-level security", t.table->name, kind_of(t.table->kind));
    if (t.table->name == "grille_held") no = "a table of this name cannot be told from what the script names so";
    if (!no.empty()) {
      for (auto const& g : t.grants) leave_out(g.sentence, no);
      return out;
    }
    for (auto const& g : t.grants)
      if (auto p = rows_of(t, g)) out.policies.push_back(std::move(*p));
    one_role_at_a_time(out);
    deny_columns(t, out);
    std::erase_if(out.policies, [&](native_policy const& p) {
      if (!any(p.columns)) leave_out(p.grant->sentence, fmt::format("no column of `{}` is left to show", t.table->name));
      return !any(p.columns);
    });
    leave_out_what_is_held_with(out);
    deny_rows(t, out);
    hold_apart(out);
    return out;
  }

  std::optional<native_policy> rows_of(policy::table_policy const& t, policy::grant const& g) {
    if (g.method != method::select) {
      bool const reads = g.method == method::filter || g.method == method::aggregate;
      leave_out(g.sentence,
                fmt::format("`{}`{}", to_string(g.method), reads ? " has no native form" : ": rights to write are not exported"));
      return {};
    }
    native_policy out{&g, {}, std::vector<bool>(g.cells.size()), false};
    for (std::size_t i = 0; i < g.cells.size(); ++i) {
      if (g.cells[i].which == policy::cell::kind::masked)
        leave_out(g.sentence, fmt::format("a mask has no native form: `{}` is left out", t.table->columns[i].name));
      out.columns[i] = g.cells[i].which == policy::cell::kind::plain;
    }
    for (auto const& m : t.masks)
      if (out.columns[m.column] && std::ranges::find(m.except, g.role) == m.except.end()) {
        leave_out(m.sentence, fmt::format("a mask has no native form: `{}` is left out of what it masks", t.table->columns[m.column].name));
        out.columns[m.column] = false;
      }

    std::vector<std::string> all, each;  // `each`: of every tuple of the scope
    out.always = g.when == nullptr && !g.until && g.where == nullptr;
    auto const& role = policy_.roles[g.role];
    if (g.role != policy::public_role) all.emplace_back("(select grille_policy.known())");
    if (auto const& expires = policy_.files[t.file].expires) all.push_back(until(*expires));
    if (g.until) all.push_back(until(*g.until));
    auto const add = [&](bound::expr const* e, bound::relation const* subject, policy::sentence_ref const* s,
                         std::vector<std::string>& to) {
      if (e == nullptr) return true;
      auto made = text_.of(e, subject);
      if (made)
        to.push_back("(" + *made + ")");
      else
        leave_out(
            s == g.sentence ? s : g.sentence,
            (s == g.sentence ? "its condition has no native form: " : "a `restrict` of it has no native form: ") + made.error().message);
      return made.has_value();
    };
    if (!add(g.when, nullptr, g.sentence, each) || !add(g.where, g.subject, g.sentence, each)) return {};
    for (auto const& r : t.restrictions) {
      if (std::ranges::find(r.methods, method::select) == r.methods.end() || std::ranges::find(r.except, g.role) != r.except.end())
        continue;
      out.always = false;
      if (!add(r.predicate, r.subject, r.sentence, all)) return {};
    }
    if (role.scope.empty()) {
      all.insert(all.end(), each.begin(), each.end());
    } else {
      out.always = false;
      std::vector<std::string> names;
      for (unsigned r = 0; r < policy_.roles.size(); ++r)
        if (policy_.roles[r].stated && !policy_.roles[r].builtin && implies(r, g.role))
          names.push_back(native_literal(policy_.roles[r].name));
      auto held = fmt::format(
          "exists (select from pg_catalog.jsonb_array_elements((select grille_policy.caller() -> 'roles')) as grille_held(role)\n"
          "            where pg_catalog.lower(grille_held.role ->> 'role') in ({})",
          names.empty() ? "null" : list_of(names));
      for (auto const& e : each) held += "\n              and " + e;
      all.push_back(held + ")");
    }
    for (auto const& c : all) out.rows += (out.rows.empty() ? "" : "\n         and ") + c;
    if (out.rows.empty()) out.rows = "true";
    return out;
  }

  /// Rows by either show the columns of either: the same rows, the same columns, or all rows with all of them.
  static bool mix(native_policy const& a, native_policy const& b) {
    return a.columns == b.columns || a.rows == b.rows || (a.always && includes(a.columns, b.columns)) ||
           (b.always && includes(b.columns, a.columns));
  }

  /// Grants of one role that would show a cell too many keep the columns that all of them show.
  void one_role_at_a_time(native_table& t) {
    for (bool changed = true; std::exchange(changed, false);)
      for (auto& a : t.policies)
        for (auto& b : t.policies) {
          if (&a == &b || a.grant->role != b.grant->role || mix(a, b)) continue;
          for (std::size_t i = 0; i < a.columns.size(); ++i) {
            if (a.columns[i] == b.columns[i]) continue;
            auto const& more = a.columns[i] ? a : b;
            leave_out(more.grant->sentence,
                      fmt::format("`{}` of `{}` is shown by one grant of role `{}` and not by another: it is left out",
                                  t.table->columns[i].name, t.table->name, policy_.roles[a.grant->role].name));
            a.columns[i] = b.columns[i] = false;
          }
          changed = true;
        }
  }

  static bool denies_reading(policy::denial const& d) { return std::ranges::find(d.methods, method::select) != d.methods.end(); }

  /// Columns denied to whoever a role's grants are for are not granted.
  void deny_columns(policy::table_policy const& of, native_table& t) {
    for (auto const& d : of.denials) {
      if (!denies_reading(d) || d.columns.empty() || d.when != nullptr) continue;
      for (auto& p : t.policies)
        for (std::size_t i = 0; i < d.columns.size(); ++i)
          if (d.columns[i] && implies(p.grant->role, d.role)) p.columns[i] = false;
    }
  }
  /// Who is denied a table, or a column that its other roles are granted, sees no row.
  void deny_rows(policy::table_policy const& of, native_table& t) {
    for (auto const& d : of.denials) {
      if (!denies_reading(d)) continue;
      std::set<unsigned> showing;
      std::vector<bool> shown(d.columns.size());
      for (auto const& p : t.policies)
        for (std::size_t i = 0; i < d.columns.size(); ++i)
          if (d.columns[i] && p.columns[i]) {
            showing.insert(p.grant->role);
            shown[i] = true;
          }
      if (!d.columns.empty() && showing.empty()) continue;
      auto condition = holds(d.role);
      if (d.when != nullptr) {
        if (auto const when = text_.of(d.when, nullptr))
          condition += " and (" + *when + ") is not false";  // as the policy has it: what is unknown denies
        else
          leave_out(d.sentence, "its condition has no native form: it always denies");
      }
      if (!d.columns.empty()) {
        std::string members;
        for (auto const r : showing) members += (members.empty() ? "" : " or ") + is_member(r);
        condition += " and (" + members + ")";
        leave_out(d.sentence,
                  fmt::format("columns are granted to roles and cannot be taken from one that others are held with: who holds `{}` "
                              "and a role that shows {} of `{}` sees none of its rows",
                              policy_.roles[d.role].name, column_names(*t.table, shown), t.table->name));
      }
      t.denials.push_back({&d, condition});
    }
  }

  /// Whoever holds the one role holds the other: what it shows beyond that cannot be told apart for anybody.
  void leave_out_what_is_held_with(native_table& t) {
    std::vector<native_policy> kept;
    for (auto const& one : t.policies) {
      auto const wider = std::ranges::find_if(t.policies, [&](native_policy const& other) {
        return one.grant->role != other.grant->role && implies(one.grant->role, other.grant->role) && !mix(one, other);
      });
      if (wider == t.policies.end())
        kept.push_back(one);
      else
        leave_out(
            one.grant->sentence,
            fmt::format("role `{}` shows other columns of `{}` in other rows than role `{}`, which is held with it: left out for `{}`",
                        name_of(one), t.table->name, name_of(*wider), name_of(one)));
    }
    t.policies = std::move(kept);
  }

  void hold_apart(native_table& t) {
    std::vector<std::set<unsigned>> apart(t.policies.size()), unless_known(t.policies.size());
    for (std::size_t a = 0; a < t.policies.size(); ++a)
      for (std::size_t b = 0; b < t.policies.size(); ++b) {
        auto const& one = t.policies[a];
        auto const& other = t.policies[b];
        if (a == b || one.grant->role == other.grant->role) continue;
        if (!mix(one, other)) {
          apart[a].insert(other.grant->role);
          leave_out(one.grant->sentence,
                    fmt::format("role `{}` shows other columns of `{}` in other rows than role `{}`: who holds both sees no row by either",
                                name_of(one), t.table->name, name_of(other)));
        } else if (one.grant->role == policy::public_role && !includes(one.columns, other.columns)) {
          unless_known[a].insert(other.grant->role);  // while nobody is known, the columns of the other are there and its rows are not
        }
      }
    for (std::size_t a = 0; a < t.policies.size(); ++a) {
      auto& p = t.policies[a];
      for (auto const r : apart[a]) p.rows += "\n         and not " + is_member(r);
      if (unless_known[a].empty()) continue;
      std::string members;
      for (auto const r : unless_known[a]) members += (members.empty() ? "" : " or ") + is_member(r);
      p.rows += fmt::format("\n         and ((select grille_policy.known()) is true or not ({}))", members);
    }
  }

  policy::compiled const& policy_;
  native_text text_;
  native_policies made_;
  std::vector<left_out> without_;
};

}  // namespace

result<row_security> export_row_security(policy::compiled const& p) { return exporter(p).run(); }

}  // namespace grille::govern
