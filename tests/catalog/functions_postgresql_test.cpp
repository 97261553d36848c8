// What must never come into PostgreSQL's allow-list, whoever deepens it, and that names are compared as folded.
#include <gmock/gmock.h>

#include "catalog/function.hpp"

namespace grille::catalog {
namespace {

TEST(functions_postgresql, nothing_that_reads_settings_catalogues_files_sequences_or_runs_text) {
  for (auto const& f : functions(dialect::postgresql)) {
    for (auto const* prefix :
         {"pg_",       "lo_",         "has_",      "inet_",    "to_reg",      "txid_",   "ts_stat", "ts_rewrite", "ts_debug", "ts_parse", "ts_lexize", "ts_token", "get_current_ts", "query_",  "table_to",
          "schema_to", "database_to", "cursor_to", "current_", "dblink",      "xml",     "currval", "nextval", "setval",
          "lastval",   "set_",        "session_",  "version"})
      EXPECT_FALSE(f.name.starts_with(prefix)) << f.name;
  }
  auto const* const substring = find_function(dialect::postgresql, "substring", 2);
  ASSERT_NE(substring, nullptr);
  EXPECT_TRUE(substring->can_raise) << "of two texts it is a regular expression";
}

TEST(functions_postgresql, names_are_compared_as_folded) {
  EXPECT_TRUE(knows_function(dialect::postgresql, "lower"));
  EXPECT_FALSE(knows_function(dialect::postgresql, "LOWER")) << "a quoted name is another function";
}

TEST(functions_postgresql, no_division_logarithm_or_conversion_is_total) {
  for (auto const* name :
       {"abs", "chr", "div", "exp", "ln", "log", "mod", "power", "round", "sqrt", "sum", "make_date", "repeat", "ntile", "split_part"})
    for (auto const& f : functions(dialect::postgresql))
      if (f.name == name) {
        EXPECT_TRUE(f.can_raise) << name;
      }
  EXPECT_TRUE(find_function(dialect::postgresql, "string_agg", 2)->reads_order);
  EXPECT_FALSE(find_function(dialect::postgresql, "clock_timestamp", 0)->deterministic);
  EXPECT_TRUE(find_function(dialect::postgresql, "now", 0)->deterministic);
}

}  // namespace
}  // namespace grille::catalog
