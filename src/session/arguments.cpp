#include "session/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace grille::pipeline {

namespace {

std::string_view bare(std::string_view name) {
  if (!name.empty() && (name.front() == ':' || name.front() == '@' || name.front() == '$')) name.remove_prefix(1);
  return name;
}

outcome<std::vector<value>> by_name(std::span<arg const> args, std::vector<std::string> const& names) {
  std::vector<value> values(names.size());
  std::vector<bool> given(names.size());
  for (auto const& a : args) {
    if (a.name().empty()) return refuse(errc::usage, "the parameters have names, the arguments have not", "give arg(\"name\", value)");
    bool known = false;
    for (std::size_t i = 0; i < names.size(); ++i) {  // `:a` and `@a` are two positions of one name
      if (bare(names[i]) != bare(a.name())) continue;
      if (given[i]) return refuse(errc::usage, fmt::format("parameter `{}` is given twice", bare(a.name())));
      known = given[i] = true;
      values[i] = a.get();
    }
    if (!known) return refuse(errc::usage, fmt::format("the statement has no parameter `{}`", bare(a.name())));
  }
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!given[i]) return refuse(errc::usage, fmt::format("parameter `{}` is not given", bare(names[i])));
  return values;
}

}  // namespace

outcome<std::vector<value>> arrange(std::span<arg const> args, std::vector<std::string> const& names, std::size_t more) {
  auto const unnamed = static_cast<std::size_t>(std::ranges::count(names, std::string_view{}, [](auto const& n) { return std::string_view(n); }));
  if (unnamed != names.size() && unnamed != 0)
    return refuse(errc::usage, "the statement mixes parameters with and without names", "use one form throughout");
  if (!names.empty() && unnamed == 0) return by_name(args, names);
  for (auto const& a : args)
    if (!a.name().empty()) return refuse(errc::usage, fmt::format("the statement has no parameter `{}`", bare(a.name())));
  if (args.size() != names.size())
    return refuse(errc::usage, fmt::format("the statement has {} parameters, {} arguments are given", names.size(), args.size()));
  std::vector<value> values;
  values.reserve(args.size() + more);
  for (auto const& a : args) values.push_back(a.get());
  return values;
}

}  // namespace grille::pipeline
