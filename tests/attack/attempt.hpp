// A case, tried. Enters: a block, one of its callers, a database under the policy. Leaves: nothing where all that the block demands
// holds, else what does not.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "cases/guarded.hpp"
#include "cases/seen.hpp"

namespace attack {

/// A world's database under a policy.
class guarded_world {
 public:
  guarded_world(cases::world const& w, std::string const& policy, cases::caller const* changed = nullptr);
  cases::outcome ask(cases::caller const& c, cases::block const& b, std::string const& sql) const;
  /// The database has not changed since it was made.
  bool untouched();
  cases::scratch_file const& file() const { return *file_; }

 private:
  std::unique_ptr<cases::scratch_file> file_;
  cases::raw_database raw_;
  std::string original_;
  std::unique_ptr<grille::sqlite::database> database_;
};

/// All databases that the cases of one world need, each made when it is first asked for.
class stage {
 public:
  /// With `policy`, that text in place of the world's.
  explicit stage(std::string const& world_name, std::string policy = {});
  /// Empty, or what is wrong.
  std::string verdict(cases::block const& b, std::string const& caller_name);
  cases::world const& world() const { return world_; }

 private:
  guarded_world& before();
  guarded_world& after(cases::caller const& c);
  cases::raw_database& seen(cases::caller const& c);
  std::string expected_rows(cases::block const& b, cases::caller const& c, cases::outcome const& got);
  std::string refusal_as_expected(cases::block const& b, cases::caller const& c, cases::outcome const& got);

  cases::world world_;
  std::string policy_;
  std::unique_ptr<guarded_world> before_;
  std::map<std::string, std::unique_ptr<guarded_world>> after_;
  std::map<std::string, cases::raw_database> seen_;
};

}  // namespace attack
