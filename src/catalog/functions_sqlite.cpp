// SQLite's functions that may be called, as of 3.40 with the math functions. tests/catalog asks the engine itself: each row exists there,
// every built-in that is missing here is refused on purpose, and no row that is marked `total` fails on any extreme argument.
//
// `raises`: fails on some argument (json, abs, sum, ntile), or makes a result that grows beyond its arguments (format, replace,
// hex) and so fails at SQLITE_LIMIT_LENGTH or eats the memory below it. `varies`: the current time may differ between two
// rows of one statement, https://www.sqlite.org/lang_datefunc.html section 3 ("within the same sqlite3_step() call").
#include "catalog/function_tables.hpp"

namespace grille::catalog {

namespace {

using enum function_kind;
constexpr bool total = false;
constexpr bool raises = true;
constexpr bool fixed = true;
constexpr bool varies = false;
constexpr bool ordered = true;
constexpr int any_number = -1;

constexpr function rows[] = {
    {"abs", 1, 1, scalar, raises},  // of the least integer
    {"acos", 1, 1, scalar, total},
    {"acosh", 1, 1, scalar, total},
    {"asin", 1, 1, scalar, total},
    {"asinh", 1, 1, scalar, total},
    {"atan", 1, 1, scalar, total},
    {"atan2", 2, 2, scalar, total},
    {"atanh", 1, 1, scalar, total},
    {"avg", 1, 1, aggregate, total},
    {"ceil", 1, 1, scalar, total},
    {"ceiling", 1, 1, scalar, total},
    {"char", 0, any_number, scalar, total},  // at most 4 bytes an argument
    {"coalesce", 2, any_number, scalar, total},
    {"cos", 1, 1, scalar, total},
    {"cosh", 1, 1, scalar, total},
    {"count", 0, 1, aggregate, total},
    {"cume_dist", 0, 0, window, total},
    {"date", 0, any_number, scalar, total, varies},
    {"datetime", 0, any_number, scalar, total, varies},
    {"degrees", 1, 1, scalar, total},
    {"dense_rank", 0, 0, window, total},
    {"exp", 1, 1, scalar, total},
    {"first_value", 1, 1, window, total, fixed, ordered},
    {"floor", 1, 1, scalar, total},
    {"format", 0, any_number, scalar, raises},  // takes the memory, then gives NULL beyond the limit
    {"glob", 2, 2, scalar, raises},             // a pattern beyond SQLITE_LIMIT_LIKE_PATTERN_LENGTH
    {"group_concat", 1, 2, aggregate, raises, fixed, ordered},
    {"hex", 1, 1, scalar, raises},
    {"ifnull", 2, 2, scalar, total},
    {"iif", 3, 3, scalar, total},
    {"instr", 2, 2, scalar, total},
    {"json", 1, 1, scalar, raises},
    {"json_array", 0, any_number, scalar, raises},
    {"json_array_length", 1, 2, scalar, raises},
    {"json_each", 1, 2, table, raises},
    {"json_extract", 0, any_number, scalar, raises},
    {"json_group_array", 1, 1, aggregate, raises, fixed, ordered},
    {"json_group_object", 2, 2, aggregate, raises, fixed, ordered},
    {"json_insert", 0, any_number, scalar, raises},
    {"json_object", 0, any_number, scalar, raises},
    {"json_patch", 2, 2, scalar, raises},
    {"json_quote", 1, 1, scalar, raises},
    {"json_remove", 0, any_number, scalar, raises},
    {"json_replace", 0, any_number, scalar, raises},
    {"json_set", 0, any_number, scalar, raises},
    {"json_tree", 1, 2, table, raises},
    {"json_type", 1, 2, scalar, raises},
    {"json_valid", 1, 1, scalar, total},
    {"julianday", 0, any_number, scalar, total, varies},
    {"lag", 1, 3, window, total, fixed, ordered},
    {"last_value", 1, 1, window, total, fixed, ordered},
    {"lead", 1, 3, window, total, fixed, ordered},
    {"length", 1, 1, scalar, total},
    {"like", 2, 3, scalar, raises},  // a long pattern, an escape that is not one character
    {"likely", 1, 1, scalar, total},
    {"ln", 1, 1, scalar, total},
    {"log", 1, 2, scalar, total},
    {"log10", 1, 1, scalar, total},
    {"log2", 1, 1, scalar, total},
    {"lower", 1, 1, scalar, total},
    {"ltrim", 1, 1, scalar, total},
    {"ltrim", 2, 2, scalar, raises},  // takes nine bytes a character of its second argument
    {"max", 1, 1, aggregate, total},
    {"max", 2, any_number, scalar, total},
    {"min", 1, 1, aggregate, total},
    {"min", 2, any_number, scalar, total},
    {"mod", 2, 2, scalar, total},
    {"nth_value", 2, 2, window, raises, fixed, ordered},  // the number is not positive
    {"ntile", 1, 1, window, raises, fixed, ordered},      // the same
    {"nullif", 2, 2, scalar, total},
    {"percent_rank", 0, 0, window, total},
    {"pi", 0, 0, scalar, total},
    {"pow", 2, 2, scalar, total},
    {"power", 2, 2, scalar, total},
    {"printf", 0, any_number, scalar, raises},
    {"quote", 1, 1, scalar, raises},
    {"radians", 1, 1, scalar, total},
    {"random", 0, 0, scalar, total, varies},
    {"randomblob", 1, 1, scalar, raises, varies},
    {"rank", 0, 0, window, total},
    {"replace", 3, 3, scalar, raises},
    {"round", 1, 2, scalar, total},
    {"row_number", 0, 0, window, total, fixed, ordered},
    {"rtrim", 1, 1, scalar, total},
    {"rtrim", 2, 2, scalar, raises},
    {"sign", 1, 1, scalar, total},
    {"sin", 1, 1, scalar, total},
    {"sinh", 1, 1, scalar, total},
    {"soundex", 1, 1, scalar, total},
    {"sqrt", 1, 1, scalar, total},
    {"strftime", 0, any_number, scalar, raises, varies},  // the result is up to eight times the format
    {"substr", 2, 3, scalar, total},
    {"substring", 2, 3, scalar, total},
    {"sum", 1, 1, aggregate, raises},  // integer overflow
    {"tan", 1, 1, scalar, total},
    {"tanh", 1, 1, scalar, total},
    {"time", 0, any_number, scalar, total, varies},
    {"total", 1, 1, aggregate, total},
    {"trim", 1, 1, scalar, total},
    {"trim", 2, 2, scalar, raises},
    {"trunc", 1, 1, scalar, total},
    {"typeof", 1, 1, scalar, total},
    {"unicode", 1, 1, scalar, total},
    {"unixepoch", 0, any_number, scalar, total, varies},
    {"unlikely", 1, 1, scalar, total},
    {"upper", 1, 1, scalar, total},
    {"zeroblob", 1, 1, scalar, raises},
};
static_assert(well_formed(rows));

}  // namespace

std::span<function const> sqlite_functions() noexcept { return rows; }

}  // namespace grille::catalog
