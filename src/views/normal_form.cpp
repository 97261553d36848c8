#include "views/normal_form.hpp"

#include <algorithm>
#include <vector>

#include "bound/walk.hpp"

namespace grille::views {

namespace {

/// The cast of a varchar, or of what is a text already, changes neither the value nor how it compares.
bool is_text_already(bound::expr const& e) {
  auto const* c = e.as<bound::column>();
  if (c == nullptr || c->relation->kind != bound::relation_kind::base) return false;
  auto const& r = *c->relation;
  auto const& type = r.table->columns[r.columns[c->index].source].type;
  return type == "pg_catalog.varchar" || type == "pg_catalog.text";
}

class undoing final : public bound::visitor {
 public:
  explicit undoing(base::arena& memory) : memory_(memory) {}
  using bound::visitor::enter;
  using bound::visitor::leave;
  void leave(bound::expr_ptr& e) override {
    if (auto const* c = e->as<bound::cast>(); c != nullptr && c->type == "text" && is_text_already(*c->operand)) {
      e = c->operand;
      return;
    }
    auto const* o = e->as<bound::operation>();
    if (o != nullptr && (o->op == bound::op::like || o->op == bound::op::not_like)) return undo_pattern(o->operands[1]);
    if (o == nullptr || (o->op != bound::op::in_array && o->op != bound::op::not_in_array) || o->operands.size() != 2) return;
    auto const* list = literals_of(*o->operands[1]);
    if (list == nullptr) return;
    std::vector<bound::expr_ptr> all{o->operands[0]};
    all.insert(all.end(), list->operands.begin(), list->operands.end());
    auto const is = o->op == bound::op::in_array ? bound::op::in : bound::op::not_in;
    e = memory_.make<bound::expr>(bound::expr{bound::operation{is, memory_.copy(all)}, e->at});
  }

 private:
  /// A constant pattern is a text, said or not.
  static void undo_pattern(bound::expr_ptr& e) {
    auto const* c = e->as<bound::cast>();
    auto const* l = c != nullptr && c->type == "text" ? c->operand->as<bound::literal>() : nullptr;
    if (l != nullptr && l->kind == bound::literal_kind::text) e = c->operand;
  }

  /// `array['a'::varchar, …]::text[]` too; null: it is none of constants alone.
  static bound::operation const* literals_of(bound::expr const& e) {
    auto const* c = e.as<bound::cast>();
    auto const* o = (c != nullptr && c->type == "text[]" ? c->operand : &e)->as<bound::operation>();
    if (o == nullptr || o->op != bound::op::array || o->operands.empty()) return nullptr;
    auto const constant = [](bound::expr const* x) {
      auto const* cast = x->as<bound::cast>();
      return (cast != nullptr ? cast->operand : x)->as<bound::literal>() != nullptr;
    };
    return std::ranges::all_of(o->operands, constant) ? o : nullptr;
  }

  base::arena& memory_;
};

}  // namespace

void undo_spelling(bound::statement& s, base::arena& memory) {
  undoing all(memory);
  bound::walk(*s.query, all);
}

}  // namespace grille::views
