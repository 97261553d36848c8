// tpch_generate SCALE FOLDER: writes schema.sql and a TABLE.tsv for each table. Then, in psql: \i schema.sql and \copy TABLE from
// 'TABLE.tsv'.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "tpch/generate.hpp"

int main(int argc, char** argv) {
  char* end = nullptr;
  double const scale = argc == 3 ? std::strtod(argv[1], &end) : 0;
  if (argc != 3 || *end != '\0' || !(scale > 0)) {
    std::fputs("usage: tpch_generate SCALE FOLDER   (scale 1 is about a gigabyte)\n", stderr);
    return 1;
  }
  std::filesystem::path const folder = argv[2];
  std::filesystem::create_directories(folder);
  std::ofstream schema(folder / "schema.sql");
  std::map<std::string, std::ofstream, std::less<>> files;
  for (auto const& t : tpch::tables()) {
    schema << "create table " << t.name << " (" << t.columns << ", primary key (" << t.key << "));\n";
    files.emplace(t.name, folder / (std::string(t.name) + ".tsv"));
  }
  tpch::generate(scale, [&](std::string_view table, std::string const& row) { files.find(table)->second << row << '\n'; });
  bool good = schema.flush().good();
  for (auto& [name, file] : files) good = file.flush().good() && good;
  if (!good) std::fprintf(stderr, "cannot write all of %s\n", folder.c_str());
  return good ? 0 : 1;
}
