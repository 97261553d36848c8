#include "cli/report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/glyph.hpp"

namespace grille::cli {

namespace {

constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view yellow = "\x1b[1;33m";

/// `text` in a colour, if `to` is a terminal that wants any (https://no-color.org).
std::string in(std::string_view colour, std::string_view text, std::FILE* to) {
  auto const* const refused = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe): one thread
  bool const wanted = isatty(fileno(to)) != 0 && (refused == nullptr || *refused == '\0');
  return wanted ? fmt::format("{}{}\x1b[0m", colour, text) : std::string(text);
}

/// Where standard error is closed there is nobody to tell; of standard output that is seen at the end.
void put(std::string const& text, std::FILE* to) { static_cast<void>(std::fwrite(text.data(), 1, text.size(), to)); }

/// What `base::render` says after its first line: the place, the line with carets, the help.
std::string details(errc kind, grille::span const* where, std::string_view help) {
  auto const all = base::render(kind, "", where, help);
  auto const end = all.find('\n');
  return end == std::string::npos ? "" : all.substr(end);
}

}  // namespace

int exit_code(errc kind) noexcept {
  switch (kind) {
    case errc::usage: return 1;
    case errc::syntax:
    case errc::unsupported:
    case errc::ambiguous:
    case errc::type:
    case errc::limit: return 2;
    case errc::unauthenticated:
    case errc::forbidden:
    case errc::not_found:
    case errc::check_failed:
    case errc::conflict: return 3;
    case errc::unavailable:
    case errc::backend: return 4;
  }
  return 4;
}

int exit_code(error const& e) noexcept { return dynamic_cast<policy_error const*>(&e) != nullptr ? 2 : exit_code(e.kind()); }

void report(error const& e) {
  if (auto const* policy = dynamic_cast<policy_error const*>(&e); policy != nullptr && !policy->all().empty()) {
    for (auto const& d : policy->all()) report(d, stderr);
    return;
  }
  auto const* where = e.where() ? &*e.where() : nullptr;
  put(fmt::format("{}: {}{}\n", in(red, to_string(e.kind()), stderr), base::printable(e.what()), details(e.kind(), where, e.help())), stderr);
  if (!e.sqlstate().empty()) put(fmt::format("sqlstate: {}\n", e.sqlstate()), stderr);
  if (!e.incident().empty()) put(fmt::format("incident: {}\n", e.incident()), stderr);
}

void report(diagnostic const& d, std::FILE* to) {
  auto const place = d.at.line == 0 ? d.file : fmt::format("{}:{}:{}", d.file, d.at.line, d.at.column);
  auto text = details(errc::usage, d.at.line == 0 ? nullptr : &d.at, d.help);
  if (text.starts_with("\n --> ")) text.erase(0, text.find('\n', 1));  // the place stands before the message
  put(fmt::format("{}: {}: {}{}\n", base::printable(place), d.warning ? in(yellow, "warning", to) : in(red, "error", to), base::printable(d.message), text), to);
}

void note(std::string_view text) { put(base::printable(text) + "\n", stderr); }

void raise(base::fault const& f, std::string_view source) {
  error::parts p{.kind = f.kind, .message = f.message};
  p.help = f.help;
  if (f.at != base::range{} || f.kind == errc::syntax) p.where = base::locate(source, f.at);
  grille::raise(std::move(p));
}

}  // namespace grille::cli
