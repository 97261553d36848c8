// Two databases for one sqllogictest file: one as the file makes it, and one in which every table has an extra column and, among the
// file's rows, decoys that the policy hides. Enters: the file's statements. Leaves: answers of the first by plain SQLite and of the
// second through Grille.
//
// Decoys of a row: the same row again, a row of NULLs, a row of extremes, and the row with its keys changed; where keys forbid one, the
// others stand. A view over poisoned tables would show decoys to its readers, who are not asked by its own name: views are made in the
// first database only, so that statements on them count as refused.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cases/raw_database.hpp"
#include "decoy/logic_file.hpp"
#include "grille/grille.hpp"

namespace decoy {

/// How the generated policy says which rows the caller may see. Each takes another way through the rewriting.
enum class shape {
  flag,        // one grant, on the extra column
  grants,      // two grants with half of the rows each
  exists,      // a subquery on another table
  cells,       // the flag; every column but the first is granted by a second grant of the same rows
  restricted,  // a grant of all rows, and a restriction
  none         // sabotage: everything is shown
};
std::string_view name(shape s);

class poisoned {
 public:
  explicit poisoned(shape s);
  /// Runs a statement of the file on the clean database and brings the other into line. False where SQLite refuses it.
  bool execute(std::string const& sql);
  table clean_answer(std::string const& sql) { return clean_.values(sql); }
  /// @throws grille::error as Grille does.
  table guarded_answer(std::string const& sql);
  std::size_t decoys() const { return decoys_; }

 private:
  struct file_table {
    std::string name;
    std::vector<std::string> columns, keys;
    bool unique{};
  };
  void mirror_schema();
  void mirror_rows(file_table const& t);
  file_table described(std::string const& name);
  std::string policy() const;
  grille::session& session();

  shape shape_;
  cases::scratch_file file_{"decoy"};
  cases::raw_database clean_;
  cases::raw_database raw_{file_.path()};
  std::vector<file_table> tables_;
  std::vector<std::vector<std::string>> known_schema_;  // type, name and definition of each object that was mirrored
  std::vector<std::string> mirrored_;                   // each table's rows when it was last mirrored
  std::size_t decoys_{};
  std::unique_ptr<grille::sqlite::database> database_;
  std::unique_ptr<grille::session> session_;
};

}  // namespace decoy
