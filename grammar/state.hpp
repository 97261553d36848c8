// What every rule shares while one text is read. Enters: tokens and an arena. Leaves: nodes with their depth filled in, or the
// exception `refused`, which never leaves this folder (`attempt` in component.hpp makes it a fault). No X3 here: the parts that
// are written by hand (expressions, names) need only this.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ast/tree.hpp"
#include "base/arena.hpp"
#include "base/fault.hpp"
#include "base/limits.hpp"
#include "grammar/depth.hpp"
#include "grammar/token.hpp"
#include "grille/dialect.hpp"

namespace grille::grammar {

using iterator = token const*;

struct refused {
  base::fault fault;
};

struct parse_state {
  dialect language{};
  base::arena* arena{};
  unsigned nesting{};  // of the rules now open; see `nested`
  bool in_policy{};     // a sentence is read, not a statement

  bool sqlite() const { return language == dialect::sqlite; }
};

/// Throws `refused`.
[[noreturn]] void refuse(errc kind, std::string message, base::range at, std::string help = {});
/// "expected WHAT, found TOKEN", with a hint where the token is a reserved word in place of a name, a curly quote or a no-break space.
[[noreturn]] void refuse_expected(std::string_view what, token const& found, dialect d);
[[noreturn]] void refuse_nesting(base::range at);
base::fault expected_fault(std::string_view what, token const& found, dialect d);

/// One more level for as long as it lives. A rule that takes more of the stack weighs more.
class nested {
 public:
  nested(parse_state& s, base::range at, unsigned weight = 1) : state_(s), weight_(weight) {
    if (s.nesting + weight > base::limits::nesting) refuse_nesting(at);
    s.nesting += weight;
  }
  nested(nested const&) = delete;
  nested& operator=(nested const&) = delete;
  ~nested() { state_.nesting -= weight_; }

 private:
  parse_state& state_;
  unsigned weight_;
};

/// Where a name stands decides which keywords may be one.
enum class name_role {
  name,        // SQLite: nm; PostgreSQL: ColId
  label,       // after a dot or `as`: PostgreSQL: any word
  bare_label,  // a result column's name without `as`
  bare_alias,  // a table's alias without `as`
  function     // SQLite: id; PostgreSQL: type_function_name
};
bool is_name(token const& t, name_role role, dialect d);

/// A place in the tokens, for the parts written by hand.
struct cursor {
  iterator at;
  parse_state& state;

  token const& operator*() const { return *at; }
  token const* operator->() const { return at; }
  /// The n-th token ahead, the end if there are fewer.
  token const& ahead(std::size_t n) const {
    auto t = at;
    while (n-- > 0 && t->kind != token_kind::end) ++t;
    return *t;
  }
  token const& next() const { return at->kind == token_kind::end ? *at : at[1]; }
  bool is(keyword k) const { return at->word == k; }
  bool is(symbol s) const { return at->sym == s; }
  template <class Id>
  bool accept(Id id) {
    if (!is(id)) return false;
    ++at;
    return true;
  }
  /// Two words or symbols in a row, or nothing.
  template <class A, class B>
  bool accept(A a, B b) {
    if (!is(a) || !next().is(b)) return false;
    at += 2;
    return true;
  }
  template <class Id>
  void expect(Id id) {
    if (!accept(id)) fail("`" + std::string(spelling(id)) + "`");
  }
  [[noreturn]] void fail(std::string_view what) const { refuse_expected(what, *at, state.language); }
  bool at_name(name_role role = name_role::name) const { return is_name(*at, role, state.language); }
  /// The token at the place, which must be a name in that role.
  ast::identifier name(name_role role = name_role::name) {
    if (!at_name(role)) fail("a name");
    return take_name();
  }
  ast::identifier take_name() {
    ast::identifier const id{at->text, at->at, at->kind != token_kind::word};
    ++at;
    return id;
  }
  /// From a token to the one before the place.
  base::range since(iterator begin) const { return {begin->at.begin, at == begin ? begin->at.begin : at[-1].at.end}; }
};

/// A list while it grows: short ones never leave the stack.
template <class T, std::size_t N = 6>
class batch {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  /// An item of a list whose length the rule itself bounds, by N as a rule.
  void push(T const& item) {
    if (size_ < N) {
      std::construct_at(few() + size_++, item);
      return;
    }
    if (size_ == N) many_.assign(few(), few() + N);
    many_.push_back(item);
    ++size_;
  }
  /// An item of a list of any length; the cursor is behind it.
  void push(T const& item, cursor const& c) {
    if (size_ >= base::limits::list_items)
      refuse(errc::limit, "a list has more than " + std::to_string(base::limits::list_items) + " items", c.at[-1].at);
    push(item);
  }
  std::size_t size() const { return size_; }
  std::span<T const> items() const { return size_ > N ? std::span<T const>(many_) : std::span<T const>(few(), size_); }
  T const& front() const { return items().front(); }
  T const& last() const { return items().back(); }
  ast::list<T> keep(base::arena& a) const { return a.copy(items()); }

 private:
  T* few() { return reinterpret_cast<T*>(few_); }
  T const* few() const { return reinterpret_cast<T const*>(few_); }

  alignas(T) std::byte few_[N * sizeof(T)];  // not made before they are pushed
  std::size_t size_ = 0;
  std::vector<T> many_;
};

/// A node with its depth; refuses what is deeper than `limits::nesting`.
template <class Node>
ast::expr_ptr make_expr(parse_state& s, Node const& node, base::range at) {
  auto const depth = 1U + depth_below(node);
  if (depth > base::limits::nesting) refuse_nesting(at);
  return s.arena->make<ast::expr>(node, at, static_cast<std::uint16_t>(depth));
}
template <class Node>
ast::table_ref const* make_table(parse_state& s, Node const& node, base::range at) {
  auto const depth = 1U + depth_below(node);
  if (depth > base::limits::nesting) refuse_nesting(at);
  return s.arena->make<ast::table_ref>(node, at, static_cast<std::uint16_t>(depth));
}
template <class Node>
ast::query_body const* make_body(parse_state& s, Node const& node, base::range at) {
  auto const depth = 1U + depth_below(node);
  if (depth > base::limits::nesting) refuse_nesting(at);
  return s.arena->make<ast::query_body>(node, at, static_cast<std::uint16_t>(depth));
}
ast::query_ptr make_query(parse_state& s, ast::query q, base::range at);

}  // namespace grille::grammar
