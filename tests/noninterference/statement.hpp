// Random queries over tables of which some may not be there. Enters: choices, the tables. Leaves: SQL text whose answer plain SQLite
// gives in one way only, but for the order of rows: limits are totally ordered, windows have no ties to break, sums are exact.
#pragma once
#include <string>
#include <vector>

#include "noninterference/tape.hpp"
#include "noninterference/world.hpp"

namespace noninterference {

class statement_writer {
 public:
  /// `seen`: the tables and columns that are there, of which most is made; `all`: those that may not be, for a try now and then.
  statement_writer(tape choices, std::vector<table> const& seen, std::vector<table> const& all)
      : t_(std::move(choices)), seen_(seen), all_(all) {}
  std::string statement();

 private:
  struct relation {
    std::string alias;
    std::vector<std::string> columns;
  };
  struct query {
    std::string sql;
    std::vector<std::string> columns;
  };
  using scope = std::vector<relation>;

  query compound(unsigned depth, std::size_t width);
  query select(unsigned depth, std::size_t width);
  std::string from(scope& into, unsigned depth);
  std::string source(relation& made, unsigned depth);
  std::string column();
  std::string literal();
  std::string expression(unsigned depth);
  std::string condition(unsigned depth);
  std::string subquery(unsigned depth, char const* item);
  std::string by_key();
  std::string aggregate(unsigned depth);
  std::string window(unsigned depth);
  std::string alias() { return "r" + std::to_string(++aliases_); }

  tape t_;
  std::vector<table> const &seen_, &all_;
  std::vector<relation> ctes_;
  std::vector<scope> scopes_;
  unsigned aliases_{};
};

}  // namespace noninterference
