#include "verify/write_rights.hpp"

#include <algorithm>

namespace grille::verify {

namespace {

class rights {
 public:
  rights(sentences& policy, sentences* forcing, grille::method m, assigned_columns const& assigned)
      : policy_(policy), forcing_(forcing == nullptr ? policy : *forcing), method_(m), assigned_(assigned) {}

  /// Whether one grant, for one tuple, would by itself allow a statement that writes just these columns.
  bool covers(alternative const& a) {
    for (auto const c : assigned_.named)
      if (!policy_.names(a, c)) return false;
    for (auto const& [column, value] : a.grant->settings)
      if (std::none_of(assigned_.forced.begin(), assigned_.forced.end(), [&c = column](auto const& f) { return f.first == c; })) return false;
    for (auto const& [column, value] : assigned_.forced) {
      auto const mine =
          std::find_if(a.grant->settings.begin(), a.grant->settings.end(), [&c = column](auto const& s) { return s.first == c; });
      if (mine == a.grant->settings.end() ? !policy_.names(a, column) : !same(*forcing_.forced(a, *mine->second), *value)) return false;
    }
    return somebody_forces();
  }

  base::result<bool> passes_by(alternative const& a, conjunction const& way, said_before const& said, old_column const& old) {
    auto const may = [&](bound::expr const* e) {
      auto const* item = said(*e);
      return item != nullptr && std::find(item->may.begin(), item->may.end(), std::pair(a.grant, a.tuple)) != item->may.end();
    };
    if (!a.conditions.empty() && std::none_of(way.begin(), way.end(), may)) return false;
    if (method_ == method::update && !a.grant->blind && !policy_.of(method::select).empty())
      for (auto const c : assigned_.named) {
        auto const shows = [&](bound::expr const* e) {
          auto const* item = said(*e);
          return item != nullptr && std::find(item->as_stored.begin(), item->as_stored.end(), c) != item->as_stored.end();
        };
        if (!policy_.seen_as_stored(c) && std::none_of(way.begin(), way.end(), shows)) return false;
      }
    auto const after = policy_.of_the_row_after(a, old);
    if (!after) return tl::unexpected(after.error());
    return policy_.follow(*after, way);
  }

 private:
  /// All that is forced must be some one grant's, which names the rest: it is never the caller's to say.
  bool somebody_forces() const {
    auto const& forced = assigned_.forced;
    if (forced.empty()) return true;
    auto const all = forcing_.to_write(method_);
    return all && std::any_of(all->begin(), all->end(), [&](alternative const& a) {
             return a.grant->settings.size() == forced.size() && std::all_of(forced.begin(), forced.end(), [&](auto const& f) {
                      return std::any_of(a.grant->settings.begin(), a.grant->settings.end(), [&](auto const& s) {
                        return s.first == f.first && same(*forcing_.forced(a, *s.second), *f.second);
                      });
                    });
           });
  }

  sentences& policy_;
  sentences& forcing_;
  grille::method method_;
  assigned_columns const& assigned_;
};

/// Conditions that say of rows only whether they may be written, `t.may or …`, or what of them the caller is shown.
template <class Item>
void take_away_flags(bound::select& select, Item const& item_of, std::set<unsigned>& as_stored, base::arena& memory) {
  if (select.where == nullptr) return;
  auto const is_flag = [&](bound::expr const* e) {
    auto const* said = item_of(*e);
    return said != nullptr && (!said->may.empty() || !said->as_stored.empty());
  };
  std::vector<bound::expr_ptr> kept;
  auto const look = [&](bound::expr_ptr e) {
    auto const* j = e->as<bound::junction>();
    auto const flags = j != nullptr && j->op == bound::junction_op::disjunction && std::all_of(j->items.begin(), j->items.end(), is_flag);
    if (!flags && !is_flag(e)) return kept.push_back(e);
    if (auto const* said = item_of(*e)) as_stored.insert(said->as_stored.begin(), said->as_stored.end());
  };
  if (auto const* j = select.where->as<bound::junction>(); j != nullptr && j->op == bound::junction_op::conjunction)
    for (auto* item : j->items) look(item);
  else
    look(select.where);
  select.where = kept.empty()       ? nullptr
                 : kept.size() == 1 ? kept.front()
                                    : memory.make<bound::expr>(bound::expr{
                                          bound::junction{bound::junction_op::conjunction, memory.copy(kept)}, select.where->at});
}

}  // namespace

proof prove_allowed(sentences& policy, sentences* forcing, grille::method m, assigned_columns const& assigned, std::span<conjunction const> passes,
                    said_before const& said, old_column const& old) {
  auto const ways_to_write = policy.to_write(m);
  if (!ways_to_write) return tl::unexpected(ways_to_write.error());
  rights by(policy, forcing, m, assigned);
  for (auto const& way : passes) {
    bool allowed = false;
    for (std::size_t i = 0; !allowed && i < ways_to_write->size(); ++i) {
      auto const& a = (*ways_to_write)[i];
      if (!by.covers(a)) continue;
      auto const good = by.passes_by(a, way, said, old);
      if (!good) continue;  // it asks for something that the plan does not have: no row passes by it
      allowed = *good;
    }
    if (!allowed) return disagree("a check by which a row passes that no one grant allows");
  }
  return {};
}

base::result<collected_rows> prove_collection(bound::statement& s, bound::select& select, bound::relation const& r, unsigned callers, grille::method m,
                                              policy::access const& who, base::arena& memory) {
  auto const items = select.items;
  select.items = items.first(callers);
  if (select.items.empty())
    select.items =
        memory.copy(std::vector<bound::item>{{memory.make<bound::expr>(bound::expr{bound::literal{bound::literal_kind::integer, "1"}, {}}), {}}});
  auto guarded = prove_guards(s, who, memory, &r, m);
  if (!guarded) return tl::unexpected(guarded.error());
  auto const& g = guarded->at(&r);
  auto const item_of = [&](bound::expr const& e) -> plan_item const* {
    auto const* c = column_of(e, r);
    auto const source = c == nullptr ? g.plan.size() : r.columns[c->index].source;
    return source < g.plan.size() ? &g.plan[source] : nullptr;
  };
  collected_rows out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto const* said = i < callers ? nullptr : item_of(*items[i].value);
    if (i >= callers && said == nullptr) return disagree("a column for the plan that says nothing of the row");
    out.known.push_back(said == nullptr ? plan_item{} : *said);
  }
  auto& policy = guarded->at(&r).policy;
  for (unsigned c = 0; c < policy.table().columns.size(); ++c)
    if (policy.shown_as_stored(c)) out.as_stored.insert(c);
  take_away_flags(select, item_of, out.as_stored, memory);
  if (auto const fine = prove_query(s, std::move(*guarded), who.which()); !fine) return tl::unexpected(fine.error());
  return out;
}

