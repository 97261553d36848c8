// The one statement that the steps of a write on PostgreSQL come to: texts that were proven, in a fixed frame of the verifier's own. Enters: steps.
// Leaves: common tables, one behind the other, and a query that says how many rows were written, or raises.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/scratch.hpp"
#include "verify/guarded_write.hpp"

namespace grille::verify {

/// The frame. A line's end behind each text: none of it can go on into what follows.
class frame {
 public:
  explicit frame(printed_write const& what) : what_(what) {
    out_.caller_parameters = what.steps.front().caller_parameters;
    for (auto const& s : what.steps) out_.slots.insert(out_.slots.end(), s.slots.begin(), s.slots.end());
  }
  void add(std::string_view name, write_step const& s, std::string_view hint = " as materialized", std::string const& columns = {}) {
    head(name, columns, hint);
    tables_.append("\n").append(s.sql).append("\n)");
  }
  void add(std::string_view name, std::string_view own) {
    head(name, {}, " as materialized");
    tables_.append(own).append(")");
  }
  /// All rows are found before the first is changed: the server locks as it reads, and leaves out a row that this statement has changed.
  /// `key`: the places by which one of each is taken; all are where it is empty.
  void add_found(write_step const& s, std::size_t temporary, std::vector<unsigned> const& key = {}) {
    add("grille_found", s, " as materialized", columns_of(temporary));
    std::string once;
    for (auto const k : key) once.append(once.empty() ? "distinct on (" : ", ").append("f.\"c").append(std::to_string(k + 1)).append("\"");
    if (!once.empty()) once += ") ";
    add("grille_rows", "select " + once + R"(f.* from "grille_found" f where (select pg_catalog.count(*) from "grille_found") >= 0)");
  }
  std::string columns_of(std::size_t temporary) const {
    std::string out;
    for (std::size_t i = 1; i <= what_.temporary[temporary].columns.size(); ++i) out += (i > 1 ? ", \"c" : "\"c") + std::to_string(i) + '"';
    return out;
  }
  /// As many rows go into the history as were found. `part`: of a merge, what the names of its tables end in.
  void add_record(write_step const& s, std::string const& part = {}) {
    add("grille_recorded" + part, s, " as");
    records_.append(R"( when (select pg_catalog.count(*) from "grille_recorded)" + part + R"(") <> (select pg_catalog.count(*) from "grille_rows)" + part + R"(") then ')").append(refused_row).append("'");
  }
  /// A record that the server does not show would not be erased.
  void refuse_hidden(catalog::table const& history) {
    std::string name;
    for (char const c : catalog::quoted(history.schema) + '.' + catalog::quoted(history.name)) name.append(c == '\'' ? 2 : 1, c);
    refuse(R"(c."written" >= 0 and pg_catalog.row_security_active(cast(')" + name + "' as pg_catalog.text))", hidden_history);
  }
  /// Nobody else writes to the table from before the statement sees it until the transaction ends.
  void lock(catalog::table const& t) { out_.lock = "lock table " + catalog::quoted(t.schema) + '.' + catalog::quoted(t.name) + " in share row exclusive mode"; }
  void refuse(std::string_view condition, std::string_view word) { cases_.append(" when ").append(condition).append(" then '").append(word).append("'"); }
  void refuse_rows_of(std::string_view name, std::string_view word) {
    // beside what is read of a row, so that nothing of it is computed before there is one
    refuse(std::string(R"(c."written" >= 0 and exists (select 1 from ")").append(name).append("\")"), word);
  }
  /// `counted`: what has "written" and "bad" as its columns.
  whole_write take(std::string_view counted, bool returns) {
    out_.returns = returns;
    refuse(R"(c."bad" <> 0)", refused_row);
    cases_ += records_;  // behind what ends the statement: what a history has against the record of a row that may not be changed would tell of that
    out_.sql.append("with ").append(tables_).append(R"( select c."written", cast(case)").append(cases_);
    out_.sql.append(" else '0' end as integer)").append(returns ? ", q.*" : "").append(" from ").append(counted).append(" c");
    if (returns) out_.sql += R"( left join (select true, r.* from "grille_result" r) q on true)";
    return std::move(out_);
  }

 private:
  void head(std::string_view name, std::string const& columns, std::string_view hint) {
    if (!tables_.empty()) tables_ += ", ";
    tables_.append("\"").append(name).append("\"");
    if (!columns.empty()) tables_.append(" (").append(columns).append(")");
    tables_.append(hint).append(" (");
  }
  printed_write const& what_;
  whole_write out_;
  std::string tables_, cases_, records_;
};

inline constexpr auto* counts = R"("written", "bad")";

}  // namespace grille::verify
