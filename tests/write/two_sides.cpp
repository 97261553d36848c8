#include "write/two_sides.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace random_world {

namespace {

strings const kept{"orders", "line", "book", "book_then"};

std::string differ(std::string const& table) {
  std::string out = "t.doubled is distinct from b.doubled";
  for (auto const& column : columns_of(table)) out += " or t." + column + " is distinct from b." + column;
  return "(" + out + ")";
}
/// On which columns of `book` two rows are the same.
std::string same(std::string const& a, std::string const& b) {
  auto out = a + ".id = " + b + ".id and " + a + ".doubled is not distinct from " + b + ".doubled";
  for (auto const& column : columns_of("book")) out += " and " + a + "." + column + " is not distinct from " + b + "." + column;
  return "(" + out + ")";
}
/// What a restore is of.
std::string record_of(a_write const& w, std::string const& records) {
  auto const later = "(select count(*) from " + records + " k where k.id = h.id and k.grille_number > h.grille_number)";
  return records + " h where id = " + w.row + " and " + later + " = " + w.since;
}
std::string joined(strings const& rows) {
  std::string out;
  for (auto const& row : rows) out += "  " + row + "\n";
  return out;
}
std::string list(strings const& ids) {
  std::string out = "null";
  for (auto const& id : ids) out += ", " + id;
  return "(" + out + ")";
}

}  // namespace

std::vector<std::uint32_t> seeds_up_to(unsigned n) {
  if (auto const* longer = std::getenv("GRILLE_SEEDS"); longer != nullptr) n = static_cast<unsigned>(std::stoul(longer));
  std::vector<std::uint32_t> out(n);
  std::iota(out.begin(), out.end(), 1U);
  return out;
}

std::string to_text(counts const& n) {
  std::string out;
  for (auto const& [what, times] : n) out += (out.empty() ? "" : ", ") + std::to_string(times) + " " + what;
  return out;
}
std::string too_few(counts const& n) {
  std::string out;
  auto const worlds = n.at("worlds"), writes = n.at("writes");
  for (auto const& [what, least] : counts{{"accepted", worlds * 9 / 10}, {"differences", 4 * worlds}, {"rows seen that differ", worlds / 2},
                                          {"done", writes / 3}, {"compared", writes * 3 / 4}, {"came", writes / 8}, {"changed", writes / 8}, {"gone", writes / 8}, {"gone with a parent", 2},
                                          {"purged", writes / 50}, {"restored", writes / 100}, {"recorded", writes / 8}, {"returned", writes / 8},
                                          {"done that read masked cells", writes / 20}, {"check_failed", writes / 20}})
    if (auto const is = n.find(what); is == n.end() || is->second < least) out += what + ": less than " + std::to_string(least) + "\n";
  return out;
}

witness::witness(world const& w, raw_side& db) : world_(w), db_(db) {
  for (auto const& table : kept) db_.run("create temp table if not exists before_" + table + " as select * from " + table);
}

std::string witness::all() {
  std::string out;
  for (auto const& table : kept)
    out += table + "\n" + joined(db_.rows("select * from " + table + " order by " + (table == "book_then" ? "grille_number" : "id")));
  return out + "trail\n" + joined(db_.rows("select was from trail order by was"));
}

void witness::look(a_write const& w) {
  before_ = all();
  for (auto const& table : kept) db_.run("delete from before_" + table + "; insert into before_" + table + " select * from " + table);
  taken_.clear(), returned_.clear();
  if (w.where.empty() || w.hidden) return;
  auto const& name = w.table;
  auto const of_those = "b.id in (select @id from {" + name + "} " + name + (w.from.empty() ? "" : ", " + w.from) + " where " + w.where + ") and ";
  taken_ = db_.rows("select b.id from " + name + " b where " + (world_.sees(name) ? world_.as_seen(of_those, name) : "") + world_.may_take(w));
  if (w.method == "delete" && !w.returning.empty()) returned_ = returned_by(w, taken_);
}
strings witness::returned_by(a_write const& w, strings const& ids) {
  return db_.rows(world_.as_seen("select " + w.returning + " from {" + w.table + "} " + w.table + " where @id in " + list(ids), w.table));
}

void witness::found(std::string& out, std::string const& what, std::string const& sql) {
  auto const rows = db_.rows(sql);
  if (!rows.empty()) out += what + "\n" + joined(rows);
}

