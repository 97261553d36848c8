// Uses the library as a stranger would: by its public headers alone.
#include <grille/grille.hpp>

#include <iostream>

int main() try {
  auto const policies = grille::policy_set::parse(
      "policy p version 1; role reader from group 'readers'; protects t; principal has n integer;"
      "allow reader to select (a) on t where a = principal.n;",
      "p.grille");
  grille::database const db(grille::schema::parse("create table t(a integer, b text)"), policies);
  auto const who = grille::principal("x").group("readers").with("n", 7);
  auto const sent = db.rewrite(who, "select * from t");
  std::cout << sent.sql << '\n';
  grille::sqlite::database const empty(":memory:", grille::policy_set::parse("policy p version 1;", "p.grille"));
  auto const one = empty.session(who).query_value<int>("select ?", 1);
  return sent.columns.size() == 1 && sent.parameters.size() == 1 && one == 1 ? 0 : 1;
} catch (grille::error const& e) {
  std::cerr << e.render() << '\n';
  return 1;
}
