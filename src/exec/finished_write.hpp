// A write that was carried out: what it returned is here, whole. Enters: rows and a count. Leaves: the rows, one at a time.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "exec/running.hpp"

namespace grille::exec {

class finished_write final : public running {
 public:
  finished_write(std::size_t width, std::vector<std::vector<value>> rows, std::uint64_t affected, std::vector<std::string_view> types = {})
      : width_(width), rows_(std::move(rows)), affected_(affected), types_(std::move(types)) {}

  std::size_t width() const noexcept override { return width_; }
  std::string_view type_of(std::size_t column) const noexcept override { return column < types_.size() ? types_[column] : std::string_view{}; }
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
  std::vector<std::string_view> types_;
  std::size_t at_{};
};

}  // namespace grille::exec
