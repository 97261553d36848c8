#include "session/explain.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace grille::pipeline {

namespace {

using json_object = nlohmann::ordered_json;

std::string_view word(masking m) {
  switch (m) {
    case masking::none: return "none";
    case masking::some_rows: return "some_rows";
    case masking::all_rows: return "all_rows";
  }
  return "all_rows";
}

/// A value as JSON; what JSON has no form for is text.
struct as_json {
  json_object operator()(std::monostate /*null*/) const { return nullptr; }
  json_object operator()(bool b) const { return b; }
  json_object operator()(std::int64_t i) const { return i; }
  json_object operator()(double d) const { return d; }
  json_object operator()(numeric const& n) const { return n.text; }
  json_object operator()(std::string const& s) const { return s; }
  json_object operator()(bytes const& b) const { return fmt::format("{} bytes", b.size()); }
  json_object operator()(grille::json const& j) const { return j.text; }
  json_object operator()(timestamp t) const { return fmt::format("{} microseconds since 1970", t.time_since_epoch().count()); }
  json_object operator()(date d) const { return fmt::format("{} days since 1970", d.time_since_epoch().count()); }
};

json_object json_of(value const& v) { return std::visit(as_json{}, v.data()); }

std::string written(json_object const& j, int indent = -1) {
  return j.dump(indent, ' ', false, json_object::error_handler_t::replace);  // a text of the caller's may not be UTF-8
}

std::string what_fills(call const& c, std::size_t i) {
  auto const& guarded = *c.statement->guarded;
  if (i < guarded.caller_parameters()) return "the caller's";
  auto const& slot = guarded.slots()[i - guarded.caller_parameters()];
  switch (slot.kind) {
    case bound::slot_kind::principal: return fmt::format("principal.{}", slot.name);
    case bound::slot_kind::context: return fmt::format("context.{}", slot.name);
    case bound::slot_kind::scope: return fmt::format("scope.{} of {}", slot.name, slot.role);
    case bound::slot_kind::record: return fmt::format("recorded: {}", slot.name);
  }
  return {};
}

/// How a relation stands in what is sent, and what in the statement made it so.
std::vector<std::string> shapes(rewrite::applied const& a, dialect d) {
  if (!a.filtered) return {"plain: all of its rows are open"};
  std::vector<std::string> out;
  if (a.fenced && d == dialect::sqlite) out.push_back("fenced by a limit: " + a.why_fenced);
  if (a.fenced && d == dialect::postgresql) out.push_back("fenced by a witness: " + a.why_fenced);
  if (!a.why_held.empty()) out.push_back("held at the scan: " + a.why_held);
  if (out.empty()) out.emplace_back("plain: nothing beside the guard can fail on a hidden row");
  return out;
}

class report {
 public:
  void line(std::string_view label, std::string_view text) { text_ += fmt::format("  {:<15} {}\n", label, text); }
  void lines(std::string_view label, std::vector<std::string> const& all) {
    for (auto const& text : all) line(label, text);
  }
  void title(std::string_view text) { text_ += fmt::format("\n{}\n", text); }
  void raw(std::string_view text) { text_ += text; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string text_of(call const& c) {
  auto const& s = *c.statement;
  auto const d = s.policy->catalog->which();
  report r;
  r.raw(sql_of(c) + "\n");
  if (!c.parameters.empty()) r.title("parameters");
  for (std::size_t i = 0; i < c.parameters.size(); ++i)
    r.line(fmt::format("{}{}", d == dialect::sqlite ? '?' : '$', i + 1), fmt::format("{}  ({})", written(json_of(c.parameters[i])), what_fills(c, i)));
  for (auto const& one : s.changes) {
    r.title(fmt::format("{} on {}", to_string(one.method), one.table));
    r.lines("allowed by", one.grants);
    r.lines("narrowed by", one.restrictions);
  }
  for (auto const& a : s.relations) {
    r.title(catalog::same_name(a.relation, a.table->name) ? a.table->name : fmt::format("{} as {}", a.table->name, a.relation));
    r.lines("opened by", a.grants);
    r.lines("narrowed by", a.restrictions);
    r.lines("masked by", a.masks);
    if (!a.masked_columns.empty()) r.line("masked columns", fmt::format("{}", fmt::join(a.masked_columns, ", ")));
    if (!a.hidden_columns.empty()) r.line("hidden columns", fmt::format("{}", fmt::join(a.hidden_columns, ", ")));
    r.line("rows", a.aggregated ? "in groups only" : a.filtered ? "filtered" : "all");
    r.lines("shape", shapes(a, d));
  }
  r.title("result");
  for (auto const& column : s.heading->columns)
    r.line(column.name, column.mask == masking::none ? "as stored or computed" : column.mask == masking::some_rows ? "masked or withheld in some rows" : "masked or withheld");
  return r.take();
}

json_object json_of(call const& c) {
  auto const& s = *c.statement;
  json_object j;
  j["sql"] = sql_of(c);
  j["filtered"] = s.heading->filtered;
  j["parameters"] = json_object::array();
  for (std::size_t i = 0; i < c.parameters.size(); ++i) j["parameters"].push_back({{"value", json_of(c.parameters[i])}, {"from", what_fills(c, i)}});
  j["columns"] = json_object::array();
  for (auto const& column : s.heading->columns) j["columns"].push_back({{"name", column.name}, {"type", column.type}, {"masking", word(column.mask)}});
  if (!s.changes.empty()) j["changes"] = json_object::array();
  for (auto const& one : s.changes) j["changes"].push_back({{"table", one.table}, {"method", to_string(one.method)}, {"grants", one.grants}, {"restrictions", one.restrictions}});
  j["relations"] = json_object::array();
  for (auto const& a : s.relations)
    j["relations"].push_back({{"table", a.table->name},
                              {"relation", a.relation},
                              {"grants", a.grants},
                              {"restrictions", a.restrictions},
                              {"masks", a.masks},
                              {"masked_columns", a.masked_columns},
                              {"hidden_columns", a.hidden_columns},
                              {"filtered", a.filtered},
                              {"aggregated", a.aggregated},
                              {"fenced", a.fenced},
                              {"why_fenced", a.why_fenced},
                              {"held", !a.why_held.empty()},
                              {"why_held", a.why_held}});
  return j;
}

}  // namespace

outcome<void> may_explain(options const& o) {
  if (o.explain) return {};
  return refuse(errc::forbidden, "explanations are off", "they show policy text; options::explain turns them on");
}

std::string sql_of(call const& c) {
  if (c.statement->guarded) return c.statement->guarded->sql();
  if (auto const& whole = c.statement->write->whole()) return whole->sql;
  std::string out;
  for (auto const& step : c.statement->write->steps()) out += (out.empty() ? "" : ";\n") + step.sql;
  return out;
}

rewritten rewritten_of(call const& c) {
  auto const whole = c.statement->write && c.statement->write->whole();
  return {.sql = sql_of(c), .parameters = whole ? c.of_steps.front() : c.parameters, .columns = c.statement->heading->columns};
}

explanation explain(call const& c) { return {rewritten_of(c), text_of(c), written(json_of(c), 2)}; }

}  // namespace grille::pipeline
