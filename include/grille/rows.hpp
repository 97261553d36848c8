/// @file
/// Results: whole (`rows`) or one row at a time (`stream`), as cells, tuples or own structs.
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "grille/mapping.hpp"
#include "grille/value.hpp"

namespace grille {

/// Whether a column's cells are what is stored. A fact of the policy and the statement alone; it does not depend on any row.
enum class masking {
  none,       ///< every cell is what is stored, or computed from it
  some_rows,  ///< masked or withheld (NULL) in rows where no plain grant holds
  all_rows    ///< masked or withheld in all rows
};

struct column_info {
  std::string name;  ///< as the statement named it; may be empty or repeated
  std::string type;  ///< as the source column was declared; of what was computed, what PostgreSQL takes it for, if that is one of its own; else empty
  masking mask{};
};

namespace detail {

/// What is known of a result before its first row.
struct heading {
  std::vector<column_info> columns;
  bool filtered{};
  std::string projection;
  bool marked{};                                     ///< withheld cells were asked for
  std::vector<std::optional<std::size_t>> withheld;  ///< by column: the cell behind those of the row that tells of it
  std::size_t marks{};                               ///< how many such cells there are

  /// The position of a column by its name, without ASCII case; null if there is none. @throws `ambiguous` if there are several.
  std::optional<std::size_t> find(std::string_view name) const;
  /// The same. @throws `usage` if there is none.
  std::size_t at(std::string_view name) const;
};
using heading_ptr = std::shared_ptr<heading const>;

/// A running statement.
class cursor {
 public:
  cursor() = default;
  cursor(cursor const&) = delete;
  cursor& operator=(cursor const&) = delete;
  virtual ~cursor() = default;
  /// Of a write: how many rows it wrote. Nothing: it is a query.
  virtual std::optional<std::uint64_t> affected() const noexcept { return std::nullopt; }
  virtual heading_ptr const& heading() const noexcept = 0;
  /// How many rows are here already, of those that may be read: about as many will follow at least.
  virtual std::size_t at_hand() const noexcept { return 0; }
  /// Puts the cells of the next row behind what is there, or returns false at the end.
  virtual bool append(std::vector<value>& to) = 0;
  /// Puts the next row in the place of what is there.
  bool next(std::vector<value>& into) {
    into.clear();
    return append(into);
  }
};

/// The cells of a result, row by row.
struct cells {
  heading_ptr heading{};
  std::vector<value> values{};
};

/// A number of a result in its own digits: also a double, by the shortest text that reads back as it, and a text that is a decimal.
numeric to_numeric(value const& v);

template <class T>
T read_as(value const& v) {
  if constexpr (optional_of<T>::value) {
    if (v.null()) return std::nullopt;
    return read_as<typename optional_of<T>::type>(v);
  } else if constexpr (std::same_as<T, numeric>) {
    return to_numeric(v);
  } else {
    return v.as<T>();
  }
}

[[noreturn]] void wrong_width(std::size_t columns, std::size_t asked);
[[noreturn]] void no_such_cell(std::size_t index, std::size_t columns);
[[noreturn]] void no_such_column(std::string_view name);
[[noreturn]] void not_marked();
[[noreturn]] void no_row();
[[noreturn]] void several_rows();
[[noreturn]] void not_one_column(std::size_t columns);

}  // namespace detail

/// One value of a row. A view into it, where the row is not a temporary one.
class cell {
 public:
  bool null() const noexcept { return get().null(); }
  /// `optional<T>` takes NULL; any other T throws `type` on NULL, as on a value that is not a T exactly. SQLite's floating-point
  /// numbers and texts in decimal digits can be read as `numeric`.
  template <class T>
  T as() const {
    return detail::read_as<T>(get());
  }
  /// Whether the policy withholds this cell in this row: no grant that holds here projects it, and it reads as NULL.
  /// @throws `usage` unless `select_options::mark_withheld` asked for it.
  bool withheld() const {
    if (!marked_) detail::not_marked();
    return withheld_;
  }
  value const& get() const noexcept {
    auto const* const* const view = std::get_if<value const*>(&of_);
    return view != nullptr ? **view : *std::get_if<value>(&of_);
  }

