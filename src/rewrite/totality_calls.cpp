// Of which family the result of an aggregate is, of a window function that counts rows, of `coalesce`, or of what takes times apart, so that a comparison with it is known to have
// an answer; and which calls have a value for every row, though their function has none for some argument.
// https://www.postgresql.org/docs/15/functions-aggregate.html, functions-window.html and functions-datetime.html; what is not here is not known.
#include "bound/walk.hpp"
#include "rewrite/totality.hpp"

namespace grille::rewrite {

namespace {

/// The type of the table's column that a value is, however it was passed on; empty: it is computed.
std::string_view stored_type(bound::expr const* e) {
  auto const* c = e->as<bound::column>();
  if (c == nullptr) return {};
  auto const& r = *c->relation;
  auto const source = r.columns[c->index].source;
  if (r.kind == bound::relation_kind::base) return source < r.table->columns.size() ? std::string_view(r.table->columns[source].type) : std::string_view{};
  auto const* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common && !r.cte->recursive ? r.cte->query : nullptr;
  auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
  return s == nullptr ? std::string_view{} : stored_type(s->items[source].value);
}

/// Whole numbers are summed up to a wider type than their own: two of them to `int8`, and `int8` to `numeric`.
family of_sum(bound::expr const* of_whole_numbers) {
  auto const type = stored_type(of_whole_numbers);
  if (type == "pg_catalog.int2" || type == "pg_catalog.int4") return family::integer;
  return type == "pg_catalog.int8" ? family::numeric : family::none;
}

/// Of what takes a time apart, by the time: a date is a time of the zone to it.
family of_time_part(std::string_view name, family time) {
  auto const is_time = time == family::day || time == family::time || time == family::clock;
  if (!is_time) return family::none;
  if (name == "extract") return family::numeric;
  if (name == "date_part") return family::real;
  if (name == "date") return family::day;
  return time == family::time ? family::time : family::clock;
}

bool is_small_number(bound::expr const* e) {
  auto const* l = e->as<bound::literal>();
  return l != nullptr && l->kind == bound::literal_kind::integer && l->text.size() < 10;
}

}  // namespace

/// Where all are of one.
family totality::of_first(bound::list<bound::expr_ptr> const& arguments) const {
  std::set<family> all;
  for (auto const* a : arguments) all.insert(is_small_number(a) ? family::integer : of(a));
  auto const is = all.size() == 1 ? *all.begin() : family::none;
  return is == family::constant || is == family::real_constant || is == family::other ? family::none : is;
}

/// The server makes room for four bytes of each of the text's, and has none beyond 1 GB: of a text of 256 MB both fail. A table's column of
/// `varchar(n)` holds at most 40 MB; of any other relation the length is only said.
bool totality::bounded(bound::expr const* e) const {
  auto const* c = e->as<bound::column>();
  if (c == nullptr) return false;
  auto const& r = *c->relation;
  auto const source = r.columns[c->index].source;
  if (r.kind == bound::relation_kind::base)
    return source < r.table->columns.size() && r.table->kind == catalog::relation_kind::table && is_plain_(*c) && of(*c) == family::text &&
           r.table->columns[source].declared_type.starts_with("character varying(");
  auto const* q = r.kind == bound::relation_kind::derived ? r.query : r.kind == bound::relation_kind::common && !r.cte->recursive ? r.cte->query : nullptr;
  auto const* s = q == nullptr ? nullptr : q->body->as<bound::select>();
  return s != nullptr && bounded(s->items[source].value);
}

bool totality::changes_case(bound::call const& c) const {
  return (c.function->name == "lower" || c.function->name == "upper") && c.arguments.size() == 1 && bounded(c.arguments[0]);
}

/// Of one value there is nothing to compare.
bool totality::is_itself(bound::call const& c) { return (c.function->name == "greatest" || c.function->name == "least") && c.arguments.size() == 1; }

family totality::of(bound::call const& c) const {
  if (changes_case(c)) return family::text;
  auto const name = c.function->name;
  if (name == "coalesce") return of_first(c.arguments);
  if (is_itself(c)) return of(c.arguments[0]);
  if (name == "count" || name == "row_number" || name == "rank" || name == "dense_rank") return family::integer;
  if (name == "percent_rank" || name == "cume_dist") return family::real;
  if (name == "bool_and" || name == "bool_or" || name == "every") return family::truth;
  if (name == "date_trunc" || name == "extract" || name == "date_part") return of_time_part(name, of(c.arguments[1]));
  if (c.arguments.size() != 1) return family::none;
  if (name == "date") return of_time_part(name, of(c.arguments[0]));
  if (name == "length") return of(c.arguments[0]) == family::text ? family::integer : family::none;
  auto const* argument = c.arguments[0];
  auto const is = of(argument);
  auto const number = is == family::integer || is == family::numeric || is == family::real;
  if (name == "sum") return is == family::integer ? of_sum(argument) : number ? is : family::none;
  if (name == "avg") return is == family::integer ? family::numeric : number ? is : family::none;
  auto const ordered = number || is == family::text || is == family::day || is == family::time || is == family::clock;
  return (name == "min" || name == "max") && ordered ? is : family::none;
}

}  // namespace grille::rewrite
