#include "exec/postgres/statements.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace grille::exec::postgres {

std::string const* statements::find(std::string_view sql, std::size_t hash) {
  auto const found = index_.find({sql, hash});
  if (found == index_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return &order_.front().name;
}

bool statements::met_again(std::size_t hash) {
  if (auto const found = std::ranges::find(once_, hash); found != once_.end()) {
    once_.erase(found);
    return true;
  }
  if (once_.size() == most_) once_.pop_front();
  once_.push_back(hash);
  return false;
}

std::string statements::name_for(std::string_view sql) const {
  auto const hash = XXH3_128bits(sql.data(), sql.size());
  return fmt::format("grille_{:016x}{:016x}_{}", hash.high64, hash.low64, generation_);
}

std::string const& statements::keep(std::string_view sql, std::string name) {
  auto const hash = hash_of(sql);
  order_.push_front({std::string(sql), std::move(name), hash});
  index_.emplace(key{order_.front().sql, hash}, order_.begin());
  return order_.front().name;
}

std::optional<std::string> statements::surplus() {
  if (order_.empty() || order_.size() < most_) return std::nullopt;
  auto name = std::move(order_.back().name);
  index_.erase({order_.back().sql, order_.back().hash});
  order_.pop_back();
  return name;
}

void statements::drop(std::string_view sql) {
  auto const found = index_.find({sql, hash_of(sql)});
  if (found == index_.end()) return;
  auto const place = found->second;
  index_.erase(found);
  order_.erase(place);
}

void statements::forget_all() {
  index_.clear();
  order_.clear();
  ++generation_;
}

std::vector<std::string> statements::names() const {
  std::vector<std::string> all;
  for (auto const& p : order_) all.push_back(p.name);
  return all;
}

}  // namespace grille::exec::postgres
