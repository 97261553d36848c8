// The public errors. Enters: what the stages filled in. Leaves: the exception that fits the kind.
// Copies share one immutable block, so that copying never throws.
#include "grille/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/fault.hpp"

namespace grille {

namespace {

struct kind_facts {
  errc kind;
  std::string_view name;
  int http;
};

constexpr std::array kinds{
    kind_facts{errc::syntax, "syntax", 400},
    kind_facts{errc::unsupported, "unsupported", 400},
    kind_facts{errc::ambiguous, "ambiguous", 400},
    kind_facts{errc::type, "type", 400},
    kind_facts{errc::limit, "limit", 413},
    kind_facts{errc::usage, "usage", 400},
    kind_facts{errc::unauthenticated, "unauthenticated", 401},
    kind_facts{errc::forbidden, "forbidden", 403},
    kind_facts{errc::not_found, "not_found", 404},
    kind_facts{errc::check_failed, "check_failed", 422},
    kind_facts{errc::conflict, "conflict", 409},
    kind_facts{errc::unavailable, "unavailable", 503},
    kind_facts{errc::backend, "backend", 500},
};

constexpr bool in_order_of_enumeration() {
  for (std::size_t i = 0; i < kinds.size(); ++i)
    if (static_cast<std::size_t>(kinds[i].kind) != i) return false;
  return kinds.size() == static_cast<std::size_t>(errc::backend) + 1;
}
static_assert(in_order_of_enumeration());

// A kind from outside the enumeration can only be a fault of the caller's: it reads as `backend`, never past the table.
kind_facts const& facts_of(errc kind) noexcept {
  auto const i = static_cast<std::size_t>(kind);
  return i < kinds.size() ? kinds[i] : kinds.back();
}

error::parts summary_of(std::span<diagnostic const> all) {
  auto const first = std::ranges::find(all, false, &diagnostic::warning);
  auto const faults = std::ranges::count(all, false, &diagnostic::warning);
  if (first == all.end()) return {.kind = errc::usage, .message = "the policy was not loaded"};
  auto message = fmt::format("{}:{}:{}: {}", first->file, first->at.line, first->at.column, first->message);
  if (faults > 1) message += fmt::format(" (and {} more)", faults - 1);
  return {.kind = errc::usage, .message = std::move(message), .where = first->at, .help = first->help};
}

}  // namespace

std::string_view to_string(errc kind) noexcept { return facts_of(kind).name; }
int http_status(errc kind) noexcept { return facts_of(kind).http; }

error::error(parts p) : std::runtime_error(p.message), parts_(std::make_shared<parts const>(std::move(p))) {}

errc error::kind() const noexcept { return parts_->kind; }
std::string_view error::sqlstate() const noexcept { return parts_->sqlstate; }
std::optional<span> const& error::where() const noexcept { return parts_->where; }
std::string_view error::help() const noexcept { return parts_->help; }
std::string_view error::incident() const noexcept { return parts_->incident; }
int error::http_status() const noexcept { return grille::http_status(kind()); }
bool error::retryable() const noexcept { return parts_->retryable; }

std::string error::render() const {
  return base::render(parts_->kind, parts_->message, parts_->where ? &*parts_->where : nullptr, parts_->help);
}

void raise(error::parts p) {
  switch (p.kind) {
    case errc::syntax:
      throw syntax_error(std::move(p));
    case errc::unsupported:
      throw unsupported(std::move(p));
    case errc::ambiguous:
      throw ambiguous(std::move(p));
    case errc::type:
      throw type_error(std::move(p));
    case errc::limit:
      throw limit_error(std::move(p));
    case errc::usage:
      throw usage_error(std::move(p));
    case errc::unauthenticated:
      throw unauthenticated(std::move(p));
    case errc::forbidden:
      throw forbidden(std::move(p));
    case errc::not_found:
      throw not_found(std::move(p));
    case errc::check_failed:
      throw check_failed(std::move(p));
    case errc::conflict:
      throw conflict(std::move(p));
    case errc::unavailable:
      throw unavailable(std::move(p));
    case errc::backend:
      throw backend_error(std::move(p));
  }
  throw error(std::move(p));
}

policy_error::policy_error(std::vector<diagnostic> all)
    : error(summary_of(all)), all_(std::make_shared<std::vector<diagnostic> const>(std::move(all))) {}

std::span<diagnostic const> policy_error::all() const noexcept { return *all_; }

}  // namespace grille
