// What is PostgreSQL's own in calls. Enters: a call as it was written. Leaves: the same call with its arguments by position, and with the text search
// configuration by its schema, so that no `search_path` and no `default_text_search_config` decides which it is.
#include <algorithm>
#include <array>

#include "bind/binder.hpp"

namespace grille::bind {

namespace {

/// Parameters that have a name and a default, by position: https://www.postgresql.org/docs/15/functions-datetime.html, `make_interval`.
constexpr std::array<std::string_view, 7> parts_of_an_interval{"years", "months", "weeks", "days", "hours", "mins", "secs"};

/// Those that read a configuration: here it stands in front, since without one a setting would decide.
/// https://www.postgresql.org/docs/15/functions-textsearch.html
constexpr std::array<std::string_view, 6> read_a_configuration{"phraseto_tsquery", "plainto_tsquery", "to_tsquery", "to_tsvector", "ts_headline", "websearch_to_tsquery"};
/// Those that a server has of its own, as `initdb` makes them (snowball_create.sql of version 15). One that an older server lacks it does not know.
constexpr std::array<std::string_view, 29> configurations{"arabic",     "armenian", "basque", "catalan",    "danish",     "dutch",    "english",   "finnish", "french",  "german",
                                                          "greek",      "hindi",    "hungarian", "indonesian", "irish",   "italian",  "lithuanian", "nepali", "norwegian", "portuguese",
                                                          "romanian",   "russian",  "serbian",   "simple",  "spanish",    "swedish",  "tamil",     "turkish", "yiddish"};

ast::literal const* plain_text(ast::expr const* e) {
  auto const* l = e == nullptr ? nullptr : e->as<ast::literal>();
  return l != nullptr && l->kind == ast::literal_kind::text ? l : nullptr;
}

}  // namespace

ast::call const& binder::with_arguments(ast::call const& c, std::vector<ast::argument> const& arguments) const {
  auto* out = memory_.make<ast::call>(c);
  out->arguments = memory_.copy(arguments);
  return *out;
}

ast::call const& binder::by_position(ast::call const& c) const {
  if (std::ranges::all_of(c.arguments, [](ast::argument const& a) { return a.name.text.empty(); })) return c;
  std::vector<ast::argument> arguments;
  for (auto const& a : c.arguments) {
    if (sqlite() || c.path.back().text != "make_interval") {
      if (!a.name.text.empty()) refuse(errc::unsupported, "named arguments are not supported", a.name.at);
      continue;
    }
    auto at = arguments.size();
    if (!a.name.text.empty()) {
      at = static_cast<std::size_t>(std::ranges::find(parts_of_an_interval, a.name.text) - parts_of_an_interval.begin());
      if (at == parts_of_an_interval.size()) refuse(errc::syntax, "function `make_interval` has no parameter " + in_ticks(a.name.text), a.name.at);
    }
    if (arguments.size() <= at) arguments.resize(at + 1);
    if (arguments[at].value != nullptr) refuse(errc::syntax, "parameter " + in_ticks(a.name.text) + " is given twice", a.name.at);
    arguments[at] = {{}, a.value};
  }
  for (auto& a : arguments)
    if (a.value == nullptr) a.value = memory_.make<ast::expr>(ast::expr{ast::literal{ast::literal_kind::integer, "0"}, c.path.back().at});
  return with_arguments(c, arguments);
}

ast::call const& binder::with_configuration(ast::call const& c) const {
  auto const name = c.path.back().text;
  if (sqlite() || std::ranges::find(read_a_configuration, name) == read_a_configuration.end()) return c;
  auto const* said = c.arguments.empty() ? nullptr : c.arguments.front().value;
  auto const* cast = said == nullptr ? nullptr : said->as<ast::cast>();  // `'english'::regconfig`, as the server writes it
  auto const* text = plain_text(cast != nullptr && cast->type.path.back().text == "regconfig" && cast->type.array_dimensions == 0 ? cast->operand : said);
  auto const without = c.arguments.size() < (name == "ts_headline" ? 3U : 2U);
  if (without || text == nullptr)
    refuse(errc::unsupported, "function " + in_ticks(name) + " without a text search configuration is not supported", c.path.back().at,
           "say it in front, as a text: `" + std::string(name) + "('english', …)`; a setting would decide");
  auto const qualified = text->text.find('.') != text->text.npos;
  if (text->text.find('"') != text->text.npos) refuse(errc::unsupported, "a quoted text search configuration is not supported", said->at);
  if (!qualified && std::ranges::find(configurations, text->text) == configurations.end())
    refuse(errc::unsupported, "text search configuration " + in_ticks(text->text) + " is not one of the server's own", said->at, "say its schema: `'public." + std::string(text->text) + "'`");
  std::vector<ast::argument> arguments(c.arguments.begin(), c.arguments.end());
  arguments.front().value = memory_.make<ast::expr>(ast::expr{ast::literal{ast::literal_kind::text, memory_.copy((qualified ? "" : "pg_catalog.") + std::string(text->text))}, said->at});
  return with_arguments(c, arguments);
}

/// One that every server has, or which `initdb` takes over from ICU and from the system's C library: all are deterministic, and in pg_catalog
/// (https://www.postgresql.org/docs/15/collation.html, 24.2.2.2).
bool binder::is_of_the_server(std::string_view collation) {
  constexpr std::array<std::string_view, 4> standard{"C", "POSIX", "default", "ucs_basic"};
  if (std::ranges::find(standard, collation) != standard.end()) return true;
  auto const letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  auto const of_icu = collation.size() > 6 && collation.ends_with("-x-icu");
  auto const language = collation.substr(0, collation.find_first_of("-_"));
  if (language.size() < 2 || language.size() > 3 || !std::ranges::all_of(language, [](char c) { return c >= 'a' && c <= 'z'; })) return false;
  if (of_icu) return std::ranges::all_of(collation, [&](char c) { return letter(c) || c == '-'; });
  auto const country = collation.substr(language.size());
  if (country.size() < 3 || country[0] != '_' || (country.size() > 3 && country.substr(3) != ".utf8")) return false;
  return std::ranges::all_of(country.substr(1, 2), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace grille::bind
