// The proof of what a write on PostgreSQL returns. Enters: the printed step, and what was proven of the others. Leaves: a proof, or a refusal.
// Demanded: it reads W once, in the place of the table, and is proven as any query over the table. Beside that it may read S once, row by row
// by the whole key: then for no more than columns that are the caller's own, whose types are known from the query that collects.
#pragma once
#include <string>
#include <vector>

#include "verify/children.hpp"
#include "verify/write_proof.hpp"

namespace grille::verify {

/// Whether a table, or a view of it however far, is read.
class readers final : public passage {
 public:
  readers(catalog::table const& t, catalog::catalog const& all);
  bool found(bound::query const& q);

 private:
  using passage::enter;
  bool has(std::string const& name) const;
  bool enter(bound::relation const& r) override;
  bool enter(bound::expr const&) override { return true; }

  catalog::catalog const& catalog_;
  std::vector<std::string> names_;
  bool found_{};
};

class result_proof : public step_reader {
 public:
  /// A step that reads no S.
  proof result(write_step& s);

 protected:
  result_proof(printed_write& what, policy::access const& who, grille::method m, std::string const& written)
      : step_reader(who, what), what_(what), table_(*what.table), method_(m), written_(catalog::written_rows(table_, written)),
        readers_(table_, *who.policy().catalog) {}

  /// Leaves: how many columns of S, from the first, it takes for the caller's.
  base::result<unsigned> read_result(write_step& s);
  bool reads_rows() const { return s_ != nullptr; }
  /// Of what was read. `types`: of the columns of S.
  proof prove_result(std::vector<unsigned> const& places, std::vector<std::string> const& types);

  printed_write& what_;
  catalog::table const& table_;
  method method_;
  catalog::table rows_{}, written_;
  readers readers_;
  std::vector<unsigned> key_;

 private:
  bound::statement* read_{};
  bound::select* select_{};
  bound::relation* t_{};  // around the guard of W
  bound::relation* s_{};  // null: S is not read
};

}  // namespace grille::verify
