#include "rewrite/write_grants.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "bound/walk.hpp"

namespace grille::rewrite {

using base::fail;
using base::result;
using bound::expr_ptr;

namespace {

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
/// By some grant, in rows where no mask counts.
bool may_be_plain(policy::table_access const& access, policy::grant const& g, unsigned column) {
  auto const masks = masks_for(*access.policy, g, column);
  return g.cells[column].which == policy::cell::kind::plain &&
         std::all_of(masks.begin(), masks.end(), [](policy::column_mask const* m) { return m->where != nullptr; });
}
void conjuncts(expr_ptr e, std::vector<expr_ptr>& out) {
  if (auto* j = e->as<bound::junction>(); j != nullptr && j->op == bound::junction_op::conjunction) {
    for (auto* item : j->items) conjuncts(item, out);
    return;
  }
  out.push_back(e);
}

/// Which grants cover, and what they force.
class covering {
 public:
  covering(bound::write const& w, policy::table_access const& access, base::arena& memory)
      : w_(w), access_(access), table_(*w.table), memory_(memory) {}

  result<void> cover() {
    auto const& all = access_.of(w_.method);
    auto const first = std::find_if(all.begin(), all.end(), [&](policy::matched_grant const& g) { return names_all(*g.grant); });
    if (first == all.end()) return not_covered(all);
    first_ = first->grant;
    tuple_ = first->first;
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
      settings_.push_back({column, value});
    }
    for (auto const& g : all)
      if (names_all(*g.grant) && forces_the_same(*g.grant)) grants_.push_back(g);
    return {};
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
      std::erase_if(grants_, [](policy::matched_grant const& g) { return !g.grant->blind; });
      if (grants_.empty())
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
  bool sometimes_plain(unsigned column) const {
    return std::any_of(access_.select.begin(), access_.select.end(),
                       [&](policy::matched_grant const& g) { return may_be_plain(access_, *g.grant, column); });
  }

  std::vector<policy::matched_grant> grants_;
  policy::grant const* first_{};
  unsigned tuple_{};
  std::vector<write_grants::forced> settings_;
  std::vector<unsigned> in_some_rows_;

