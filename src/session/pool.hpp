// Connections that sessions lease. Enters: a way to make them, and how many there may be. Leaves: leases; what is leased belongs
// to one session until it comes back. The one last used goes first: its statements are prepared. Any thread.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "session/connection.hpp"
#include "session/refusal.hpp"

namespace grille::pipeline {

class pool : public std::enable_shared_from_this<pool> {
 public:
  using maker = std::function<exec::result<std::unique_ptr<connection>>()>;
  /// `first` is the first of them; `make` makes the others, up to `most`.
  static std::shared_ptr<pool> of(std::unique_ptr<connection> first, std::size_t most, maker make);

  class lease {
   public:
    lease(std::unique_ptr<connection> c, std::shared_ptr<pool> from) noexcept : connection_(std::move(c)), from_(std::move(from)) {}
    lease(lease&&) noexcept = default;
    lease& operator=(lease&&) noexcept = delete;
    ~lease() {
      if (connection_) from_->give_back(std::move(connection_));
    }
    connection& operator*() const noexcept { return *connection_; }
    connection* operator->() const noexcept { return connection_.get(); }

   private:
    std::unique_ptr<connection> connection_;
    std::shared_ptr<pool> from_;
  };
  outcome<lease> take(std::chrono::milliseconds wait);

 private:
  pool(std::unique_ptr<connection> first, std::size_t most, maker make);
  void give_back(std::unique_ptr<connection> c);

  std::size_t most_;
  maker make_;
  std::mutex guard_;
  std::condition_variable free_;
  std::vector<std::unique_ptr<connection>> idle_;
  std::size_t made_{1};
};

}  // namespace grille::pipeline
