#include "eval/evaluate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
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
        auto const c = compare(subject, *v, env_.which);
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
        auto found = truth::no;
        for (std::size_t i = 1; i < n.operands.size() && found != truth::yes; ++i) {
          auto const t = ordered(op::equal, *n.operands[0], *n.operands[i]);
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
        auto const a = of(*n.operands[0]), b = of(*n.operands[1]);
        if (!a) return a;
        if (!b) return b;
        auto const x = text_of(*a), y = text_of(*b);
        return x && y ? value(*x + *y) : value{};
      }
      case op::minus:
      case op::plus: {
        auto const v = of(*n.operands[0]);
        if (!v || n.op == op::plus || v->null()) return v;
        if (auto const* i = std::get_if<std::int64_t>(&v->data()); i != nullptr && *i != std::numeric_limits<std::int64_t>::min()) return value(-*i);
        if (auto const* d = std::get_if<double>(&v->data())) return value(-*d);
        return fail(errc::unsupported, "`-` of this value is not known in memory", e.at);
      }
      case op::add:
      case op::subtract:
      case op::multiply:
      case op::divide:
      case op::modulo: return arithmetic(n, e);
      case op::bit_not:
      case op::bit_and:
      case op::bit_or:
      case op::shift_left:
      case op::shift_right:
      case op::arrow:
      case op::arrow_text: return fail(errc::unsupported, "this operator is not known in memory", e.at);
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
      auto const c = compare(a[0], a[1], env_.which);
      if (!c) return tl::unexpected(c.error());
      return *c && **c == 0 ? value{} : a[0];
    }
    if ((name == "lower" || name == "upper") && a.size() == 1) {
      auto text = text_of(a[0]);
      if (!text) return value{};
      for (char& c : *text) {
        if (static_cast<unsigned char>(c) >= 0x80 && env_.which == dialect::postgresql)
          return fail(errc::unsupported, "`" + std::string(name) + "` beyond ASCII follows the server's collation", e.at);
        if (name == "lower" && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (name == "upper" && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      }
      return value(std::move(*text));
    }
    if (name == "length" && a.size() == 1) {
      if (auto const* b = std::get_if<bytes>(&a[0].data())) return value(b->size());
      auto const text = text_of(a[0]);
      if (!text) return value{};
      return value(std::count_if(text->begin(), text->end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    }
    if (name == "trim" && a.size() == 1) {
      auto const text = text_of(a[0]);
      if (!text) return value{};
      auto const first = text->find_first_not_of(' ');
      if (first == std::string::npos) return value("");
      return value(text->substr(first, text->find_last_not_of(' ') - first + 1));
    }
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
    return value(std::strtod(std::string(text).c_str(), nullptr));
  }

  /// An explicit collation, the left operand's first.
  static std::string_view collation(bound::expr const& a, bound::expr const& b) {
    for (auto const* e : {&a, &b})
      if (auto const* c = e->as<bound::collate>()) return c->collation;
    for (auto const* e : {&a, &b})
      if (auto const* c = e->as<bound::column>())
        if (c->relation->table != nullptr) return c->relation->table->columns[c->relation->columns[c->index].source].collation;
    return {};
  }

  result<value> is(bound::expr const& e, truth wanted, bool negated) const {
    auto const t = condition(e);
    if (!t) return tl::unexpected(t.error());
    return value((*t == wanted) != negated);
  }

  result<truth> ordered(bound::op o, bound::expr const& left, bound::expr const& right) const {
    auto const a = of(left), b = of(right);
    if (!a) return tl::unexpected(a.error());
    if (!b) return tl::unexpected(b.error());
    auto const c = compare(*a, *b, env_.which, collation(left, right));
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
    auto const text = of(*n.operands[0]), pattern = of(*n.operands[1]);
    if (!text) return tl::unexpected(text.error());
    if (!pattern) return tl::unexpected(pattern.error());
    auto const t = text_of(*text), p = text_of(*pattern);
    if (!t || !p) return truth::unknown;
    bool const is_glob = n.op == bound::op::glob || n.op == bound::op::not_glob;
    bool found = false;
    if (is_glob) {
      found = glob(*t, *p);
    } else {
      std::optional<char32_t> escape;
      if (env_.which == dialect::postgresql) escape = U'\\';
      if (n.operands.size() == 3) {
        auto const given = of(*n.operands[2]);
        if (!given) return tl::unexpected(given.error());
        auto const c = text_of(*given);
        if (!c) return truth::unknown;
        if (c->size() != 1) return fail(errc::unsupported, "`escape` takes one character", e.at);
        escape = static_cast<unsigned char>((*c)[0]);
      }
      found = like(*t, *p, escape, env_.which == dialect::sqlite);
    }
    bool const negated = n.op == bound::op::not_like || n.op == bound::op::not_glob;
    return found != negated ? truth::yes : truth::no;
  }

  /// SQLite: integers stay integers until they overflow, then they are reals; a division by zero is NULL.
  result<value> arithmetic(bound::operation const& n, bound::expr const& e) const {
    auto const a = of(*n.operands[0]), b = of(*n.operands[1]);
    if (!a) return a;
    if (!b) return b;
    if (a->null() || b->null()) return value{};
    auto const integer = [](value const& v) { return std::holds_alternative<std::int64_t>(v.data()) || std::holds_alternative<bool>(v.data()); };
    auto const real = [](value const& v) { return std::holds_alternative<double>(v.data()); };
    auto const unknown = fail(errc::unsupported, "arithmetic on these values is not known in memory", e.at);
    if (!(integer(*a) || real(*a)) || !(integer(*b) || real(*b))) return unknown;
    auto const x = *number_of(*a), y = *number_of(*b);
    if (integer(*a) && integer(*b)) {
      auto const i = static_cast<std::int64_t>(x), j = static_cast<std::int64_t>(y);
      std::int64_t out = 0;
      bool overflow = false;
      switch (n.op) {
        case bound::op::add: overflow = __builtin_add_overflow(i, j, &out); break;
        case bound::op::subtract: overflow = __builtin_sub_overflow(i, j, &out); break;
        case bound::op::multiply: overflow = __builtin_mul_overflow(i, j, &out); break;
        default:
          if (j == 0) return env_.which == dialect::sqlite ? result<value>(value{}) : unknown;
          overflow = i == std::numeric_limits<std::int64_t>::min() && j == -1;
          if (!overflow) out = n.op == bound::op::divide ? i / j : i % j;
      }
      if (overflow) return unknown;
      return value(out);
    }
    if (n.op == bound::op::modulo || env_.which == dialect::postgresql) return unknown;
    auto const p = static_cast<double>(x), q = static_cast<double>(y);
    switch (n.op) {
      case bound::op::add: return value(p + q);
      case bound::op::subtract: return value(p - q);
      case bound::op::multiply: return value(p * q);
      default: return q == 0 ? value{} : value(p / q);
    }
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
