// pgbouncer in front of the tests' server, in transaction mode with one server process for everybody: what one client leaves on it, the next
// one finds. Guaranteed: it ends with this object, or with this process.
#pragma once
#include <sys/types.h>

#include <string>

namespace testing_postgres {

class proxy {
 public:
  explicit proxy(std::string const& database);
  proxy(proxy const&) = delete;
  proxy& operator=(proxy const&) = delete;
  ~proxy();
  std::string conninfo() const;

 private:
  std::string database_;
  std::string folder_;
  pid_t pid_{-1};
};

}  // namespace testing_postgres
