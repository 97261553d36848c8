#include "rewrite/write.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "bound/walk.hpp"
#include "catalog/row_key.hpp"
#include "rewrite/passes.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

struct forced {
  unsigned column{};
  bound::expr const* value{};
};
/// The grants that cover a write, and what they force.
struct covering {
  std::vector<policy::matched_grant> grants;
  policy::grant const* first{};
  unsigned tuple{};
  std::vector<forced> settings;
};

bool says_scope(bound::expr const* e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(expr_ptr& x) override {
      auto const* s = x->as<bound::slot>();
      found = found || (s != nullptr && s->kind == bound::slot_kind::scope);
      return true;
    }
    bool found{};
  } v;
  auto* at = const_cast<bound::expr*>(e);  // a walk may change what it visits; this one does not
  bound::walk(at, v);
  return v.found;
}
bool says_row(bound::expr const* e, bound::relation const* subject) {
  struct look final : bound::visitor {
    explicit look(bound::relation const* s) : of(s) {}
    using bound::visitor::enter;
    bool enter(expr_ptr& x) override {
      auto const* c = x->as<bound::column>();
      found = found || (c != nullptr && c->relation == of);
      return true;
    }
    bound::relation const* of;
    bool found{};
  } v(subject);
  auto* at = const_cast<bound::expr*>(e);
  bound::walk(at, v);
  return v.found;
}

class planner {
 public:
  planner(bound::write& w, policy::access const& who, base::arena& memory)
      : w_(w), who_(who), access_(*who.of(w.table)), table_(*w.table), memory_(memory), key_(catalog::row_key(table_)) {}

  result<write_plan> run() {
    if (auto const good = refuse_by_name(); !good) return tl::unexpected(good.error());
    if (auto const good = cover(); !good) return tl::unexpected(good.error());
    if (auto const good = refuse_masked(); !good) return tl::unexpected(good.error());
    alternatives const ways(access_, covered_.grants, memory_);
    auto const done = w_.method == method::insert ? insert(ways) : change(ways);
    if (!done) return tl::unexpected(done.error());
    return std::move(out_);
  }

 private:
  std::string_view name_of(unsigned column) const { return table_.columns[column].name; }
  tl::unexpected<base::fault> refuse(errc kind, std::string message, base::range at, std::string help = {}) const {
    return fail(kind, std::move(message), at, std::move(help));
  }

  // --- what is refused before anything is planned

  result<void> refuse_by_name() const {
    auto const of_history = [&] {
      if (access_.policy->history != nullptr) return true;
      for (auto const& [table, p] : who_.policy().tables)
        if (p.history == &table_) return true;
      return false;
    };
    if (of_history()) return refuse(errc::unsupported, "a write to a table that keeps its history, or is one", w_.at);
    if (key_.empty()) return refuse(errc::unsupported, "a write to a table whose rows have no key that can be named", w_.at);
    if (w_.method != method::insert)
      for (std::size_t i = 0; i < w_.columns.size(); ++i)
        if (catalog::decides_key(table_, w_.columns[i]))
          return refuse(errc::unsupported, "an update of the primary key `" + std::string(name_of(w_.columns[i])) + "`", w_.places[i],
                        "delete the row and insert it");
    return {};
  }

  bool named(policy::grant const& g, unsigned column) const {
    if (g.cells[column].which != policy::cell::kind::plain || access_.denied[column]) return false;
    return w_.method == method::insert ? !access_.denied_insert[column] : !access_.denied_update[column];
  }
  bool names_all(policy::grant const& g) const {
    return std::all_of(w_.columns.begin(), w_.columns.end(), [&](unsigned c) { return named(g, c); });
  }

