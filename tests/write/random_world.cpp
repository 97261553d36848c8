#include "write/random_world.hpp"

#include <algorithm>

namespace random_world {

namespace {

constexpr auto* tables_for_both = R"(
create table shops (id integer primary key, region integer);
create table m (who integer);
create table trail (was integer);
create table orders (id integer primary key, shop integer references shops (id), kind text, total integer, note text, secret text,
  doubled integer generated always as (total * 2) stored);
create table line (id integer primary key, parent integer references orders (id) on delete cascade, shop integer, kind text, total integer, note text, secret text,
  doubled integer generated always as (total * 2) stored);
create table book (id integer primary key, shop integer references shops (id), kind text, total integer, note text, secret text,
  doubled integer generated always as (total * 2) stored);
)";
constexpr auto* on_sqlite = R"(
create table book_then (id integer not null, shop integer, kind text, total integer, note text, secret text, doubled integer,
  grille_number integer primary key autoincrement, grille_at text not null, grille_by text, grille_for text, grille_policy text not null,
  grille_method text not null);
create trigger order_comes after insert on orders when new.total > 90 or new.kind <> lower(new.kind) begin
  update orders set total = case when total > 90 then 5 else total end, kind = lower(kind) where id = new.id; end;
create trigger order_changes after update on orders when new.total > 90 or new.kind <> lower(new.kind) begin
  update orders set total = case when total > 90 then 5 else total end, kind = lower(kind) where id = new.id; end;
create trigger line_changes after update on line begin insert into trail values (old.total); end;
)";
constexpr auto* on_postgresql = R"(
create table book_then (id integer not null, shop integer, kind text, total integer, note text, secret text, doubled integer,
  grille_number bigint generated always as identity primary key, grille_at timestamptz not null, grille_by text, grille_for text, grille_policy text not null,
  grille_method text not null);
create function order_changes() returns trigger language plpgsql as $$ begin
  new.total := case when new.total > 90 then 5 else new.total end; new.kind := lower(new.kind); return new; end $$;
create trigger order_changes before insert or update on orders for each row execute function order_changes();
create function line_changes() returns trigger language plpgsql as $$ begin insert into trail values (old.total); return null; end $$;
create trigger line_changes after update on line for each row execute function line_changes();
)";

constexpr auto* me = "2";

void replace_all(std::string& text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}
std::string joined(strings const& parts, std::string const& between, std::string const& none = "") {
  std::string out;
  for (auto const& p : parts) out += (out.empty() ? "" : between) + p;
  return out.empty() ? none : out;
}
std::string all_of(strings const& parts) { return "(" + joined(parts, " and ", "true") + ")"; }
std::string any_of(strings const& parts) { return "(" + joined(parts, " or ", "false") + ")"; }
bool names(strings const& all, std::string const& one) { return std::ranges::find(all, one) != all.end(); }
bool is_text(std::string const& column) { return column == "kind" || column == "note" || column == "secret"; }
strings without(strings all, strings const& these) {
  std::erase_if(all, [&](auto const& s) { return names(these, s); });
  return all;
}

/// What a predicate says in plain SQL, of that row; the one before is `b`.
std::string said(std::string text, std::string const& row, pairs const& scope = {}) {
  replace_all(text, "@", row + ".");
  replace_all(text, "#", "b.");
  replace_all(text, "principal.me", me);
  for (auto const& [name, value] : scope) replace_all(text, "$" + name, value);
  return "(" + text + ")";
}
std::string in_policy(std::string text, std::string const& table) {
  replace_all(text, "@", table + ".");
  replace_all(text, "#", "old.");
  replace_all(text, "$", "scope.");
  return text;
}
std::string with_value(std::string mask, std::string const& value) {
  replace_all(mask, "~", value);
  return mask;
}
/// Of the column's type where it is nothing at all.
std::string masked(std::string const& mask, std::string const& value, std::string const& column) {
  return mask == "null" ? std::string("cast(null as ") + (is_text(column) ? "text)" : "integer)") : with_value(mask, "(" + value + ")");
}

