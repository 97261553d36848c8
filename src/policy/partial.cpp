#include "policy/partial.hpp"

#include "bound/walk.hpp"

namespace grille::policy {

namespace {

bool says_of_a_row(bound::expr& e) {
  struct look final : bound::visitor {
    using bound::visitor::enter;
    bool enter(bound::expr_ptr& x) override {
      found = found || x->as<bound::column>() != nullptr || x->as<bound::subquery>() != nullptr;
      return !found;
    }
    bool found{};
  } v;
  auto* at = &e;
  bound::walk(at, v);
  return v.found;
}

std::string_view word_of(bound::operation const& o) {
  switch (o.op) {
    case bound::op::minus:
    case bound::op::plus:
    case bound::op::add:
    case bound::op::subtract:
    case bound::op::multiply:
    case bound::op::divide:
    case bound::op::modulo:
      return "arithmetic";
    case bound::op::bit_not:
    case bound::op::bit_and:
    case bound::op::bit_or:
    case bound::op::shift_left:
    case bound::op::shift_right:
      return "an operation on bits";
    case bound::op::concat:
      return "||";
    case bound::op::arrow:
    case bound::op::arrow_text:
      return "->";
    case bound::op::glob:
    case bound::op::not_glob:
      return "glob";
    case bound::op::ilike:
    case bound::op::not_ilike:
      return "ilike";
    case bound::op::similar:
    case bound::op::not_similar:
      return "similar to";
    case bound::op::matches:
    case bound::op::not_matches:
    case bound::op::matches_ci:
    case bound::op::not_matches_ci:
      return "a regular expression";
    case bound::op::in_array:
    case bound::op::not_in_array:
    case bound::op::contains:
    case bound::op::contained:
    case bound::op::overlaps:
    case bound::op::has_key:
    case bound::op::has_any_key:
    case bound::op::has_all_keys:
    case bound::op::path:
    case bound::op::path_text:
    case bound::op::array:
    case bound::op::element:
    case bound::op::slice:
      return "an array";
    case bound::op::like:
    case bound::op::not_like: {
      auto const* pattern = o.operands[1]->as<bound::literal>();
      auto const ends_open = pattern != nullptr && (pattern->text.size() - (pattern->text.find_last_not_of('\\') + 1)) % 2 != 0;
      return o.operands.size() == 2 && pattern != nullptr && !ends_open ? "" : "like";
    }
    case bound::op::logical_not:
    case bound::op::is_null:
    case bound::op::is_not_null:
    case bound::op::is_true:
    case bound::op::is_not_true:
    case bound::op::is_false:
    case bound::op::is_not_false:
    case bound::op::equal:
    case bound::op::not_equal:
    case bound::op::less:
    case bound::op::less_equal:
    case bound::op::greater:
    case bound::op::greater_equal:
    case bound::op::is_distinct:
    case bound::op::is_not_distinct:
    case bound::op::between:
    case bound::op::not_between:
    case bound::op::in:
    case bound::op::not_in:
      return {};
  }
  return "?";
}

}  // namespace

std::string_view partial_on_postgresql(bound::expr& e) {
  std::string_view what;
  if (auto const* o = e.as<bound::operation>()) what = word_of(*o);
  if (e.as<bound::cast>() != nullptr) what = "cast";
  if (auto const* c = e.as<bound::call>(); c != nullptr && c->function->can_raise) what = c->function->name;
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::scalar) what = "a subquery of one value";  // more than one is an error
  if (auto const* s = e.as<bound::subquery>(); s != nullptr && s->kind == bound::subquery_kind::array) what = "an array of a query";
  return what.empty() || !says_of_a_row(e) ? std::string_view{} : what;
}

}  // namespace grille::policy
