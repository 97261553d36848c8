#include "postgres/server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
// libpqxx 6.4.5 asks for the client's encoding before it owns a result; on a connection that broke in the meantime that throws.
extern "C" char const* __lsan_default_suppressions();
extern "C" char const* __lsan_default_suppressions() { return "leak:PQmakeEmptyPGresult\n"; }
#endif

namespace testing_postgres {

namespace fs = std::filesystem;

namespace {

constexpr char const* options =
    "-F -c listen_addresses= -c shared_buffers=16MB -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off "
    "-c wal_level=minimal -c max_wal_senders=0 -c max_connections=30 -c timezone=America/New_York -c unix_socket_directories=";

std::string program(std::string_view name) {
  std::vector<fs::path> found;
  if (fs::exists("/usr/lib/postgresql"))
    for (auto const& version : fs::directory_iterator("/usr/lib/postgresql"))
      if (auto p = version.path() / "bin" / name; fs::exists(p)) found.push_back(p);
  if (found.empty()) throw std::runtime_error("no PostgreSQL server is installed; tests/packages.txt names it");
  std::ranges::sort(found);
  for (auto const& p : found)
    if (p.string().find("/15/") != std::string::npos) return p;
  return found.back();
}

/// Waits for the end of the program; its output goes to `log`.
bool run(std::vector<std::string> const& words, fs::path const& log) {
  auto const pid = ::fork();
  if (pid == 0) {
    auto const out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    std::vector<char*> argv;
    for (auto const& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void become_somebody_else() {
  if (::geteuid() != 0) return;
  auto const* who = ::getpwnam("postgres");
  if (who == nullptr) who = ::getpwnam("nobody");
  if (who == nullptr || ::setgroups(0, nullptr) != 0 || ::setgid(who->pw_gid) != 0 || ::setuid(who->pw_uid) != 0)
    throw std::runtime_error("the server does not run as root, and no other user could be taken");
}

/// An initialised data folder is copied, not made each time: that takes a tenth of the time. Made once, by whoever is first.
void make_data(fs::path const& folder, fs::path const& log) {
  auto const initdb = program("initdb");
  auto const version = fs::path(initdb).parent_path().parent_path().filename().string();
  auto const kept = fs::path("/tmp/grille_postgres_" + version + "_" + std::to_string(::geteuid()));
  auto const lock = ::open((kept.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0 || ::flock(lock, LOCK_EX) != 0) throw std::runtime_error("the lock of the prepared data folder cannot be had");
  if (!fs::exists(kept)) {
    auto const fresh = folder / "fresh";
    if (!run({initdb, "-D", fresh, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"}, log))
      throw std::runtime_error("initdb failed");
    auto const beside = fs::path(kept.string() + ".new");
    fs::remove_all(beside);
    if (!run({"/bin/cp", "-a", fresh, beside}, log)) throw std::runtime_error("the data folder cannot be copied");
    fs::rename(beside, kept);
    fs::remove_all(fresh);
  }
  struct stat owner {};
  if (::lstat(kept.c_str(), &owner) != 0 || owner.st_uid != ::geteuid()) throw std::runtime_error("the prepared data folder is somebody else's");
  bool const copied = run({"/bin/cp", "-a", kept, folder / "data"}, log);
  ::close(lock);
  if (!copied) throw std::runtime_error("the data folder cannot be copied");
}

void say(int to, std::string const& text) {
  for (std::size_t at = 0; at < text.size();) {
    auto const n = ::write(to, text.data() + at, text.size() - at);
    if (n <= 0) return;
    at += static_cast<std::size_t>(n);
  }
}
std::string hear(int from) {
  std::string text;
  char c{};
  while (::read(from, &c, 1) == 1 && c != '\0') text += c;
  return text;
}

/// What stays between the test and the server. The test's end is the end of `life`.
[[noreturn]] void keep_server(int life, int word) {
  for (int const s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(s, SIG_IGN);
  auto const nothing = ::open("/dev/null", O_RDWR);
  for (int const fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
  if (::chdir("/") != 0) ::_exit(1);
  ::umask(0077);
  std::string folder;
  bool started = false;
  try {
    become_somebody_else();
    std::string pattern = "/tmp/grille_pg_XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the server");
    folder = pattern;
    fs::path const log = fs::path(folder) / "log";
    try {
      make_data(folder, log);
      started = run({program("pg_ctl"), "start", "-w", "-D", folder + "/data", "-l", log, "-o", options + folder}, log);
      if (!started) throw std::runtime_error("the server did not start");
      say(word, "ok " + folder);
    } catch (std::exception const& e) {
      std::ifstream in(log);
      throw std::runtime_error(std::string(e.what()) + "\n" + std::string(std::istreambuf_iterator<char>(in), {}));
    }
  } catch (std::exception const& e) {
    say(word, e.what());
  }
  say(word, std::string(1, '\0'));
  char c{};
  while (started && ::read(life, &c, 1) > 0) continue;
  if (started) run({program("pg_ctl"), "stop", "-m", "immediate", "-D", folder + "/data"}, "/dev/null");
  std::error_code ignored;
  if (!folder.empty()) fs::remove_all(folder, ignored);
  ::_exit(0);
}

}  // namespace

server& server::running() {
  static server one;
  return one;
}

server::server() {
  int life[2];
  int word[2];
  if (::pipe2(life, O_CLOEXEC) != 0 || ::pipe2(word, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  auto const between = ::fork();
  if (between == 0) {
    // no child of the test's, so that nobody who ends the test and its children ends this first
    if (::fork() != 0) ::_exit(0);
    ::setsid();
    ::close(life[1]);
    ::close(word[0]);
    keep_server(life[0], word[1]);
  }
  ::close(life[0]);
  ::close(word[1]);
  life_ = life[1];
  word_ = word[0];
  ::waitpid(between, nullptr, 0);
  auto const said = hear(word_);
  if (!said.starts_with("ok ")) {
    ::close(life_);
    ::close(word_);
    throw std::runtime_error("PostgreSQL: " + said);
  }
  folder_ = said.substr(3);
}

server::~server() {
  ::close(life_);
  hear(word_);  // until the server is gone
  ::close(word_);
}

std::string server::conninfo(std::string_view database, std::string_view user) const {
  return "host=" + folder_ + " user=" + std::string(user) + " dbname=" + std::string(database);
}

namespace {

void on(std::string const& conninfo, std::string const& sql) {
  pqxx::connection c(conninfo);
  pqxx::nontransaction t(c);
  t.exec(sql);
}

}  // namespace

database::database(server const& on_server) : server_(&on_server) {
  static int made = 0;
  name_ = "test_" + std::to_string(++made);
  on(server_->conninfo("postgres"), "create database " + name_);
}

database::~database() {
  try {
    on(server_->conninfo("postgres"), "drop database " + name_ + " with (force)");
  } catch (std::exception const&) {  // the server goes with all of them
    name_.clear();
  }
}

database& database::run(std::string const& sql) {
  on(conninfo(), sql);
  return *this;
}

std::string database::value(std::string const& sql) {
  pqxx::connection c(conninfo());
  pqxx::nontransaction t(c);
  return t.exec(sql)[0][0].c_str();
}

}  // namespace testing_postgres