std::string some_value(chance& c, std::string const& column) {
  if (c.one_in(9)) return "null";
  if (column == "kind") return c.of({"'x'", "'y'", "'z'"});
  if (column == "note") return c.of({"'n'", "'m'", "'no'"});
  if (column == "secret") return c.of({"'s'", "'q'", "'so'"});
  return std::to_string(column == "shop" ? 1 + c.below(3) : column == "parent" ? 1 + c.below(7) : c.below(9));
}
/// Of the caller's: some that triggers change, and shops that are not there.
std::string proposed(chance& c, std::string const& column) {
  if (c.one_in(9) && (column == "total" || column == "kind")) return column == "total" ? "95" : "'X'";
  return column == "shop" && c.one_in(30) ? "5" : some_value(c, column);
}
std::string mask_of(chance& c, std::string const& column) {
  return is_text(column) ? c.of({"'?'", "substr(~, 1, 1) || '*'", "null"}) : c.of({"0", "~ - ~ % 4", "null"});
}

/// What the caller's expressions read, and of which table; of none: their own.
struct operand {
  std::string text, table, column;
};
std::vector<operand> const numbers{{"@total + 1", "", "total"},
                                   {"@doubled", "", "doubled"},
                                   {"coalesce(@total, 4)", "", "total"},
                                   {"length(@secret)", "", "secret"},
                                   {"(select max(k.total) from {book} k)", "book", "total"},
                                   {"(select count(*) from {line} k where k.total > 3)", "line", "total"}};
std::vector<operand> const texts{{"@note || 'q'", "", "note"},
                                 {"@secret", "", "secret"},
                                 {"@kind", "", "kind"},
                                 {"coalesce(@secret, 'x')", "", "secret"},
                                 {"(select min(k.note) from {orders} k)", "orders", "note"}};
std::vector<operand> const conditions{{"@id > 3", "", "id"},
                                      {"@total > 2", "", "total"},
                                      {"@kind = 'x'", "", "kind"},
                                      {"@note is not null", "", "note"},
                                      {"@secret < 'r'", "", "secret"},
                                      {"@doubled < 10", "", "doubled"},
                                      {"@shop <> 2", "", "shop"},
                                      {"@id in (select k.parent from {line} k where k.id > 1)", "line", "parent"},
                                      {"exists (select 1 from {book} k where k.kind = 'x')", "book", "kind"},
                                      {"(select count(*) from {orders} k where k.total < 5) > 1", "orders", "total"}};

}  // namespace

strings columns_of(std::string const& table) {
  strings all{"shop", "kind", "total", "note", "secret"};
  if (table == "line") all.insert(all.begin(), "parent");
  return all;
}
std::string schema(bool on_server) { return std::string(tables_for_both) + (on_server ? on_postgresql : on_sqlite); }

std::string world::predicate(chance& c, std::string const& role, bool of_sight, bool before) const {
  strings any{"@shop > 1", "@shop is not null", "@kind <> 'x'", "@kind = 'y'", "@id <> 3", "exists (select 1 from m where m.who = @shop)", "@shop <> principal.me"};
  if (!of_sight && names(read_, "total")) any.insert(any.end(), {"@total > 2", "@total <= 6"});
  if (!of_sight && names(read_, "note")) any.insert(any.end(), {"@note is not null", "@note <> 'm'"});
  if (before) any.insert(any.end(), {"@shop = #shop", "@kind = #kind", "#kind <> 'z'"});
  if (before && names(read_, "total")) any.insert(any.end(), {"@total >= #total", "@total >= #total"});
  if (role == "keeper" && !c.one_in(4)) return c.of({"@shop = $shop", "@shop = $shop", "exists (select 1 from shops s where s.id = @shop and s.region = $shop)"});
  if (role == "agent" && !c.one_in(4)) return "@shop = $shop and @kind = $kind";
  auto const one = c.of(any);
  return c.one_in(3) ? "(" + one + ") or (" + c.of(any) + ")" : one;
}

strings world::assignable(std::string const& table) const {
  return steady_ && !(table == "book" && remembers_) ? without(columns_of(table), {"parent", "shop", "kind"}) : columns_of(table);
}

