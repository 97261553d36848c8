// What a statement answers, as texts. Enters: a statement and its parameters, as texts. Leaves: rows as "a|b|", or why there are none.
#pragma once
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "grille/grille.hpp"
#include "postgres/statements.hpp"

namespace answers {

using rows = std::vector<std::string>;

/// Of the server itself, on the tables of the schema `seen` before all others.
inline rows plainly(pqxx::connection& c, std::string const& sql, std::vector<std::string> const& parameters = {}) {
  pqxx::work w(c);
  w.exec("set search_path = seen, public");
  rows all;
  try {
    for (auto const& row : testing_postgres::run(w, sql, parameters)) {
      all.emplace_back();
      for (auto const& f : row) all.back() += std::string(f.is_null() ? "~" : f.c_str()) + "|";
    }
  } catch (pqxx::sql_error const& e) {
    return {"failed: " + std::string(e.what())};
  }
  return all;
}

inline std::string text_of(grille::value const& v) {
  if (v.null()) return "~";
  if (auto const* n = std::get_if<std::int64_t>(&v.data())) return std::to_string(*n);
  if (auto const* b = std::get_if<bool>(&v.data())) return *b ? "t" : "f";
  if (auto const* n = std::get_if<grille::numeric>(&v.data())) return n->text;
  if (auto const* j = std::get_if<grille::json>(&v.data())) return j->text;
  return v.as<std::string>();
}

/// Through a session.
inline rows through(grille::session& s, std::string const& sql, std::vector<std::string> const& parameters = {}) {
  rows all;
  try {
    auto const run = [&] {
      switch (parameters.size()) {
        case 0: return s.query(sql);
        case 1: return s.query(sql, parameters[0]);
        default: return s.query(sql, parameters[0], parameters[1]);
      }
    };
    for (auto const& row : run()) {
      all.emplace_back();
      for (std::size_t i = 0; i < row.size(); ++i) all.back() += text_of(row[i].get()) + "|";
    }
  } catch (grille::error const& e) {
    return {std::string(to_string(e.kind())) + ": " + e.what()};
  }
  return all;
}

}  // namespace answers
