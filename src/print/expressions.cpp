// Expressions. What binds how tightly differs by dialect (`||`, `<`, `is`), so nothing is left to it: an operator's operand that is
// an operator's expression stands in parentheses.
#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <variant>

#include "print/writer.hpp"

namespace grille::print {
namespace {

constexpr std::size_t longest_chain = 8;  // of a balanced junction

template <class... Visitors>
struct overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
overloaded(Visitors...) -> overloaded<Visitors...>;  // clang before 17 does not make this guide by itself

// Whether the node's text holds together in any surroundings.
bool holds_together(ast::expr const& e) {
  return std::visit(
      overloaded{
          [](ast::literal const& n) { return !n.text.starts_with('-'); },
          [](ast::keyword_value const&) { return true; },
          [](ast::parameter const&) { return true; },
          [](ast::column_ref const&) { return true; },
          [](ast::star const&) { return true; },
          [](ast::unary const&) { return false; },
          [](ast::binary const&) { return false; },
          [](ast::prefix const&) { return false; },
          [](ast::junction const&) { return false; },
          [](ast::is_test const&) { return false; },
          [](ast::distinct_test const&) { return false; },
          [](ast::between const&) { return false; },
          [](ast::pattern_match const&) { return false; },
          [](ast::in_list const&) { return false; },
          [](ast::in_query const&) { return false; },
          [](ast::in_table const&) { return false; },
          [](ast::quantified const&) { return false; },
          [](ast::exists const&) { return true; },
          [](ast::scalar_subquery const&) { return true; },
          [](ast::case_expr const&) { return true; },
          [](ast::cast const& n) { return n.form == ast::cast_form::call; },
          [](ast::collate const&) { return false; },
          [](ast::call const& n) { return n.syntax != ast::call_syntax::at_time_zone && n.syntax != ast::call_syntax::is_normalized; },
          [](ast::row const&) { return true; },
          [](ast::array const&) { return true; },
          [](ast::subscript const&) { return true; },
          [](ast::field const&) { return true; },
          [](ast::grouping_set const&) { return true; },
          [](ast::default_value const&) { return true; },
      },
      e.node);
}

std::string_view negation(bool negated) { return negated ? " not" : ""; }

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

}  // namespace

void writer::expression(ast::expr const& e) {
  std::visit([this](auto const& n) { put(n); }, e.node);
}

void writer::operand(ast::expr const& e) {
  if (holds_together(e)) return expression(e);
  emit("(");
  expression(e);
  emit(")");
}

void writer::expressions(ast::list<ast::expr_ptr> items) {
  separated(items, [&](ast::expr_ptr e) { expression(*e); });
}

void writer::subquery(ast::query const& q) {
  emit("(");
  query(q);
  emit(")");
}

void writer::operator_symbol(std::string_view symbol, ast::name_path schema) {
  if (schema.empty()) return emit(symbol);
  emit("operator(");
  path(schema);
  emit(".", symbol, ")");
}

void writer::order(std::string_view words, ast::list<ast::order_item> items) {
  if (items.empty()) return;
  emit(words);
  separated(items, [&](ast::order_item const& item) {
    if (item.using_operator.empty()) {
      expression(*item.key);
      if (item.descending)
        emit(" desc");
      else if (item.explicit_direction)
        emit(" asc");
    } else {
      operand(*item.key);
      emit(" using ");
      operator_symbol(item.using_operator.back().text, item.using_operator.first(item.using_operator.size() - 1));
    }
    if (item.nulls == ast::nulls_order::first) emit(" nulls first");
    if (item.nulls == ast::nulls_order::last) emit(" nulls last");
  });
}

// --- values ------------------------------------------------------------------------------------------------------------

void writer::put(ast::literal const& n) {
  switch (n.kind) {
    case ast::literal_kind::null:
      return emit("null");
    case ast::literal_kind::boolean:
    case ast::literal_kind::integer:
    case ast::literal_kind::decimal:
      if (n.text.starts_with('-')) return emit("- ", n.text.substr(1));
      return emit(n.text);
    case ast::literal_kind::text:
      return emit(print::literal(n.text, dialect_));
    case ast::literal_kind::blob:
      if (sqlite()) return emit("x'", hexadecimal(n.text), "'");
      return emit("cast('\\x", hexadecimal(n.text), "' as bytea)");
    case ast::literal_kind::bit_string:  // the letter of its base, then its digits
      return emit(n.text.substr(0, 1), "'", n.text.substr(1), "'");
  }
}

void writer::put(ast::keyword_value const& n) {
  emit(n.word);
  if (n.precision == nullptr) return;
  emit("(");
  expression(*n.precision);
  emit(")");
}

void writer::put(ast::parameter const& n) {
  auto const number = std::to_string(n.number);
  if (!sqlite()) return emit("$", number);
  switch (n.form) {
    case ast::parameter_form::question:
      return emit("?");
    case ast::parameter_form::numbered:
      return emit("?", number);
    case ast::parameter_form::colon:
      return emit(":", n.name);
    case ast::parameter_form::at:
      return emit("@", n.name);
    case ast::parameter_form::dollar:
      return emit("$", n.name);
  }
}

void writer::put(ast::column_ref const& n) { path(n.path); }

void writer::put(ast::star const& n) {
  path(n.qualifier);
  emit(n.qualifier.empty() ? "*" : ".*");
}

void writer::put(ast::default_value const&) { emit("default"); }

// --- operators ---------------------------------------------------------------------------------------------------------

void writer::put(ast::unary const& n) {
  switch (n.op) {
    case ast::unary_op::minus:
      emit("- ");
      break;
    case ast::unary_op::plus:
      emit("+ ");
      break;
    case ast::unary_op::bit_not:
      emit("~ ");
      break;
    case ast::unary_op::logical_not:
      emit("not ");
      break;
  }
  // as with chains of one operator: no parentheses that only fill the parser's stack
  auto const* inner = n.operand->as<ast::unary>();
  if (inner != nullptr && inner->op == n.op && n.op == ast::unary_op::logical_not)
    expression(*n.operand);
  else
    operand(*n.operand);
}

void writer::put(ast::prefix const& n) {
  operator_symbol(n.symbol, n.schema);
  emit(" ");
  operand(*n.operand);
}

/// A chain of one operator that both dialects read from left to right stands without parentheses: SQLite's parser has a stack of
/// 100, which a chain of parentheses would overflow.
bool continues_chain(ast::binary const& n) {
  static constexpr std::string_view from_left[] = {"+", "-", "*", "/", "%", "||", "&", "|"};
  auto const* left = n.left->as<ast::binary>();
  return left != nullptr && n.schema.empty() && left->schema.empty() && left->symbol == n.symbol &&
         std::find(std::begin(from_left), std::end(from_left), n.symbol) != std::end(from_left);
}

void writer::put(ast::binary const& n) {
  if (continues_chain(n))
    expression(*n.left);
  else
    operand(*n.left);
  emit(" ");
  operator_symbol(n.symbol, n.schema);
  emit(" ");
  operand(*n.right);
}

void writer::put(ast::junction const& n) { links(n.items, n.op == ast::junction_op::conjunction ? " and " : " or "); }

void writer::links(ast::list<ast::expr_ptr> items, std::string_view by) {
  if (chains_ == chains::as_written || items.size() <= longest_chain) {
    separated(
        items, [&](ast::expr_ptr e) { operand(*e); }, by);
    return;
  }
  auto const half = items.size() / 2;
  emit("(");
  links(items.first(half), by);
  emit(")", by, "(");
  links(items.subspan(half), by);
  emit(")");
}

void writer::put(ast::is_test const& n) {
  operand(*n.operand);
  emit(" is", negation(n.negated));
  switch (n.value) {
    case ast::truth::null:
      return emit(" null");
    case ast::truth::true_:
      return emit(" true");
    case ast::truth::false_:
      return emit(" false");
    case ast::truth::unknown:
      return emit(" unknown");
  }
}

// SQLite's own form is `a is b`; with a constant behind it that would be another test.
void writer::put(ast::distinct_test const& n) {
  auto const* constant = n.right->as<ast::literal>();
  bool const is_test = constant && (constant->kind == ast::literal_kind::null || constant->kind == ast::literal_kind::boolean);
  operand(*n.left);
  if (sqlite() && !is_test)
    emit(" is", negation(!n.negated), " ");
  else
    emit(" is", negation(n.negated), " distinct from ");
  operand(*n.right);
}

void writer::put(ast::between const& n) {
  operand(*n.operand);
  emit(negation(n.negated), " between ", n.symmetric ? "symmetric " : "");
  operand(*n.low);
  emit(" and ");
  operand(*n.high);
}

void writer::put(ast::pattern_match const& n) {
  constexpr auto words = std::to_array<std::string_view>({" like ", " glob ", " ilike ", " similar to ", " regexp ", " match "});
  operand(*n.operand);
  emit(negation(n.negated), words.at(static_cast<std::size_t>(n.op)));
  operand(*n.pattern);
  if (n.escape == nullptr) return;
  emit(" escape ");
  operand(*n.escape);
}

void writer::put(ast::in_list const& n) {
  operand(*n.operand);
  emit(negation(n.negated), " in (");
  expressions(n.items);
  emit(")");
}

void writer::put(ast::in_query const& n) {
  operand(*n.operand);
  emit(negation(n.negated), " in ");
  subquery(*n.subquery);
}

void writer::put(ast::in_table const& n) {
  operand(*n.operand);
  emit(negation(n.negated), " in ");
  path(n.table);
}

void writer::put(ast::quantified const& n) {
  operand(*n.operand);
  emit(" ");
  operator_symbol(n.symbol, n.schema);
  emit(n.which == ast::quantifier::any ? " any " : " all ");
  if (n.subquery != nullptr) return subquery(*n.subquery);
  emit("(");
  expression(*n.array);
  emit(")");
}

void writer::put(ast::collate const& n) {
  operand(*n.operand);
  emit(" collate ");
  path(n.collation);
}

void writer::put(ast::cast const& n) {
  auto const form = sqlite() ? ast::cast_form::call : n.form;
  switch (form) {
    case ast::cast_form::call:
      emit("cast(");
      expression(*n.operand);
      emit(" as ");
      type(n.type);
      return emit(")");
    case ast::cast_form::colons:
      operand(*n.operand);
      emit("::");
      return type(n.type);
    case ast::cast_form::typed_literal: {  // `interval '1' year`: its fields come last
      auto bare = n.type;
      bare.interval_fields = {};
      type(bare);
      emit(" ");
      expression(*n.operand);
      if (!n.type.interval_fields.empty()) emit(" ", n.type.interval_fields);
      return;
    }
  }
}

// --- composed ----------------------------------------------------------------------------------------------------------

void writer::put(ast::exists const& n) {
  emit("exists ");
  subquery(*n.subquery);
}

void writer::put(ast::scalar_subquery const& n) { subquery(*n.subquery); }

void writer::put(ast::case_expr const& n) {
  emit("case");
  if (n.operand != nullptr) {
    emit(" ");
    expression(*n.operand);
  }
  for (auto const& arm : n.arms) {
    emit(" when ");
    expression(*arm.condition);
    emit(" then ");
    expression(*arm.result);
  }
  if (n.otherwise != nullptr) {
    emit(" else ");
    expression(*n.otherwise);
  }
  emit(" end");
}

void writer::put(ast::row const& n) {
  emit(n.explicit_keyword ? "row(" : "(");
  expressions(n.items);
  emit(")");
}

void writer::put(ast::array const& n) {
  emit("array");
  if (n.subquery != nullptr) return subquery(*n.subquery);
  emit("[");
  expressions(n.items);
  emit("]");
}

void writer::put(ast::subscript const& n) {
  bool const follows =
      !n.apart && (n.operand->as<ast::column_ref>() || n.operand->as<ast::parameter>() || n.operand->as<ast::subscript>() ||
                   n.operand->as<ast::field>() || n.operand->as<ast::scalar_subquery>());
  emit(follows ? "" : "(");
  expression(*n.operand);
  emit(follows ? "[" : ")[");
  if (n.lower != nullptr) operand(*n.lower);
  if (n.slice) emit(" : ");
  if (n.upper != nullptr) operand(*n.upper);
  emit("]");
}

void writer::put(ast::field const& n) {
  bool const follows = !n.apart && (n.operand->as<ast::parameter>() || n.operand->as<ast::subscript>() || n.operand->as<ast::field>() ||
                                    n.operand->as<ast::scalar_subquery>());
  emit(follows ? "" : "(");
  expression(*n.operand);
  emit(follows ? "." : ").");
  if (n.all) return emit("*");
  name(n.name);
}

void writer::put(ast::grouping_set const& n) {
  switch (n.which) {
    case ast::grouping_set::kind::empty:
      return emit("()");
    case ast::grouping_set::kind::rollup:
      emit("rollup (");
      break;
    case ast::grouping_set::kind::cube:
      emit("cube (");
      break;
    case ast::grouping_set::kind::sets:
      emit("grouping sets (");
      break;
  }
  expressions(n.items);
  emit(")");
}

// --- calls and windows -------------------------------------------------------------------------------------------------

void writer::put(ast::call const& n) {
  if (n.syntax != ast::call_syntax::plain) return special_call(n);
  function_name(n.path);
  emit("(", n.distinct ? "distinct " : "", n.star ? "*" : "");
  separated(n.arguments, [&](ast::argument const& a) {
    if (n.variadic && &a == &n.arguments.back()) emit("variadic ");
    if (!a.name.text.empty()) {
      name(a.name);
      emit(" => ");
    }
    expression(*a.value);
  });
  order(" order by ", n.order);
  emit(")");
  if (!n.within_group.empty()) {
    order(" within group (order by ", n.within_group);
    emit(")");
  }
  if (n.filter != nullptr) {
    emit(" filter (where ");
    expression(*n.filter);
    emit(")");
  }
  if (n.over == nullptr) return;
  emit(" over ");
  if (n.over->reference)
    name(n.over->base);
  else
    window(*n.over);
}

// SQL's own words between the arguments. `position` takes operands, as `in` stands between them.
void writer::special_call(ast::call const& n) {
  auto const argument = [&](std::size_t i) { operand(*n.arguments[i].value); };
  auto const worded = [&](std::string_view name_and_opening, std::initializer_list<std::string_view> words) {
    emit(name_and_opening);
    auto word = words.begin();
    for (std::size_t i = 0; i < n.arguments.size(); ++i) {
      if (i > 0) emit(*word++);
      argument(i);
    }
    emit(")");
  };
  auto const listed = [&](std::string_view name_and_opening) {
    emit(name_and_opening);
    separated(n.arguments, [&](ast::argument const& a) { expression(*a.value); });
    emit(")");
  };
  switch (n.syntax) {
    case ast::call_syntax::plain:
      return put(n);
    case ast::call_syntax::extract:
      return worded("extract(", {" from "});
    case ast::call_syntax::overlay:
      return worded("overlay(", {" placing ", " from ", " for "});
    case ast::call_syntax::position:
      return worded("position(", {" in "});
    case ast::call_syntax::substring:
      return worded("substring(", {" from ", " for "});
    case ast::call_syntax::trim_both:
      return worded("trim(both ", {" from "});
    case ast::call_syntax::trim_leading:
      return worded("trim(leading ", {" from "});
    case ast::call_syntax::trim_trailing:
      return worded("trim(trailing ", {" from "});
    case ast::call_syntax::at_time_zone:
      argument(0);
      emit(" at time zone ");
      return argument(1);
    case ast::call_syntax::normalize:
      return listed("normalize(");
    case ast::call_syntax::is_normalized:
      argument(0);
      return emit(" is normalized");
    case ast::call_syntax::collation_for:
      return listed("collation for (");
    case ast::call_syntax::coalesce:
      return listed("coalesce(");
    case ast::call_syntax::nullif:
      return listed("nullif(");
    case ast::call_syntax::greatest:
      return listed("greatest(");
    case ast::call_syntax::least:
      return listed("least(");
    case ast::call_syntax::xml:
      function_name(n.path);
      return listed("(");
  }
}

void writer::window(ast::window const& w) {
  constexpr auto units = std::to_array<std::string_view>({"rows ", "range ", "groups "});
  constexpr auto exclusions =
      std::to_array<std::string_view>({"", " exclude no others", " exclude current row", " exclude group", " exclude ties"});
  std::string_view before;
  auto const next = [&] { emit(std::exchange(before, " ")); };
  emit("(");
  if (!w.base.text.empty()) {
    next();
    name(w.base);
  }
  if (!w.partition.empty()) {
    next();
    emit("partition by ");
    expressions(w.partition);
  }
  if (!w.order.empty()) {
    next();
    order("order by ", w.order);
  }
  if (w.frame_clause != nullptr) {
    auto const& f = *w.frame_clause;
    next();
    emit(units.at(static_cast<std::size_t>(f.unit)), f.between ? "between " : "");
    bound(f.start);
    if (f.between) {
      emit(" and ");
      bound(f.end);
    }
    emit(exclusions.at(static_cast<std::size_t>(f.exclude)));
  }
  emit(")");
}

void writer::bound(ast::frame_bound const& b) {
  switch (b.kind) {
    case ast::frame_bound_kind::unbounded_preceding:
      return emit("unbounded preceding");
    case ast::frame_bound_kind::current_row:
      return emit("current row");
    case ast::frame_bound_kind::unbounded_following:
      return emit("unbounded following");
    case ast::frame_bound_kind::preceding:
      operand(*b.offset);
      return emit(" preceding");
    case ast::frame_bound_kind::following:
      operand(*b.offset);
      return emit(" following");
  }
}

}  // namespace grille::print
