#include "exec/sqlite/watch.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace grille::exec::sqlite {

namespace {

constexpr int machine_steps = 1000;
constexpr int longest_nap = 32;  // milliseconds, between two tries for a lock

}  // namespace

bool allowance::granted() {
  if (stop_.stop_requested()) return false;
  auto const now = std::chrono::steady_clock::now();
  if (!deadline_) deadline_ = now + limit_;
  timed_out_ = now >= *deadline_;
  return !timed_out_;
}

watch::watch(sqlite3* db, bool own) : db_(db), own_(own) {
  sqlite3_progress_handler(db_, machine_steps, &watch::progress, this);
  if (own_) sqlite3_busy_handler(db_, &watch::busy, this);
}

watch::~watch() {
  sqlite3_progress_handler(db_, 0, nullptr, nullptr);
  if (own_) sqlite3_busy_handler(db_, nullptr, nullptr);
}

int watch::progress(void* self) {
  auto* const now = static_cast<watch*>(self)->current_;
  return now == nullptr || now->granted() ? 0 : 1;
}

int watch::busy(void* self, int times) {
  auto* const now = static_cast<watch*>(self)->current_;
  if (now == nullptr || !now->granted()) return 0;
  sqlite3_sleep(std::min(1 << std::min(times, 5), longest_nap));
  return 1;
}

}  // namespace grille::exec::sqlite