std::string witness::objections(a_write const& w, told const& t, counts& n) {
  if (!t.error.empty()) return all() == before_ ? "" : "it failed, and changed something\n" + before_ + "->\n" + all();
  if (w.hidden) return "it names what is not there\n";
  std::string out;
  for (auto const& table : tables) {
    auto const objects_to = [&](std::string const& what, std::string const& rows, std::string const& condition) {
      found(out, table + " " + what, "select * from " + rows + " and (" + (w.table == table ? condition : "false") + ") is not true");
    };
    auto const before = "before_" + table + " b";
    auto const with_parent = table == "line" && w.table == "orders" ? " and exists (select 1 from orders o where o.id = b.parent)" : "";
    objects_to("changed", before + " join " + table + " t on t.id = b.id where " + differ(table), world_.may_change(w));
    objects_to("came", table + " t where t.id not in (select id from before_" + table + ")", world_.may_come(w));
    objects_to("gone", before + " where b.id not in (select id from " + table + ")" + with_parent, world_.may_go(w));
  }
  auto const before = "before_" + w.table;
  auto const came = db_.rows("select id from " + w.table + " where id not in (select id from " + before + ")");
  auto const gone = db_.count("select id from " + before + " where id not in (select id from " + w.table + ")");
  auto const changed = db_.count("select t.id from " + w.table + " t join " + before + " b on t.id = b.id where " + differ(w.table));
  if (w.method == "update" || w.method == "delete" || w.method == "purge") {
    if (t.affected != taken_.size()) out += "the sentences mean " + std::to_string(taken_.size()) + " rows\n";
    if (w.method != "update" && gone != t.affected) out += std::to_string(gone) + " rows are gone\n";
  } else if (w.method != "restore" && (came.size() + changed > t.affected || (w.updated.empty() && came.size() != t.affected))) {
    out += std::to_string(came.size()) + " rows came, " + std::to_string(changed) + " changed\n";
  }
  if (!w.returning.empty() && (w.method == "update" || w.updated.empty())) {
    auto wanted = w.method == "delete" ? returned_ : returned_by(w, w.method == "update" ? taken_ : came);
    std::ranges::sort(wanted);
    if (wanted != t.rows) out += "it would return\n" + joined(wanted);
  }
  objections_to_records(w, t, out, n);
  n["came"] += came.size(), n["changed"] += changed, n["gone"] += gone, n["returned"] += t.rows.size();
  n["purged"] += w.method == "purge" ? gone : 0;
  n["done that read masked cells"] += w.reads_masked && t.affected > 0 ? 1 : 0;
  n["gone with a parent"] += w.table == "orders" ? db_.count("select id from before_line where id not in (select id from line)") : 0;
  return out;
}

void witness::objections_to_records(a_write const& w, told const& t, std::string& out, counts& n) {
  std::string const before = "(select grille_number from before_book_then)", fresh = "(select * from book_then where grille_number not in " + before + ")";
  auto const missing = "select h.* from before_book_then h where not exists (select 1 from book_then k where k.grille_number = h.grille_number and " +
                       same("k", "h") + " and k.grille_method = h.grille_method and k.grille_by is not distinct from h.grille_by and k.grille_at = h.grille_at)";
  if (w.method == "purge") {
    std::string const gone = "(select id from before_book where id not in (select id from book))", says_so = "h.grille_method = 'purge'";
    found(out, "records that a purge has nothing to do with", missing + " and h.id not in " + gone);
    found(out, "not purged", "select * from book_then h where id in " + gone + " and grille_number in " + before + " and not " + says_so);
    found(out, "not recorded as purged", "select id from " + gone + " g where (select count(*) from " + fresh + " h where h.id = g.id and " + says_so + ") <> 1");
    found(out, "recorded otherwise", "select * from " + fresh + " h where h.id not in " + gone +
                                         " or coalesce(shop, total, doubled) is not null or coalesce(kind, note, secret) is not null");
    return;
  }
  found(out, "records are lost", missing);
  found(out, "recorded otherwise", "select h.* from " + fresh + " h where not exists (select 1 from before_book b where " + same("b", "h") +
                                       ") or grille_by is distinct from 'c'");
  found(out, "recorded twice", "select id from " + fresh + " h group by id having count(*) > 1");
  found(out, "not recorded", "select b.* from before_book b left join book t on t.id = b.id where (t.id is null or " + differ("book") + ") and not exists (" +
                                 "select 1 from " + fresh + " h where h.id = b.id and h.grille_method = case when t.id is null then 'delete' else 'update' end)");
  auto const records = db_.count("select * from " + fresh + " h");
  n["recorded"] += records;
  if (w.table == "book" && (w.method == "update" || w.method == "delete") && records != t.affected) out += std::to_string(records) + " records\n";
  if (w.method != "restore" || !t.error.empty()) return;
  ++n["restored"];
  if (db_.count("select t.id from book t join (select * from " + record_of(w, "before_book_then") + ") h on " + same("t", "h")) != 1)
    out += "the row is not what the record has\n";
}

