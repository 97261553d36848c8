// Data for the TPC-H queries, made here: the tables, keys and distributions of the specification's chapter 4 (tpc.org), with a generator of
// random numbers and texts of our own, so rows are not those of dbgen and published answers do not apply. Enters: a scale factor; 1 is
// about 8.7 million rows. Leaves: rows as text for PostgreSQL's `copy`, fields parted by tabs, the same ones wherever it runs.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tpch {

struct table {
  std::string_view name;
  std::string_view columns;  // definitions, as in `create table NAME (…)`, without keys
  std::string_view key;      // columns of the primary key
};
/// All eight, in an order in which each refers to earlier ones only.
std::vector<table> const& tables();

/// Calls `put` with each row, without a line end; rows of `orders` and `lineitem` come in turns.
void generate(double scale, std::function<void(std::string_view table, std::string const& row)> const& put);

}  // namespace tpch