world::world(chance& c) : steady_(!c.one_in(3)), through_(steady_ && c.one_in(3)), remembers_(c.one_in(2)), read_{"shop", "kind"} {
  for (auto const* column : {"total", "note"})
    if (c.one_in(3)) read_.emplace_back(column);
  if (!c.one_in(3)) roles_.push_back({"staff", {}});
  auto const first = 1 + c.below(3);  // no scope twice
  for (unsigned n = c.below(3); n > 0; --n) roles_.push_back({"keeper", {{"shop", std::to_string(1 + (first + n) % 3)}}});
  for (unsigned n = roles_.empty() ? 2 : c.below(3); n > 0; --n)
    roles_.push_back({"agent", {{"shop", std::to_string(1 + (first + n) % 3)}, {"kind", c.of({"'x'", "'y'"})}}});
  auto const role = [&] { return c.one_in(5) ? c.of({"staff", "keeper", "agent"}) : c.of(held_roles()); };
  auto const maybe = [&](unsigned n, std::string const& by, bool of_sight, bool before) { return c.one_in(n) ? std::string() : predicate(c, by, of_sight, before); };
  if (remembers_) {  // with all that a restore takes
    auto const by = c.of(held_roles());
    auto const all = columns_of("book");
    auto whole = all;
    whole.insert(whole.begin(), "id");
    grants_.push_back({"insert", "book", by, whole, {}, {}, {}, maybe(2, by, false, false)});
    grants_.push_back({"update", "book", by, all, {}, {}, maybe(2, by, false, false), maybe(2, by, false, true), !c.one_in(3)});
    grants_.push_back({"select", "book", by, whole, {}, {}, maybe(2, by, true, false), {}});
    grants_.push_back({"delete", "book", by, {}, {}, {}, maybe(2, by, false, false), {}});
    whole.insert(whole.end(), {"doubled", "grille_number", "grille_method"});
    grants_.push_back({"select", "book_then", by, whole, {}, {}, {}, {}});
  }
  for (auto const& table : tables) {
    auto const all = columns_of(table);
    for (unsigned n = c.one_in(9) ? 0 : 1 + c.below(2); n > 0; --n) {
      grant g{"select", table, role(), {"id"}, {}, {}, {}, {}};
      for (auto const& column : all)
        if (auto const way = c.below(7); way == 0)
          g.masked[column] = mask_of(c, column);
        else if (way > 1)
          g.columns.push_back(column);
      if (!c.one_in(3)) g.columns.emplace_back("doubled");
      g.where = through_ && table == "line" && c.one_in(2) ? "exists (select 1 from orders o where o.id = @parent and o.kind = 'x')" : maybe(3, g.role, true, false);
      grants_.push_back(g);
    }
    for (auto const* method : {"insert", "insert", "update", "update", "update", "delete", "purge"}) {
      if (c.one_in(4) || (table != "book" && std::string(method) == "purge")) continue;
      grant g{method, table, role(), {}, {}, {}, {}, {}};
      g.blind = g.method == "update" && c.one_in(2);
      auto const these = g.method == "insert" ? all : assignable(table);
      if (g.method == "insert" || g.method == "update") g.columns = c.one_in(3) ? these : c.some(these);
      if (!g.columns.empty() && c.one_in(3)) {
        auto const column = c.of(g.method == "insert" || !steady_ ? strings{"note", "shop"} : strings{"note", "total"});
        g.settings[column] = column == "shop" && (g.role == "keeper" || g.role == "agent") ? "$shop" : some_value(c, column);
        g.columns = without(g.columns, {column});
        if (g.columns.empty()) g.columns.emplace_back("secret");
      }
      if (g.method == "insert") g.columns.insert(g.columns.begin(), "id");
      if (g.method != "insert") g.where = maybe(3, g.role, false, false);
      if (g.method == "insert" || g.method == "update") g.so_that = maybe(2, g.role, false, g.method == "update");
      grants_.push_back(g);
    }
    for (auto const* method : {"select", "insert", "update", "delete", "purge"})
      if (c.one_in(6) && (table == "book" || std::string(method) != "purge")) {
        auto const except = c.one_in(2) ? role() : "";
        restrictions_.push_back({method, table, predicate(c, "", std::string(method) == "select", false), except});
      }
    for (unsigned n = table == "book" && remembers_ ? c.below(2) : 1 + c.below(2); n > 0; --n) {
      auto const again = !masks_.empty() && masks_.back().table == table && !c.one_in(3);
      auto const column = again ? masks_.back().column : c.of({"kind", "total", "note", "secret"});
      auto const where = maybe(4, "", true, false);
      masks_.push_back({table, column, mask_of(c, column), where, c.one_in(3) ? role() : std::string()});
    }
  }
}

