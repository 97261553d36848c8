#include "bound/spelling.hpp"

#include <algorithm>
#include <vector>

#include "bound/walk.hpp"

namespace grille::bound {

namespace {

/// The cast of a varchar, or of what is a text already, changes neither the value nor how it compares.
bool is_text_already(expr const& e) {
  auto const* c = e.as<column>();
  if (c == nullptr || c->relation->kind != relation_kind::base) return false;
  auto const& r = *c->relation;
  auto const& type = r.table->columns[r.columns[c->index].source].type;
  return type == "pg_catalog.varchar" || type == "pg_catalog.text";
}

class undoing final : public visitor {
 public:
  explicit undoing(base::arena& memory) : memory_(memory) {}
  using visitor::enter;
  using visitor::leave;
  void leave(expr_ptr& e) override {
    if (auto const* c = e->as<cast>(); c != nullptr && c->type == "text" && is_text_already(*c->operand)) {
      e = c->operand;
      return;
    }
    auto const* o = e->as<operation>();
    if (o != nullptr && (o->op == op::like || o->op == op::not_like)) return undo_pattern(o->operands[1]);
    auto const is_list = o != nullptr && o->operands.size() == 2 && ((o->op == op::any_array && o->by == op::equal) || (o->op == op::all_array && o->by == op::not_equal));
    if (!is_list) return;
    auto const* list = literals_of(*o->operands[1]);
    if (list == nullptr) return;
    std::vector<expr_ptr> all{o->operands[0]};
    all.insert(all.end(), list->operands.begin(), list->operands.end());
    auto const is = o->op == op::any_array ? op::in : op::not_in;
    e = memory_.make<expr>(expr{operation{is, memory_.copy(all)}, e->at});
  }

 private:
  /// A constant pattern is a text, said or not.
  static void undo_pattern(expr_ptr& e) {
    auto const* c = e->as<cast>();
    auto const* l = c != nullptr && c->type == "text" ? c->operand->as<literal>() : nullptr;
    if (l != nullptr && l->kind == literal_kind::text) e = c->operand;
  }

  /// `array['a'::varchar, …]::text[]` too; null: it is none of constants alone.
  static operation const* literals_of(expr const& e) {
    auto const* c = e.as<cast>();
    auto const* o = (c != nullptr && c->type == "text[]" ? c->operand : &e)->as<operation>();
    if (o == nullptr || o->op != op::array || o->operands.empty()) return nullptr;
    auto const constant = [](expr const* x) {
      auto const* said = x->as<bound::cast>();
      return (said != nullptr ? said->operand : x)->as<literal>() != nullptr;
    };
    return std::ranges::all_of(o->operands, constant) ? o : nullptr;
  }

  base::arena& memory_;
};

}  // namespace

void undo_spelling(statement& s, base::arena& memory) {
  undoing all(memory);
  walk(*s.query, all);
}
void undo_spelling(expr_ptr& e, base::arena& memory) {
  undoing all(memory);
  walk(e, all);
}

}  // namespace grille::bound
