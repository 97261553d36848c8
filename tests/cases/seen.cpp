#include "cases/seen.hpp"

namespace cases {

void fill(world const& w, std::filesystem::path const& file, caller const* changed) {
  raw_database db(file);
  db.run("begin;" + w.schema + (changed == nullptr ? std::string() : changed->unseen) + ";commit;");
}

raw_database seen_by(caller const& c, std::filesystem::path const& file) {
  raw_database db;
  db.run("attach " + spell_text(file.string()) + " as raw");
  db.run("begin;" + c.sees + ";commit;");
  db.run("detach raw");
  return db;
}

}  // namespace cases
