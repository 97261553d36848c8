// The proof of a merge on PostgreSQL. Enters: the printed steps. Leaves: the parts of which the one statement is put together, or a refusal. Demanded,
// beside what is of each insert, update and delete (verify/writes_postgresql.cpp), each by the method that its own text has:
//   the source is a query of the caller's, whose rows stand in a common table; in every other step that reads it, it stands for rows that the
//   caller sees, of which it is known of what types they are;
//   each part collects its rows for itself, and no step names those of another's.
// Which clause a row comes to is no part of this: what a row becomes is asked of the grants by the method that it is changed by. That no row is
// changed by two parts, or twice by one, the frame sees to, by the places of the key that were proven here.
#include <algorithm>
#include <string>

#include "bound/walk.hpp"
#include "verify/write_frame.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

void stand_in_for_source(bound::statement& s, read_source const& of, base::arena& memory) {
  struct look final : bound::visitor {
    look(read_source const& f, base::arena& m) : of(f), memory(m) {}
    using bound::visitor::enter;
    void enter(bound::relation& r) override {
      if (!is_table(r, *of.table)) return;
      std::vector<bound::item> items;
      for (auto const& type : of.types) {
        auto* value = memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::null, {}}, {}});
        if (!type.empty()) value = memory.make<bound::expr>(bound::expr{bound::cast{value, memory.copy(type)}, {}});
        items.push_back({value, {}});
      }
      bound::select nothing;
      nothing.items = memory.copy(items);
      r.query = memory.make<bound::query>();
      r.query->body = memory.make<bound::query_body>(bound::query_body{nothing});
      r.kind = bound::relation_kind::derived;
    }
    read_source const& of;
    base::arena& memory;
  } v(of, memory);
  bound::walk(*s.query, v);
}

namespace {

struct merged_part {
  statement_part steps;
  proven_part proven;
};

class merge_proof : public step_reader {
 public:
  merge_proof(printed_write& what, policy::access const& who) : step_reader(who, what), what_(what) {}

  base::result<std::vector<merged_part>> run() {
    if (auto const good = order(); !good) return tl::unexpected(good.error());
    if (auto const good = source(); !good) return tl::unexpected(good.error());
    for (auto& one : parts_) {
      auto proven = prove_part(what_, who_, one.steps);
      if (!proven) return tl::unexpected(proven.error());
      one.proven = *std::move(proven);
    }
    return std::move(parts_);
  }

 private:
  /// A collection of the source; then for each part what it collects, if it is no insert, what it records, what it writes, and its check.
  proof order() {
    using kind = bound::step_kind;
    auto& steps = what_.steps;
    std::size_t at = 0, tables = 0;
    auto const take = [&](kind k) { return at < steps.size() && steps[at].kind == k ? &steps[at++] : nullptr; };
    auto const named = [&](std::string const& name) { return tables < what_.temporary.size() && what_.temporary[tables++].purpose == name; };
    source_ = take(kind::collect);
    bool good = source_ != nullptr && named("source");
    while (good && at < steps.size()) {
      auto const number = std::to_string(parts_.size() + 1);
      merged_part one;
      one.steps.written = "written_" + number;
      one.steps.source = &read_;
      one.steps.rows_at = what_.temporary.size();  // none
      one.steps.collect = take(kind::collect);
      one.steps.record = take(kind::record);
      one.steps.apply = take(kind::apply);
      one.steps.check = take(kind::check);
      good = one.steps.apply != nullptr && one.steps.check != nullptr;
      auto const form = good ? parse_write(*one.steps.apply) : base::result<bind::write_form>();
      if (!form) return tl::unexpected(form.error());
      one.steps.method = form->method;
      good = good && (one.steps.collect == nullptr) == (form->method == method::insert);
      if (good && one.steps.collect != nullptr) {
        one.steps.rows_at = tables;
        good = named("rows_" + number);
      }
      parts_.push_back(std::move(one));
    }
    if (!good || parts_.empty() || tables != what_.temporary.size()) return disagree("the steps of a merge that are not all there, in their order");
    return {};
  }

