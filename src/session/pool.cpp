#include "session/pool.hpp"

#include <utility>

namespace grille::pipeline {

pool::pool(std::unique_ptr<connection> first, std::size_t most, maker make) : most_(most), make_(std::move(make)) {
  idle_.reserve(most_);
  idle_.push_back(std::move(first));
}

std::shared_ptr<pool> pool::of(std::unique_ptr<connection> first, std::size_t most, maker make) {
  return std::shared_ptr<pool>(new pool(std::move(first), most, std::move(make)));
}

outcome<pool::lease> pool::take(std::chrono::milliseconds wait) {
  std::unique_lock lock(guard_);
  if (!free_.wait_for(lock, wait, [&] { return !idle_.empty() || made_ < most_; }))
    return refuse({.parts = {.kind = errc::unavailable, .message = "no connection became free in time", .retryable = true}});
  if (!idle_.empty()) {
    auto c = std::move(idle_.back());
    idle_.pop_back();
    return lease(std::move(c), shared_from_this());
  }
  ++made_;
  lock.unlock();
  auto made = make_();
  if (made) return lease(*std::move(made), shared_from_this());
  lock.lock();
  --made_;
  lock.unlock();
  free_.notify_one();
  return refuse(std::move(made.error()));
}

void pool::give_back(std::unique_ptr<connection> c) {
  bool const fit = c->clean_up();
  if (!fit) c.reset();
  {
    std::lock_guard const lock(guard_);
    if (fit)
      idle_.push_back(std::move(c));
    else
      --made_;
  }
  free_.notify_one();
}

}  // namespace grille::pipeline