  result<void> cover() {
    auto const& all = access_.of(w_.method);
    auto const first = std::find_if(all.begin(), all.end(), [&](policy::matched_grant const& g) { return names_all(*g.grant); });
    if (first == all.end()) return not_covered(all);
    covered_.first = first->grant;
    covered_.tuple = first->first;
    unsigned held = 0;
    for (auto const& g : all)
      if (g.grant == first->grant) held += g.tuples;
    for (auto const& [column, value] : first->grant->settings) {
      if (says_scope(value) && held != 1)
        return refuse(errc::ambiguous,
                      "`" + std::string(name_of(column)) + "` is set by the policy from the scope of a role that is held more than once",
                      w_.at, "call with the one scope that is meant");
      if (w_.method == method::insert && says_row(value, first->grant->subject))
        return refuse(errc::unsupported, "a value that the policy sets from the row to be inserted", w_.at);
      if (w_.method != method::insert && catalog::decides_key(table_, column))
        return refuse(errc::unsupported, "an update of the primary key, which the policy sets", w_.at);
      covered_.settings.push_back({column, value});
    }
    for (auto const& g : all)
      if (names_all(*g.grant) && forces_the_same(*g.grant)) covered_.grants.push_back(g);
    return {};
  }

  /// Of another grant than the first: it forces nothing else, and what is forced it forces too or names itself.
  bool forces_the_same(policy::grant const& g) const {
    if (&g == covered_.first) return true;
    for (auto const& [column, value] : g.settings) {
      auto const known =
          std::find_if(covered_.settings.begin(), covered_.settings.end(), [&c = column](forced const& f) { return f.column == c; });
      if (known == covered_.settings.end()) return false;
      bound::comparison equal;
      equal.pairs.emplace(covered_.first->subject, g.subject);
      if (says_scope(value) || !equal(known->value, value)) return false;
    }
    return std::all_of(covered_.settings.begin(), covered_.settings.end(), [&](forced const& f) {
      auto const too = std::any_of(g.settings.begin(), g.settings.end(), [&](auto const& s) { return s.first == f.column; });
      return too || named(g, f.column);
    });
  }

  tl::unexpected<base::fault> not_covered(std::vector<policy::matched_grant> const& all) const {
    for (std::size_t i = 0; i < w_.columns.size(); ++i) {
      auto const c = w_.columns[i];
      if (std::any_of(all.begin(), all.end(), [&](policy::matched_grant const& g) { return named(*g.grant, c); })) continue;
      auto const set = std::any_of(all.begin(), all.end(), [&](policy::matched_grant const& g) {
        return std::any_of(g.grant->settings.begin(), g.grant->settings.end(), [&](auto const& s) { return s.first == c; });
      });
      return refuse(errc::forbidden,
                    "`" + std::string(name_of(c)) + (set ? "` is set by the policy, not by the statement" : "` may not be written"),
                    w_.places[i]);
    }
    return refuse(errc::forbidden, "no one grant covers all of these columns", w_.columns.empty() ? w_.at : w_.places.front(),
                  "write them in statements of their own");
  }