  proof source() {
    rows_ = catalog::rows_table(what_.temporary.front());
    auto const bound = read_query(*source_, {});
    if (!bound) return tl::unexpected(bound.error());
    read_.table = &rows_;
    read_.types = result_types(**bound);
    if (read_.types.size() != rows_.columns.size()) return disagree("other columns than are collected");
    return prove_query(**bound, who_, memory_);
  }

  printed_write& what_;
  write_step* source_{};
  std::vector<merged_part> parts_;
  catalog::table rows_{};
  read_source read_;
};

/// The rows of all parts are found before the first is changed: the server locks as it reads, and leaves out a row that this statement has
/// changed. A row that two of them, or one twice, would change ends it all; and so does one that was there when the statement began and is not
/// when it is locked: nobody knows which clause is its by then.
class merge_frame {
 public:
  merge_frame(printed_write const& what, std::vector<merged_part> const& parts) : frame_(what), source_(what.steps.front()), parts_(parts) {}

  whole_write run() {
    frame_.add("grille_source", source_, " as materialized", frame_.columns_of(0));
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (parts_[i].steps.collect != nullptr) find(i);
    if (!all_found_.empty()) {
      frame_.add("grille_moved", "select 1 where " + moved_);
      frame_.refuse_rows_of("grille_moved", row_that_changed);
      frame_.add("grille_twice", "select 1 from (" + keys_ + ") k group by " + by_ + " having pg_catalog.count(*) > 1");
      frame_.refuse_rows_of("grille_twice", row_in_the_way);
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) change(i);
    frame_.add("grille_checked", "select " + written_ + R"( as "written", )" + bad_ + R"( as "bad" from )" + counted_);
    return frame_.take(R"("grille_checked")", false);
  }

 private:
  /// "grille_NAME_1"
  static std::string table(std::string_view name, std::size_t part, char const* quote = "\"") {
    return std::string(quote).append("grille_").append(name).append("_").append(std::to_string(part + 1)).append(quote);
  }
  static void add(std::string& to, std::string_view by, std::string const& text) { to.append(to.empty() ? "" : by).append(text); }

  void find(std::size_t i) {
    auto const& [steps, proven] = parts_[i];
    frame_.add(table("found", i, ""), *steps.collect, " as materialized", frame_.columns_of(steps.rows_at));
    frame_.add(table("seen", i, ""), "select pg_catalog.count(*) as \"n\" from (\n" + proven.unlocked + "\n) f");
    auto const found = "(select pg_catalog.count(*) from " + table("found", i) + ")";
    add(all_found_, " and ", found + " >= 0");
    add(moved_, " or ", found + R"( <> (select s."n" from )" + table("seen", i) + " s)");
    std::string key;
    by_.clear();
    for (std::size_t k = 0; k < proven.places.size(); ++k) {
      auto const name = "\"k" + std::to_string(k + 1) + '"';
      add(key, ", ", "f.\"c" + std::to_string(proven.places[k] + 1) + "\" as " + name);
      add(by_, ", ", "k." + name);
    }
    add(keys_, " union all ", "select " + key + " from " + table("found", i) + " f");
  }
  void change(std::size_t i) {
    auto const& steps = parts_[i].steps;
    if (steps.collect != nullptr) frame_.add(table("rows", i, ""), "select f.* from " + table("found", i) + " f where " + all_found_);
    if (steps.record != nullptr) frame_.add_record(*steps.record, '_' + std::to_string(i + 1));
    frame_.add(table("written", i, ""), *steps.apply, " as");
    frame_.add(table("checked", i, ""), *steps.check, " as materialized", counts);
    auto const name = "k" + std::to_string(i + 1);
    add(counted_, ", ", table("checked", i) + " " + name);
    add(written_, " + ", name + R"(."written")");
    add(bad_, " + ", name + R"(."bad")");
  }

  frame frame_;
  write_step const& source_;
  std::vector<merged_part> const& parts_;
  std::string all_found_, moved_, keys_, by_, counted_, written_, bad_;
};

}  // namespace

base::result<whole_write> prove_merge(printed_write& what, policy::access const& who) {
  auto const parts = merge_proof(what, who).run();
  if (!parts) return tl::unexpected(parts.error());
  return merge_frame(what, *parts).run();
}

}  // namespace grille::verify