 private:
  friend class row;
  cell(value const& v, bool marked, bool withheld) noexcept : of_(&v), marked_(marked), withheld_(withheld) {}
  cell(value&& v, bool marked, bool withheld) noexcept : of_(std::move(v)), marked_(marked), withheld_(withheld) {}
  std::variant<value const*, value> of_;
  bool marked_{};
  bool withheld_{};
};

/// One row, with its cells by position or name. Owns its data, together with the other rows of its result: those stay in memory as long as one
/// of them does. Immutable but for assignment, cheap to copy.
class row {
 public:
  row() = default;
  /// Made by Grille: `width` of the cells, from one on.
  row(std::shared_ptr<detail::cells const> of, std::size_t first, std::size_t width) noexcept : of_(std::move(of)), first_(first), width_(width) {}

  std::size_t size() const noexcept { return width_ - (heading() != nullptr ? heading()->marks : 0); }
  /// @throws `usage` beyond the last.
  cell operator[](std::size_t index) const& { return cell(at(checked(index)), marked(), withheld(index)); }
  /// Without ASCII case. @throws `usage` if there is none, `ambiguous` if there are several.
  cell operator[](std::string_view name) const& { return (*this)[position(name)]; }
  cell operator[](std::size_t index) && { return cell(value(at(checked(index))), marked(), withheld(index)); }
  cell operator[](std::string_view name) && { return std::move(*this)[position(name)]; }
  /// The row as an own struct. @throws `type` where a member that is not optional has no column or a value of another type.
  template <mapped T>
  T as() const;

 private:
  std::size_t checked(std::size_t index) const {
    if (index >= size()) detail::no_such_cell(index, size());
    return index;
  }
  value const& at(std::size_t index) const noexcept { return of_->values[first_ + index]; }
  detail::heading const* heading() const noexcept { return of_ ? of_->heading.get() : nullptr; }
  bool marked() const noexcept { return heading() != nullptr && heading()->marked; }
  bool withheld(std::size_t index) const {
    auto const mark = marked() && index < heading()->withheld.size() ? heading()->withheld[index] : std::nullopt;
    return mark && at(*mark).as<bool>();
  }
  std::size_t position(std::string_view name) const { return heading() != nullptr ? heading()->at(name) : checked(0); }

  std::shared_ptr<detail::cells const> of_;
  std::size_t first_{};
  std::size_t width_{};
};

/// What one row is read as: nothing named: `row`; one mapped struct: that; else a tuple.
template <class... T>
struct row_type {
  using type = std::tuple<T...>;
};
template <>
struct row_type<> {
  using type = row;
};
template <mapped T>
struct row_type<T> {
  using type = T;
};
template <class... T>
using row_t = typename row_type<T...>::type;

namespace detail {

/// Cells to an R; what can be settled once for a result is settled in the constructor.
template <class R>
class reader;

template <>
class reader<row> {
 public:
  explicit reader(heading_ptr h) noexcept : heading_(std::move(h)) {}
  row operator()(std::vector<value>& values) const {
    auto const width = values.size();
    return {std::make_shared<cells const>(heading_, std::exchange(values, {})), 0, width};
  }

 private:
  heading_ptr heading_;
};

template <class... T>
class reader<std::tuple<T...>> {
 public:
  explicit reader(heading_ptr const& h) {
    if (h->columns.size() != sizeof...(T)) wrong_width(h->columns.size(), sizeof...(T));
  }
  std::tuple<T...> operator()(std::vector<value>& cells) const { return read(cells, std::index_sequence_for<T...>{}); }

 private:
  template <std::size_t... I>
  static std::tuple<T...> read(std::vector<value> const& cells, std::index_sequence<I...> /*positions*/) {
    return std::tuple<T...>{read_as<T>(cells[I])...};
  }
};

template <mapped T>
class reader<T> {
 public:
  explicit reader(heading_ptr const& h) {
    each([&](auto const& f, std::size_t i) {
      positions_[i] = h->find(f.column);
      if (!positions_[i] && !optional_of<member_of<decltype(f)>>::value) no_such_column(f.column);
    });
  }
  T operator()(std::span<value const> cells) const {
    T made{};
    each([&](auto const& f, std::size_t i) {
      if (positions_[i]) made.*f.member = read_as<member_of<decltype(f)>>(cells[*positions_[i]]);
    });
    return made;
  }

