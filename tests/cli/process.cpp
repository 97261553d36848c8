#include "cli/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace cli_test {

namespace {

struct pipe_ends {
  int read{-1}, write{-1};
};
pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return {ends[0], ends[1]};
}

int start(std::vector<std::string> const& arguments, int in, int out, int err) {
  std::vector<char*> argv;
  for (auto const& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t child = 0;
  int const wrong = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (wrong != 0) throw std::runtime_error("cannot start " + arguments[0]);
  return child;
}

int wait_for(int child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// False at the end of the pipe.
bool read_some(int from, std::string& into) {
  std::array<char, 65536> buffer{};
  auto const n = read(from, buffer.data(), buffer.size());
  if (n > 0) into.append(buffer.data(), static_cast<std::size_t>(n));
  return n > 0;
}

}  // namespace

outcome run(std::vector<std::string> const& arguments, std::string const& input) {
  signal(SIGPIPE, SIG_IGN);
  auto in = make_pipe(), out = make_pipe(), err = make_pipe();
  int const child = start(arguments, in.read, out.write, err.write);
  for (int const mine : {in.read, out.write, err.write}) close(mine);
  fcntl(in.write, F_SETFL, O_NONBLOCK);
  outcome result;
  std::size_t written = 0;
  if (input.empty()) close(std::exchange(in.write, -1));
  while (in.write >= 0 || out.read >= 0 || err.read >= 0) {
    std::array<pollfd, 3> watched{{{in.write, POLLOUT, 0}, {out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
    poll(watched.data(), watched.size(), -1);
    if (watched[0].revents != 0) {
      auto const n = write(in.write, input.data() + written, input.size() - written);
      if (n > 0) written += static_cast<std::size_t>(n);
      if ((n < 0 && errno != EAGAIN) || written == input.size()) close(std::exchange(in.write, -1));
    }
    if (watched[1].revents != 0 && !read_some(out.read, result.out)) close(std::exchange(out.read, -1));
    if (watched[2].revents != 0 && !read_some(err.read, result.err)) close(std::exchange(err.read, -1));
  }
  result.code = wait_for(child);
  return result;
}

conversation::conversation(std::vector<std::string> const& arguments) {
  signal(SIGPIPE, SIG_IGN);
  auto const in = make_pipe(), out = make_pipe();
  child_ = start(arguments, in.read, out.write, -1);
  close(in.read);
  close(out.write);
  to_ = in.write;
  from_ = out.read;
}
conversation::~conversation() {
  if (child_ >= 0) end();
}
void conversation::say(std::string const& line) {
  auto const text = line + "\n";
  for (std::size_t done = 0; done < text.size();) {
    auto const n = write(to_, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}
std::string conversation::hear(std::chrono::milliseconds within) {
  auto const until = std::chrono::steady_clock::now() + within;
  while (pending_.find('\n') == std::string::npos) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd watched{from_, POLLIN, 0};
    if (left.count() <= 0 || poll(&watched, 1, static_cast<int>(left.count())) <= 0 || !read_some(from_, pending_)) return {};
  }
  auto const end = pending_.find('\n');
  auto line = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return line;
}
std::string conversation::kill() {
  ::kill(child_, SIGKILL);
  while (read_some(from_, pending_)) continue;
  end();
  return std::exchange(pending_, {});
}
int conversation::end() {
  close(to_);
  int const code = wait_for(child_);
  close(from_);
  child_ = -1;
  return code;
}

}  // namespace cli_test
