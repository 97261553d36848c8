// What a caller is told of a random write, on either engine, as text that compares. Enters: a database, a statement. Leaves: the refusal, or how many rows
// were written and, where it says `returning`, which it was given.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

#include "cases/raw_database.hpp"
#include "grille/grille.hpp"
#include "write/random_rules.hpp"

namespace random_writes {

struct told {
  std::string error;  // kind, message and help
  std::uint64_t affected{};
  strings rows;  // in the order of their text
  friend bool operator==(told const&, told const&) = default;
};
inline std::string to_text(told const& t) {
  if (!t.error.empty()) return t.error;
  auto out = std::to_string(t.affected) + " written";
  for (auto const& row : t.rows) out += "\n  " + row;
  return out;
}
/// What `work` of a session, that caller's, comes to.
template <class Work>
told ask(grille::database const& db, grille::principal const& who, Work&& work) {
  try {
    auto session = db.session(who);
    return work(session);
  } catch (grille::error const& e) {
    return {std::string(to_string(e.kind())) + ": " + e.what() + "; " + std::string(e.help()), 0, {}};
  }
}
inline told ask(grille::database const& db, std::string const& sql, grille::principal const& who = grille::principal("c").role("caller")) {
  return ask(db, who, [&](grille::session& session) -> told {
    if (sql.find(" returning ") == std::string::npos) return {{}, session.execute(sql), {}};
    auto const rows = session.query(sql);
    told out{{}, rows.affected(), {}};
    for (auto const& row : rows) {
      auto& line = out.rows.emplace_back();
      for (std::size_t i = 0; i < rows.columns().size(); ++i) line += (i > 0 ? " " : "") + cases::spell(row[i].get());
    }
    std::ranges::sort(out.rows);
    return out;
  });
}

}  // namespace random_writes
