// A write that was carried out: what it returned is here, whole. Enters: rows and a count. Leaves: the rows, one at a time.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "exec/running.hpp"

namespace grille::exec {

class finished_write final : public running {
 public:
  finished_write(std::size_t width, std::vector<std::vector<value>> rows, std::uint64_t affected)
      : width_(width), rows_(std::move(rows)), affected_(affected) {}

  std::size_t width() const noexcept override { return width_; }
  std::uint64_t affected() const noexcept override { return affected_; }
  std::size_t at_hand() const noexcept override { return rows_.size() - at_; }
  result<bool> append(std::vector<value>& to) override {
    if (at_ == rows_.size()) return false;
    for (auto& cell : rows_[at_++]) to.push_back(std::move(cell));
    return true;
  }

 private:
  std::size_t width_;
  std::vector<std::vector<value>> rows_;
  std::uint64_t affected_;
  std::size_t at_{};
};

}  // namespace grille::exec
