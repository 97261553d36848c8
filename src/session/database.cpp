#include "grille/database.hpp"

#include <fmt/format.h>

#include <utility>

#include "session/database_state.hpp"
#include "session/explain.hpp"
#include "session/session_state.hpp"

namespace grille {

using namespace pipeline;

namespace {

detail::database_state& connected(detail::database_state& s) {
  if (s.connections == nullptr)
    raise({.kind = errc::usage, .message = "this database has no connection", .help = "rewrite() works without one"});
  return s;
}

}  // namespace

database::database(std::shared_ptr<detail::database_state> state) noexcept : state_(std::move(state)) {}

database::database(schema tables, policy_set policies, options o)
    : state_(std::make_shared<detail::database_state>(tables.tables(), policies, std::move(o))) {}

grille::session database::session(principal const& caller, attributes const& context) const {
  auto& state = connected(*state_);
  auto lease = value_or_raise(state.connections->take(state.options().pool_wait));
  auto made = std::make_shared<detail::session_state>(state_, std::move(lease), caller, context);
  value_or_raise(made->decide());
  return grille::session(std::move(made));
}

rewritten database::rewrite(principal const& caller, std::string_view sql, std::vector<arg> const& args, attributes const& context) const {
  auto const now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  auto const d = value_or_raise(decide(state_->current(), caller.data(), context, now));
  auto const& audit = state_->audit();
  auto audited = audit.begin(caller.id(), caller.data().on_behalf_of, sql);
  audit.under(audited, *d.under->policy);
  auto planned = state_->plan(d, sql, args);
  if (planned && planned->statement->write)
    planned = refuse(errc::unsupported, "a write is not rewritten to a text that another could run", "a session runs it, and checks what comes of it");
  if (!planned) raise(audit.failed(audited, phase::decided, to(d, std::move(planned.error()))).parts);
  value_or_raise(audit.decided(audited, *planned, "rewritten"));
  return rewritten_of(*planned);
}

explanation database::explain(principal const& caller, std::string_view sql, std::vector<arg> const& args, attributes const& context) const {
  value_or_raise(may_explain(state_->options()));
  auto const now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  auto const d = value_or_raise(decide(state_->current(), caller.data(), context, now));
  auto planned = state_->plan(d, sql, args);
  if (!planned) raise(to(d, std::move(planned.error())).parts);
  return pipeline::explain(*planned);
}

void database::reload(policy_set policies, reloading which, running transactions) const { state_->reload(policies, which, transactions); }

std::vector<diagnostic> database::warnings() const { return state_->current()->policy->warnings; }

std::string database::fingerprint() const { return state_->current()->policy->fingerprint; }

void database::unguarded(std::string_view reason, std::function<void(void* native)> const& work) const {
  auto& state = connected(*state_);
  if (reason.empty()) raise({.kind = errc::usage, .message = "no reason is given"});
  value_or_raise(state.audit().acted("unguarded", *state.current()->policy, std::string(reason)));
  auto const lease = value_or_raise(state.connections->take(state.options().pool_wait));
  if (auto done = lease->unguarded(work); !done) value_or_raise(outcome<void>(refuse(std::move(done.error()))));
}

}  // namespace grille
