// A child process without a shell. Enters: a program, its arguments, what it reads. Leaves: what it wrote, and its exit code.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace cli_test {

struct outcome {
  int code{};  // 128 + signal if it was killed
  std::string out, err;
};

/// Runs `arguments[0]` to its end. The input is written while the output is read, so neither can block the other.
outcome run(std::vector<std::string> const& arguments, std::string const& input = {});

/// A child that is talked to, a line at a time.
class conversation {
 public:
  explicit conversation(std::vector<std::string> const& arguments);
  ~conversation();
  conversation(conversation const&) = delete;
  conversation& operator=(conversation const&) = delete;
  void say(std::string const& line);
  /// The next line of its standard output; empty if none comes in time.
  std::string hear(std::chrono::milliseconds within);
  /// Ends it by SIGKILL, and gives all that it had written by then.
  std::string kill();
  /// Closes its input and waits for its exit code.
  int end();

 private:
  int child_{-1}, to_{-1}, from_{-1};
  std::string pending_;
};

}  // namespace cli_test
