#include "session/session_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "session/hash.hpp"

namespace grille::detail {

using namespace pipeline;

namespace {

constexpr int most_schema_changes = 3;  // in the time of one statement

timestamp now() { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// With the types that the database tells of what is computed.
heading_ptr heading_of(pipeline::compiled_statement const& s, exec::running const& r) {
  if (s.told == nullptr) return s.heading;
  std::call_once(s.told->once, [&] {
    auto with_types = std::make_shared<heading>(*s.heading);
    for (std::size_t i = 0; i < with_types->columns.size(); ++i)
      if (auto& type = with_types->columns[i].type; type.empty()) type = r.type_of(i);
    s.told->heading = std::move(with_types);
  });
  return s.told->heading;
}

}  // namespace

/// The rows of one statement. Belongs to the session's thread; outlives the session as a thing that refuses to go on.
class statement_cursor final : public cursor {
 public:
  statement_cursor(std::shared_ptr<session_state> of, std::unique_ptr<exec::running> r, heading_ptr h, recorder::entry audited,
                   std::size_t most, bool writes)
      : session_(std::move(of)), running_(std::move(r)), heading_(std::move(h)), audited_(std::move(audited)), most_(most) {
    if (writes) affected_ = running_->affected();
    session_->running_.push_back(this);
  }
  ~statement_cursor() override { abandon(); }

  heading_ptr const& heading() const noexcept override { return heading_; }
  std::optional<std::uint64_t> affected() const noexcept override { return affected_; }

  std::size_t at_hand() const noexcept override { return running_ == nullptr ? 0 : std::min(running_->at_hand(), most_); }
  bool append(std::vector<value>& to) override {
    if (!session_->open()) raise({.kind = errc::usage, .message = "the session of this stream is closed"});
    if (running_ == nullptr) return false;
    auto more = running_->append(to);
    if (!more) fail(refuse(std::move(more.error())).value());
    if (!*more) {
      end();
      if (!affected_)
        if (auto recorded = audit().finished(audited_, rows_); !recorded) raise(std::move(recorded.error().parts));
      return false;
    }
    if (rows_ == most_)
      fail({.parts = {.kind = errc::limit, .message = fmt::format("the result has more than {} rows", most_), .help = "stream it, or say `limit`"}});
    ++rows_;
    return true;
  }

  /// Before its end: what was read is recorded, and a sink that fails has nobody to tell.
  void abandon() noexcept {
    if (running_ == nullptr) return;
    end();
    if (!affected_) static_cast<void>(audit().finished(audited_, rows_));
  }

 private:
  recorder const& audit() const noexcept { return session_->database().audit(); }
  void end() noexcept {
    running_.reset();
    std::erase(session_->running_, this);
  }
  [[noreturn]] void fail(refusal why) {
    end();
    raise(audit().failed(audited_, phase::finished, std::move(why), rows_).parts);
  }