  /// An application that read a masked value would write it back.
  result<void> refuse_masked() {
    if (w_.method != method::update || w_.target == nullptr || access_.select.empty()) return {};
    for (std::size_t i = 0; i < w_.columns.size(); ++i) {
      auto const c = w_.columns[i];
      auto const shown = std::any_of(access_.select.begin(), access_.select.end(),
                                     [&](policy::matched_grant const& g) { return g.grant->cells[c].which != policy::cell::kind::none; });
      if (!shown || always_plain(c)) continue;
      if (sometimes_plain(c)) {
        in_some_rows_.push_back(c);
        continue;
      }
      std::erase_if(covered_.grants, [](policy::matched_grant const& g) { return !g.grant->blind; });
      if (covered_.grants.empty())
        return refuse(errc::forbidden, "`" + std::string(name_of(c)) + "` is masked or withheld, and cannot be assigned", w_.places[i],
                      "a grant to `update blind` would allow it");
    }
    return {};
  }
  bool always_plain(unsigned column) const {
    alternatives const open(access_, access_.select, memory_);
    auto const plain = [&](alternative const& a) {
      return a.grant->cells[column].which == policy::cell::kind::plain && masks_for(*access_.policy, *a.grant, column).empty();
    };
    return std::all_of(open.all().begin(), open.all().end(), plain) ||
           std::any_of(open.all().begin(), open.all().end(), [&](alternative const& a) { return a.conjuncts.empty() && plain(a); });
  }
  /// By some grant, in rows where no mask counts.
  bool may_be_plain(policy::grant const& g, unsigned column) const {
    auto const masks = masks_for(*access_.policy, g, column);
    return g.cells[column].which == policy::cell::kind::plain &&
           std::all_of(masks.begin(), masks.end(), [](policy::column_mask const* m) { return m->where != nullptr; });
  }
  bool sometimes_plain(unsigned column) const {
    return std::any_of(access_.select.begin(), access_.select.end(),
                       [&](policy::matched_grant const& g) { return may_be_plain(*g.grant, column); });
  }
  /// Whether the caller sees the column of this row as it is stored.
  expr_ptr plain_in(unsigned column, bound::relation* r) const {
    alternatives const open(access_, access_.select, memory_);
    std::vector<expr_ptr> any;
    for (auto const& a : open.all()) {
      if (!may_be_plain(*a.grant, column)) continue;
      std::vector<expr_ptr> all;
      if (auto* c = open.condition(a, r)) conjuncts(c, all);
      for (auto const* m : masks_for(*access_.policy, *a.grant, column))
        all.push_back(operate(memory_, bound::op::is_false, {instantiate(m->where, m->subject, r, a, memory_)}));
      any.push_back(join(memory_, bound::junction_op::conjunction, std::move(all)));
    }
    return join(memory_, bound::junction_op::disjunction, std::move(any));
  }
  /// What a grant asks of the row before, the cells that are assigned among it; null: nothing.
  expr_ptr asked_before(alternatives const& ways, alternative const& a, bound::relation* r) const {
    std::vector<expr_ptr> all;
    if (auto* c = ways.condition(a, r)) conjuncts(c, all);
    if (!a.grant->blind)
      for (auto const c : in_some_rows_) all.push_back(plain_in(c, r));
    return all.empty() ? nullptr : join(memory_, bound::junction_op::conjunction, std::move(all));
  }

  // --- parts

  bound::relation* base(catalog::table const& t, bool rowid) const {
    auto* r = memory_.make<bound::relation>();
    r->kind = bound::relation_kind::base;
    r->table = &t;
    r->name = memory_.copy(t.name);
    r->at = w_.at;
    std::vector<bound::relation_column> columns;
    for (unsigned i = 0; i < t.columns.size() + (rowid ? 1 : 0); ++i)
      columns.push_back({memory_.copy(catalog::name_of(t, i)), i, i < t.columns.size(), true});
    r->columns = memory_.copy(columns);
    return r;
  }
  bound::relation* row() const { return base(table_, true); }
  expr_ptr column(bound::relation* r, unsigned i) const { return make(memory_, bound::column{r, i}); }
  expr_ptr one() const { return make(memory_, bound::literal{bound::literal_kind::integer, "1"}); }

  bound::from_item* from(bound::relation* r) const { return memory_.make<bound::from_item>(bound::from_item{r}); }
  bound::from_item* from(bound::relation* a, bound::relation* b) const {
    return memory_.make<bound::from_item>(bound::from_item{bound::join{bound::join_kind::cross, from(a), from(b), nullptr}});
  }
  bound::query* query(std::vector<expr_ptr> const& values, bound::from_item* f, expr_ptr where) const {
    bound::select s;
    std::vector<bound::item> items;
    for (auto* v : values) items.push_back({v, {}});
    s.items = memory_.copy(items);
    s.from = f;
    s.where = where;
    auto* q = memory_.make<bound::query>();
    q->body = memory_.make<bound::query_body>(bound::query_body{s});
    return q;
  }
  bound::statement* statement(bound::query* q) const {
    auto* s = memory_.make<bound::statement>();
    s->query = q;
    return s;
  }
  /// r.K = s.K
  std::vector<expr_ptr> same_row(bound::relation* r, std::vector<unsigned> const& key, bound::relation* s,
                                 std::vector<unsigned> const& places) const {
    std::vector<expr_ptr> out;
    for (std::size_t i = 0; i < key.size(); ++i)
      out.push_back(operate(memory_, bound::op::equal, {column(r, key[i]), column(s, places[i])}));
    return out;
  }
  catalog::table const& temporary(std::string purpose, std::vector<catalog::scratch_column> columns) {
    out_.temporary.push_back({std::move(purpose), std::move(columns)});
    out_.tables.push_back(std::make_unique<catalog::table>(catalog::scratch_table(out_.temporary.back())));
    return *out_.tables.back();
  }
  void note(outcome const& o) { out_.relations.insert(out_.relations.end(), o.relations.begin(), o.relations.end()); }

