// How long a statement may run and who may stop it. SQLite asks every thousand steps of its machine, and while it waits for a lock.
// Enters: a time limit and a stop token. Leaves: an interrupt of the statement, and why.
#pragma once
#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

struct sqlite3;

namespace grille::exec::sqlite {

/// The time of one statement. It begins to run when SQLite first asks, so that a short statement never reads a clock.
class allowance {
 public:
  allowance(std::chrono::milliseconds limit, std::stop_token stop) : limit_(limit), stop_(std::move(stop)) {}
  /// True: go on.
  bool granted();
  void begin_anew() { deadline_.reset(); }
  bool stopped() const { return stop_.stop_requested(); }
  bool timed_out() const { return timed_out_; }

 private:
  std::chrono::milliseconds limit_;
  std::stop_token stop_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;
  bool timed_out_{};
};

/// Holds the handle's progress callback; the busy callback too where the handle is Grille's own, since the application's cannot be
/// read and put back.
class watch {
 public:
  watch(sqlite3* db, bool own);
  watch(watch const&) = delete;
  watch& operator=(watch const&) = delete;
  ~watch();

  class scope {
   public:
    scope(watch& of, allowance& a) : of_(of), before_(std::exchange(of.current_, &a)) {}
    scope(scope const&) = delete;
    scope& operator=(scope const&) = delete;
    ~scope() { of_.current_ = before_; }

   private:
    watch& of_;
    allowance* before_;
  };
  [[nodiscard]] scope over(allowance& a) { return {*this, a}; }

 private:
  static int progress(void* self);
  static int busy(void* self, int times);

  sqlite3* db_;
  bool own_;
  allowance* current_{};
};

}  // namespace grille::exec::sqlite
