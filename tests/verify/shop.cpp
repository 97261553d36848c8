#include "verify/shop.hpp"

#include <algorithm>
#include <deque>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "grammar/parse.hpp"

namespace grille::verify::testing {

namespace {

std::string_view kept(std::string s) {  // slots hold views: the texts of a test live as long as the process
  static std::deque<std::string> all;
  return all.emplace_back(std::move(s));
}
bool is_number(std::string const& s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bound::slot slot_of(std::string const& name) {
  std::istringstream words(name);
  std::string path;
  unsigned tuple = 0;
  words >> path >> tuple;
  auto const dot = path.find('.');
  if (dot == std::string::npos) return {bound::slot_kind::principal, kept(path), {}, 0};
  if (path.starts_with("context.")) return {bound::slot_kind::context, kept(path.substr(dot + 1)), {}, 0};
  return {bound::slot_kind::scope, kept(path.substr(dot + 1)), kept(path.substr(0, dot)), tuple};
}

std::pair<std::string, std::string> edit_of(std::string const& line) {
  auto const a = line.find('`'), b = line.find("` => `"), c = line.rfind('`');
  if (a == std::string::npos || b == std::string::npos || c <= b + 5) throw std::runtime_error("not an edit: " + line);
  return {line.substr(a + 1, b - a - 1), line.substr(b + 6, c - b - 6)};
}

std::vector<attempt> attempts_of(std::filesystem::path const& file) {
  std::vector<attempt> out;
  std::istringstream in(read_file(file));
  std::string rules, line;
  while (std::getline(in, line) && line != "====") rules += line + "\n";
  attempt base{file.stem().string(), {}, rules, {}, {}, true, {}};
  bool edits = false;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    if (line.starts_with("== ")) {
      base.name = line.substr(3);
      base.sql.clear();
      edits = false;
    } else if (line == "--") {
      out.push_back(base);
      edits = true;
    } else if (!edits && line.starts_with("as ")) {
      base.roles = line.substr(3);
    } else if (!edits) {
      base.sql += (base.sql.empty() ? "" : "\n") + line;
    } else {
      attempt one = base;
      one.passes = line[0] == '+';
      one.name += ": " + line.substr(2);
      std::string change;
      std::getline(in, change);
      auto const [from, to] = edit_of(change);
      auto const at = base.sql.find(from);
      if (at == std::string::npos) throw std::runtime_error(one.name + ": `" + from + "` is not there");
      one.sql.replace(at, from.size(), to);
      if (!one.passes) {
        std::getline(in, one.reason);
        one.reason = one.reason.substr(2);
      }
      out.push_back(one);
    }
  }
  return out;
}

}  // namespace

std::string read_file(std::filesystem::path const& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string const& shop_schema() {
  static auto const text = read_file(GRILLE_TESTS_DIR "/verify/shop.sql");
  return text;
}

introspect::catalog_ptr shop_catalog() {
  static auto const c = introspect::read_sqlite_schema(shop_schema()).value();
  return c;
}

std::shared_ptr<policy::compiled const> shop_policy(std::string_view rules) {
  auto const text = read_file(GRILLE_TESTS_DIR "/verify/people.grille") + std::string(rules);
  base::arena memory;
  auto const parsed = grammar::parse_policy(text, dialect::sqlite, memory);
  std::string faults;
  for (auto const& f : parsed.faults) faults += std::to_string(base::locate(text, f.at).line) + ": " + f.message + "\n";
  if (faults.empty()) {
    auto const made = policy::compile({{"shop.grille", text, parsed.file, {}, false}}, shop_catalog());
    if (made.policy != nullptr) return made.policy;
    for (auto const& f : made.faults) faults += std::to_string(f.at.line) + ": " + f.message + "\n";
  }
  throw std::runtime_error(faults);
}

std::shared_ptr<policy::access const> caller(std::shared_ptr<policy::compiled const> const& policy, std::string_view roles) {
  policy::caller who;
  who.id = "u-1";
  who.principal = {{"user_id", 17}, {"email", "anna@example.org"}};
  who.context = {{"network", "internal"}};
  std::istringstream list{std::string(roles)};
  std::string one;
  while (std::getline(list, one, ',')) {
    std::istringstream words(one);
    std::string word;
    words >> word;
    policy::caller::held h{word, {}};
    auto const role = std::find_if(policy->roles.begin(), policy->roles.end(), [&](policy::role const& r) { return r.name == word; });
    if (role == policy->roles.end()) throw std::runtime_error("no role " + word);
    for (auto const& a : role->scope) {
      words >> word;
      h.scope.emplace_back(a.name, is_number(word) ? value(std::stoll(word)) : value(word));
    }
    who.roles.push_back(std::move(h));
  }
  auto out = policy::decide(policy, who, std::chrono::sys_days{std::chrono::year{2026} / 11 / 22});
  if (!out) throw std::runtime_error(out.error().message);
  return *out;
}

printed with_slots(std::string_view text) {
  printed out;
  for (unsigned p = 1; text.find("?" + std::to_string(p)) != std::string_view::npos; ++p) out.parameters = p;
  std::size_t at = 0;
  while (at < text.size()) {
    auto const open = std::min(text.find('{', at), text.size());
    out.sql += text.substr(at, open - at);
    if (open == text.size()) break;
    auto const close = text.find('}', open);
    out.slots.push_back(slot_of(std::string(text.substr(open + 1, close - open - 1))));
    out.sql += "?" + std::to_string(out.parameters + out.slots.size());
    at = close + 1;
  }
  return out;
}

std::vector<attempt> all_attempts() {
  std::vector<attempt> out;
  for (auto const& f : std::filesystem::directory_iterator(GRILLE_TESTS_DIR "/verify"))
    if (f.path().extension() == ".case")
      for (auto& a : attempts_of(f.path())) out.push_back(std::move(a));
  std::sort(out.begin(), out.end(), [](attempt const& a, attempt const& b) { return std::tie(a.file, a.name) < std::tie(b.file, b.name); });
  return out;
}

}  // namespace grille::verify::testing
