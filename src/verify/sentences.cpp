// What the policy's sentences say of one occurrence of a table: grants combined with restrictions and masks, anew from
// the language's meaning (policy-language.md, Meaning 2, 3, 4 and 6). Enters: the matched grants of a caller and the compiled
// sentences. Leaves: alternatives, what each shows of a column, and whether a condition of the printed text says one of them.
#include <algorithm>

#include "bound/walk.hpp"
#include "verify/children.hpp"
#include "verify/proof.hpp"

namespace grille::verify {

namespace {

/// `select` in a `restrict` or `deny` covers filter and aggregate.
bool covers(std::vector<grille::method> const& written, grille::method m) {
  auto const says = [&](grille::method w) { return std::find(written.begin(), written.end(), w) != written.end(); };
  return says(m) || (says(method::select) && (m == method::filter || m == method::aggregate));
}
bool lifted(std::vector<unsigned> const& except, unsigned role) { return std::find(except.begin(), except.end(), role) != except.end(); }

/// Whether the caller is known to hold a role: it opens something, or everyone holds it.
bool surely_holds(policy::access const& who, unsigned role) {
  if (role == policy::public_role) return true;
  for (auto const& t : who.tables())
    for (auto const* list : {&t.select, &t.filter, &t.aggregate, &t.insert, &t.update, &t.remove, &t.purge})
      for (auto const& m : *list)
        if (m.grant->role == role) return true;
  return false;
}

/// `x in principal.groups` asks for any of the caller's groups, each a value of its own; of nobody's groups it is false whatever x is,
/// and is then written `(x is null) is null`.
class listing final : public bound::visitor {
 public:
  listing(unsigned groups, base::arena& memory) : groups_(groups), memory_(memory) {}
  using bound::visitor::enter;
  bool enter(bound::expr_ptr& e) override {
    auto const* asked = e->as<bound::operation>();
    if (asked == nullptr || asked->operands.size() != 2) return true;
    auto const* of = asked->operands.back()->as<bound::slot>();
    if (of == nullptr || of->kind != bound::slot_kind::principal || of->name != "groups") return true;
    auto* x = asked->operands.front();
    bool const negated = asked->op == bound::op::not_in;
    if (groups_ > 0) {
      std::vector<bound::expr_ptr> parts{x};
      for (auto one = *of; one.tuple < groups_; ++one.tuple) parts.push_back(memory_.make<bound::expr>(bound::expr{one}));
      e = of_operands(asked->op, parts);
    } else {
      e = of_operands(negated ? bound::op::is_not_null : bound::op::is_null, {of_operands(bound::op::is_null, {x})});
    }
    return true;
  }