 private:
  template <class F>
  using member_of = std::decay_t<decltype(std::declval<T&>().*std::declval<F>().member)>;
  static constexpr std::size_t count = std::tuple_size_v<std::decay_t<decltype(mapping<T>::columns)>>;
  template <class Work>
  static void each(Work&& work) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (work(std::get<I>(mapping<T>::columns), I), ...); }(std::make_index_sequence<count>{});
  }
  std::array<std::optional<std::size_t>, count> positions_{};
};

}  // namespace detail

template <mapped T>
T row::as() const {
  auto const values = of_ ? std::span(of_->values).subspan(first_, width_) : std::span<value const>{};
  return detail::reader<T>(heading() != nullptr ? of_->heading : std::make_shared<detail::heading const>())(values);
}

/// A whole result. Owns its data, outlives everything it came from. Immutable, cheap to copy, safe to share between threads.
template <class R>
class rows {
 public:
  using value_type = R;
  using const_iterator = R const*;

  /// Made by Grille: all that is left of `c`.
  explicit rows(detail::cursor& c) : heading_(c.heading()) {
    auto all = std::make_shared<std::vector<R>>();
    all->reserve(c.at_hand());
    if constexpr (std::same_as<R, row>) {  // one array for the cells of all
      auto const cells = std::make_shared<detail::cells>(heading_);
      auto& values = cells->values;
      values.reserve(c.at_hand() * (heading_->columns.size() + heading_->marks));
      for (std::size_t first = 0; c.append(values); first = values.size()) all->emplace_back(cells, first, values.size() - first);
    } else {
      detail::reader<R> const read(heading_);
      for (std::vector<value> cells; c.next(cells);) all->push_back(read(cells));
    }
    all_ = std::move(all);
    affected_ = c.affected().value_or(0);
  }

  const_iterator begin() const noexcept { return all_->data(); }
  const_iterator end() const noexcept { return all_->data() + all_->size(); }
  std::size_t size() const noexcept { return all_->size(); }
  bool empty() const noexcept { return all_->empty(); }
  R const& operator[](std::size_t index) const {
    if (index >= size()) detail::no_such_cell(index, size());
    return (*all_)[index];
  }
  std::span<column_info const> columns() const noexcept { return heading_->columns; }
  /// Whether a predicate of a policy was applied; not whether rows fell to it.
  bool filtered() const noexcept { return heading_->filtered; }
  /// Of those asked for by `select`, the projection that was taken; else empty.
  std::string_view projection() const noexcept { return heading_->projection; }
  /// How many rows a write wrote, of which those that the caller may see were returned.
  std::uint64_t affected() const noexcept { return affected_; }

 private:
  detail::heading_ptr heading_;
  std::uint64_t affected_{};
  std::shared_ptr<std::vector<R> const> all_;
};

/// A result one row at a time, in bounded memory. Move-only; belongs to the thread of its session. Once the session is gone,
/// the next step throws `usage`.
template <class R>
class stream {
  struct state {
    std::unique_ptr<detail::cursor> cursor;
    detail::reader<R> read;
    std::vector<value> cells{};
    std::optional<R> current{};
    bool started{};
    void advance() {
      current.reset();
      if (cursor->next(cells)) current.emplace(read(cells));
    }
  };

 public:
  class iterator {
   public:
    using value_type = R;
    using difference_type = std::ptrdiff_t;
    R const& operator*() const noexcept { return *state_->current; }
    R const* operator->() const noexcept { return &*state_->current; }
    iterator& operator++() {
      state_->advance();
      return *this;
    }
    void operator++(int) { state_->advance(); }
    bool operator==(std::default_sentinel_t /*end*/) const noexcept { return !state_->current; }

   private:
    friend class stream;
    explicit iterator(state* s) noexcept : state_(s) {}
    state* state_;
  };

  /// Made by Grille.
  explicit stream(std::unique_ptr<detail::cursor> c) {
    detail::reader<R> read(c->heading());
    state_ = std::make_unique<state>(state{std::move(c), std::move(read)});
  }

  /// Steps to the first row when called first; there is no way back.
  iterator begin() {
    if (!std::exchange(state_->started, true)) state_->advance();
    return iterator(state_.get());
  }
  std::default_sentinel_t end() const noexcept { return {}; }
  std::span<column_info const> columns() const noexcept { return state_->cursor->heading()->columns; }
  bool filtered() const noexcept { return state_->cursor->heading()->filtered; }

 private:
  std::unique_ptr<state> state_;
};

}  // namespace grille
