#include "exec/sqlite/statements.hpp"

#include <sqlite3.h>

#include <utility>

namespace grille::exec::sqlite {

void finalizer::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }

std::optional<statements::taken> statements::take(std::string_view sql) {
  auto const found = index_.find(sql);
  if (found == index_.end()) return std::nullopt;
  taken t;
  t.place_.splice(t.place_.begin(), order_, found->second);
  t.key_ = index_.extract(found);
  return t;
}

prepared const* statements::find(std::string_view sql) const {
  auto const found = index_.find(sql);
  return found == index_.end() ? nullptr : &*found->second;
}

statements::taken statements::wrap(prepared p) {
  taken t;
  t.place_.push_front(std::move(p));
  return t;
}

void statements::give_back(taken&& t) {
  if (most_ == 0) return;
  order_.splice(order_.begin(), t.place_);
  auto const first = order_.begin();
  if (t.key_.empty()) {
    if (!index_.emplace(first->sql, first).second) order_.pop_front();  // the same text was in use twice at once
  } else {
    t.key_.mapped() = first;
    if (!index_.insert(std::move(t.key_)).inserted) order_.pop_front();
  }
  if (order_.size() > most_) {
    index_.erase(order_.back().sql);
    order_.pop_back();
  }
}

void statements::clear() {
  index_.clear();
  order_.clear();
}

}  // namespace grille::exec::sqlite
