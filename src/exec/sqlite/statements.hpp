// The prepared statements of one handle that are not in use, by their text: bounded, the least recently used go first.
// Enters: statements that were run. Leaves: statements to run; who takes one owns it, so that no two run the same.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3_stmt;

namespace grille::exec::sqlite {

struct finalizer {
  void operator()(sqlite3_stmt* s) const;
};
using statement_ptr = std::unique_ptr<sqlite3_stmt, finalizer>;

struct prepared {
  statement_ptr handle;
  std::string sql;
  std::uint32_t schema_version{};  // of the schema that it is known to be prepared for
  int times_prepared_anew{};       // when that became known
};

class statements {
  using order = std::list<prepared>;
  using index = std::unordered_map<std::string_view, order::iterator>;

 public:
  /// A statement out of the store. Its places there come with it, so that going in and out allocates nothing.
  class taken {
   public:
    prepared& operator*() { return place_.front(); }
    prepared* operator->() { return &place_.front(); }
    prepared const* operator->() const { return &place_.front(); }

   private:
    friend class statements;
    order place_;
    index::node_type key_;
  };

  explicit statements(std::size_t most) : most_(most) {}
  std::optional<taken> take(std::string_view sql);
  /// One that is not in use, where it stays; null: there is none.
  prepared const* find(std::string_view sql) const;
  static taken wrap(prepared p);
  void give_back(taken&& t);
  void clear();
  std::size_t size() const noexcept { return order_.size(); }

 private:
  std::size_t most_;
  order order_;  // most recently used first
  index index_;  // the texts are those in `order_`
};

}  // namespace grille::exec::sqlite
