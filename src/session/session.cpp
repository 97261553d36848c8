#include "grille/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "catalog/history.hpp"
#include "eval/evaluate.hpp"
#include "session/explain.hpp"
#include "session/matching.hpp"
#include "session/permissions.hpp"
#include "session/restoring.hpp"
#include "session/session_state.hpp"
#include "session/specification_node.hpp"

namespace grille {

using namespace pipeline;

session::session(std::shared_ptr<detail::session_state> state) noexcept : state_(std::move(state)) {}
session::session(session&& other) noexcept = default;

session& session::operator=(session&& other) noexcept {
  if (this == &other) return *this;
  if (state_) state_->close();
  state_ = std::move(other.state_);
  return *this;
}

session::~session() {
  if (state_) state_->close();
}

detail::session_state& session::state() const {
  if (!state_) raise({.kind = errc::usage, .message = "the session was moved away"});
  return *state_;
}

std::unique_ptr<detail::cursor> session::run(std::string_view sql, std::span<arg const> args) {
  auto const plan = [&](decision const& d) { return state().database().plan(d, sql, args); };
  return state().run(sql, std::cref(plan), false);  // a reference is held without an allocation
}

std::unique_ptr<detail::cursor> session::open(std::string_view sql, std::span<arg const> args) {
  auto const plan = [&](decision const& d) { return state().database().plan(d, sql, args); };
  return state().run(sql, std::cref(plan), true);
}

namespace {

/// Reads it to its end, where it is recorded.
std::uint64_t rows_written(detail::cursor& c) {
  if (!c.affected()) raise({.kind = errc::usage, .message = "the statement is a query, and writes nothing", .help = "query() runs it"});
  std::vector<value> cells;
  while (c.next(cells)) continue;
  return *c.affected();
}

bool seen_whole(detail::heading const& h, std::size_t columns) {
  return h.columns.size() == columns && std::ranges::all_of(h.columns, [](column_info const& c) { return c.mask == masking::none; });
}

}  // namespace

std::uint64_t session::write(std::string_view sql, std::span<arg const> args) { return rows_written(*run(sql, args)); }

std::uint64_t session::insert(std::string_view resource, attributes const& values) {
  auto const text = fmt::format("insert by attributes on {}", resource);
  written_by const what{.method = method::insert, .resource = resource, .rows = nullptr, .values = &values};
  return rows_written(*state().run(
      text, [&](decision const& d) { return state().database().plan(d, what); }, false));
}

std::uint64_t session::update(std::string_view resource, specification const& s, attributes const& values) {
  auto const text = fmt::format("update by specification on {}", resource);
  written_by const what{.method = method::update, .resource = resource, .rows = &s, .values = &values};
  return rows_written(*state().run(
      text, [&](decision const& d) { return state().database().plan(d, what); }, false));
}

std::uint64_t session::remove(std::string_view resource, specification const& s) {
  auto const text = fmt::format("delete by specification on {}", resource);
  written_by const what{.method = method::remove, .resource = resource, .rows = &s, .values = nullptr};
  return rows_written(*state().run(
      text, [&](decision const& d) { return state().database().plan(d, what); }, false));
}

std::uint64_t session::purge(std::string_view resource, specification const& s) {
  auto const text = fmt::format("purge by specification on {}", resource);
  written_by const what{.method = method::purge, .resource = resource, .rows = &s, .values = nullptr};
  return rows_written(*state().run(
      text, [&](decision const& d) { return state().database().plan(d, what); }, false));
}

void session::restore(std::string_view resource, std::int64_t number) {
  transaction all(state_, state().begin(isolation::standard, true));
  auto& database = state().database();
  kept_rows kept;
  auto const record = state().run(
      fmt::format("restore on {}", resource),
      [&](decision const& d) -> outcome<call> {
        auto found = kept_rows_of(resource, *d.access);
        if (!found) return refuse(std::move(found.error()));
        kept = *std::move(found);
        auto const one = spec::column{std::string(catalog::history_column::number)} == number;
        auto planned = database.plan(d, kept.history->name, one, {}, kept.columns);
        auto const hidden = !planned && (planned.error().parts.kind == errc::not_found || planned.error().parts.kind == errc::forbidden);
        if (!planned && !hidden) return planned;
        if (hidden || !seen_whole(*planned->statement->heading, kept.columns.size()))  // what is hidden has no name
          return refuse(errc::forbidden, "the record may not be seen whole");
        return planned;
      },
      false);
  std::vector<value> cells;
  if (!record->next(cells)) raise({.kind = errc::not_found, .message = "there is no such record"});
  auto const by = cells.back();
  while (record->next(cells)) continue;
  if (by == value("purge")) raise({.kind = errc::not_found, .message = "the row was purged: there is nothing to restore"});
  if (write(restoring(kept, by == value("delete")), std::array{arg(value(number))}) != 1)
    raise({.kind = errc::not_found, .message = "there is no row that may be overwritten", .help = "a row that is gone is restored by the record of its deletion"});
  all.commit();
}

transaction session::begin(isolation level) {
  auto const number = state().begin(level);
  return {state_, number};
}

void session::transact(std::function<void(session&)> const& body, int attempts, isolation level) {
  auto const inside = state().in_transaction();
  for (int tried = 1;; ++tried) {
    transaction all(state_, state().begin(level, tried > 1));
    try {
      body(*this);
      all.commit();
      return;
    } catch (error const& e) {
      if (inside || tried >= attempts || !e.retryable()) throw;  // undone on the way out
    }
  }
}

transaction::transaction(transaction&& other) noexcept : of_(std::exchange(other.of_, nullptr)), which_(other.which_) {}
transaction& transaction::operator=(transaction&& other) noexcept {
  if (this != &other) {
    rollback();
    of_ = std::exchange(other.of_, nullptr);
    which_ = other.which_;
  }
  return *this;
}
transaction::~transaction() { rollback(); }

void transaction::commit() {
  if (of_ == nullptr) raise({.kind = errc::usage, .message = "the transaction is over"});
  of_->commit(which_);
}

void transaction::rollback() noexcept {
  if (of_ != nullptr) of_->rollback(which_);
}

std::unique_ptr<detail::cursor> session::find(std::string_view resource, specification const& s, select_options const& o,
                                              std::span<std::string_view const> wanted) {
  auto const text = fmt::format("select by specification on {}", resource);
  return state().run(text, [&](decision const& d) { return state().database().plan(d, resource, s, o, wanted); }, false);
}

rows<row> session::select(std::string_view resource, specification const& s, select_options const& o) {
  return rows<row>(*find(resource, s, o, {}));
}

bool session::matches(specification const& s, std::string_view resource, attributes const& object) const {
  auto const* const d = value_or_raise(state().decide());
  return value_or_raise(pipeline::matches(s, resource, object, *d->access));
}

grille::explanation session::explained(std::string_view sql, std::span<arg const> args) {
  auto& database = state().database();
  value_or_raise(may_explain(database.options()));
  auto const* const d = value_or_raise(state().decide());
  auto planned = database.plan(*d, sql, args);
  if (!planned) raise(to(*d, std::move(planned.error())).parts);
  return pipeline::explain(*planned);
}

std::vector<permission> session::permissions() {
  auto const* const d = value_or_raise(state().decide());
  return permissions_of(*d->access);
}

void session::stop_on(std::stop_token token) { state().stop_on(std::move(token)); }

}  // namespace grille
