// One function for each kind of node. What SQLite does differently with a value than this file knows is `unsupported`: an answer is
// the engine's answer (tests/eval asks it).
#include "eval/evaluate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "eval/compare.hpp"

namespace grille::eval {

using base::fail;
using base::result;

namespace {

class evaluator {
 public:
  explicit evaluator(environment const& env) : env_(env) {}

  result<value> of(bound::expr const& e) const {
    return std::visit([&](auto const& n) { return (*this)(n, e); }, e.node);
  }

  result<value> operator()(bound::literal const& n, bound::expr const& e) const {
    switch (n.kind) {
      case bound::literal_kind::null: return value{};
      case bound::literal_kind::left_out:
      case bound::literal_kind::bit_string: return fail(errc::unsupported, "this literal is not known in memory", e.at);
      case bound::literal_kind::by_default: return fail(errc::unsupported, "`default` is the database's to say", e.at);
      case bound::literal_kind::boolean: return value(n.text == "true");
      case bound::literal_kind::text: return value(n.text);
      case bound::literal_kind::blob: {
        auto const* p = reinterpret_cast<std::byte const*>(n.text.data());
        return value(bytes(p, p + n.text.size()));
      }
      case bound::literal_kind::integer: {
        std::int64_t i = 0;
        bool const hex = n.text.starts_with("0x") || n.text.starts_with("0X");
        auto const digits = hex ? n.text.substr(2) : n.text;
        if (hex) {
          std::uint64_t u = 0;
          auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), u, 16);
          if (ec == std::errc{} && end == digits.data() + digits.size()) return value(static_cast<std::int64_t>(u));
        } else {
          auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), i);
          if (ec == std::errc{} && end == digits.data() + digits.size()) return value(i);
          if (ec == std::errc::result_out_of_range) return decimal(n.text);
        }
        return fail(errc::unsupported, "`" + std::string(n.text) + "` is not a number here", e.at);
      }
      case bound::literal_kind::decimal: return decimal(n.text);
    }
    return value{};
  }
  result<value> operator()(bound::parameter const& n, bound::expr const& e) const {
    return env_.parameter ? env_.parameter(n) : fail(errc::unsupported, "a parameter has no value here", e.at);
  }
  result<value> operator()(bound::slot const& n, bound::expr const& e) const {
    return env_.slot ? env_.slot(n) : fail(errc::unsupported, "nothing is known of the caller here", e.at);
  }
  result<value> operator()(bound::column const& n, bound::expr const& e) const {
    return env_.column ? env_.column(n) : fail(errc::unsupported, "there is no row here", e.at);
  }
  result<value> operator()(bound::output const&, bound::expr const& e) const { return fail(errc::unsupported, "there is no result here", e.at); }
  result<value> operator()(bound::now const& n, bound::expr const& e) const {
    return fail(errc::unsupported, "`" + std::string(n.word) + "` is the database's clock, it is not known in memory", e.at);
  }

  result<value> operator()(bound::junction const& n, bound::expr const&) const {
    auto const stop = n.op == bound::junction_op::conjunction ? truth::no : truth::yes;
    auto seen = negate(stop);
    for (auto const* item : n.items) {
      auto const t = condition(*item);
      if (!t) return tl::unexpected(t.error());
      if (*t == stop) return to_value(stop);
      if (*t == truth::unknown) seen = truth::unknown;
    }
    return to_value(seen);
  }

  result<value> operator()(bound::case_expr const& n, bound::expr const&) const {
    value subject;
    if (n.operand != nullptr) {
      auto v = of(*n.operand);
      if (!v) return v;
      subject = std::move(*v);
    }
    for (auto const& arm : n.arms) {
      truth t = truth::no;
      if (n.operand == nullptr) {
        auto const c = condition(*arm.condition);
        if (!c) return tl::unexpected(c.error());
        t = *c;
      } else {
        auto const v = of(*arm.condition);
        if (!v) return v;
        auto const c = compare(subject, *v, env_.which, collation(*n.operand, *arm.condition));
        if (!c) return tl::unexpected(c.error());
        t = *c && **c == 0 ? truth::yes : truth::no;
      }
      if (t == truth::yes) return of(*arm.result);
    }
    return n.otherwise == nullptr ? result<value>(value{}) : of(*n.otherwise);
  }
  result<value> operator()(bound::cast const&, bound::expr const& e) const { return fail(errc::unsupported, "`cast` is not known in memory", e.at); }
  result<value> operator()(bound::collate const& n, bound::expr const&) const { return of(*n.operand); }
  result<value> operator()(bound::row const&, bound::expr const& e) const { return fail(errc::unsupported, "row values are not known in memory", e.at); }
  result<value> operator()(bound::record const&, bound::expr const& e) const { return fail(errc::unsupported, "row values are not known in memory", e.at); }
  result<value> operator()(bound::field const&, bound::expr const& e) const { return fail(errc::unsupported, "fields of composites are not known in memory", e.at); }
  result<value> operator()(bound::subquery const&, bound::expr const& e) const { return fail(errc::unsupported, "a query needs a database", e.at); }

  result<value> operator()(bound::operation const& n, bound::expr const& e) const {
    using bound::op;
    auto const logical = [](result<truth> t) -> result<value> {
      if (!t) return tl::unexpected(t.error());
      return to_value(*t);
    };
    switch (n.op) {
      case op::logical_not: {
        auto const t = condition(*n.operands[0]);
        if (!t) return tl::unexpected(t.error());
        return to_value(negate(*t));
      }
      case op::is_null:
      case op::is_not_null: {
        auto const v = of(*n.operands[0]);
        if (!v) return v;
        return value(v->null() == (n.op == op::is_null));
      }
      case op::is_true: return is(*n.operands[0], truth::yes, false);
      case op::is_not_true: return is(*n.operands[0], truth::yes, true);
      case op::is_false: return is(*n.operands[0], truth::no, false);
      case op::is_not_false: return is(*n.operands[0], truth::no, true);
      case op::equal:
      case op::not_equal:
      case op::less:
      case op::less_equal:
      case op::greater:
      case op::greater_equal: return logical(ordered(n.op, *n.operands[0], *n.operands[1]));
      case op::is_distinct:
      case op::is_not_distinct: {
        auto const a = of(*n.operands[0]), b = of(*n.operands[1]);
        if (!a) return a;
        if (!b) return b;
        bool same = a->null() && b->null();
        if (!a->null() && !b->null()) {
          auto const c = compare(*a, *b, env_.which, collation(*n.operands[0], *n.operands[1]));
          if (!c) return tl::unexpected(c.error());
          same = **c == 0;
        }
        return value(same == (n.op == op::is_not_distinct));
      }
      case op::between:
      case op::not_between: {
        auto const low = ordered(op::greater_equal, *n.operands[0], *n.operands[1]);
        if (!low) return tl::unexpected(low.error());
        auto const high = ordered(op::less_equal, *n.operands[0], *n.operands[2]);
        if (!high) return tl::unexpected(high.error());
        auto const both = *low == truth::no || *high == truth::no ? truth::no : *low == truth::unknown || *high == truth::unknown ? truth::unknown : truth::yes;
        return to_value(n.op == op::between ? both : negate(both));
      }
      case op::in:
      case op::not_in: {
        // The collation is the left operand's, whatever the items say: https://www.sqlite.org/datatype3.html section 7.1
        auto found = truth::no;
        for (std::size_t i = 1; i < n.operands.size() && found != truth::yes; ++i) {
          if (explicit_collation(*n.operands[i])) return fail(errc::unsupported, "`collate` in a list is not known in memory", e.at);
          auto const t = ordered(op::equal, *n.operands[0], *n.operands[i], collation_of(*n.operands[0]));
          if (!t) return tl::unexpected(t.error());
          if (*t != truth::no) found = *t;
        }
        return to_value(n.op == op::in ? found : negate(found));
      }
      case op::like:
      case op::not_like:
      case op::glob:
      case op::not_glob: return logical(matches(n, e));
      case op::concat: {
        auto const a = text(*n.operands[0]), b = text(*n.operands[1]);
        if (!a) return tl::unexpected(a.error());
        if (!b) return tl::unexpected(b.error());
        return *a && *b ? value(**a + **b) : value{};
      }
      case op::minus:
      case op::plus: {
        auto const v = of(*n.operands[0]);
        if (!v || n.op == op::plus || v->null()) return v;
        if (auto const* i = std::get_if<std::int64_t>(&v->data()); i != nullptr && *i != std::numeric_limits<std::int64_t>::min()) return value(-*i);
        if (auto const* d = std::get_if<double>(&v->data())) return value(0.0 - *d);  // of zero: zero, without a sign
        return fail(errc::unsupported, "`-` of this value is not known in memory", e.at);
      }
      case op::add:
      case op::subtract:
      case op::multiply:
      case op::divide:
      case op::modulo: return arithmetic(n, e);
      case op::bit_not:
      case op::bit_and:
      case op::bit_or: return bits(n, e);
      case op::shift_left:
      case op::shift_right:
      case op::arrow:
      case op::arrow_text:
      case op::ilike:
      case op::not_ilike:
      case op::similar:
      case op::not_similar:
      case op::matches:
      case op::not_matches:
      case op::matches_ci:
      case op::not_matches_ci:
      case op::any_array:
      case op::all_array:
      case op::contains:
      case op::contained:
      case op::overlaps:
      case op::has_key:
      case op::has_any_key:
      case op::has_all_keys:
      case op::path:
      case op::path_text:
      case op::array:
      case op::element:
      case op::slice:
      case op::between_symmetric:
      case op::not_between_symmetric:
      case op::path_exists:
      case op::path_matches:
      case op::starts_with:
      case op::delete_path:
      case op::power:
      case op::bit_xor:
      case op::square_root:
      case op::cube_root:
      case op::absolute: return fail(errc::unsupported, "this operator is not known in memory", e.at);
    }
    return fail(errc::unsupported, "this operator is not known in memory", e.at);
  }

  result<value> operator()(bound::call const& n, bound::expr const& e) const {
    auto const name = n.function->name;
    std::vector<value> a;
    if (n.function->kind == catalog::function_kind::scalar)
      for (auto const* x : n.arguments) {
        auto v = of(*x);
        if (!v) return v;
        a.push_back(std::move(*v));
      }
    if ((name == "coalesce" || name == "ifnull") && !a.empty()) {
      for (auto const& v : a)
        if (!v.null()) return v;
      return value{};
    }
    if (name == "nullif" && a.size() == 2) {
      auto const c = compare(a[0], a[1], env_.which, collation_of(n.arguments));
      if (!c) return tl::unexpected(c.error());
      return *c && **c == 0 ? value{} : a[0];
    }
    if ((name == "min" || name == "max") && a.size() > 1 && env_.which == dialect::sqlite) {
      auto const* best = &a[0];
      for (auto const& v : a) {
        auto const c = compare(*best, v, env_.which, collation_of(n.arguments));
        if (!c) return tl::unexpected(c.error());
        if (!*c) return value{};
        if (name == "min" ? **c >= 0 : **c < 0) best = &v;
      }
      return *best;
    }
    if (name == "typeof" && a.size() == 1) {
      if (a[0].null()) return value("null");
      if (std::holds_alternative<bytes>(a[0].data())) return value("blob");
      auto const v = number_of(a[0]);
      return value(v.null() ? "text" : std::holds_alternative<double>(v.data()) ? "real" : "integer");
    }
    if (name == "iif" && a.size() == 3) {
      auto const t = truth_of(a[0], env_.which);
      if (!t) return tl::unexpected(t.error());
      return *t == truth::yes ? a[1] : a[2];
    }
    if (name == "abs" && a.size() == 1) {
      if (a[0].null()) return value{};
      auto const v = number_of(a[0]);
      if (auto const* i = std::get_if<std::int64_t>(&v.data()); i != nullptr && *i != std::numeric_limits<std::int64_t>::min())
        return value(*i < 0 ? -*i : *i);
      if (auto const* d = std::get_if<double>(&v.data())) return value(*d < 0 ? -*d : *d);
    }
    constexpr std::string_view of_text[] = {"lower", "upper", "length", "trim", "ltrim", "rtrim", "substr"};
    if (std::ranges::find(of_text, name) != std::end(of_text) && !a.empty()) return text_function(n, a, e);
    return fail(errc::unsupported, "`" + std::string(name) + "` is not known in memory", e.at);
  }

  result<truth> condition(bound::expr const& e) const {
    auto const v = of(e);
    if (!v) return tl::unexpected(v.error());
    return truth_of(*v, env_.which);
  }

 private:
  result<value> decimal(std::string_view text) const {
    if (env_.which == dialect::postgresql) return value(numeric{std::string(text)});
    return value(to_double(text));
  }

  /// What `text_of` gives, on PostgreSQL only for what is text there.
  result<std::optional<std::string>> text(bound::expr const& e) const {
    auto const v = of(e);
    if (!v) return tl::unexpected(v.error());
    return text(*v, e);
  }
  result<std::optional<std::string>> text(value const& v, bound::expr const& e) const {
    if (env_.which == dialect::postgresql && !v.null() && !std::holds_alternative<std::string>(v.data()))
      return fail(errc::unsupported, "the text of this value is not known in memory", e.at);
    auto made = text_of(v);
    if (!made) made.error().at = e.at;
    return made;
  }

  result<value> text_function(bound::call const& n, std::vector<value> const& a, bound::expr const& e) const {
    auto const name = n.function->name;
    auto const* blob = std::get_if<bytes>(&a[0].data());
    if (name == "length" && blob != nullptr) return value(static_cast<std::int64_t>(blob->size()));
    auto const unknown = fail(errc::unsupported, "`" + std::string(name) + "` of these values is not known in memory", e.at);
    if (blob != nullptr && name == "substr") return unknown;
    auto got = text(a[0], e);
    if (!got) return tl::unexpected(got.error());
    if (!*got) return value{};
    auto made = std::move(**got);
    if (name == "lower" || name == "upper") {
      for (char& c : made) {
        if (static_cast<unsigned char>(c) >= 0x80 && env_.which == dialect::postgresql)
          return fail(errc::unsupported, "`" + std::string(name) + "` beyond ASCII follows the server's collation", e.at);
        if (name == "lower" && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (name == "upper" && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      }
      return value(std::move(made));
    }
    if (name == "length") return value(static_cast<std::int64_t>(std::ranges::count_if(made, starts_character)));
    if (name == "substr") return a.size() == 1 || env_.which == dialect::postgresql ? unknown : substring(made, a, e);
    if (a.size() != 1) return unknown;
    auto const first = name == "rtrim" ? 0 : std::min(made.find_first_not_of(' '), made.size());
    auto const last = name == "ltrim" ? made.size() : made.find_last_not_of(' ') + 1;
    return value(first < last ? made.substr(first, last - first) : std::string());
  }
  static bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

  /// By characters from 1, from the end if negative; a negative length takes those before. https://www.sqlite.org/lang_corefunc.html#substr
  result<value> substring(std::string const& s, std::vector<value> const& a, bound::expr const& e) const {
    std::int64_t numbers[2] = {0, std::numeric_limits<std::int32_t>::max()};
    for (std::size_t i = 1; i < a.size(); ++i) {
      if (a[i].null()) return value{};
      auto const* n = std::get_if<std::int64_t>(&a[i].data());
      if (n == nullptr || *n > std::numeric_limits<std::int32_t>::max() || *n < -std::numeric_limits<std::int32_t>::max())
        return fail(errc::unsupported, "`substr` of these values is not known in memory", e.at);
      numbers[i - 1] = *n;
    }
    auto [from, length] = numbers;
    auto const size = static_cast<std::int64_t>(std::ranges::count_if(s, starts_character));
    // The place 0 is before the first character and counts for the length.
    auto begin = from > 0 ? from - 1 : from < 0 ? size + from : -1;
    auto end = begin + length;
    if (from == 0 && a.size() == 2) end = size;
    if (length < 0) {
      begin = std::max<std::int64_t>(from == 0 ? 0 : begin, from < 0 ? 0 : begin);
      end = begin;
      begin += length;
    }
    begin = std::clamp<std::int64_t>(begin, 0, size);
    end = std::clamp<std::int64_t>(end, begin, size);
    std::string made;
    std::int64_t at = -1;
    for (char const c : s) {
      if (starts_character(c)) ++at;
      if (at >= begin && at < end) made += c;
    }
    return value(std::move(made));
  }

  /// A `collate` anywhere in the operand, the leftmost first.
  static std::optional<std::string_view> explicit_collation(bound::expr const& e) {
    if (auto const* c = e.as<bound::collate>()) return c->collation;
    auto const first = [](bound::list<bound::expr_ptr> const& items) -> std::optional<std::string_view> {
      for (auto const* i : items)
        if (auto const c = explicit_collation(*i)) return c;
      return std::nullopt;
    };
    if (auto const* o = e.as<bound::operation>()) return first(o->operands);
    if (auto const* j = e.as<bound::junction>()) return first(j->items);
    if (auto const* c = e.as<bound::call>()) return first(c->arguments);
    if (auto const* c = e.as<bound::cast>()) return explicit_collation(*c->operand);
    return std::nullopt;
  }
  /// A column's own, also behind signs and casts.
  static std::optional<std::string_view> column_collation(bound::expr const& e) {
    if (auto const* o = e.as<bound::operation>(); o != nullptr && o->op == bound::op::plus) return column_collation(*o->operands[0]);
    if (auto const* c = e.as<bound::cast>()) return column_collation(*c->operand);
    auto const* c = e.as<bound::column>();
    if (c == nullptr || c->relation->table == nullptr) return std::nullopt;
    return c->relation->table->columns[c->relation->columns[c->index].source].collation;
  }
  static std::string_view collation_of(bound::expr const& e) {
    if (auto const c = explicit_collation(e)) return *c;
    return column_collation(e).value_or(std::string_view{});
  }
  /// Of a function: the first argument's that has one.
  static std::string_view collation_of(bound::list<bound::expr_ptr> const& arguments) {
    for (auto const* e : arguments) {
      if (auto const c = explicit_collation(*e)) return *c;
      if (auto const c = column_collation(*e)) return *c;
    }
    return {};
  }
  /// https://www.sqlite.org/datatype3.html section 7.1: an explicit one, else a column's; the left operand's before the right one's.
  static std::string_view collation(bound::expr const& a, bound::expr const& b) {
    for (auto const* e : {&a, &b})
      if (auto const c = explicit_collation(*e)) return *c;
    for (auto const* e : {&a, &b})
      if (auto const c = column_collation(*e)) return *c;
    return {};
  }

  result<value> is(bound::expr const& e, truth wanted, bool negated) const {
    auto const t = condition(e);
    if (!t) return tl::unexpected(t.error());
    return value((*t == wanted) != negated);
  }

  result<truth> ordered(bound::op o, bound::expr const& left, bound::expr const& right) const {
    return ordered(o, left, right, collation(left, right));
  }
  result<truth> ordered(bound::op o, bound::expr const& left, bound::expr const& right, std::string_view by) const {
    auto const a = of(left), b = of(right);
    if (!a) return tl::unexpected(a.error());
    if (!b) return tl::unexpected(b.error());
    auto const c = compare(*a, *b, env_.which, by);
    if (!c) return tl::unexpected(c.error());
    if (!*c) return truth::unknown;
    auto const order = **c;
    bool yes = false;
    switch (o) {
      case bound::op::equal: yes = order == 0; break;
      case bound::op::not_equal: yes = order != 0; break;
      case bound::op::less: yes = order < 0; break;
      case bound::op::less_equal: yes = order <= 0; break;
      case bound::op::greater: yes = order > 0; break;
      default: yes = order >= 0; break;
    }
    return yes ? truth::yes : truth::no;
  }

  result<truth> matches(bound::operation const& n, bound::expr const& e) const {
    auto const subject = of(*n.operands[0]), wanted = of(*n.operands[1]);
    if (!subject) return tl::unexpected(subject.error());
    if (!wanted) return tl::unexpected(wanted.error());
    if (std::holds_alternative<bytes>(subject->data()) || std::holds_alternative<bytes>(wanted->data()))  // SQLITE_LIKE_DOESNT_MATCH_BLOBS
      return fail(errc::unsupported, "matching a blob depends on how the engine was built", e.at);
    auto const t = text(*subject, *n.operands[0]), p = text(*wanted, *n.operands[1]);
    if (!t) return tl::unexpected(t.error());
    if (!p) return tl::unexpected(p.error());
    if (!*t || !*p) return truth::unknown;
    bool const is_glob = n.op == bound::op::glob || n.op == bound::op::not_glob;
    bool found = false;
    if (is_glob) {
      found = glob(**t, **p);
    } else {
      std::optional<char32_t> escape;
      if (env_.which == dialect::postgresql) escape = U'\\';
      if (n.operands.size() == 3) {
        auto const c = text(*n.operands[2]);
        if (!c) return tl::unexpected(c.error());
        if (!*c) return truth::unknown;
        if ((*c)->size() != 1) return fail(errc::unsupported, "`escape` takes one character", e.at);
        escape = static_cast<unsigned char>((**c)[0]);
      }
      found = like(**t, **p, escape, env_.which == dialect::sqlite);
    }
    bool const negated = n.op == bound::op::not_like || n.op == bound::op::not_glob;
    return found != negated ? truth::yes : truth::no;
  }

  result<value> bits(bound::operation const& n, bound::expr const& e) const {
    std::int64_t integers[2] = {};
    for (std::size_t i = 0; i < n.operands.size(); ++i) {
      auto const v = of(*n.operands[i]);
      if (!v) return v;
      if (v->null()) return value{};
      auto const number = number_of(*v);
      auto const* integer = std::get_if<std::int64_t>(&number.data());
      if (integer == nullptr) return fail(errc::unsupported, "this operator on this value is not known in memory", e.at);
      integers[i] = *integer;
    }
    if (n.op == bound::op::bit_not) return value(~integers[0]);
    return value(n.op == bound::op::bit_and ? integers[0] & integers[1] : integers[0] | integers[1]);
  }

  /// SQLite: integers stay integers until they overflow (not known here), a division by zero and what is not a number are NULL.
  result<value> arithmetic(bound::operation const& n, bound::expr const& e) const {
    auto const a = of(*n.operands[0]), b = of(*n.operands[1]);
    if (!a) return a;
    if (!b) return b;
    if (a->null() || b->null()) return value{};
    auto const unknown = fail(errc::unsupported, "arithmetic on these values is not known in memory", e.at);
    auto const x = number_of(*a), y = number_of(*b);
    if (x.null() || y.null() || std::holds_alternative<numeric>(a->data()) || std::holds_alternative<numeric>(b->data())) return unknown;
    auto const* i = std::get_if<std::int64_t>(&x.data());
    auto const* j = std::get_if<std::int64_t>(&y.data());
    if (i != nullptr && j != nullptr) {
      std::int64_t out = 0;
      bool overflow = false;
      switch (n.op) {
        case bound::op::add: overflow = __builtin_add_overflow(*i, *j, &out); break;
        case bound::op::subtract: overflow = __builtin_sub_overflow(*i, *j, &out); break;
        case bound::op::multiply: overflow = __builtin_mul_overflow(*i, *j, &out); break;
        default:
          if (*j == 0) return env_.which == dialect::sqlite ? result<value>(value{}) : unknown;
          overflow = *i == std::numeric_limits<std::int64_t>::min() && *j == -1;
          if (!overflow) out = n.op == bound::op::divide ? *i / *j : *i % *j;
      }
      if (overflow) return unknown;
      return value(out);
    }
    if (n.op == bound::op::modulo || env_.which == dialect::postgresql) return unknown;
    auto const p = i != nullptr ? static_cast<double>(*i) : std::get<double>(x.data());
    auto const q = j != nullptr ? static_cast<double>(*j) : std::get<double>(y.data());
    auto out = 0.0;
    switch (n.op) {
      case bound::op::add: out = p + q; break;
      case bound::op::subtract: out = p - q; break;
      case bound::op::multiply: out = p * q; break;
      default:
        if (q == 0) return value{};
        out = p / q;
    }
    return std::isnan(out) ? value{} : value(out);
  }

  environment const& env_;
};

}  // namespace

result<value> evaluate(bound::expr const& e, environment const& env) { return evaluator(env).of(e); }

result<bool> holds(bound::expr const& e, environment const& env) {
  auto const t = evaluator(env).condition(e);
  if (!t) return tl::unexpected(t.error());
  return *t == truth::yes;
}

}  // namespace grille::eval
