// Two schemas of one PostgreSQL database for one sqllogictest file: one as the file makes it, and one in which every table has an extra
// column and, among the file's rows, decoys that the policy hides. Enters: the file's statements. Leaves: answers of the first by plain
// PostgreSQL and of the second through Grille. As tests/decoy does it on SQLite; the tables here are of integers and have no keys.
//
// Decoys of a row: the same row again, a row of NULLs, rows of extremes, and a row of zeros, for what divides by it.
#pragma once
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "decoy/logic_file.hpp"
#include "grille/grille.hpp"
#include "grille/postgres.hpp"
#include "postgres/server.hpp"

namespace decoy::postgres {

/// How the generated policy says which rows the caller may see.
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
  /// False where PostgreSQL refuses it.
  bool execute(std::string const& sql);
  /// @throws pqxx::sql_error
  table clean_answer(std::string const& sql);
  /// @throws grille::error as Grille does.
  table guarded_answer(std::string const& sql);
  std::size_t decoys();

 private:
  struct file_table {
    std::string name;
    std::vector<std::string> columns;
    std::vector<bool> texts;  // of each
    bool has_keys{};
  };
  void mirror();
  std::string policy() const;

  shape shape_;
  testing_postgres::database db_;
  pqxx::connection clean_;
  std::vector<file_table> tables_;
  bool mirrored_{};
  std::unique_ptr<grille::postgres::database> database_;
  std::unique_ptr<grille::session> session_;
};

}  // namespace decoy::postgres