std::string world::policy() const {
  std::string out =
      "policy p version 1; owner 'o' contact 'c'; protects shops, m, orders, line, book, book_then; keep history of book in book_then;\n"
      "principal has me integer; role staff; role keeper per shop integer; role agent per shop integer, kind text;\n";
  unsigned n = 0;
  for (auto const& g : grants_) {
    auto what = g.columns.empty() ? "" : (g.blind ? " blind (" : " (") + joined(g.columns, ", ") + ")";
    if (!g.masked.empty()) {
      what = " p" + std::to_string(++n);
      auto items = g.columns;
      for (auto const& [column, as] : g.masked) items.push_back(column + " masked as " + with_value(as, column));
      out += "projection" + what + " on " + g.table + " shows " + joined(items, ", ") + ";\n";
    }
    strings set;
    for (auto const& [column, value] : g.settings) set.push_back(column + " = " + in_policy(value, g.table));
    out += "allow " + g.role + " to " + g.method + what + " on " + g.table + (set.empty() ? "" : " setting " + joined(set, ", ")) +
           (g.where.empty() ? "" : " where " + in_policy(g.where, g.table)) + (g.so_that.empty() ? "" : " so that " + in_policy(g.so_that, g.table)) + ";\n";
  }
  for (auto const& r : restrictions_)
    out += "restrict " + r.method + " on " + r.table + " to " + in_policy(r.to, r.table) + (r.except_for.empty() ? "" : " except for " + r.except_for) + ";\n";
  for (auto const& k : masks_)
    out += "mask (" + k.column + " as " + with_value(k.as, k.column) + ") on " + k.table + (k.where.empty() ? "" : " where " + in_policy(k.where, k.table)) +
           (k.except_for.empty() ? "" : " except for " + k.except_for) + ";\n";
  return out;
}

grille::principal world::caller() const {
  auto who = grille::principal("c").with("me", std::stoi(me));
  for (auto const& [role, scope] : roles_) {
    grille::attributes by;
    for (auto const& [name, value] : scope) by.emplace_back(name, name == "kind" ? grille::value(value.substr(1, 1)) : grille::value(std::stoi(value)));
    who = who.role(role, by);
  }
  return who;
}

std::string world::rows(chance& c) const {
  auto out = "insert into shops values (1, 1), (2, 1), (3, 2); insert into m values (" + std::to_string(c.below(4)) + "), (2);\n";
  for (auto const& table : tables)
    for (unsigned id = 1; id <= 7; ++id) {
      strings values{std::to_string(id)};
      for (auto const& column : columns_of(table)) values.push_back(some_value(c, column));
      out += "insert into " + table + " (id, " + joined(columns_of(table), ", ") + ") values (" + joined(values, ", ") + ");\n";
    }
  return out;
}

std::string world::change(chance& c) const {
  auto const& table = c.of(tables);
  if (!sees(table)) return "";
  auto const id = std::to_string(1 + c.below(8));
  auto const rows_too = table != "orders" || !through_;
  if (steady_ && (table != "book" || !remembers_) && (!rows_too || !c.one_in(4))) {
    auto const column = c.of(without({"total", "note", "secret"}, read_));
    return "update " + table + " set " + column + " = " + some_value(c, column) + " where id = " + id;
  }
  if (!rows_too) return "";
  if (c.one_in(2)) return "delete from " + table + " where id = " + id;
  strings values{std::to_string(1000 + c.below(9))};
  for (auto const& column : columns_of(table)) values.push_back(some_value(c, column));
  return "insert into " + table + " (id, " + joined(columns_of(table), ", ") + ") values (" + joined(values, ", ") + ")";
}