 private:
  std::string_view name_of(unsigned column) const { return table_.columns[column].name; }
  tl::unexpected<base::fault> refuse(errc kind, std::string message, base::range at, std::string help = {}) const {
    return fail(kind, std::move(message), at, std::move(help));
  }
  bool named(policy::grant const& g, unsigned column) const {
    if (g.cells[column].which != policy::cell::kind::plain || access_.denied[column]) return false;
    return w_.method == method::insert ? !access_.denied_insert[column] : !access_.denied_update[column];
  }
  bool names_all(policy::grant const& g) const {
    return std::all_of(w_.columns.begin(), w_.columns.end(), [&](unsigned c) { return named(g, c); });
  }
  /// Of another grant than the first: it forces nothing else, and what is forced it forces too or names itself.
  bool forces_the_same(policy::grant const& g) const {
    if (&g == first_) return true;
    for (auto const& [column, value] : g.settings) {
      auto const known =
          std::find_if(settings_.begin(), settings_.end(), [&c = column](write_grants::forced const& f) { return f.column == c; });
      if (known == settings_.end()) return false;
      bound::comparison equal;
      equal.pairs.emplace(first_->subject, g.subject);
      if (says_scope(value) || !equal(known->value, value)) return false;
    }
    return std::all_of(settings_.begin(), settings_.end(), [&](write_grants::forced const& f) {
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

  bound::write const& w_;
  policy::table_access const& access_;
  catalog::table const& table_;
  base::arena& memory_;
};

}  // namespace

base::result<write_grants> write_grants::of(bound::write const& w, policy::access const& who, base::arena& memory) {
  auto const& access = *who.of(w.table);
  covering c(w, access, memory);
  if (auto const good = c.cover(); !good) return tl::unexpected(good.error());
  if (auto const good = c.refuse_masked(); !good) return tl::unexpected(good.error());
  return write_grants(w, access, std::move(c.grants_), c.first_, c.tuple_, std::move(c.settings_), std::move(c.in_some_rows_), memory);
}

/// Whether the caller sees the column of this row as it is stored. Of several grants that show it behind masks the first that holds says which (mask_columns.cpp).
expr_ptr write_grants::plain_in(unsigned column, bound::relation* r) const {
  alternatives const open(*access_, access_->select, *memory_);
  std::vector<expr_ptr> any;
  std::vector<alternative const*> before;
  for (auto const& a : open.all()) {
    if (a.grant->cells[column].which != policy::cell::kind::plain) continue;
    auto const masks = masks_for(*access_->policy, *a.grant, column);
    auto good = may_be_plain(*access_, *a.grant, column);
    std::vector<expr_ptr> all;
    if (auto* c = open.condition(a, r)) conjuncts(c, all);
    for (auto const* m : masks)
      if (good) all.push_back(operate(*memory_, bound::op::is_false, {instantiate(m->where, m->subject, r, a, *memory_)}));
    for (auto const* b : before) {
      if (masks.empty() || masks_for(*access_->policy, *b->grant, column) == masks) continue;
      auto* c = open.condition(*b, r);
      good = good && c != nullptr;
      if (good) all.push_back(operate(*memory_, bound::op::is_not_true, {c}));
    }
    if (good) any.push_back(join(*memory_, bound::junction_op::conjunction, std::move(all)));
    if (!masks.empty()) before.push_back(&a);
  }
  return join(*memory_, bound::junction_op::disjunction, std::move(any));
}

expr_ptr write_grants::before(alternative const& a, bound::relation* r) const {
  std::vector<expr_ptr> all;
  if (auto* c = ways_.condition(a, r)) conjuncts(c, all);
  if (!a.grant->blind)
    for (auto const c : in_some_rows_) all.push_back(plain_in(c, r));
  return all.empty() ? nullptr : join(*memory_, bound::junction_op::conjunction, std::move(all));
}

std::vector<expr_ptr> write_grants::after(alternative const& a, bound::relation* r, std::function<expr_ptr(unsigned column)> const& old) const {
  std::vector<expr_ptr> out;
  if (method_ == method::remove || method_ == method::purge) return out;
  auto const& g = *a.grant;
  if (g.so_that != nullptr) {
    bound::copier copy{*memory_};
    copy.columns = [&](bound::column const& c) -> expr_ptr {
      if (c.relation == g.subject) return make(*memory_, bound::column{r, c.index});
      if (c.relation == g.old_subject) return old(c.index);
      return nullptr;
    };
    copy.slots = [&](bound::slot const& x) {
      auto made = x;
      if (x.kind == bound::slot_kind::scope) made.tuple = a.tuple;
      return made;
    };
    auto* made = copy(g.so_that);
    policy::spell_groups(made, a.groups, *memory_);
    conjuncts(made, out);
  } else if (g.where != nullptr) {
    conjuncts(instantiate(g.where, g.subject, r, a, *memory_), out);
  }
  for (auto const& rule : access_->policy->restrictions) {
    if (std::find(rule.methods.begin(), rule.methods.end(), method_) == rule.methods.end()) continue;
    if (std::find(rule.except.begin(), rule.except.end(), g.role) != rule.except.end()) continue;
    conjuncts(instantiate(rule.predicate, rule.subject, r, a, *memory_), out);
  }
  return out;
}

std::set<unsigned> write_grants::old_columns() const {
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
  for (auto const& g : grants_) {
    v.of = g.grant->old_subject;
    auto* at = g.grant->so_that;
    if (at != nullptr) bound::walk(at, v);
  }
  return v.found;
}

void write_grants::force(bound::relation* r, std::vector<unsigned>& columns, std::vector<expr_ptr>& values) const {
  alternative const first{first_, tuple_, access_->groups, {}, {}};
  for (auto const& f : settings_) {
    columns.push_back(f.column);
    values.push_back(instantiate(f.value, first_->subject, r, first, *memory_));
  }
}

}  // namespace grille::rewrite
