// Cells that the policy withholds, told from those that are NULL: only where it was asked for.
#include <tuple>

#include "session/shop.hpp"

namespace {

using grille::errc;
using shop::failure;

class withheld : public shop::with_a_shop {
 protected:
  /// Anna, who is a merchant of shop 7 too: a row is hers as a buyer, or her shop's, or both.
  withheld() : database_(open()), session_(database_.session(shop::anna().role("merchant", {{"shop_id", 1}}))) {}
  grille::sqlite::database database_;
  grille::session session_;
};

TEST_F(withheld, tells_a_cell_of_no_grant_from_a_null) {
  auto const rows = session_.select("orders", grille::spec::all(), {.order = {{"id"}}, .mark_withheld = true});
  ASSERT_EQ(rows.size(), 4U);  // 1, 2 and 4 are hers, 1, 3 and 4 of her shop
  // `note` is shown to the buyer, `created_at` to the merchant
  auto const state = [&](std::size_t row, std::string_view column) {
    auto const cell = rows[row][column];
    return std::pair(cell.null(), cell.withheld());
  };
  EXPECT_EQ(state(0, "note"), std::pair(false, false));
  EXPECT_EQ(state(0, "created_at"), std::pair(false, false));
  EXPECT_EQ(state(1, "note"), std::pair(false, false));
  EXPECT_EQ(state(1, "created_at"), std::pair(true, true)) << "order 2 is of shop 7";
  EXPECT_EQ(state(2, "note"), std::pair(true, true)) << "order 3 is Bo's";
  EXPECT_EQ(state(2, "created_at"), std::pair(false, false));
  EXPECT_EQ(state(3, "total"), std::pair(true, false)) << "no total is stored in order 4";
  EXPECT_EQ(state(0, "id"), std::pair(false, false));
}

TEST_F(withheld, adds_no_column_that_is_seen) {
  auto const marked = session_.select("orders", grille::spec::all(), {.mark_withheld = true});
  auto const plain = session_.select("orders", grille::spec::all());
  EXPECT_EQ(marked.columns().size(), plain.columns().size());
  EXPECT_EQ(marked[0].size(), plain[0].size());
  EXPECT_EQ(failure([&] { std::ignore = marked[0][plain[0].size()]; }), failure([&] { std::ignore = plain[0][plain[0].size()]; }));
  EXPECT_NE(failure([&] { std::ignore = marked[0][plain[0].size()]; }), "nothing");
}

TEST_F(withheld, is_known_only_where_it_was_asked_for) {
  auto const rows = session_.select("orders", grille::spec::all());
  EXPECT_EQ(failure([&] { std::ignore = rows[0]["note"].withheld(); }), "usage: whether a cell is withheld was not asked for");
  auto const one = database_.session(shop::admin()).select("orders", grille::spec::all(), {.mark_withheld = true});
  EXPECT_FALSE(one[0]["note"].withheld()) << "nothing is withheld from the administrator";
}

}  // namespace
