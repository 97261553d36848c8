// Policies and writes made at random over one small table. Enters: a source of chance. Leaves: the sentences, as data and as policy text, and
// writes, as data and as SQL. What the sentences mean is asked of the databases themselves, in plain SQL, by whoever uses them.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace random_writes {

using strings = std::vector<std::string>;

/// `t` is what is written; `m` is what the policy alone looks into.
inline constexpr auto* schema =
    "create table t (id integer primary key, owner integer, kind text collate nocase, a integer, b numeric, note text, unique (kind, "
    "note)); create table m (who integer);";
inline strings const columns{"owner", "kind", "a", "b", "note"};
inline strings const seen_columns{"id", "owner", "kind", "a", "b"};

class chance {
 public:
  explicit chance(std::uint32_t seed) : random_(seed) {}
  unsigned below(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random_); }
  bool one_in(unsigned n) { return below(n) == 0; }
  std::string const& of(strings const& all) { return all[below(static_cast<unsigned>(all.size()))]; }
  strings some(strings const& all);

 private:
  std::mt19937 random_;
};

/// Seeds that are others each time, for tests that try the same ones besides. GRILLE_SEED, which a failure names: that one in their place.
std::vector<std::uint32_t> fresh_seeds(unsigned n);

std::string constant(chance& c, std::string const& column);
/// Values for a row with that key: `(id, …)`.
std::string some_row(chance& c, unsigned id);

struct grant {
  strings columns;
  std::optional<std::string> where, so_that;
  std::map<std::string, std::string> settings;
  bool names(std::string const& column) const;
};
struct rules {
  std::vector<grant> select, insert, update, remove;
  std::map<std::string, strings> restricts;  // by method

  std::string text() const;
  strings restricted(std::string const& method) const;
  /// Of a row of `t`: whether the caller sees it. Where it may see none, every row counts.
  std::string seen() const;
  /// And whether it is shown all of these columns there.
  std::string shown(strings const& columns) const;
  /// Whether it is in every row that it sees.
  bool shows(strings const& columns) const;
};
rules some_rules(chance& c);
/// With grants by which most of what there is can be written.
void widen(rules& r, chance& c);

struct a_write {
  std::string method, sql;  // what the caller says
  strings columns;
  std::map<std::string, std::string> set;                // update
  std::vector<std::map<std::string, std::string>> rows;  // insert
  std::string where;                                     // over seen columns
  /// Of a row whose key a proposed one has.
  enum class way { conflict, left_out, updated, replaced } in_the_way{};
  strings key;                                // by which it is looked for; empty: by any
  std::map<std::string, std::string> update;  // updated: the values, which may say `excluded.`
  std::string update_where;                   // over `t.` and `excluded.`
  bool returns{};                             // the columns that are seen
};
/// What columns hold of which nothing is said, on PostgreSQL.
inline std::map<std::string, std::string> const defaults{{"b", "3"}};
/// `on_server`: PostgreSQL's forms, with `default` among the values; the table then has `defaults`.
a_write some_write(chance& c, unsigned& next_id, bool sees, bool on_server = false);
/// Some updates change the key too: all to one, or each to another, by what needs no order: a row's new key was nobody's, or is that of one it would
/// change places with, which is a conflict whichever goes first.
void move(a_write& w, chance& c, bool sees);
/// An insert that says what is to become of a row in its way; or, on SQLite, of what is replaced.
a_write some_upsert(chance& c, unsigned& next_id, bool sees, bool on_server = false);

/// Some say `returning`, where something is seen.
void ask_back(a_write& w, chance& c, bool sees);
inline constexpr auto* returning = " returning id, owner, kind, a, b";

std::string all_of(strings const& parts);
std::string any_of(strings const& parts);
/// A predicate over `t`, and `old.`, with its columns qualified by `row` and by `before`.
std::string qualified(std::string const& predicate, std::string const& row, std::string const& before);

}  // namespace random_writes