  // --- checks

  /// select 1 from S s where not exists (select 1 from T r where r.K = s.K and (ALT or …))
  void check(alternatives const& ways, catalog::table const& rows, std::vector<unsigned> const& places) {
    auto* s = base(rows, false);
    auto* r = row();
    auto found = same_row(r, key_, s, places);
    std::vector<expr_ptr> any;
    bool always = false;
    for (std::size_t i = 0; i < ways.all().size(); ++i) {
      auto all = stored(ways.all()[i], i, r, s);
      always = always || all.empty();
      if (!all.empty()) any.push_back(join(memory_, bound::junction_op::conjunction, std::move(all)));
    }
    if (!always) found.push_back(join(memory_, bound::junction_op::disjunction, std::move(any)));
    auto* there = make(memory_, bound::subquery{bound::subquery_kind::exists, nullptr,
                                                query({one()}, from(r), join(memory_, bound::junction_op::conjunction, found))});
    out_.steps.push_back({.kind = bound::step_kind::check,
                          .into = nullptr,
                          .columns = {},
                          .key = {},
                          .query = statement(query({one()}, from(s), operate(memory_, bound::op::logical_not, {there})))});
  }
  /// What one grant asks of a row that was written.
  std::vector<expr_ptr> stored(alternative const& a, std::size_t index, bound::relation* r, bound::relation* s) const {
    std::vector<expr_ptr> out;
    if (auto const flag = flags_.find(index); flag != flags_.end()) out.push_back(column(s, flag->second));
    if (w_.method == method::remove) return out;
    auto const& g = *a.grant;
    if (g.so_that != nullptr)
      conjuncts(after(g, a, r, s), out);
    else if (g.where != nullptr)
      conjuncts(instantiate(g.where, g.subject, r, a, memory_), out);
    for (auto const& rule : access_.policy->restrictions) {
      if (std::find(rule.methods.begin(), rule.methods.end(), w_.method) == rule.methods.end()) continue;
      if (std::find(rule.except.begin(), rule.except.end(), g.role) != rule.except.end()) continue;
      conjuncts(instantiate(rule.predicate, rule.subject, r, a, memory_), out);
    }
    return out;
  }
  expr_ptr after(policy::grant const& g, alternative const& a, bound::relation* r, bound::relation* s) const {
    bound::copier copy{memory_};
    copy.columns = [&](bound::column const& c) -> expr_ptr {
      if (c.relation == g.subject) return column(r, c.index);
      if (c.relation == g.old_subject) return column(s, old_.at(c.index));
      return nullptr;
    };
    copy.slots = [&](bound::slot const& x) {
      auto out = x;
      if (x.kind == bound::slot_kind::scope) out.tuple = a.tuple;
      return out;
    };
    auto* made = copy(g.so_that);
    policy::spell_groups(made, a.groups, memory_);
    return made;
  }
  static void conjuncts(expr_ptr e, std::vector<expr_ptr>& out) {
    if (auto* j = e->as<bound::junction>(); j != nullptr && j->op == bound::junction_op::conjunction) {
      for (auto* item : j->items) conjuncts(item, out);
      return;
    }
    out.push_back(e);
  }

  // --- update and delete

