// Random queries about names over the tables t(a, b, c), u(a, d), v(b, d, e) and k(a, e): joins with `using` and `natural`, parentheses,
// aliases, correlated subqueries, common tables, order by and group by on names that several things bear. Enters: a seed. Leaves: a
// text, always the same for a seed. Not every one means something.
#pragma once
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

namespace grille::bind {

/// Mostly sensible: it knows which relations it has put into a from clause, and draws most names out of them.
class generator {
 public:
  explicit generator(unsigned seed) : random_(seed) {}

  std::string statement() {
    std::string sql;
    if (chance(25)) {
      common_ = true;
      sql = "with c" + std::string(chance(50) ? "(a, b)" : "") + " as (select " + one_of({"a, d", "d as a, a as b", "a, a"}) + " from u) ";
    }
    return sql + (chance(15) ? compound() : select(below(3) + 1, true));
  }

 private:
  struct relation {
    std::string name;
    std::vector<std::string> columns;
  };
  using relations = std::vector<relation>;

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T>
  T const& one_of(std::vector<T> const& all) {
    return all[below(static_cast<unsigned>(all.size()))];
  }
  std::string one_of(std::initializer_list<char const*> all) { return all.begin()[below(static_cast<unsigned>(all.size()))]; }

  std::string column() {
    if (chance(3)) return one_of({"rowid", "oid", "k.rowid", "x.rowid", "zz"});
    // Mostly of the innermost select, else of one around it.
    if (scopes_.empty()) return one_of({"1", "a", "2"});
    auto const& scope = chance(80) ? scopes_.back() : one_of(scopes_);
    if (scope.empty()) return one_of({"1", "a", "z"});
    auto const& r = one_of(scope);
    auto const& name = one_of(r.columns);
    return chance(45) || r.name.empty() ? name : r.name + "." + name;
  }
  std::string expression() {
    switch (below(scopes_.size() < 3 ? 11 : 8)) {
      case 0:
        return column() + " + " + column();
      case 1:
        return "coalesce(" + column() + ", 0)";
      case 8:
        return "(" + select(1, chance(20)) + ")";
      case 9:
        return "exists (" + select(1, false) + ")";
      case 10:
        return column() + " in (" + select(1, false) + ")";
      default:
        return column();
    }
  }
  std::string condition() {
    return expression() + one_of({" = ", " <> ", " < ", " is "}) + (chance(60) ? one_of({"1", "2", "4", "null"}) : expression());
  }
  std::string table(relations& scope) {
    if (scopes_.size() < 3 && chance(12)) {
      auto const inner = "(" + select(below(3) + 1, false) + ")";
      auto const alias = chance(80) ? one_of({"x", "y", "p"}) : "";
      scope.push_back({alias, {"a", "b", "x", "z"}});
      return inner + (alias.empty() ? "" : " as " + alias);
    }
    if (chance(10)) return "(" + from(scope, 2) + ")";
    if (common_ && chance(30)) {
      auto const alias = chance(40) ? one_of({"x", "q"}) : "c";
      scope.push_back({alias, {"a", "b"}});
      return alias == "c" ? alias : "c as " + alias;
    }
    static std::vector<relation> const tables{{"t", {"a", "b", "c"}}, {"u", {"a", "d"}}, {"v", {"b", "d", "e"}}, {"k", {"a", "e"}}};
    auto r = one_of(tables);
    auto const text = r.name;
    if (!chance(35)) return scope.push_back(r), text;
    r.name = one_of({"x", "y", "p", "q"});
    scope.push_back(r);
    return text + " as " + r.name;
  }
  std::string from(relations& scope, unsigned most) {
    auto sql = table(scope);
    for (auto n = below(most); n > 0; --n) {
      auto const natural = chance(25);
      if (!natural && chance(15)) {
        sql += ", " + table(scope);
        continue;
      }
      sql += natural ? " natural" : "";
      sql += one_of({" join ", " join ", " left join ", " right join ", " full join ", " cross join "}) + table(scope);
      if (natural) continue;
      if (chance(45)) {
        sql += " using (" + one_of(scope.back().columns) + ")";
      } else if (chance(80)) {
        scopes_.push_back(scope);
        sql += " on " + condition();
        scopes_.pop_back();
      }
    }
    return sql;
  }
  std::string select(std::size_t width, bool ordered) {
    relations scope;
    std::string tables;
    if (!chance(4)) tables = " from " + from(scope, 3);
    scopes_.push_back(scope);
    std::string sql = chance(10) ? "select distinct " : "select ";
    auto const grouped = chance(15);
    std::string alias = "zz";
    for (std::size_t i = 0; i < width; ++i) {
      sql += i == 0 ? "" : ", ";
      if (grouped && chance(40))
        sql += one_of({"count(*)", "max(", "sum("});
      else
        sql += expression();
      if (sql.back() == '(') sql += column() + ")";
      if (chance(40)) sql += " as " + (alias = one_of({"a", "b", "x", "z", "m", "n"}));
    }
    if (scopes_.size() == 1 && !scope.empty() && chance(25)) sql += chance(50) ? ", *" : ", " + one_of(scope).name + ".*";
    sql += tables;
    if (chance(40)) sql += " where " + (chance(20) ? alias + " > 0" : condition());
    if (grouped) sql += " group by " + (chance(40) ? alias : chance(30) ? "1" : expression());
    if (grouped && chance(30)) sql += " having " + (chance(40) ? alias + " > 0" : chance(40) ? "count(*) > 0" : condition());
    if (ordered && chance(70)) sql += " order by " + (chance(40) ? alias : chance(30) ? "1" : expression()) + one_of({"", "", " desc", " collate nocase"});
    scopes_.pop_back();
    return sql;
  }
  std::string compound() {
    auto const width = below(2) + 1;
    auto sql = select(width, false) + one_of({" union ", " union all ", " except ", " intersect "}) + select(width, false);
    return chance(60) ? sql + " order by " + one_of({"1", "a", "b", "x", "z", "t.a", "d", "a + 1"}) : sql;
  }

  std::mt19937 random_;
  std::vector<relations> scopes_;
  bool common_{};
};

}  // namespace grille::bind