 private:
  bound::expr_ptr of_operands(bound::op o, std::vector<bound::expr_ptr> const& parts) const {
    return memory_.make<bound::expr>(bound::expr{bound::operation{o, memory_.copy(parts)}});
  }
  unsigned groups_;
  base::arena& memory_;
};
void list_groups(bound::expr_ptr& e, unsigned groups, base::arena& memory) {
  listing l(groups, memory);
  bound::walk(e, l);
}

bool part_of(bound::expr const& whole, bound::expr const& e) {
  if (same(whole, e)) return true;
  auto const* j = whole.as<bound::junction>();
  return j != nullptr && std::any_of(j->items.begin(), j->items.end(), [&](bound::expr const* item) { return part_of(*item, e); });
}

}  // namespace

base::result<sentences> sentences::about(bound::relation& base, policy::access const& who, base::arena& memory) {
  auto const* granted = who.of(base.table);
  auto const found = who.policy().tables.find(base.table);
  if (granted == nullptr || found == who.policy().tables.end() || granted->policy != &found->second)
    return disagree("a table that is not granted", base.at);
  auto const width = base.table->columns.size();
  auto const rowid = base.columns.size() == width + 1 && base.columns.back().source == width;  // in the steps of a write
  bool whole = (base.columns.size() == width || rowid) && granted->denied.size() == width;
  for (unsigned i = 0; whole && i < width; ++i) whole = base.columns[i].source == i;
  if (!whole) return disagree("a table without its columns in order", base.at);

  sentences out(base, found->second, who.groups(), memory);
  out.granted_ = granted;
  for (auto const m : {method::select, method::filter, method::aggregate, method::insert, method::update}) {
    auto& denied = out.denied_[m];
    denied = granted->denied;
    auto const& also = m == method::insert ? granted->denied_insert : m == method::update ? granted->denied_update : granted->denied;
    for (std::size_t i = 0; i < width; ++i) denied[i] = denied[i] || also[i];
    for (auto const& d : found->second.denials)
      if (d.when == nullptr && (covers(d.methods, m) || covers(d.methods, method::select)) && surely_holds(who, d.role))
        for (std::size_t i = 0; i < width; ++i) denied[i] = denied[i] || d.columns.empty() || d.columns[i];
  }
  for (auto const& [list, m] : {std::pair{&granted->select, method::select}, {&granted->filter, method::filter}, {&granted->aggregate, method::aggregate}})
    if (auto const good = out.instantiate(*list, m); !good) return tl::unexpected(good.error());
  return out;
}

proof sentences::instantiate(std::vector<policy::matched_grant> const& matched, grille::method m) {
  auto& out = m == method::select ? select_ : m == method::filter ? filter_ : aggregate_;
  for (auto const& g : matched) {
    auto const* grant = g.grant;
    auto const ours = [&](policy::grant const& known) { return &known == grant; };
    if (std::none_of(policy_->grants.begin(), policy_->grants.end(), ours) || grant->table != base_->table || grant->method != m ||
        grant->cells.size() != base_->table->columns.size())
      return disagree("a grant that is not of this table and method", base_->at);
    for (unsigned tuple = g.first; tuple < g.first + g.tuples; ++tuple) {
      alternative a{grant, tuple, conjuncts(copy(grant->where, grant->subject, tuple))};
      for (auto const& r : policy_->restrictions) {
        if (!covers(r.methods, m) || lifted(r.except, grant->role)) continue;
        for (auto const* c : conjuncts(copy(r.predicate, r.subject, tuple))) a.conditions.push_back(c);
      }
      out.push_back(std::move(a));
    }
  }
  return {};
}

base::result<std::vector<alternative>> sentences::to_write(grille::method m) const {
  std::vector<alternative> out;
  for (auto const& g : granted_->of(m)) {
    auto const* grant = g.grant;
    auto const ours = [&](policy::grant const& known) { return &known == grant; };
    if (std::none_of(policy_->grants.begin(), policy_->grants.end(), ours) || grant->table != base_->table || grant->method != m ||
        grant->cells.size() != base_->table->columns.size())
      return disagree("a grant that is not of this table and method", base_->at);
    for (unsigned tuple = g.first; tuple < g.first + g.tuples; ++tuple) {
      alternative a{grant, tuple, {}};
      if (m != method::insert) {
        a.conditions = conjuncts(copy(grant->where, grant->subject, tuple));
        for (auto const& r : policy_->restrictions) {
          if (!covers(r.methods, m) || lifted(r.except, grant->role)) continue;
          for (auto const* c : conjuncts(copy(r.predicate, r.subject, tuple))) a.conditions.push_back(c);
        }
      }
      out.push_back(std::move(a));
    }
  }
  return out;
}

/// Of an update without `so that` the row must be, after, what it had to be before; what is deleted is not there to be asked.
base::result<conjunction> sentences::of_the_row_after(alternative const& a,
                                                      std::function<bound::expr_ptr(unsigned column)> const& old) const {
  auto const& g = *a.grant;
  if (g.method == method::remove || g.method == method::purge) return conjunction{};
  bool missing = false;
  bound::copier copier{*memory_};
  copier.columns = [&](bound::column const& c) -> bound::expr_ptr {
    if (c.relation == g.subject) return memory_->make<bound::expr>(bound::expr{bound::column{base_, c.index}});
    if (c.relation != g.old_subject) return nullptr;
    auto* before = old(c.index);
    missing = missing || before == nullptr;
    return before;
  };
  copier.slots = [&a](bound::slot s) {
    if (s.kind == bound::slot_kind::scope) s.tuple = a.tuple;
    return s;
  };
  auto* after = copier(g.so_that != nullptr ? g.so_that : g.where);
  if (after != nullptr) {
    list_groups(after, groups_, *memory_);
    flatten(after, *memory_);
  }
  if (missing) return disagree("a condition on the row before, of which a column is not at hand", base_->at);
  auto out = conjuncts(after);
  for (auto const& r : policy_->restrictions) {
    if (!covers(r.methods, g.method) || lifted(r.except, g.role)) continue;
    for (auto const* c : conjuncts(copy(r.predicate, r.subject, a.tuple))) out.push_back(c);
  }
  return out;
}

bool sentences::names(alternative const& a, unsigned column) const {
  auto const denied = denied_.find(a.grant->method);
  if (denied == denied_.end() || column >= denied->second.size() || denied->second[column]) return false;
  auto const set = [&](auto const& s) { return s.first == column; };
  return a.grant->cells[column].which == policy::cell::kind::plain && std::none_of(a.grant->settings.begin(), a.grant->settings.end(), set);
}

bool sentences::shown_as_stored(unsigned column) {
  return (!select_.empty() && std::all_of(select_.begin(), select_.end(), [&](alternative const& a) { return plain(a, column); })) ||
         std::any_of(select_.begin(), select_.end(), [&](alternative const& a) { return a.conditions.empty() && plain(a, column); });
}
bool sentences::seen_as_stored(unsigned column) {
  return std::ranges::none_of(select_, [&](alternative const& a) { return shown(a, column) != nullptr; }) || shown_as_stored(column);
}

bool sentences::seen_as_stored_in(conjunction const& said, unsigned column) {
  auto const unmasked = [&](alternative const& a, conjunction const& way) {
    if (denied_[method::select][column] || a.grant->cells[column].which != policy::cell::kind::plain) return false;
    for (auto const& m : policy_->masks) {
      if (m.column != column || lifted(m.except, a.grant->role)) continue;
      auto const* where = m.where == nullptr ? nullptr : copy(m.where, m.subject, a.tuple);
      auto const lifts = [&](bound::expr const* e) {
        auto const* o = e->as<bound::operation>();
        return o != nullptr && o->op == bound::op::is_false && same(*o->operands[0], *where);
      };
      if (where == nullptr || std::none_of(way.begin(), way.end(), lifts)) return false;
    }
    return true;
  };
  auto const fails = [&](alternative const& a, conjunction const& way) {
    return !a.conditions.empty() && std::ranges::any_of(way, [&](bound::expr const* e) {
      auto const* o = e->as<bound::operation>();
      return o != nullptr && o->op == bound::op::is_not_true && std::ranges::equal(conjuncts(o->operands[0]), a.conditions, [](auto const* l, auto const* r) { return same(*l, *r); });
    });
  };
  // of those that show it behind masks, the first that holds says what is seen
  auto const first = [&](std::size_t i, conjunction const& way) {
    return plain(select_[i], column) || std::ranges::all_of(std::span(select_).first(i), [&](alternative const& b) {
             return b.grant->cells[column].which != policy::cell::kind::plain || plain(b, column) || unmasked(b, way) || fails(b, way);
           });
  };
  auto const plain_in = [&](conjunction const& way) {
    for (std::size_t i = 0; i < select_.size(); ++i)
      if (unmasked(select_[i], way) && holds(select_[i], way) && first(i, way)) return true;
    return false;
  };
  if (plain_in(said)) return true;
  return std::any_of(said.begin(), said.end(), [&](bound::expr const* e) {
    auto const sides = ways(e);
    return sides.size() > 1 && std::all_of(sides.begin(), sides.end(), [&](conjunction side) {
             side.insert(side.end(), said.begin(), said.end());
             return plain_in(side);
           });
  });
}

bool sentences::of_the_policy(bound::expr const& said, std::span<alternative const> ways) const {
  auto const in = [&](std::span<alternative const> all) {
    return std::any_of(all.begin(), all.end(), [&](alternative const& a) {
      return std::any_of(a.conditions.begin(), a.conditions.end(), [&](bound::expr const* c) { return part_of(*c, said); });
    });
  };
  if (in(ways) || in(select_)) return true;
  if (auto const* o = said.as<bound::operation>(); o != nullptr && o->op == bound::op::is_false)
    return std::any_of(policy_->masks.begin(), policy_->masks.end(), [&](policy::column_mask const& m) {
      return m.where != nullptr && same(*copy(m.where, m.subject, 0), *o->operands[0]);
    });
  if (auto const* o = said.as<bound::operation>(); o != nullptr && o->op == bound::op::is_not_true) return of_the_policy(*o->operands[0], ways);
  auto const* j = said.as<bound::junction>();
  return j != nullptr && std::all_of(j->items.begin(), j->items.end(), [&](bound::expr const* e) { return of_the_policy(*e, ways); });
}

bool sentences::follow(conjunction const& conditions, conjunction const& way) const {
  return std::all_of(conditions.begin(), conditions.end(), [&](bound::expr const* c) { return follows(*c, way); });
}

bool sentences::explained(bound::expr const& said, conjunction const& way, std::span<alternative const> ways) const {
  return std::any_of(ways.begin(), ways.end(), [&](alternative const& a) {
    return holds(a, way) && std::any_of(a.conditions.begin(), a.conditions.end(), [&](bound::expr const* c) { return part_of(*c, said); });
  });
}

bool sentences::innocent(conjunction const& way, std::span<alternative const> ways) const {
  return std::all_of(way.begin(), way.end(), [&](bound::expr const* said) { return explained(*said, way, ways); });
}

std::span<alternative const> sentences::of(grille::method m) const {
  switch (m) {
    case method::select: return select_;
    case method::filter: return filter_;
    case method::aggregate: return aggregate_;
    case method::insert:
    case method::update:
    case method::remove:
    case method::purge: return {};
  }
  return {};
}

bound::expr_ptr sentences::copy(bound::expr const* e, bound::relation const* subject, unsigned tuple) const {
  if (e == nullptr) return nullptr;
  bound::copier copier{*memory_};
  copier.relations.emplace(subject, base_);
  copier.slots = [tuple](bound::slot s) {
    if (s.kind == bound::slot_kind::scope) s.tuple = tuple;
    return s;
  };
  auto* out = copier(e);
  list_groups(out, groups_, *memory_);
  flatten(out, *memory_);
  return out;
}

bound::expr const* sentences::shown(alternative const& a, unsigned column) {
  auto const [known, fresh] = shown_.try_emplace({&a, column}, nullptr);
  if (!fresh) return known->second;
  if (denied_[a.grant->method][column]) return nullptr;
  bound::expr_ptr value{};
  auto const& cell = a.grant->cells[column];
  switch (cell.which) {
    case policy::cell::kind::none: return nullptr;
    case policy::cell::kind::plain: value = memory_->make<bound::expr>(bound::expr{bound::column{base_, column}}); break;
    case policy::cell::kind::masked: value = copy(cell.mask, a.grant->subject, a.tuple); break;
  }
  for (auto const& m : policy_->masks) {
    if (m.column != column || lifted(m.except, a.grant->role)) continue;
    bound::copier mask{*memory_};
    mask.relations.emplace(m.subject, base_);
    mask.columns = [&m, column, value](bound::column const& c) { return c.relation == m.subject && c.index == column ? value : nullptr; };
    auto* masked = mask(m.value);
    list_groups(masked, groups_, *memory_);
    if (m.where != nullptr) {
      auto const unless = bound::operation{bound::op::is_false, memory_->copy(std::vector{copy(m.where, m.subject, a.tuple)})};
      bound::when_arm const arm{memory_->make<bound::expr>(bound::expr{unless}), value};
      masked = memory_->make<bound::expr>(bound::expr{bound::case_expr{nullptr, memory_->copy(std::vector{arm}), masked}});
    }
    value = masked;
  }
  flatten(value, *memory_);
  return known->second = value;
}

bool sentences::plain(alternative const& a, unsigned column) {
  auto const* s = shown(a, column);
  auto const* c = s == nullptr ? nullptr : s->as<bound::column>();
  return c != nullptr && c->relation == base_ && c->index == column;
}

/// A condition follows from a way that says it, or, if it is a disjunction, from one that says all of one of its sides.
bool sentences::follows(bound::expr const& condition, conjunction const& way) const {
  if (std::any_of(way.begin(), way.end(), [&](bound::expr const* said) { return same(condition, *said); })) return true;
  auto const* j = condition.as<bound::junction>();
  if (j == nullptr || j->op != bound::junction_op::disjunction) return false;
  return std::any_of(j->items.begin(), j->items.end(), [&](bound::expr const* side) {
    auto const all = conjuncts(side);
    return !all.empty() && std::all_of(all.begin(), all.end(), [&](bound::expr const* c) { return follows(*c, way); });
  });
}

bool sentences::holds(alternative const& a, conjunction const& way) const {
  return std::all_of(a.conditions.begin(), a.conditions.end(), [&](bound::expr const* c) { return follows(*c, way); });
}

/// PostgreSQL: of what a policy shows in place of a column only a bare column and a constant; the rest stands in a `case`.
bool sentences::total(bound::expr const& e) const {
  if (base_->table->ignores_case) return total_on_sqlite(e);
  auto const* c = e.as<bound::cast>();  // of a constant: done before any row is read
  return e.as<bound::column>() != nullptr || (c == nullptr ? e : *c->operand).as<bound::literal>() != nullptr;
}

bool sentences::over_open_columns(bound::expr const& e, conjunction const& way) {
  bool good = base_->table->ignores_case && total_on_sqlite(e);
  auto const look = [&](auto const& self, bound::expr const& x) -> void {
    if (auto const* c = x.as<bound::column>())
      good = good && c->relation == base_ && std::any_of(select_.begin(), select_.end(), [&](alternative const& a) {
               return plain(a, c->index) && holds(a, way);
             });
    for_children(
        x, [&](bound::expr const& inner) { self(self, inner); }, [&](bound::query const&) { good = false; });
  };
  if (good) look(look, e);
  return good;
}

bool sentences::innocent(conjunction const& way, std::span<grille::method const> methods, std::size_t first) {
  std::vector<bool> explained(way.size());
  for (auto const m : methods) {
    auto const all = of(m);
    for (std::size_t k = 0; k < all.size(); ++k) {
      auto const& a = all[(first + k) % all.size()];
      if (std::find(explained.begin(), explained.end(), false) == explained.end()) return true;
      if (!holds(a, way)) continue;
      for (std::size_t i = 0; i < way.size(); ++i)
        explained[i] = explained[i] || std::any_of(a.conditions.begin(), a.conditions.end(),
                                                   [&](bound::expr const* c) { return part_of(*c, *way[i]); });
    }
  }
  for (std::size_t i = 0; i < way.size(); ++i)
    if (!explained[i] && !over_open_columns(*way[i], way)) return false;
  return true;
}

}  // namespace grille::verify
