// The single words of policies, and what an expression may not hold there.
#include <algorithm>
#include <charconv>

#include "ast/walk.hpp"
#include "grammar/policy.hpp"

namespace grille::grammar::policy {

using namespace literals;

std::optional<ast::identifier> read_policy_name(cursor& c) {
  if (c->kind != token_kind::word && c->kind != token_kind::quoted) return std::nullopt;
  if (c->word != no_keyword) {
    auto const& k = entry(c->word);
    bool const reserved = c.state.sqlite() ? k.sqlite == sqlite_class::reserved : k.postgresql == postgresql_class::reserved;
    if (reserved) return std::nullopt;
  }
  return c.take_name();
}

std::optional<ast::name_path> read_table(cursor& c) {
  auto const first = read_policy_name(c);
  if (!first) return std::nullopt;
  batch<ast::identifier, 2> parts;
  parts.push(*first);
  if (c.accept("."_sym)) {
    auto const second = read_policy_name(c);
    if (!second) c.fail("a table");
    parts.push(*second);
  }
  return parts.keep(*c.state.arena);
}

std::optional<ast::quoted_text> read_text(cursor& c) {
  if (c->kind != token_kind::string) return std::nullopt;
  ast::quoted_text const read{c->text, c->at};
  ++c.at;
  return read;
}

namespace {

template <class Number>
std::optional<Number> read_number(cursor& c) {
  if (c->kind != token_kind::integer) return std::nullopt;
  Number n{};
  auto const* const end = c->text.data() + c->text.size();
  auto const [stop, error] = std::from_chars(c->text.data(), end, n);
  if (error != std::errc{} || stop != end)
    refuse(errc::syntax, "`" + std::string(c->text) + "` is no number that can stand here", c->at, "write a smaller one in decimal digits");
  ++c.at;
  return n;
}

}  // namespace

std::optional<std::uint32_t> read_version(cursor& c) { return read_number<std::uint32_t>(c); }
std::optional<std::uint64_t> read_count(cursor& c) { return read_number<std::uint64_t>(c); }

std::optional<grille::method> read_method(cursor& c) {
  using enum grille::method;
  constexpr auto methods = std::to_array<std::pair<std::string_view, grille::method>>(
      {{"select", select}, {"insert", insert}, {"update", update}, {"delete", remove}, {"purge", purge}, {"filter", filter}, {"aggregate", aggregate}});
  for (auto const& [word, named] : methods) {
    if (!c->is_word(word)) continue;
    ++c.at;
    return named;
  }
  return std::nullopt;
}

std::optional<bool> read_verdict(cursor& c) {
  bool const can = c->is_word("can");
  if (!can && !c->is_word("cannot")) return std::nullopt;
  ++c.at;
  return can;
}

namespace {

// Refuses parameters, statements other than queries, and `and` mixed with `or` without parentheses. The tree does not keep
// parentheses; the tokens between `begin` and `end` do.
class policy_check : public ast::walker {
 public:
  policy_check(iterator begin, iterator end) : begin_(begin), end_(end) {
    int open = 0;
    for (auto t = begin; t != end; ++t) {
      if (t->is(")"_sym)) --open;
      depths_.push_back(open);
      if (t->is("("_sym)) ++open;
    }
  }

 protected:
  void enter(ast::expr const& e) override {
    if (e.as<ast::parameter>())
      refuse(errc::syntax, "a policy has no parameters", e.at, "values of the caller are `principal.NAME`, `context.NAME` and `scope.NAME`");
    if (auto const* j = e.as<ast::junction>()) check_mixture(*j);
  }
  void enter(ast::statement const& s) override {
    if (!s.as<ast::query_ptr>()) refuse(errc::syntax, "a policy only reads: `select` is the only statement in a condition", s.at);
  }

 private:
  struct link {
    iterator at;
    int depth;
  };

  // The `and` or `or` before an item: behind it are only opening parentheses and the item itself.
  iterator before(ast::expr const& item) const {
    auto t = std::lower_bound(begin_, end_, item.at.begin, [](token const& x, std::uint32_t at) { return x.at.begin < at; });
    while (t != begin_ && !t->is("and"_kw) && !t->is("or"_kw)) --t;
    return t;
  }
  // A chain without parentheses is one node, so that any of its links stands for all.
  link first_link(ast::junction const& j) const {
    auto const at = before(*j.items[1]);
    return {at, depths_[static_cast<std::size_t>(at - begin_)]};
  }
  void check_mixture(ast::junction const& j) const {
    auto const outer = first_link(j);
    for (auto const* item : j.items) {
      auto const* inner = item->as<ast::junction>();
      if (inner == nullptr || inner->op == j.op) continue;
      auto const within = first_link(*inner);
      if (within.depth > outer.depth) continue;
      refuse(errc::syntax, "`and` and `or` are mixed without parentheses", std::max(outer.at, within.at)->at,
             "put parentheses around what belongs together");
    }
  }

  iterator begin_;
  iterator end_;
  std::vector<int> depths_;  // how many parentheses each token stands in
};

}  // namespace

std::optional<ast::expr_ptr> read_policy_expression(cursor& c) {
  auto const begin = c.at;
  c.state.in_policy = true;
  auto const e = read_expression(c);
  if (e) policy_check(begin, c.at).walk(**e);
  return e;
}

}  // namespace grille::grammar::policy