namespace {

grille::specification as_specification(std::string const& where) {
  if (where == "@id > 2") return grille::spec::column{"id"} > 2;
  if (where == "@total > 3") return grille::spec::column{"total"} > 3;
  return where == "true" ? grille::spec::all() : grille::spec::column{"kind"} == "x";
}

told ask(grille::database const& db, raw_side& raw, world const& r, a_write const& w) {
  if (!w.sql.empty()) return random_writes::ask(db, w.sql, r.caller());
  return random_writes::ask(db, r.caller(), [&](grille::session& session) -> told {
    if (w.method == "purge") return {{}, session.purge(w.table, as_specification(w.where)), {}};
    auto const number = raw.rows("select grille_number from " + record_of(w, "book_then"));
    session.restore(w.table, number.empty() ? 0 : std::stoll(number[0]));
    return {{}, 1, {}};
  });
}

}  // namespace

std::string try_world(std::uint32_t seed, raw_side& here, raw_side& there, opener const& open, counts& n) {
  chance c(seed);
  world const r(c);
  auto story = "GRILLE_SEED=" + std::to_string(seed) + "\n" + r.policy();
  auto const rows = r.rows(c);
  for (auto* db : {&here, &there}) db->run(rows);
  auto const sight = [&](raw_side& db) {
    std::string out;
    for (auto const& table : kept)
      if (r.sees(table))
        out += table + "\n" + joined(db.rows(r.view(table) + " order by 1" + (table == "book_then" ? ", b.grille_number" : "")));
      else if (table != "book_then")  // all is written unseen
        out += table + "\n" + joined(db.rows("select * from " + table + " order by 1"));
    return out;
  };
  auto const seen = sight(here);
  for (int i = 0; i < 40; ++i) {
    auto const change = r.change(c);
    if (change.empty()) continue;
    there.run("begin; savepoint change");
    try {
      there.run(change);
      if (sight(there) == seen)
        ++n["differences"];
      else
        there.run("rollback to savepoint change");
    } catch (std::exception const&) {  // a key
      there.run("rollback to savepoint change");
    }
    there.run("commit");
  }
  for (auto* db : {&here, &there}) db->run("delete from trail");
  for (auto const& table : tables) {
    auto const one = here.rows(r.behind(table)), other = there.rows(r.behind(table));
    for (std::size_t i = 0; i < one.size() && r.sees(table); ++i) n["rows seen that differ"] += one[i] != other.at(i) ? 1 : 0;
  }
  grille::options o;
  o.purge = true;
  std::vector<grille::database> guarded;
  ++n["worlds"];
  try {
    for (auto* db : {&here, &there}) guarded.push_back(open(*db, r, o));
  } catch (grille::policy_error const&) {
    return "";
  }
  ++n["accepted"];
  witness one(r, here), other(r, there);
  story += rows + "and there\n" + other.all();
  for (unsigned step = 0; step < 10; ++step) {
    auto w = r.some_write(c, step);
    auto const records = here.rows("select id from book_then order by grille_number");
    while (w.method == "restore" && records.empty()) w = r.some_write(c, step);
    if (w.method == "restore") w.row = records[c.below(static_cast<unsigned>(records.size()))], w.since = c.one_in(3) ? "1" : "0";
    one.look(w), other.look(w);
    auto const t = ask(guarded[0], here, r, w), t_there = ask(guarded[1], there, r, w);
    story += (w.sql.empty() ? w.method + " " + w.where + w.row + " " + w.since : w.sql) + "\n  " + random_writes::to_text(t) + "\n";
    ++n["writes"];
    n["done"] += t.error.empty() ? 1 : 0;
    if (!t.error.empty()) ++n[t.error.substr(0, t.error.find(':'))];
    counts elsewhere;
    if (auto const wrong = one.objections(w, t, n); !wrong.empty()) return "here " + wrong + story;
    if (auto const wrong = other.objections(w, t_there, elsewhere); !wrong.empty()) return "there " + wrong + random_writes::to_text(t_there) + "\n" + story;
    for (auto const* kind : {"backend", "unavailable", "unsupported", "usage"})
      if (t.error.starts_with(kind)) return "no fault of the caller's\n" + story;
    auto const keys = t.error.starts_with("conflict") || t_there.error.starts_with("conflict") || w.left_out;  // tell by nature
    if (keys && (t != t_there || sight(here) != sight(there))) break;  // from here on the two may differ in what is seen
    ++n["compared"];
    if (t != t_there) return "can tell what it cannot see: " + random_writes::to_text(t_there) + "\n" + story;
    if (sight(here) != sight(there)) return "sees another database\n" + sight(here) + "there\n" + sight(there) + story;
  }
  return "";
}

}  // namespace random_world