strings world::held_roles() const {
  strings out;
  for (auto const& [role, scope] : roles_) out.push_back(role);
  return out;
}
std::vector<held> world::matching(std::string const& method, std::string const& table) const {
  std::vector<held> out;
  for (auto const& g : grants_)
    if (g.method == method && g.table == table)
      for (auto const& [role, scope] : roles_)
        if (role == g.role) out.push_back({&g, scope});
  return out;
}
bool world::sees(std::string const& table) const { return !matching("select", table).empty(); }
bool world::exists(std::string const& table, std::string const& column) const {
  return std::ranges::any_of(matching("select", table), [&](held const& h) { return names(h.by->columns, column) || h.by->masked.contains(column); });
}

/// The first in the file gives the settings; others count that set no more and no less, but for what they name. What one sets from its scope is its own.
std::vector<held> world::covering(std::string const& method, std::string const& table, strings const& columns, pairs& settings) const {
  std::vector<held> out;
  for (auto const& h : matching(method, table)) {
    if (!std::ranges::all_of(columns, [&](auto const& column) { return names(h.by->columns, column); })) continue;
    pairs own;
    for (auto const& [column, value] : h.by->settings) own[column] = said(value, "", h.scope);
    if (out.empty()) settings = own;
    auto const of_scope = !out.empty() && h.by != out.front().by && std::ranges::any_of(h.by->settings, [](auto const& one) { return one.second.starts_with('$'); });
    auto const same = !of_scope && std::ranges::all_of(own, [&](auto const& one) { return settings.contains(one.first) && settings.at(one.first) == one.second; }) &&
                      std::ranges::all_of(settings, [&](auto const& one) { return own.contains(one.first) || names(h.by->columns, one.first); });
    if (same) out.push_back(h);
  }
  return out;
}

strings world::restricted(held const& h, std::string const& row) const {
  strings out;
  for (auto const& r : restrictions_)
    if (r.method == h.by->method && r.table == h.by->table && r.except_for != h.by->role) out.push_back(said(r.to, row));
  return out;
}
std::string world::guard(held const& h) const {
  auto all = restricted(h, "b");
  if (!h.by->where.empty()) all.push_back(said(h.by->where, "b", h.scope));
  return all_of(all);
}
std::string world::after(held const& h) const {
  auto all = restricted(h, "t");
  if (auto const& p = h.by->so_that.empty() ? h.by->where : h.by->so_that; !p.empty()) all.push_back(said(p, "t", h.scope));
  return all_of(all);
}
std::string world::seen(std::string const& table) const {
  strings any;
  for (auto const& h : matching("select", table)) any.push_back(guard(h));
  return any.empty() ? "true" : any_of(any);
}
std::vector<world::mask> world::masks_of(held const& h, std::string const& column) const {
  std::vector<mask> out;
  for (auto const& k : masks_)
    if (k.table == h.by->table && k.column == column && k.except_for != h.by->role) out.push_back(k);
  return out;
}
/// Of a cell in a row `b`: what is shown, and whether that is the cell as it is. Of several grants one counts that has no mask, then one that gives it plain,
/// then as they stand in the file. A mask applies unless its condition is false.
world::cell world::shown(std::string const& table, std::string const& column) const {
  cell by[3];
  for (auto const& h : matching("select", table)) {
    auto const as = h.by->masked.find(column);
    if (as == h.by->masked.end() && !names(h.by->columns, column)) continue;
    auto const gives = as == h.by->masked.end();
    cell c{gives ? "b." + column : masked(as->second, "b." + column, column), gives ? "true" : "false"};
    auto const masks = masks_of(h, column);
    for (auto const& k : masks) {
      auto const open = k.where.empty() ? std::string("false") : said(k.where, "b") + " is false";
      c = {"case when " + open + " then " + c.value + " else " + masked(k.as, c.value, column) + " end", "(" + c.plain + " and " + open + ")"};
    }
    auto& arms = by[!gives ? 2 : masks.empty() ? 0 : 1];
    arms.value += " when " + guard(h) + " then " + c.value;
    arms.plain += " when " + guard(h) + " then " + c.plain;
  }
  return {"case" + by[0].value + by[1].value + by[2].value + " end", "case" + by[0].plain + by[1].plain + by[2].plain + " else false end"};
}
/// Columns of the new row that are not among these are as the policy sets them, or as they were; before `""`: not there.
strings world::others_are(strings const& these, pairs const& settings, std::string const& table, std::string const& before) {
  strings out;
  for (auto const& column : without(columns_of(table), these))
    out.push_back("t." + column + " is not distinct from " + (settings.contains(column) ? settings.at(column) : before.empty() ? "null" : before + column));
  return out;
}

