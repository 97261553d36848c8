// Each word that either dialect knows, printed as a name in every place where a name can stand: both engines take it as a name.
#include <gtest/gtest.h>

#include <string>

#include "base/arena.hpp"
#include "engines.hpp"
#include "grammar/token.hpp"
#include "print/print.hpp"

namespace grille {
namespace {

std::string printed(std::string_view word, dialect d) {
  base::arena arena;
  ast::identifier const name{word, {}, false};
  ast::expr const e{ast::column_ref{arena.copy(std::span(&name, 1))}, {}, {}};
  return print::print(e, d);
}

// # is the name.
constexpr auto places = std::to_array<std::string_view>(
    {"select # from (select 1 as #) as #", "select #.# from (select 1 as #) as #", "with # (#) as (select 1 as #) select #.*, # + 1 from #",
     "select 1 as a from (select 1 as #) as x order by #",
     "select sum(#) over # from (select 1 as #) as x window # as (partition by # order by #)",
     "select sum(#) over (# order by #) from (select 1 as #) as x window # as (partition by #)",
     "select a.# from (select 1 as #) as a join (select 1 as #) as b using (#)",
     "select #, (#), not #, - #, # is null, # between # and #, # like # escape #, # in (#), case # when # then # else # end, cast(# as "
     "text) from (select '1' as #) as x",
     "select count(#), max(#) filter (where #) from (select true as #) as x group by # having #"});

std::string placed(std::string_view place, std::string const& name) {
  std::string out;
  for (char const c : place) c == '#' ? out += name : out += c;
  return out;
}

TEST(print_names, every_word_is_a_name_to_postgresql) {
  for (auto const& k : grammar::keywords)
    for (auto const place : places) {
      auto const always = oracle::postgresql_tree(placed(place, print::quote(k.word, dialect::postgresql)));
      auto const shown = placed(place, printed(k.word, dialect::postgresql));
      ASSERT_TRUE(always) << place;
      EXPECT_EQ(always, oracle::postgresql_tree(shown)) << shown;
    }
}

TEST(print_names, every_word_is_a_name_to_sqlite) {
  oracle::sqlite_database db;
  for (auto const& k : grammar::keywords)
    for (auto const place : places) {
      auto const always = db.ask(placed(place, print::quote(k.word, dialect::sqlite)), true);
      auto const shown = placed(place, printed(k.word, dialect::sqlite));
      if (!always.prepared) {  // SQLite itself does not take "true" and "false" behind a dot
        EXPECT_TRUE(k.word == "true" || k.word == "false") << k.word << ": " << always.error;
        continue;
      }
      auto const answer = db.ask(shown, true);
      EXPECT_EQ(always, answer) << shown << ": " << answer.error;
    }
}

}  // namespace
}  // namespace grille