  std::set<unsigned> old_columns() const {
    struct look final : bound::visitor {
      using bound::visitor::enter;
      bool enter(expr_ptr& x) override {
        auto const* c = x->as<bound::column>();
        if (c != nullptr && c->relation == of) found.insert(c->index);
        return true;
      }
      bound::relation const* of{};
      std::set<unsigned> found;
    } v;
    for (auto const& g : covered_.grants) {
      v.of = g.grant->old_subject;
      auto* at = g.grant->so_that;
      if (at != nullptr) bound::walk(at, v);
    }
    return v.found;
  }

  result<void> change(alternatives const& ways) {
    auto* select = w_.rows->query->body->as<bound::select>();
    std::vector<catalog::scratch_column> layout(w_.method == method::update ? w_.columns.size() : 0);
    std::vector<unsigned> places;
    target const of{w_.target, access_.select.empty() ? &covered_.grants : nullptr, [&](occurrence& o) {
                      std::vector<bound::item> items;
                      if (w_.method == method::update) items.assign(select->items.begin(), select->items.end());
                      auto const add = [&](std::string const& name, catalog::scratch_column as,
                                           std::function<expr_ptr(bound::relation*)> value) {
                        auto const i = add_extra(o, name, std::move(value), memory_);
                        layout.push_back(std::move(as));
                        items.push_back({column(o.relation, i), {}});
                        return i;
                      };
                      for (auto const k : key_) {
                        places.push_back(static_cast<unsigned>(layout.size()));
                        add("key", catalog::like(table_, k), [this, k](bound::relation* r) { return column(r, k); });
                      }
                      for (auto const c : old_columns()) {
                        old_[c] = static_cast<unsigned>(layout.size());
                        add("old", catalog::like(table_, c), [this, c](bound::relation* r) { return column(r, c); });
                      }
                      std::vector<expr_ptr> may;
                      bool always = false;
                      for (std::size_t i = 0; i < ways.all().size(); ++i) {
                        auto const& a = ways.all()[i];
                        auto const nothing = a.conjuncts.empty() && (a.grant->blind || in_some_rows_.empty());
                        always = always || nothing;
                        if (nothing) continue;
                        flags_[i] = static_cast<unsigned>(layout.size());
                        auto const f = add("may", {}, [this, &ways, &a](bound::relation* r) {
                          return operate(memory_, bound::op::is_true, {asked_before(ways, a, r)});
                        });
                        may.push_back(column(o.relation, f));
                      }
                      select->items = memory_.copy(items);
                      if (always) return;
                      auto* any = join(memory_, bound::junction_op::disjunction, std::move(may));
                      select->where = select->where == nullptr ? any : join(memory_, bound::junction_op::conjunction, {select->where, any});
                    }};
    auto const read = rewrite(*w_.rows, who_, memory_, false, &of);
    if (!read) return tl::unexpected(read.error());
    note(*read);
    auto const& rows = temporary("rows", std::move(layout));
    out_.steps.push_back({.kind = bound::step_kind::collect, .into = &rows, .columns = {}, .key = {}, .query = w_.rows});
    if (w_.method == method::remove) {
      check(ways, rows, places);
      if (auto const good = returning(rows, places); !good) return good;
      out_.steps.push_back(
          {.kind = bound::step_kind::apply, .into = nullptr, .columns = {}, .key = {}, .query = statement(removal(rows, places))});
      return {};
    }
    auto* r = row();
    auto* s = base(rows, false);
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    std::vector<expr_ptr> values;
    for (unsigned i = 0; i < columns.size(); ++i) values.push_back(column(s, i));
    force(r, columns, values);
    auto* written = query(values, from(r, s), join(memory_, bound::junction_op::conjunction, same_row(r, key_, s, places)));
    out_.steps.push_back(
        {.kind = bound::step_kind::apply, .into = nullptr, .columns = memory_.copy(columns), .key = {}, .query = statement(written)});
    check(ways, rows, places);
    return returning(rows, places);
  }
  void force(bound::relation* r, std::vector<unsigned>& columns, std::vector<expr_ptr>& values) const {
    alternative const first{covered_.first, covered_.tuple, access_.groups, {}, {}};
    for (auto const& f : covered_.settings) {
      columns.push_back(f.column);
      values.push_back(instantiate(f.value, covered_.first->subject, r, first, memory_));
    }
  }
  bound::query* removal(catalog::table const& rows, std::vector<unsigned> const& places) const {
    auto* r = row();
    auto* s = base(rows, false);
    std::vector<expr_ptr> mine, theirs;
    for (auto const k : key_) mine.push_back(column(r, k));
    for (auto const p : places) theirs.push_back(column(s, p));
    auto* key = mine.size() == 1 ? mine.front() : make(memory_, bound::row{memory_.copy(mine)});
    auto* in = make(memory_, bound::subquery{bound::subquery_kind::in, key, query(theirs, from(s), nullptr)});
    return query({one()}, from(r), in);
  }

