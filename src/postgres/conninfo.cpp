#include "postgres/conninfo.hpp"

#include <libpq-fe.h>

#include <memory>

namespace grille::postgres {

namespace {

/// https://www.postgresql.org/docs/15/libpq-connect.html 34.1.1.1: in single quotes, with backslashes before quotes and backslashes.
void append(std::string& to, std::string_view key, std::string_view value) {
  if (!to.empty()) to += ' ';
  to += key;
  to += "='";
  for (char const c : value) {
    if (c == '\'' || c == '\\') to += '\\';
    to += c;
  }
  to += '\'';
}

/// `-c name=value`; white space and backslashes inside an option are written behind a backslash.
void add_option(std::string& to, setting const& s) {
  if (!to.empty()) to += ' ';
  to += "-c ";
  to += s.first;
  to += '=';
  for (char const c : s.second) {
    if (c == ' ' || c == '\\') to += '\\';
    to += c;
  }
}

}  // namespace

tl::expected<std::string, std::string> with_settings(std::string const& conninfo, std::span<setting const> settings) {
  char* why = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const parsed(PQconninfoParse(conninfo.c_str(), &why), &PQconninfoFree);
  std::unique_ptr<char, decltype(&PQfreemem)> const message(why, &PQfreemem);
  if (parsed == nullptr) return tl::unexpected(std::string(why == nullptr ? "out of memory" : why));
  std::string out, options;
  for (auto const* o = parsed.get(); o->keyword != nullptr; ++o) {
    if (o->val == nullptr) continue;
    if (std::string_view(o->keyword) == "options")
      options = o->val;
    else
      append(out, o->keyword, o->val);
  }
  for (auto const& s : settings) add_option(options, s);
  append(out, "options", options);
  return out;
}

}  // namespace grille::postgres
