#include "cases/guarded.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cases {
namespace {

bool has_canary(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower.find("canary") != std::string::npos || lower.find("424242") != std::string::npos;
}

std::string_view name(grille::masking m) {
  switch (m) {
    case grille::masking::none:
      return "plain";
    case grille::masking::some_rows:
      return "masked in some rows";
    case grille::masking::all_rows:
      return "masked";
  }
  return "";
}

}  // namespace

std::string to_text(outcome const& o) {
  if (!o.refused) return to_text(o.got) + "  (" + o.facts + ")\n";
  auto const& r = *o.refused;
  return "error: " + r.kind + "\nmessage: " + r.message + "\nhelp: " + r.help + "\nat: " + r.at + '\n';
}

grille::principal principal_of(std::string_view json) {
  return nlohmann::json::parse(json).is_null() ? grille::principal::anonymous() : grille::principal::from_json(json);
}

outcome ask(grille::database const& db, grille::principal const& who, std::string_view sql, std::vector<parameter> const& parameters) {
  std::vector<grille::arg> args;
  for (auto const& p : parameters) {
    if (p.name.empty())
      args.emplace_back(p.value);
    else
      args.emplace_back(p.name, p.value);
  }
  outcome o;
  try {
    auto session = db.session(who);
    auto const rows = session.query(sql, args);
    for (auto const& c : rows.columns()) {
      o.got.columns.push_back(c.name);
      o.facts += c.type + ' ' + std::string(name(c.mask)) + ", ";
    }
    o.facts += rows.filtered() ? "filtered" : "whole";
    for (auto const& row : rows) {
      auto& cells = o.got.rows.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(spell(row[i].get()));
    }
  } catch (grille::error const& e) {
    o = {};
    o.refused = refusal{std::string(to_string(e.kind())), e.what(), std::string(e.help()), ""};
    if (e.where()) o.refused->at = e.where()->source.substr(e.where()->begin, e.where()->end - e.where()->begin);
  }
  return o;
}

bool shows_canary(outcome const& o, std::string_view sql) {
  if (o.refused) return has_canary(o.refused->message) || has_canary(o.refused->help);
  auto const shows = [sql](std::string const& text) { return has_canary(text) && sql.find(text) == std::string_view::npos; };
  return std::ranges::any_of(o.got.columns, shows) ||
         std::ranges::any_of(o.got.rows, [&](auto const& row) { return std::ranges::any_of(row, shows); });
}

}  // namespace cases
