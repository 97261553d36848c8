// Running a write: all of it or nothing. Enters: the one statement that its steps were proven as. Leaves: what it returned, or a failure after
// which the database, and the transaction that was open before, are as they were. And a session's transactions.
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "exec/finished_write.hpp"
#include "exec/postgres/connection.hpp"
#include "exec/postgres/failures.hpp"
#include "exec/postgres/values.hpp"

namespace grille::exec::postgres {

using grille::postgres::answer;
using grille::postgres::texts;
using grille::postgres::trouble;

namespace {

constexpr std::size_t own_columns = 2, and_there = 3;  // in front of what is returned: written, checked, there

failure beside_a_stream() {
  return {.kind = errc::usage, .message = "a write while a stream is open needs a transaction that was begun before the stream"};
}
/// What a trigger raises stands in the way as a constraint does. The check raises by a cast of what it has to say (verify::whole_write), which the server puts into quotes. The statement's own text,
/// which is in the detail too, has it in others.
failure as_checked(failure f) {
  auto const says = [&](std::string_view what) {
    if (f.sqlstate != "22P02" || f.detail.find(fmt::format("\"{}\"", what)) == std::string::npos) return false;
    f.sqlstate.clear();  // it is not what the server says
    return true;
  };
  if (says(verify::row_that_changed)) {
    f.kind = errc::unavailable;
    f.message = "the statement ran into another one";
    f.retryable = true;
  } else if (says(verify::refused_row)) {
    f.kind = errc::check_failed;
    f.message = "the policy does not allow a row as it would be";
  } else if (says(verify::hidden_history)) {
    f.kind = errc::unsupported;
    f.message = "`purge` by a role from which row-level security of the server may hide some of the history";
  } else if (says(verify::row_in_the_way) || f.sqlstate == "P0001") {
    f.kind = errc::conflict;
    f.message = "a constraint of the database stands in the way";
  }
  return f;
}

/// Once a commit was sent nobody knows what became of it.
failure of_commit(trouble const& t) {
  auto f = as_checked(failure_of(t, "commit"));  // a trigger may have waited until now
  if (!t.broken) return f;
  f.message = "the connection to the database was lost at the commit: it is not known whether it was carried out";
  f.retryable = false;
  return f;
}

result<std::uint64_t> count_in(rows const& r) {
  std::uint64_t n = 0;
  if (r.size() == 0 || r.width() < own_columns) return fail({.kind = errc::backend, .message = "the database could not run the statement", .detail = "a write without its count"});
  auto const text = r.text(0, 0);
  auto const read = std::from_chars(text.data(), text.data() + text.size(), n);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return fail({.kind = errc::backend, .message = "the database could not run the statement", .detail = "a write whose count is no number"});
  return n;
}

}  // namespace

result<rows> connection::write_once(verify::whole_write const& what, texts const& parameters, write_conditions const& c, std::uint64_t& affected) {
  bool const alone = yours_ == nullptr && !transaction_;
  if (transaction_ && !session_) return fail(beside_a_stream());
  bool const due = mark_is_due(c.schema_mark);
  if (alone) {
    if (auto begun = begin(access::write, due, c.schema_mark); !begun) {
      end_transaction(false);
      return fail(std::move(begun.error()));
    }
  } else {
    if (due)
      if (auto same = compare_mark(c.schema_mark); !same) return fail(std::move(same.error()));
    if (auto const saved = backend_->run("savepoint \"grille write\""); !saved) return fail(failure_of(saved.error(), "savepoint"));
  }
  auto const undone = [&](failure f) {
    if (yours_ != nullptr && f.sqlstate == "25006") {
      f.kind = errc::usage;
      f.message = "the transaction that was given is for reading only";
    }
    if (alone)
      end_transaction(false);
    else if (backend_->open())
      static_cast<void>(backend_->run("rollback to \"grille write\"; release \"grille write\""));
    return fail(std::move(f));
  };

  if (!what.lock.empty())
    if (auto const held = execute(what.lock, statements::hash_of(what.lock), {}, c.stop); !held) return undone(as_checked(held.error()));
  auto got = execute(what.sql, statements::hash_of(what.sql), parameters, c.stop);
  if (!got) return undone(as_checked(std::move(got.error())));
  auto const written = count_in(*got);
  if (!written) return undone(written.error());
  affected = *written;
  if (what.returns && got->size() > c.most_rows) return undone({.kind = errc::limit, .message = fmt::format("the result has more than {} rows", c.most_rows)});
  if (c.before_commit)
    if (auto may = c.before_commit(affected); !may) return undone(std::move(may.error()));
  if (!alone) {
    if (auto const kept = backend_->run("release \"grille write\""); !kept) return undone(failure_of(kept.error(), "release"));
    return got;
  }
  if (auto ended = commit_outermost(); !ended) return fail(std::move(ended.error()));
  return got;
}

result<void> connection::commit_outermost() {
  transaction_ = session_ = false;
  auto const ended = backend_->open() ? backend_->run("commit") : answer<rows>(tl::unexpected(trouble{{}, "lost", true}));
  backend_->release();
  if (!ended) return fail(of_commit(ended.error()));
  return {};
}

result<std::unique_ptr<exec::running>> connection::write(std::shared_ptr<verify::guarded_write const> what, std::vector<value> const& parameters,
                                                         write_conditions const& c) {
  auto const& whole = what->whole();
  if (!whole || parameters.size() != whole->caller_parameters + whole->slots.size())
    return fail({.kind = errc::usage, .message = "the number of parameters is wrong"});
  if (c.stop.stop_requested()) return fail({.kind = errc::unavailable, .message = "the statement was stopped"});
  if (auto taken = encoded_.take(parameters); !taken) return fail(std::move(taken.error()));
  auto const& pointers = encoded_.pointers();
  if (auto arrived = arrive(); !arrived) return fail(std::move(arrived.error()));

  std::uint64_t affected = 0;
  auto done = write_once(*whole, pointers, c, affected);
  if (!done) {
    if (auto why = for_good(std::move(done.error()), whole->sql, c.schema_mark, false)) return fail(*std::move(why));
    done = write_once(*whole, pointers, c, affected);
  }
  if (!done) return fail(std::move(done.error()));
  auto const& r = *done;
  auto const width = whole->returns ? r.width() - and_there : 0;
  std::vector<std::vector<value>> returned;
  for (std::size_t i = 0; whole->returns && i < r.size(); ++i) {
    if (!r.at(i, own_columns)) continue;  // no row at all
    auto& row = returned.emplace_back();
    for (std::size_t k = 0; k < width; ++k)
      if (auto const* const kind = decode(r.type(and_there + k), r.at(i, and_there + k), row); kind != nullptr) return fail(unreadable(kind));
  }
  std::vector<std::string_view> types;
  for (std::size_t k = 0; k < width; ++k) types.push_back(type_name(r.type(and_there + k)));
  return std::make_unique<finished_write>(width, std::move(returned), affected, std::move(types));
}

// --- transactions

result<void> connection::begin(unsigned level, isolation apart) {
  if (auto arrived = arrive(); !arrived) return fail(std::move(arrived.error()));
  if (level == 0 && yours_ == nullptr) {
    if (transaction_) return fail({.kind = errc::usage, .message = "a transaction cannot begin while a stream is open"});
    if (auto begun = begin(access::write, false, {}, apart); !begun) {
      end_transaction(false);
      return begun;
    }
    session_ = true;
    return {};
  }
  if (apart != isolation::standard) return fail({.kind = errc::usage, .message = "the transaction is the application's, and as apart from others as it is"});
  auto const sql = fmt::format("savepoint \"grille {}\"", level);
  if (auto const saved = backend_->run(sql); !saved) return fail(failure_of(saved.error(), sql));
  return {};
}

result<void> connection::commit(unsigned level) {
  if (level > 0 || yours_ != nullptr) {
    auto const sql = fmt::format("release \"grille {}\"", level);
    if (auto const kept = backend_->run(sql); !kept) return fail(failure_of(kept.error(), sql));
    return {};
  }
  if (streams_ > 0) return fail({.kind = errc::usage, .message = "the transaction cannot end while a stream of it is open"});
  return commit_outermost();
}

void connection::rollback(unsigned level) noexcept {
  if (level == 0 && yours_ == nullptr) {
    if (session_) end_transaction(false);
    return;
  }
  if (backend_->open()) static_cast<void>(backend_->run(fmt::format("rollback to \"grille {0}\"; release \"grille {0}\"", level)));
}

}  // namespace grille::exec::postgres
