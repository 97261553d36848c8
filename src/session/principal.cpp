#include "grille/principal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "catalog/catalog.hpp"
#include "policy/text.hpp"
#include "session/principal_data.hpp"

namespace grille {

namespace {

using detail::principal_data;

template <class Change>
std::shared_ptr<principal_data const> changed(principal_data const& p, Change&& change) {
  auto copy = std::make_shared<principal_data>(p);
  change(*copy);
  return copy;
}

void state(attributes& all, std::string name, value v) {
  auto const known = std::ranges::find_if(all, [&](auto const& a) { return catalog::same_name(a.first, name); });
  if (known == all.end())
    all.emplace_back(std::move(name), std::move(v));
  else
    known->second = std::move(v);
}

}  // namespace

principal::principal(std::string id) {
  if (id.empty()) raise({.kind = errc::usage, .message = "a principal has an id", .help = "nobody is principal::anonymous()"});
  auto data = std::make_shared<principal_data>();
  data->id = std::move(id);
  data_ = std::move(data);
}

principal principal::anonymous() { return principal(std::make_shared<principal_data const>()); }

principal principal::with(std::string attribute, value v) const {
  return principal(changed(*data_, [&](principal_data& p) { state(p.own, std::move(attribute), std::move(v)); }));
}

principal principal::role(std::string name, attributes scope) const {
  return principal(changed(*data_, [&](principal_data& p) { p.roles.push_back({std::move(name), std::move(scope)}); }));
}

principal principal::group(std::string name) const {
  return principal(changed(*data_, [&](principal_data& p) { p.groups.push_back(std::move(name)); }));
}

principal principal::on_behalf_of(std::string id) const {
  return principal(changed(*data_, [&](principal_data& p) { p.on_behalf_of = std::move(id); }));
}

principal principal::expires(timestamp at) const {
  return principal(changed(*data_, [&](principal_data& p) { p.expires = at; }));
}

principal principal::context(std::string name, value v) const {
  return principal(changed(*data_, [&](principal_data& p) { state(p.context, std::move(name), std::move(v)); }));
}

std::string_view principal::id() const noexcept { return data_->id; }

}  // namespace grille

namespace grille::pipeline {

namespace {

/// False: it can't be read so.
bool read_as(policy::attribute_type wanted, value& v) {
  auto const* const decimal = std::get_if<numeric>(&v.data());
  bool const text = std::holds_alternative<std::string>(v.data());
  if (wanted == policy::attribute_type::real && decimal != nullptr) {
    double d{};
    auto const* const end = decimal->text.data() + decimal->text.size();
    auto const r = std::from_chars(decimal->text.data(), end, d);
    if (r.ec != std::errc{} || r.ptr != end || !std::isfinite(d)) return false;
    v = value(d);
  }
  try {
    if (wanted == policy::attribute_type::timestamp && text) v = value(v.as<timestamp>());
    if (wanted == policy::attribute_type::date && text) v = value(v.as<date>());
  } catch (type_error const&) {
    return false;
  }
  return true;
}

outcome<void> read_as_declared(attributes& given, std::vector<policy::attribute> const& declared) {
  for (auto& [name, v] : given)
    for (auto const& a : declared)
      if (catalog::same_name(a.name, name) && !read_as(a.type, v))
        return refuse(errc::usage, fmt::format("attribute `{}` is not of type {}", a.name, policy::to_string(a.type)));
  return {};
}

}  // namespace

outcome<policy::caller> caller_of(detail::principal_data const& p, attributes const& context, policy::compiled const& policy, bool known) {
  policy::caller c;
  c.context = p.context;
  for (auto const& [name, v] : context) state(c.context, name, v);
  auto read = read_as_declared(c.context, policy.context);
  if (known) {
    c.id = p.id;
    c.on_behalf_of = p.on_behalf_of;
    c.groups = p.groups;
    c.roles = p.roles;
    c.principal = p.own;
    if (read) read = read_as_declared(c.principal, policy.principal);
    for (auto& held : c.roles)
      for (auto const& r : policy.roles)
        if (read && catalog::same_name(r.name, held.role)) read = read_as_declared(held.scope, r.scope);
  }
  if (!read) return refuse(std::move(read.error()));
  return c;
}

}  // namespace grille::pipeline
