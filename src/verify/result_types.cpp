// What PostgreSQL's aggregates, the window functions that number rows, and the functions that take times and texts apart are of: as its catalogue has them (pg_proc.prorettype). Enters: a name and
// the type of the argument that decides, as totals_postgresql.cpp names types. Leaves: the type of the result, empty where it is not known.
#include <array>

#include "verify/proof.hpp"

namespace grille::verify {

namespace {

struct result {
  std::string_view name, of, is;
};
constexpr std::array whatever_it_is_of{result{"bool_and", {}, "bool"},   result{"bool_or", {}, "bool"},         result{"count", {}, "int8"},
                                       result{"cume_dist", {}, "float8"}, result{"dense_rank", {}, "int8"},      result{"every", {}, "bool"},
                                       result{"percent_rank", {}, "float8"}, result{"rank", {}, "int8"},         result{"row_number", {}, "int8"}};
constexpr std::array by_argument{result{"avg", "float4", "float8"},   result{"avg", "float8", "float8"},   result{"avg", "int2", "numeric"},
                                 result{"avg", "int4", "numeric"},    result{"avg", "int8", "numeric"},    result{"avg", "numeric", "numeric"},
                                 result{"sum", "float4", "float4"},   result{"sum", "float8", "float8"},   result{"sum", "int2", "int8"},
                                 result{"sum", "int4", "int8"},       result{"sum", "int8", "numeric"},    result{"sum", "numeric", "numeric"}};
/// A date is a time of the zone to `date_trunc`.
constexpr std::array of_parts{result{"date", "timestamp", "date"},           result{"date", "timestamptz", "date"},           result{"date_part", "date", "float8"},
                              result{"date_part", "timestamp", "float8"},    result{"date_part", "timestamptz", "float8"},    result{"date_trunc", "date", "timestamptz"},
                              result{"date_trunc", "timestamp", "timestamp"}, result{"date_trunc", "timestamptz", "timestamptz"}, result{"extract", "date", "numeric"},
                              result{"extract", "timestamp", "numeric"},     result{"extract", "timestamptz", "numeric"},
                              result{"length", "text", "int4"},              result{"length", "varchar", "int4"}};
/// `min` and `max` are of what they are taken from, texts of either kind being `text`.
constexpr std::array of_its_own{result{{}, "bpchar", "bpchar"}, result{{}, "date", "date"},       result{{}, "float4", "float4"},       result{{}, "float8", "float8"},
                                result{{}, "int2", "int2"},     result{{}, "int4", "int4"},       result{{}, "int8", "int8"},           result{{}, "interval", "interval"},
                                result{{}, "numeric", "numeric"}, result{{}, "text", "text"},     result{{}, "timestamp", "timestamp"}, result{{}, "timestamptz", "timestamptz"},
                                result{{}, "varchar", "text"}};

}  // namespace

std::size_t deciding_argument(std::string_view function, std::size_t arguments) {
  bool const by_field = function == "date_trunc" || function == "date_part" || function == "extract";
  return by_field ? 1 : arguments == 1 ? 0 : arguments;
}

std::string_view type_of_result(std::string_view function, std::string_view argument) {
  for (auto const& r : whatever_it_is_of)
    if (r.name == function) return r.is;
  for (auto const& r : by_argument)
    if (r.name == function && r.of == argument) return r.is;
  for (auto const& r : of_parts)
    if (r.name == function && r.of == argument) return r.is;
  if (function == "min" || function == "max")
    for (auto const& r : of_its_own)
      if (r.of == argument) return r.is;
  return {};
}

}  // namespace grille::verify
