#include "layering/layering.hpp"
#include "own_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(layering, this_tree_has_only_the_arrows_of_its_table) { EXPECT_THAT(layering::violations(GRILLE_SOURCE_DIR), IsEmpty()); }

TEST(layering, the_table_is_read_with_all_its_rows) {
  auto const t = layering::read_table("grille_layer(base EXTERNAL fmt::fmt)\ngrille_layer(up DIR top DEPS base\n  mid)\n# grille_layer(not)\n");
  ASSERT_EQ(t.size(), 2U);
  EXPECT_EQ(t.at("base").folder, "src/base");
  EXPECT_THAT(t.at("base").external, ElementsAre("fmt::fmt"));
  EXPECT_EQ(t.at("up").folder, "top");
  EXPECT_THAT(t.at("up").may_include, ElementsAre("base", "mid"));
}

// A small tree in which one fault at a time is planted: the check must see each of them.
class planted : public testing::Test {
 protected:
  void SetUp() override {
    root_ = own_folder("layering");
    fs::remove_all(root_);
    write("CMakeLists.txt", "grille_layer(low)\ngrille_layer(grammar DIR grammar DEPS low)\ngrille_layer(high DEPS low EXTERNAL SQLite::SQLite3)\n");
    write("include/grille/error.hpp", "#include <string>\n");
    write("include/grille/session.hpp", "#include \"grille/error.hpp\"\n");
    write("src/low/a.hpp", "#include <vector>\n#include \"grille/error.hpp\"\n");
    write("src/high/b.cpp", "#include \"low/a.hpp\"\n#include <sqlite3.h>\n");
    write("grammar/c.cpp", "#include <boost/spirit/home/x3.hpp>\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(fs::path const& file, std::string const& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  std::vector<std::string> violations() const { return layering::violations(root_); }

 private:
  fs::path root_;
};

TEST_F(planted, nothing_is_reported_where_nothing_is_wrong) { EXPECT_THAT(violations(), IsEmpty()); }
TEST_F(planted, an_arrow_that_the_table_lacks) {
  write("src/low/a.cpp", "#include \"high/b.hpp\"\n");
  write("src/high/b.hpp", "");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("src/low/a.cpp:1: low may not include high/b.hpp")));
}
TEST_F(planted, a_cycle_in_the_table) {
  write("CMakeLists.txt", "grille_layer(low DEPS high)\ngrille_layer(grammar DIR grammar DEPS low)\ngrille_layer(high DEPS low EXTERNAL SQLite::SQLite3)\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("cycle of layers")));
}
TEST_F(planted, a_cycle_of_files) {
  write("src/low/x.hpp", "#include \"low/y.hpp\"\n");
  write("src/low/y.hpp", "#include \"low/x.hpp\"\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("cycle of files")));
}
TEST_F(planted, boost_outside_of_the_grammar) {
  write("src/low/x.cpp", "  #  include <boost/variant.hpp>\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("Boost stays inside grammar/")));
}
TEST_F(planted, an_engine_in_a_layer_that_does_not_link_it) {
  write("src/low/x.cpp", "#include <sqlite3.h>\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("does not link SQLite::SQLite3")));
}
TEST_F(planted, a_public_header_that_shows_the_inside) {
  write("include/grille/rows.hpp", "#include \"low/a.hpp\"\n#include <sqlite3.h>\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("only each other"), HasSubstr("std only")));
}
TEST_F(planted, a_layer_that_looks_up_to_the_session) {
  write("src/low/x.cpp", "#include \"grille/session.hpp\"\n");
  EXPECT_THAT(violations(), ElementsAre(HasSubstr("no arrow low -> public")));
}
TEST_F(planted, a_folder_without_a_row_and_a_file_that_is_not_there) {
  write("src/stray/x.cpp", "");
  write("src/low/x.cpp", "#include \"low/gone.hpp\"\n");
  EXPECT_THAT(violations(), Contains(HasSubstr("src/stray/x.cpp: in no layer")));
  EXPECT_THAT(violations(), Contains(HasSubstr("no such file")));
}

}  // namespace