proof prove_query(bound::statement const& s, policy::access const& who, base::arena& memory) {
  auto guarded = prove_guards(s, who, memory, {});
  if (!guarded) return tl::unexpected(guarded.error());
  return prove_query(s, *std::move(guarded), who.which());
}

proof prove_query(bound::statement const& s, guarded_relations guarded, dialect d) {
  auto const groups = prove_uses(s, guarded, d);
  if (!groups) return tl::unexpected(groups.error());
  if (d == dialect::sqlite) return prove_fences(s, guarded, *groups);
  if (!groups->none()) return disagree("rows of an aggregate grant in a write: no proof for this dialect");
  return prove_total(s, guarded, *groups);
}

bound::relation* whole_row(catalog::table const& t, base::arena& memory) {
  auto* row = memory.make<bound::relation>();
  row->kind = bound::relation_kind::base;
  row->table = &t;
  row->name = t.name;
  std::vector<bound::relation_column> columns;
  for (unsigned c = 0; c < t.columns.size(); ++c) columns.push_back({t.columns[c].name, c, true, true});
  row->columns = memory.copy(columns);
  return row;
}

bool names_table(ast::table_name const& n, catalog::table const& t) {
  auto const same = [&](std::string_view a, std::string_view b) { return t.ignores_case ? catalog::same_name(a, b) : a == b; };
  return n.path.size() == 2 && same(n.path[0].text, t.schema) && same(n.path[1].text, t.name);
}

std::function<std::optional<unsigned>(bound::column const&)> of_base(bound::relation const& r) {
  return [&r](bound::column const& c) { return std::optional(r.columns[c.index].source); };
}

std::optional<std::vector<unsigned>> by_key(std::vector<unsigned> const& key, conjunction const& conditions, bound::relation const& r,
                                            std::function<std::optional<unsigned>(bound::column const&)> const& meaning, bound::relation const& s,
                                            conjunction& rest) {
  std::vector<std::optional<unsigned>> places(key.size());
  for (auto const* e : conditions) {
    auto const* o = e->as<bound::operation>();
    auto const* mine = o == nullptr || o->op != bound::op::equal ? nullptr : column_of(*o->operands[0], r);
    auto const* theirs = mine == nullptr ? nullptr : column_of(*o->operands[1], s);
    auto const source = mine == nullptr ? std::nullopt : meaning(*mine);
    auto const at = std::find(key.begin(), key.end(), source.value_or(static_cast<unsigned>(-1)));
    auto const j = static_cast<std::size_t>(at - key.begin());
    if (theirs == nullptr || at == key.end() || places[j]) {
      rest.push_back(e);
      continue;
    }
    places[j] = s.columns[theirs->index].source;
  }
  std::vector<unsigned> out;
  for (auto const& p : places) {
    if (!p) return std::nullopt;
    out.push_back(*p);
  }
  return out;
}

bound::column const* column_of(bound::expr const& e, bound::relation const& r) {
  auto const* c = e.as<bound::column>();
  return c != nullptr && c->relation == &r ? c : nullptr;
}

bound::relation* first(bound::from_item const* f) {
  while (f != nullptr) {
    auto const* j = std::get_if<bound::join>(&f->node);
    if (j == nullptr) return std::get<bound::relation*>(f->node);
    if (j->kind == bound::join_kind::right || j->kind == bound::join_kind::full) return nullptr;
    f = j->left;
  }
  return nullptr;
}

bound::select* plain_select(bound::statement const& s, bool common) {
  auto const& q = *s.query;
  auto* out = q.body->as<bound::select>();
  bool const plain = out != nullptr && (common || q.with.empty()) && q.order.empty() && q.limit == nullptr && q.offset == nullptr && !out->distinct &&
                     out->group_by.empty() && out->having == nullptr;
  return plain ? out : nullptr;
}

bound::relation* only(bound::from_item const* f) {
  auto* const* r = f == nullptr ? nullptr : std::get_if<bound::relation*>(&f->node);
  return r == nullptr ? nullptr : *r;
}

std::optional<side_by_side> both(bound::from_item const* f) {
  auto const* j = f == nullptr ? nullptr : std::get_if<bound::join>(&f->node);
  if (j == nullptr || j->on != nullptr || (j->kind != bound::join_kind::cross && j->kind != bound::join_kind::inner)) return std::nullopt;
  side_by_side const out{only(j->left), only(j->right)};
  return out.left == nullptr || out.right == nullptr ? std::nullopt : std::optional(out);
}

bool is_table(bound::relation const& r, catalog::table const& t) { return r.kind == bound::relation_kind::base && r.table == &t; }

}  // namespace grille::verify
