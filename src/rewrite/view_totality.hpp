// PostgreSQL: what in a view can fail. Enters: the views' own queries. Leaves: by view, and by column of a view, the name of what could
// fail there. The server writes a view's query in its place, takes it apart as any query behind `from`, and computes its columns and asks its
// conditions wherever they are needed, so they are looked at as if a caller had written them.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "rewrite/totality.hpp"
#include "views/views.hpp"

namespace grille::rewrite {

class view_totality {
 public:
  explicit view_totality(views::trees const& all) : trees_(all) {}
  view_totality(view_totality const&) = delete;  // a totality points back at it
  view_totality& operator=(view_totality const&) = delete;

  /// In its conditions, joins and groups, and in the views and tables that it reads. Empty: nothing.
  std::string_view conditions(catalog::table const& view);
  /// In what the column is made of, or in the conditions: an equality among these has the server compute one of its sides for the other's.
  std::string_view column(catalog::table const& view, unsigned column);
  /// In any of its columns.
  std::string_view columns(catalog::table const& view);

  /// What of a view matters where only some of its rows are open.
  struct form {
    std::string_view unfit{};  // why it cannot be read as a table is; empty: it can
    bool leaves_out{};         // rows of its tables are not in it, of which the server may ask what is asked of it
    bool one_scan{true};       // each of its rows is one of one table: what is held at the scan is asked before anything else
  };
  form const& form_of(catalog::table const& view);

 private:
  struct one {
    std::unique_ptr<totality> total{};  // null: the view is not understood
    std::string_view conditions{};
    std::map<unsigned, std::string_view> columns{};
    std::optional<grille::rewrite::view_totality::form> form{};
  };
  one& of(catalog::table const& view);
  std::string_view look(bound::query& q, totality const& total);
  form look_at_form(catalog::table const& view);

  views::trees const& trees_;
  std::map<catalog::table const*, one> known_;
};

}  // namespace grille::rewrite