  std::shared_ptr<session_state> session_;
  std::unique_ptr<exec::running> running_;
  heading_ptr heading_;
  recorder::entry audited_;
  std::size_t most_;
  std::uint64_t rows_{};
  std::optional<std::uint64_t> affected_;  // of a write, which was recorded before its commit
};

session_state::session_state(std::shared_ptr<database_state> of, pool::lease l, principal caller, attributes context)
    : database_(std::move(of)), lease_(std::move(l)), caller_(std::move(caller)), context_(std::move(context)) {}

outcome<void> session_state::going_on() const {
  if (pinned_ == nullptr || !database_->ended(*pinned_)) return {};
  return refuse({.parts = {.kind = errc::unavailable,
                           .message = "the policy has changed, and with it ended the transaction",
                           .help = "roll it back, and begin anew",
                           .retryable = true}});
}

outcome<decision const*> session_state::decide() {
  if (auto const good = going_on(); !good) return refuse(good.error());
  auto const at = now();
  auto const& who = caller_.data();
  auto const expired = who.expires && at >= *who.expires;
  bool const still = decision_ && decision_->under->number == (pinned_ != nullptr ? pinned_->number : database_->number()) &&
                     decision_->day == std::chrono::floor<std::chrono::days>(at) && !(decision_->known && expired);
  if (!still) {
    auto made = pipeline::decide(pinned_ != nullptr ? pinned_ : database_->current(), who, context_, at);
    if (!made) return refuse(std::move(made.error()));
    decision_ = *std::move(made);
  }
  return &*decision_;
}

outcome<std::unique_ptr<exec::running>> session_state::start(decision const& d, call& c, bool streamed, recorder::entry const& audited) {
  // a schema without a mark can never be known to be the same
  if (d.under->schema_mark.empty()) return refuse({.parts = {.kind = errc::unavailable, .message = "the schema of the database has no version"}});
  conditions const terms{.tables = d.under->tables,
                         .schema_mark = d.under->schema_mark,
                         .time_limit = database_->options().statement_timeout,
                         .streamed = streamed,
                         .stop = stop_,
                         .most_rows = database_->options().max_rows,
                         .before_commit = [&](std::uint64_t affected) -> exec::result<void> {
                           auto recorded = database_->audit().finished(audited, affected);
                           if (recorded) return {};
                           auto& why = recorded.error().parts;
                           return exec::fail({.kind = why.kind, .message = std::move(why.message), .retryable = why.retryable});
                         }};
  auto const& s = *c.statement;
  auto started =
      s.guarded
          ? (*lease_)->start(std::shared_ptr<verify::guarded_statement const>(c.statement, &*s.guarded), std::move(c.parameters), terms)
          : (*lease_)->write(std::shared_ptr<verify::guarded_write const>(c.statement, &*s.write), std::move(c.of_steps), terms);
  if (!started && started.error().schema_changed) return nullptr;
  if (!started) return refuse(std::move(started.error()));
  if ((*started)->width() != c.statement->heading->columns.size() + c.statement->heading->marks)
    return refuse({.parts = {.kind = errc::unsupported, .message = "the check at execution refused the statement"},
                   .detail = "not the columns expected"});
  return *std::move(started);
}

std::unique_ptr<cursor> session_state::run(std::string_view text, planner const& plan, bool streamed) {
  auto const& audit = database_->audit();
  auto const& who = caller_.data();
  auto audited = audit.begin(who.id, who.on_behalf_of, text);
  if (audited && in_transaction())
    audited->transaction = transactions_.back().id;
  else if (audited && lease_ && (*lease_)->in_transaction())
    audited->transaction = "application";
  auto const fail = [&](phase when, refusal why) { raise(audit.failed(audited, when, std::move(why)).parts); };
  if (in_transaction() && lease_ && !(*lease_)->in_transaction())
    fail(phase::decided,
         {.parts = {
              .kind = errc::unavailable, .message = "the database has ended the transaction", .help = "roll it back, and begin anew"}});

  for (int changes = 0;; ++changes) {
    auto const decided = decide();
    if (!decided) fail(phase::decided, decided.error());
    auto const& d = **decided;
    audit.under(audited, *d.under->policy);
    auto planned = plan(d);
    if (!planned) fail(phase::decided, to(d, std::move(planned.error())));
    if (auto recorded = audit.decided(audited, *planned); !recorded) raise(std::move(recorded.error().parts));

    auto started = start(d, *planned, streamed, audited);
    if (!started) fail(phase::finished, std::move(started.error()));
    if (*started != nullptr) {
      auto const writes = planned->statement->write.has_value();
      if (writes && in_transaction()) transactions_.back().wrote = true;
      if (writes && audited && audited->transaction.empty()) audit.ended(audited, "committed");
      auto heading = heading_of(*planned->statement, **started);
      if (!planned->projection.empty()) {
        auto named = std::make_shared<detail::heading>(*heading);
        named->projection = std::move(planned->projection);
        heading = std::move(named);
      }
      auto const most = streamed ? std::numeric_limits<std::size_t>::max() : database_->options().max_rows;
      return std::make_unique<statement_cursor>(shared_from_this(), *std::move(started), std::move(heading), std::move(audited), most, writes);
    }
    if (pinned_ != nullptr)
      fail(phase::finished, {.parts = {.kind = errc::unavailable, .message = "the schema of the database has changed", .retryable = true}});
    if (changes == most_schema_changes)
      fail(phase::finished, {.parts = {.kind = errc::unavailable, .message = "the schema of the database keeps changing", .retryable = true}});
    if (auto refreshed = database_->refresh(**lease_, *d.under); !refreshed) fail(phase::finished, std::move(refreshed.error()));
  }
}

std::vector<session_state::open_transaction>::iterator session_state::find(std::uint64_t which) {
  return std::ranges::find(transactions_, which, &open_transaction::number);
}

std::uint64_t session_state::begin(isolation apart, bool alone) {
  if (!open()) raise({.kind = errc::usage, .message = "the session is closed"});
  auto const* const d = value_or_raise(decide());
  (*lease_)->wait_at_most(database_->options().statement_timeout, stop_);
  auto const level = static_cast<unsigned>(transactions_.size());
  if (level > 0 && apart != isolation::standard)
    raise({.kind = errc::usage, .message = "a transaction inside of another is as apart from others as that is", .help = "say so where the outermost begins"});
  if (auto begun = alone && level == 0 ? (*lease_)->begin_alone(apart) : (*lease_)->begin(level, apart); !begun)
    value_or_raise(outcome<void>(refuse(std::move(begun.error()))));
  if (pinned_ == nullptr) pinned_ = d->under;
  auto const number = ++last_transaction_;
  std::string id;
  if (database_->audit().active()) id = in_transaction() ? fmt::format("{}.{}", transactions_.back().id, number) : random_id();
  transactions_.push_back({.number = number, .id = std::move(id)});
  return number;
}

recorder::entry session_state::entry_of(open_transaction const& t) const {
  if (!database_->audit().active()) return {};
  auto const& who = caller_.data();
  auto out = std::make_unique<recorder::facts>(recorder::facts{.id = t.id, .principal = who.id, .on_behalf_of = who.on_behalf_of});
  database_->audit().under(out, *pinned_->policy);
  return out;
}

void session_state::end(std::vector<open_transaction>::iterator from, std::string_view how) noexcept {
  auto const wrote = std::ranges::any_of(from, transactions_.end(), &open_transaction::wrote);
  for (auto t = transactions_.end(); t != from;)
    if ((--t)->wrote) database_->audit().ended(entry_of(*t), how);
  if (wrote && from != transactions_.begin()) std::prev(from)->wrote = true;
  transactions_.erase(from, transactions_.end());
  if (transactions_.empty()) pinned_ = nullptr;
}

void session_state::commit(std::uint64_t which) {
  if (find(which) == transactions_.end()) raise({.kind = errc::usage, .message = "the transaction is over"});
  if (transactions_.back().number != which) raise({.kind = errc::usage, .message = "a transaction inside of this one is open"});
  if (!(*lease_)->in_transaction()) {
    rollback(which);
    raise({.kind = errc::unavailable, .message = "the database has ended the transaction", .help = "begin anew"});
  }
  value_or_raise(going_on());
  (*lease_)->wait_at_most(database_->options().statement_timeout, stop_);
  auto done = (*lease_)->commit(static_cast<unsigned>(transactions_.size() - 1));
  if (!done) raise(database_->audit().failed(entry_of(transactions_.back()), phase::ended, refuse(std::move(done.error())).value()).parts);
  end(std::prev(transactions_.end()), "committed");
}

void session_state::rollback(std::uint64_t which) noexcept {
  auto const at = find(which);
  if (at == transactions_.end() || !lease_) return;
  while (!running_.empty()) running_.back()->abandon();
  (*lease_)->rollback(static_cast<unsigned>(at - transactions_.begin()));
  end(at, "rolled back");
}

void session_state::close() noexcept {
  while (!running_.empty()) running_.back()->abandon();
  if (!transactions_.empty()) rollback(transactions_.front().number);
  lease_.reset();
}

}  // namespace grille::detail