std::string world::view(std::string const& table) const {
  auto columns = columns_of(table == "book_then" ? "book" : table);
  columns.insert(columns.end(), {"doubled", "grille_method"});
  std::string cells = "b.id";
  for (auto const& column : columns) {
    if (exists(table, column)) cells += ", " + shown(table, column).value + " as " + column;
  }
  return "select " + cells + " from " + table + " b where " + seen(table);
}
std::string world::behind(std::string const& table) const { return "select b.* from " + table + " b where " + seen(table) + " order by b.id"; }
std::string world::as_seen(std::string const& text, std::string const& table) const {
  auto out = text;
  replace_all(out, "@", table + ".");
  for (auto const& t : tables)
    if (auto const name = "{" + t + "}"; out.find(name) != std::string::npos) replace_all(out, name, "(" + view(t) + ")");
  return out;
}

std::string world::taken(a_write const& w, bool changed) const {
  strings any, same;
  pairs settings;
  for (auto const& h : w.updated.empty() ? matching(w.method, w.table) : covering("update", w.table, w.updated, settings)) {
    strings all{seen(w.table), guard(h)};
    if (changed) all.push_back(after(h));
    for (auto const& column : w.updated)
      if (!h.by->blind && exists(w.table, column)) all.push_back(shown(w.table, column).plain);
    any.push_back(all_of(all));
  }
  if (changed) same = others_are(w.updated, settings, w.table, "b.");
  same.push_back(any_of(any));
  return all_of(same);
}
std::string world::may_change(a_write const& w) const { return w.updated.empty() ? "false" : taken(w, true); }
std::string world::may_go(a_write const& w) const { return w.method == "delete" || w.method == "purge" ? taken(w, false) : "false"; }
std::string world::may_come(a_write const& w) const {
  if (w.columns.empty()) return "false";
  strings any;
  pairs settings;
  for (auto const& h : covering("insert", w.table, w.columns, settings)) any.push_back(after(h));
  auto all = others_are(w.columns, settings, w.table, "");
  all.push_back(any_of(any));
  return all_of(all);
}

