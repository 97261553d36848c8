#include "grille/specification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "session/specification_node.hpp"

namespace grille {

namespace {

using detail::specification_node;
using detail::specification_ptr;
using comparator = specification_node::comparator;

constexpr unsigned deepest = 100;

specification made(specification_node::node_type node, unsigned below = 0) {
  if (below >= deepest) raise({.kind = errc::limit, .message = fmt::format("a specification nests deeper than {}", deepest)});
  return specification(std::make_shared<specification_node const>(specification_node{std::move(node), below + 1}));
}

void refuse_null(value const& v) {
  if (v.null()) raise({.kind = errc::usage, .message = "nothing compares with NULL as true", .help = "say is_null()"});
}

specification compared(spec::column const& c, comparator is, value const& with) {
  refuse_null(with);
  return made(specification_node::comparison{c.name, is, with});
}

/// `a && b && c` is one junction, so that a long chain is not a deep tree.
specification joined(specification const& a, specification const& b, bool conjunction) {
  specification_node::junction all{.conjunction = conjunction, .parts = {}};
  unsigned below = 0;
  for (auto const* s : {&a, &b}) {
    auto const* const same = std::get_if<specification_node::junction>(&s->node()->node);
    if (same != nullptr && same->conjunction == conjunction) {
      all.parts.insert(all.parts.end(), same->parts.begin(), same->parts.end());
      below = std::max(below, s->node()->depth - 1);
    } else {
      all.parts.push_back(s->node());
      below = std::max(below, s->node()->depth);
    }
  }
  return made(std::move(all), below);
}

/// on = pair {"," pair};  pair = name ["=" name];  name = word | '"' text '"'
class links {
 public:
  explicit links(std::string_view text) : rest_(text) {}

  std::vector<std::pair<std::string, std::string>> read() {
    std::vector<std::pair<std::string, std::string>> all;
    do {
      auto inner = name();
      auto outer = take('=') ? name() : inner;
      all.emplace_back(std::move(inner), std::move(outer));
    } while (take(','));
    if (!rest_.empty()) refuse();
    return all;
  }

 private:
  [[noreturn]] static void refuse() {
    raise({.kind = errc::usage, .message = "`on` is not a list of columns", .help = "write \"inner = outer\", or one name for both, with commas between"});
  }
  void skip() {
    while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string name() {
    std::string out;
    if (take('"')) {
      auto const end = rest_.find('"');
      if (end == rest_.npos) refuse();
      out = rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
    } else {
      auto const word = [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
      while (!rest_.empty() && word(rest_.front())) {
        out += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    if (out.empty()) refuse();
    skip();
    return out;
  }

  std::string_view rest_;
};

}  // namespace

specification operator&&(specification const& a, specification const& b) { return joined(a, b, true); }
specification operator||(specification const& a, specification const& b) { return joined(a, b, false); }
specification operator!(specification const& s) { return made(specification_node::negation{s.node()}, s.node()->depth); }

namespace spec {

specification operator==(column const& c, value const& v) { return compared(c, comparator::equal, v); }
specification operator!=(column const& c, value const& v) { return compared(c, comparator::not_equal, v); }
specification operator<(column const& c, value const& v) { return compared(c, comparator::less, v); }
specification operator<=(column const& c, value const& v) { return compared(c, comparator::less_equal, v); }
specification operator>(column const& c, value const& v) { return compared(c, comparator::greater, v); }
specification operator>=(column const& c, value const& v) { return compared(c, comparator::greater_equal, v); }

specification column::in(std::vector<value> values) const {
  for (auto const& v : values) refuse_null(v);
  return made(specification_node::membership{name, std::move(values)});
}

specification column::between(value const& low, value const& high) const {
  refuse_null(low);
  refuse_null(high);
  return made(specification_node::range{name, low, high});
}

specification column::like(std::string pattern) const { return made(specification_node::pattern{name, std::move(pattern)}); }
specification column::is_null() const { return made(specification_node::null_test{name}); }

specification all() { return made(specification_node::everything{}); }

specification named(std::string name, std::vector<value> arguments) {
  return made(specification_node::named{std::move(name), std::move(arguments)});
}

specification exists(std::string resource, specification s, std::string_view on) {
  auto const below = s.node()->depth;
  return made(specification_node::exists{std::move(resource), s.node(), links(on).read()}, below);
}

}  // namespace spec

}  // namespace grille
