// The statements that are prepared on one server process, by their text: those that are met a second time, since to prepare is to ask the server once
// more; bounded, the least recently used go first. Names are hashes, so that nobody else's are met. Enters: texts. Leaves: names. Nothing is sent here.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace grille::exec::postgres {

class statements {
 public:
  explicit statements(std::size_t most) : most_(most) {}

  /// Of a text, as `guarded_statement` has it made.
  static std::size_t hash_of(std::string_view sql) noexcept { return std::hash<std::string_view>{}(sql); }
  /// Null if the text is not prepared.
  std::string const* find(std::string_view sql, std::size_t hash);
  std::string const* find(std::string_view sql) { return find(sql, hash_of(sql)); }
  /// Whether a text of this hash, which is not prepared, was met before, among the last that were met once.
  bool met_again(std::size_t hash);
  /// A name for a text that is not prepared yet.
  std::string name_for(std::string_view sql) const;
  std::string const& keep(std::string_view sql, std::string name);
  /// The name that has to go so that another may come, if there is one.
  std::optional<std::string> surplus();
  void drop(std::string_view sql);
  /// All that was prepared is gone, unasked: names are made anew, since the old ones may still be known to somebody.
  void forget_all();
  std::vector<std::string> names() const;
  std::size_t size() const noexcept { return order_.size(); }

 private:
  struct prepared {
    std::string sql;
    std::string name;
    std::size_t hash;
  };
  struct key {
    std::string_view sql;  // that in `order_`
    std::size_t hash;
    friend bool operator==(key const& a, key const& b) noexcept { return a.sql == b.sql; }
  };
  std::size_t most_;
  std::uint64_t generation_{};
  std::list<prepared> order_;  // most recently used first
  struct made_before {
    std::size_t operator()(key const& k) const noexcept { return k.hash; }
  };
  std::unordered_map<key, std::list<prepared>::iterator, made_before> index_;
  std::deque<std::size_t> once_;  // hashes of texts, the latest last; to take another text for one of them costs a preparation, no more
};

}  // namespace grille::exec::postgres