  // --- insert

  result<void> insert(alternatives const& ways) {
    std::vector<unsigned> columns(w_.columns.begin(), w_.columns.end());
    std::vector<expr_ptr> values;
    bound::from_item* source = nullptr;
    if (w_.rows != nullptr) {
      auto const read = rewrite(*w_.rows, who_, memory_, false, nullptr);
      if (!read) return tl::unexpected(read.error());
      note(*read);
      auto const& rows = temporary("rows", std::vector<catalog::scratch_column>(columns.size()));
      out_.steps.push_back({.kind = bound::step_kind::collect, .into = &rows, .columns = {}, .key = {}, .query = w_.rows});
      auto* s = base(rows, false);
      for (unsigned i = 0; i < columns.size(); ++i) values.push_back(column(s, i));
      source = from(s);
    }
    force(nullptr, columns, values);
    auto* written = values.empty() ? nullptr : statement(query(values, source, nullptr));
    out_.steps.push_back(
        {.kind = bound::step_kind::apply, .into = nullptr, .columns = memory_.copy(columns), .key = memory_.copy(key_), .query = written});

    std::vector<catalog::scratch_column> layout;
    std::vector<unsigned> places;
    for (auto const k : key_) {
      places.push_back(static_cast<unsigned>(layout.size()));
      layout.push_back(catalog::like(table_, k));
    }
    auto const& keys = temporary("keys", std::move(layout));
    check(ways, keys, places);
    return returning(keys, places);
  }

  // --- returning

  /// select ITEMS from (T, guarded) t, S s where t.K = s.K
  result<void> returning(catalog::table const& rows, std::vector<unsigned> const& places) {
    if (w_.returning == nullptr) return {};
    auto* select = w_.returning->query->body->as<bound::select>();
    target const of{w_.returned, nullptr, [&](occurrence& o) {
                      auto* s = base(rows, false);
                      std::vector<unsigned> key;
                      for (auto const k : key_)
                        key.push_back(add_extra(
                            o, "key", [this, k](bound::relation* r) { return column(r, k); }, memory_));
                      select->from = from(o.relation, s);
                      select->where = join(memory_, bound::junction_op::conjunction, same_row(o.relation, key, s, places));
                    }};
    auto read = rewrite(*w_.returning, who_, memory_, false, &of);
    if (!read) return tl::unexpected(read.error());
    note(*read);
    out_.result = *std::move(read);
    out_.steps.push_back({.kind = bound::step_kind::result, .into = nullptr, .columns = {}, .key = {}, .query = w_.returning});
    return {};
  }

  bound::write& w_;
  policy::access const& who_;
  policy::table_access const& access_;
  catalog::table const& table_;
  base::arena& memory_;
  std::vector<unsigned> key_;
  covering covered_;
  std::vector<unsigned> in_some_rows_;     // assigned columns that the caller sees as they are stored in some rows only
  std::map<std::size_t, unsigned> flags_;  // by alternative: its column in S
  std::map<unsigned, unsigned> old_;       // by column of the table
  write_plan out_;
};

}  // namespace

result<write_plan> plan(bound::write& w, policy::access const& who, base::arena& memory) { return planner(w, who, memory).run(); }

}  // namespace grille::rewrite
