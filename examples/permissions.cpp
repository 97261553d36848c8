// Who may do what, per resource and method, as groups and users hold it: derived from the schema and the policy, never listed by hand.
// What a user may do is all that its groups and roles may.
//   permissions DATABASE POLICY
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bookstore.hpp"

namespace {

std::string_view name_of(grille::method m) {
  using grille::method;
  switch (m) {
    case method::select: return "select";
    case method::insert: return "insert";
    case method::update: return "update";
    case method::remove: return "delete";
    case method::purge: return "purge";
    case method::filter: return "filter";
    case method::aggregate: return "aggregate";
  }
  return "";
}

/// Everybody that the policy speaks of: nobody in particular, each group, a user, and somebody who is several of these.
std::vector<bookstore::caller> holders() {
  using grille::principal;
  auto const member = [](std::string const& group) { return principal("any-" + group).with("user_id", 0).group(group); };
  return {
      {"everybody", principal::anonymous()},
      {"group customers", member("customers")},
      {"group helpdesk", member("helpdesk")},
      {"group business-analysis", member("business-analysis")},
      {"group it-operations", member("it-operations")},
      {"user u-1007", principal("u-1007").with("user_id", 1007)},
      {"merchant of shop 1", principal("m-1").with("user_id", 40).role("merchant", {{"shop_id", 1}})},
      {"merchant and customer", principal("m-2").with("user_id", 40).role("merchant", {{"shop_id", 1}}).group("customers")},
      {"merchant and contractor", principal("m-3").with("user_id", 40).role("merchant", {{"shop_id", 1}}).group("external-staff")},
  };
}

struct held {
  std::map<std::string, bool> columns;  // masked, by some way it is held
  bool filtered = true;                 // some rows only, by every way
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: permissions DATABASE POLICY\n";
    return 1;
  }
  auto const db = bookstore::open(argv[1], argv[2]);

  std::map<std::string, std::map<grille::method, std::map<std::string, held>>> matrix;
  for (auto const& [holder, principal] : holders())
    for (auto const& p : db.session(principal).permissions()) {
      auto& cell = matrix[p.resource][p.method][holder];
      cell.filtered = cell.filtered && p.filtered;
      if (!p.column.empty()) cell.columns[p.column] |= p.masked;
    }

  std::cout << "(* masked, in some rows or all; … only the rows that the policy says)\n";
  for (auto const& [resource, methods] : matrix) {
    std::cout << '\n' << resource << '\n';
    for (auto const& [method, by_holder] : methods)
      for (auto const& [holder, cell] : by_holder) {
        std::cout << "  " << name_of(method) << std::string(11 - name_of(method).size(), ' ') << holder << std::string(26 - holder.size(), ' ');
        auto const* before = "";
        for (auto const& [column, masked] : cell.columns) std::cout << std::exchange(before, ", ") << column << (masked ? "*" : "");
        std::cout << (cell.columns.empty() ? "rows" : "") << (cell.filtered ? " …" : "") << '\n';
      }
  }
} catch (grille::error const& e) {
  std::cerr << e.render() << '\n';
  return 1;
}
