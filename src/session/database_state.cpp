#include "session/database_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "catalog/catalog.hpp"
#include "print/print.hpp"
#include "session/arguments.hpp"
#include "session/named_specification.hpp"

namespace grille::detail {

using namespace pipeline;

namespace {

/// What could be taken for PostgreSQL's own is named to nobody: who calls may not know that it is there. `apart`: no statement runs under a path that it could be
/// found by, which casts need none to be.
outcome<void> check_lookalikes(catalog::catalog const& tables, bool apart) {
  auto found = catalog::lookalikes(tables);
  if (apart) std::erase_if(found, [](catalog::routine const* r) { return r->kind != catalog::routine_kind::cast; });
  if (found.empty()) return {};
  std::string names;
  for (auto const* r : found) names += (names.empty() ? "" : ", ") + catalog::qualified(r->schema, r->name);
  return refuse({.parts = {.kind = errc::unsupported,
                           .message = fmt::format("{} of the database's functions, operators and casts could be taken for PostgreSQL's own", found.size()),
                           .help = "move what is on the search path to a schema that is not; drop the casts, or have them written out"},
                 .detail = std::move(names)});
}

/// The policy of `next` whose version is lower than that of the same name in `now`, or empty.
std::string older(policy::compiled const& now, policy::compiled const& next) {
  for (auto const& f : next.files)
    for (auto const& known : now.files)
      if (f.policy == known.policy && f.version < known.version)
        return fmt::format("policy `{}` version {} is older than version {}, which is loaded", f.policy, f.version, known.version);
  return {};
}

}  // namespace

database_state::database_state(std::shared_ptr<catalog::catalog const> tables, policy_set const& policies, grille::options o)
    : options_(std::move(o)), audit_(options_.audit, options_.audit_required), cache_(options_.cache_bytes), opening_lock_(lock_of(tables)), apart_(catalog::path_misleads(*tables)) {
  if (options_.pool == 0) raise({.kind = errc::usage, .message = "a pool of no connections"});
  if (policies.files()->which != tables->which())
    raise({.kind = errc::usage, .message = "the policy was read in another dialect than the database's"});
  value_or_raise(check_lookalikes(*tables, apart_));
  auto made = compile(*policies.files(), tables, {});
  if (made.policy == nullptr) throw policy_error(std::move(made.faults));
  auto first = std::make_shared<snapshot>();
  first->files = policies.files();
  first->policy = std::move(made.policy);
  first->schema_mark = tables->version();
  first->tables = std::move(tables);
  publish(std::move(first));
}

snapshot_ptr database_state::current() const {
  std::lock_guard const lock(reading_);
  return current_;
}

void database_state::publish(std::shared_ptr<snapshot> next) {
  next->number = number_.load(std::memory_order_relaxed) + 1;
  std::lock_guard const lock(reading_);
  current_ = std::move(next);
  number_.store(current_->number, std::memory_order_release);
}

outcome<void> database_state::refresh(connection& c, snapshot const& seen) {
  std::lock_guard const lock(changing_);
  auto const now = current();
  if (now->number != seen.number) return {};
  auto tables = c.read_schema();
  if (!tables)
    return refuse({.parts = {.kind = errc::unavailable, .message = "the schema of the database cannot be read"},
                   .detail = std::move(tables.error().message)});
  auto next = std::make_shared<snapshot>(*now);
  next->schema_mark = (*tables)->version();
  if (auto checked = check_lookalikes(**tables, apart_); !checked) return checked;
  if ((*tables)->fingerprint() != now->tables->fingerprint() || !catalog::replaced(*now->tables, **tables).empty()) {
    auto made = compile(*now->files, *tables, opening_lock_);
    if (made.policy == nullptr)
      return refuse({.parts = {.kind = errc::unavailable, .message = "the policy does not fit the schema of the database"},
                     .detail = policy_error(std::move(made.faults)).what()});
    // policies bind to objects: a view in the place of a table shows what nobody approved
    for (auto const& [table, rules] : now->policy->tables)
      if (auto const* same = (*tables)->find(table->schema, table->name); same == nullptr || same->kind != table->kind)
        return refuse({.parts = {.kind = errc::unavailable, .message = "the policy does not fit the schema of the database"},
                       .detail = "another object stands in the place of `" + table->name + "`; open the database anew to take it"});
    next->policy = std::move(made.policy);
    next->tables = *std::move(tables);
  }
  publish(std::move(next));
  return {};
}

void database_state::reload(policy_set const& policies, reloading which, running transactions) {
  std::lock_guard const lock(changing_);
  auto const now = current();
  auto const refused = [&](std::string const& why) {
    if (auto written = audit_.acted("reload refused", *now->policy, why); !written) raise(std::move(written.error().parts));
  };
  if (policies.files()->which != now->tables->which())
    raise({.kind = errc::usage, .message = "the policy was read in another dialect than the database's"});
  auto made = compile(*policies.files(), now->tables, opening_lock_);
  if (made.policy == nullptr) {
    policy_error const why(std::move(made.faults));
    refused(why.what());
    throw why;
  }
  if (auto const why = older(*now->policy, *made.policy); which == reloading::forward && !why.empty()) {
    refused(why);
    raise({.kind = errc::conflict, .message = why, .help = "reloading::any takes it nevertheless"});
  }
  if (auto written = audit_.acted("reload", *made.policy, {}); !written) raise(std::move(written.error().parts));
  auto next = std::make_shared<snapshot>(*now);
  next->files = policies.files();
  next->policy = std::move(made.policy);
  publish(std::move(next));
  if (transactions == running::abort) oldest_.store(number(), std::memory_order_release);
}

call database_state::call_of(decision const& d, compiled_ptr s, std::vector<value> own) {
  call out{.statement = std::move(s), .parameters = {}};
  auto const with_slots = [&](std::vector<value> values, std::vector<bound::slot> const& slots) {
    values.reserve(values.size() + slots.size());
    for (auto const& slot : slots) values.push_back(d.access->resolve(slot));
    return values;
  };
  if (out.statement->guarded) {
    out.parameters = with_slots(std::move(own), out.statement->guarded->slots());
    return out;
  }
  if (auto const& whole = out.statement->write->whole()) {
    out.of_steps.push_back(with_slots(std::move(own), whole->slots));
    return out;
  }
  for (auto const& step : out.statement->write->steps())
    out.of_steps.push_back(with_slots(step.caller_parameters == 0 ? std::vector<value>{} : own, step.slots));
  return out;
}

outcome<call> database_state::plan(decision const& d, std::string_view sql, std::span<arg const> args) {
  cache::key const key{.text = sql, .access = d.access->key()};
  auto statement = cache_.find(key);
  if (statement == nullptr) {
    auto made = pipeline::compile(sql, *d.access);
    if (!made) return refuse(std::move(made.error()));
    statement = *std::move(made);
    cache_.keep(key, statement);
  }
  auto own = arrange(args, statement->parameter_names, statement->guarded ? statement->guarded->slots().size() : 0);
  if (!own) return refuse(std::move(own.error()));
  return call_of(d, std::move(statement), *std::move(own));
}

outcome<call> database_state::plan(decision const& d, std::string_view resource, specification const& s, select_options const& o,
                                   std::span<std::string_view const> wanted) {
  base::arena memory;
  auto made = select_by(s, resource, o, wanted, *d.access, memory);
  if (!made) return refuse(std::move(made.error()));
  // the tree's own text, which only a tree has: a caller's text can call no specification
  auto const text = print::print(*made->statement, d.access->which());
  cache::key const key{.text = text, .access = d.access->key(), .tree = true, .marked = o.mark_withheld};
  auto statement = cache_.find(key);
  if (statement == nullptr) {
    auto compiled = pipeline::compile(*made->statement, *d.access, memory, named_specifications(*d.access, *d.access, memory), o.mark_withheld);
    if (!compiled) return refuse(std::move(compiled.error()));
    statement = *std::move(compiled);
    cache_.keep(key, statement);
  }
  auto out = call_of(d, std::move(statement), std::move(made->parameters));
  out.projection = std::move(made->projection);
  return out;
}

outcome<call> database_state::plan(decision const& d, written_by const& what) {
  auto const purge = what.method == method::purge;
  if (purge && !options_.purge) return refuse(errc::forbidden, "`purge` is off", "it destroys rows and their history; options::purge turns it on");
  base::arena memory;
  auto made = write_by(what, *d.access, memory);
  if (!made) return refuse(std::move(made.error()));
  auto const text = (purge ? "purge: " : "") + print::print(*made->statement, d.access->which());
  cache::key const key{.text = text, .access = d.access->key(), .tree = true};
  auto statement = cache_.find(key);
  if (statement == nullptr) {
    auto compiled = pipeline::compile(*made->statement, *d.access, memory, named_specifications(*d.access, *d.access, memory), false, purge);
    if (!compiled) return refuse(std::move(compiled.error()));
    statement = *std::move(compiled);
    cache_.keep(key, statement);
  }
  return call_of(d, std::move(statement), std::move(made->parameters));
}

}  // namespace grille::detail