a_write world::some_write(chance& c, unsigned step) const {
  a_write w;
  auto const readable = [&](operand const& o) { return exists(o.table.empty() ? w.table : o.table, o.column); };
  auto const read = [&](std::vector<operand> const& all, bool own = true) -> std::string {
    std::vector<operand> these;
    for (auto const& o : all)
      if ((readable(o) || c.one_in(40)) && (own || !o.table.empty())) these.push_back(o);
    if (these.empty()) return {};
    auto const& o = these[c.below(static_cast<unsigned>(these.size()))];
    auto const& of = o.table.empty() ? w.table : o.table;
    w.hidden = w.hidden || !readable(o);
    w.reads_masked = w.reads_masked || std::ranges::any_of(masks_, [&](mask const& k) { return k.table == of && k.column == o.column; }) ||
                     !std::ranges::all_of(matching("select", of), [&](held const& h) { return names(h.by->columns, o.column); });
    return o.text;
  };
  auto const value = [&](std::string const& column, bool own) {
    auto const said = c.one_in(2) && column != "shop" && column != "parent" ? read(is_text(column) ? texts : numbers, own) : std::string();
    return said.empty() ? proposed(c, column) : said;
  };
  auto const condition = [&](std::vector<operand> const& these) {
    auto const said = c.one_in(5) || !sees(w.table) ? std::string() : read(these);
    return said.empty() ? "true" : said;
  };
  auto const granted = [&](std::string const& method) {
    auto const by = matching(method, w.table);
    auto const all = method == "update" ? assignable(w.table) : columns_of(w.table);
    return by.empty() || c.one_in(12) ? c.some(all) : c.some(without(by[c.below(static_cast<unsigned>(by.size()))].by->columns, {"id"}));
  };
  for (int tries = 0; tries < 4; ++tries) {  // of what is granted, mostly
    w.table = c.of({"orders", "orders", "line", "book", "book"});
    w.method = c.of({"insert", "insert", "update", "update", "update", "upsert", "upsert", "delete", "delete", "restore", "restore", "restore", "purge"});
    if (w.method == "restore" || w.method == "purge") w.table = "book";
    if (w.method == "restore" ? remembers_ : !matching(w.method == "upsert" ? "insert" : w.method, w.table).empty()) break;
  }
  if (w.method == "restore") {
    w.updated = w.columns = columns_of(w.table);
    w.columns.insert(w.columns.begin(), "id");
  } else if (w.method == "purge") {
    w.where = condition({{"@id > 2", "", "id"}, {"@total > 3", "", "total"}, {"@kind = 'x'", "", "kind"}});
  } else if (w.method == "delete") {
    w.where = condition(conditions);
    w.sql = "delete from " + w.table + " where " + w.where;
  } else if (w.method == "update") {
    w.updated = granted("update");
    auto const& other = c.of(tables);
    w.where = condition(conditions);
    if (sees(w.table) && sees(other) && c.one_in(4)) w.from = "{" + other + "} o", w.where = "o.id = @id + " + std::to_string(c.below(3)) + " and " + w.where;
    strings set;
    for (auto const& column : w.updated)
      set.push_back(column + " = " + (!w.from.empty() && exists(other, column) && c.one_in(2) ? "o." + column : value(column, sees(w.table))));
    w.sql = "update " + w.table + " set " + joined(set, ", ") + (w.from.empty() ? "" : " from " + w.from) + " where " + w.where;
  } else {
    w.columns = granted("insert");
    auto const& other = c.of(tables);
    std::string rows;
    if (w.method == "insert" && sees(other) && c.one_in(3)) {
      for (auto const& column : w.columns) rows += ", " + (exists(other, column) && !c.one_in(4) ? "o." + column : value(column, false));
      rows = "select o.id + " + std::to_string(20000 * (step + 1)) + rows + " from {" + other + "} o where o.id < " + std::to_string(3 + c.below(9));
    } else {
      for (unsigned n = 0; n <= c.below(2); ++n) {
        auto const is_new = w.method == "insert" && !c.one_in(9);
        strings values{std::to_string(is_new ? 100 + step * 10 + n : c.one_in(4) ? 100 + c.below(step + 1) * 10 : 1 + c.below(7))};
        for (auto const& column : w.columns) values.push_back(value(column, false));
        rows += (rows.empty() ? "values (" : ", (") + joined(values, ", ") + ")";
      }
    }
    w.columns.insert(w.columns.begin(), "id");
    w.sql = "insert into " + w.table + " (" + joined(w.columns, ", ") + ") " + rows;
    if (w.method == "upsert" && c.one_in(4)) {
      w.left_out = true;
      w.sql += c.of({" on conflict do nothing", " on conflict (id) do nothing"});
    } else if (w.method == "upsert") {
      w.updated = granted("update");
      strings set;
      for (auto const& column : w.updated)
        set.push_back(column + " = " + (names(w.columns, column) && c.one_in(2) ? "excluded." + column : value(column, sees(w.table))));
      w.sql += " on conflict (id) do update set " + joined(set, ", ");
      if (c.one_in(3)) w.sql += " where " + condition({{"@total < 6", "", "total"}, {"@note is not null", "", "note"}, {"@id > 0", "", "id"}});
    }
  }
  if (!w.sql.empty() && sees(w.table) && c.one_in(2)) {
    strings what{"@id"};
    for (auto const& o : {numbers[0], numbers[1], numbers[3], texts[0], texts[1], texts[2]})
      if (readable(o) && c.one_in(2)) what.push_back(read({o}));
    w.returning = joined(what, ", ");
    w.sql += " returning " + w.returning;
  }
  replace_all(w.sql, "@", w.table + ".");
  for (auto const& t : tables) replace_all(w.sql, "{" + t + "}", t);
  return w;
}

}  // namespace random_world
