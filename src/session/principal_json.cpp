// A principal from JSON. Enters: any bytes. Leaves: a principal, or an error that names the member. Read event by event, because
// a JSON tree of doubles would change integers beyond 2^53 and every decimal.
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "session/principal_data.hpp"

namespace grille {

namespace {

constexpr std::size_t most_bytes = 1'000'000;
constexpr std::size_t most_values = 10'000;
constexpr std::size_t deepest = 4;

struct node;
using list = std::vector<node>;
using object = std::vector<std::pair<std::string, node>>;
struct node {
  std::variant<value, list, object> is;
};

[[noreturn]] void refuse(std::string message) { raise({.kind = errc::usage, .message = "principal: " + std::move(message)}); }

/// Builds the tree; every limit and every repeated member is refused on the way.
class builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  node take() { return std::move(root_); }

  bool null() override { return add({value()}); }
  bool boolean(bool b) override { return add({value(b)}); }
  bool number_integer(std::int64_t i) override { return add({value(i)}); }
  bool number_unsigned(std::uint64_t u) override {
    if (u > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) refuse(where() + "the integer is beyond 64 bits");
    return add({value(static_cast<std::int64_t>(u))});
  }
  bool number_float(double /*rounded*/, std::string const& digits) override {
    if (digits.find_first_of(".eE") == std::string::npos) refuse(where() + "the integer is beyond 64 bits");
    return add({value(numeric{digits})});
  }
  bool string(std::string& s) override { return add({value(std::move(s))}); }
  bool binary(nlohmann::json::binary_t& /*none in text*/) override { return false; }
  bool start_object(std::size_t /*unknown*/) override { return open({object{}}); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*unknown*/) override { return open({list{}}); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    for (auto const& [known, ignored] : std::get<object>(open_.back()->is))
      if (known == name) refuse(fmt::format("`{}` is there twice", name));
    names_.back() = name;
    return true;
  }
  bool parse_error(std::size_t position, std::string const& /*token*/, nlohmann::json::exception const& /*why*/) override {
    refuse(fmt::format("this is no JSON, at byte {}", position));
  }

 private:
  std::string where() const {
    for (auto const& name : names_)
      if (!name.empty()) return fmt::format("`{}`: ", name);
    return {};
  }
  node* put(node n) {
    if (++values_ > most_values) raise({.kind = errc::limit, .message = fmt::format("principal: more than {} values", most_values)});
    if (open_.empty()) {
      root_ = std::move(n);
      return &root_;
    }
    if (auto* const l = std::get_if<list>(&open_.back()->is)) return &l->emplace_back(std::move(n));
    auto& members = std::get<object>(open_.back()->is);
    return &members.emplace_back(names_.back(), std::move(n)).second;
  }
  bool add(node n) {
    put(std::move(n));
    return true;
  }
  // The pointers stay right: what holds an open node does not grow before that one is closed.
  bool open(node n) {
    if (open_.size() == deepest) refuse(where() + "nested too deep");
    open_.push_back(put(std::move(n)));
    names_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    names_.pop_back();
    return true;
  }

  node root_;
  std::vector<node*> open_;
  std::vector<std::string> names_;  // of the member that is being read, by depth
  std::size_t values_{};
};

std::string text_of(node const& n, std::string_view member) {
  auto const* const v = std::get_if<value>(&n.is);
  auto const* const text = v == nullptr ? nullptr : std::get_if<std::string>(&v->data());
  if (text == nullptr || text->empty()) refuse(fmt::format("`{}` is not text", member));
  return *text;
}

value value_of(node const& n, std::string_view member) {
  if (auto const* const v = std::get_if<value>(&n.is)) return *v;
  refuse(fmt::format("`{}` is neither text nor number nor boolean nor null", member));
}

list const& list_of(node const& n, std::string_view member) {
  if (auto const* const l = std::get_if<list>(&n.is)) return *l;
  refuse(fmt::format("`{}` is not an array", member));
}

object const& object_of(node const& n, std::string_view member) {
  if (auto const* const o = std::get_if<object>(&n.is)) return *o;
  refuse(fmt::format("`{}` is not an object", member));
}

policy::caller::held role_of(node const& n) {
  policy::caller::held held;
  for (auto const& [name, member] : object_of(n, "roles")) {
    if (name == "role")
      held.role = text_of(member, "role");
    else
      held.scope.emplace_back(name, value_of(member, name));
  }
  if (held.role.empty()) refuse("one of `roles` has no `role`");
  return held;
}

timestamp time_of(node const& n, std::string_view member) {
  auto const text = text_of(n, member);
  try {
    return value(text).as<timestamp>();
  } catch (type_error const&) {
    refuse(fmt::format("`{}` is not a time such as 2026-11-22T12:00:00Z", member));
  }
}

}  // namespace

principal principal::from_json(std::string_view text) {
  if (text.size() > most_bytes) raise({.kind = errc::limit, .message = fmt::format("principal: more than {} bytes", most_bytes)});
  builder tree;
  nlohmann::json::sax_parse(text, &tree);
  auto const root = tree.take();
  auto const* const members = std::get_if<object>(&root.is);
  if (members == nullptr) refuse("this is no JSON object");

  detail::principal_data p;
  for (auto const& [name, member] : *members) {
    if (name == "id")
      p.id = text_of(member, name);
    else if (name == "groups")
      for (auto const& g : list_of(member, name)) p.groups.push_back(text_of(g, name));
    else if (name == "roles")
      for (auto const& r : list_of(member, name)) p.roles.push_back(role_of(r));
    else if (name == "expires_at")
      p.expires = time_of(member, name);
    else if (name == "on_behalf_of")
      p.on_behalf_of = text_of(member, name);
    else if (name == "context")
      for (auto const& [key, v] : object_of(member, name)) p.context.emplace_back(key, value_of(v, key));
    else
      p.own.emplace_back(name, value_of(member, name));
  }
  return principal(std::make_shared<detail::principal_data const>(std::move(p)));
}

}  // namespace grille
