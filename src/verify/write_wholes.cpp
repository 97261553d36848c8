// The one statement that a write on PostgreSQL is. Enters: its printed steps. Leaves: each change proven (writes_postgresql.cpp, upserts.cpp,
// merges.cpp), and the texts put together in the frame, in an order that is demanded of them here; or a refusal.
#include <algorithm>
#include <string>

#include "verify/write_frame.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

namespace {

base::result<statement_part> in_order(printed_write& what) {
  statement_part out{.method = what.method};
  using kind = bound::step_kind;
  std::vector<kind> kinds, wanted;
  for (auto& s : what.steps) {
    kinds.push_back(s.kind);
    auto& one = s.kind == kind::collect    ? out.collect
                : s.kind == kind::conflict ? out.conflict
                : s.kind == kind::record   ? out.record
                : s.kind == kind::former   ? out.former
                : s.kind == kind::erase    ? out.erase
                : s.kind == kind::apply    ? out.apply
                : s.kind == kind::check    ? out.check
                                           : out.result;
    one = &s;
  }
  auto const insert = what.method == method::insert;
  if (!insert) wanted.push_back(kind::collect);
  if (what.method == method::update && out.conflict != nullptr) wanted.push_back(kind::conflict);
  if (out.record != nullptr) wanted.push_back(kind::record);
  if (out.former != nullptr) wanted.push_back(kind::former);
  if (out.erase != nullptr) wanted.push_back(kind::erase);
  wanted.push_back(kind::apply);
  wanted.push_back(kind::check);
  if (out.result != nullptr) wanted.push_back(kind::result);
  if (kinds != wanted) return disagree("the steps of a write that are not all there, in their order");
  if (what.temporary.size() != (insert ? 0U : 1U)) return disagree("other temporary tables than the steps have");
  return out;
}

/// `history`: of the table, where it keeps one.
whole_write put_together(printed_write const& what, statement_part const& part, proven_part const& proven, catalog::table const* history) {
  frame f(what);
  if (part.collect != nullptr) {
    if (!proven.joined) {
      f.add("grille_rows", *part.collect, " as materialized", f.columns_of(0));
    } else if (part.method == method::remove) {
      f.add_found(*part.collect, 0, proven.places);
    } else {
      f.add_found(*part.collect, 0);
      f.add("grille_twice", *part.conflict);
      f.refuse_rows_of("grille_twice", row_in_the_way);
    }
  }
  if (part.record != nullptr) f.add_record(*part.record);
  if (part.former != nullptr) {
    f.add("grille_former", *part.former);
    f.refuse_rows_of("grille_former", refused_row);
  }
  if (part.erase != nullptr) {
    f.add("grille_erased", *part.erase, " as");
    f.refuse_hidden(*history);
    f.lock(*what.table);
  }
  f.add("grille_written", *part.apply, " as");
  f.add("grille_checked", *part.check, " as materialized", counts);
  if (part.result != nullptr) f.add("grille_result", *part.result, " as");
  return f.take("\"grille_checked\"", part.result != nullptr);
}

/// Of an upsert, whose steps are known to be there in their order. A row in the way that was there when the statement began, and is given away or gone
/// when it is locked, is neither changed nor taken the place of: that ends it all.
whole_write put_upsert_together(printed_write const& what, proven_part const& updated) {
  using kind = bound::step_kind;
  frame f(what);
  std::size_t collects = 0, conflicts = 0, applies = 0, checks = 0;
  bool returns = false;
  auto const numbered = [](std::string_view name, std::size_t n) { return std::string(name) + std::to_string(n); };
  for (auto const& s : what.steps) {
    if (s.kind == kind::collect) {
      if (collects == 2) {
        f.add_found(s, collects);
        auto const count = [&](std::string const& of) { return R"((select pg_catalog.count(*) from "grille_)" + of + "\")"; };
        if (!updated.all) f.add("grille_seen", "select pg_catalog.count(*) as \"n\" from (\n" + updated.unlocked + "\n) f");
        auto const seen = updated.all ? count(what.temporary[1].purpose) + " - " + count(what.temporary[3].purpose) : std::string(R"((select s."n" from "grille_seen" s))");
        f.refuse(R"(c."written" >= 0 and )" + count("found") + " <> " + seen, row_that_changed);
      } else
        f.add("grille_" + what.temporary[collects].purpose, s, " as materialized", f.columns_of(collects));
      ++collects;
    } else if (s.kind == kind::conflict || (s.kind == kind::check && applies == 0)) {
      auto const name = numbered("grille_refused_", ++conflicts);
      f.add(name, s);
      f.refuse_rows_of(name, s.kind == kind::conflict ? row_in_the_way : refused_row);
    } else if (s.kind == kind::record) {
      f.add_record(s);
    } else if (s.kind == kind::apply) {
      f.add(++applies == 1 ? "grille_inserted" : "grille_updated", s, " as");
    } else if (s.kind == kind::check) {
      f.add(numbered("grille_checked_", ++checks), s, " as materialized", counts);
    } else {
      returns = true;
      f.add("grille_written", R"(select i.* from "grille_inserted" i union all select u.* from "grille_updated" u)");
      f.add("grille_result", s, " as");
    }
  }
  f.add("grille_checked", R"(select a."written" + b."written" as "written", a."bad" + b."bad" as "bad" from "grille_checked_1" a, "grille_checked_2" b)");
  return f.take("\"grille_checked\"", returns);
}

}  // namespace

base::result<whole_write> prove_statement(printed_write& what, policy::access const& who) {
  if (what.steps.empty()) return disagree("a write without steps");
  for (auto const& s : what.steps)
    if (s.caller_parameters != what.steps.front().caller_parameters) return disagree("steps with other parameters of the caller's");
  if (what.merges) return prove_merge(what, who);
  auto const applies = std::count_if(what.steps.begin(), what.steps.end(), [](write_step const& s) { return s.kind == bound::step_kind::apply; });
  if (applies > 1) {
    std::vector<catalog::table> temporary;
    for (auto const& l : what.temporary) temporary.push_back(catalog::rows_table(l));
    proven_part updated;
    if (auto const good = prove_upsert(what, who, temporary, &updated); !good) return tl::unexpected(good.error());
    return put_upsert_together(what, updated);
  }
  auto const part = in_order(what);
  if (!part) return tl::unexpected(part.error());
  auto const proven = prove_part(what, who, *part);
  if (!proven) return tl::unexpected(proven.error());
  if (proven->joined && what.method == method::update && part->conflict == nullptr) return disagree("a row that may be changed in two ways");
  return put_together(what, *part, *proven, who.policy().tables.at(what.table).history);
}

}  // namespace grille::verify
