#include "postgres/proxy.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>
#include <thread>

#include "postgres/server.hpp"

namespace testing_postgres {

proxy::proxy(std::string const& database) : database_(database) {
  auto const& server_folder = server::running().folder();
  folder_ = server_folder + "/proxy";
  ::mkdir(folder_.c_str(), 0700);
  auto const settings = folder_ + "/pgbouncer.ini";
  std::ofstream(settings) << "[databases]\n* = host=" << server_folder << " user=postgres\n[pgbouncer]\nlisten_addr =\nunix_socket_dir = " << folder_
                          << "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 1\nlogfile = " << folder_ << "/log\n";
  struct stat owner {};
  if (::stat(server_folder.c_str(), &owner) != 0) throw std::runtime_error("the server's folder is gone");
  if (::geteuid() == 0)
    for (auto const& path : {folder_, settings})
      if (::chown(path.c_str(), owner.st_uid, owner.st_gid) != 0) throw std::runtime_error("the proxy's folder cannot be given away");
  pid_ = ::fork();
  if (pid_ == 0) {
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(owner.st_gid) != 0 || ::setuid(owner.st_uid) != 0)) ::_exit(1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto const nothing = ::open("/dev/null", O_RDWR);
    for (int const fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, fd);
    ::execl("/usr/sbin/pgbouncer", "pgbouncer", "-q", settings.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(20);;) try {
      pqxx::connection const ready(conninfo());
      return;
    } catch (std::exception const&) {
      if (std::chrono::steady_clock::now() > end) throw;
      std::this_thread::yield();
    }
}

proxy::~proxy() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string proxy::conninfo() const { return "host=" + folder_ + " port=6432 user=postgres dbname=" + database_; }

}  // namespace testing_postgres
