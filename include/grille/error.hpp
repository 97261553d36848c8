/// @file
/// What can go wrong, as one closed list of kinds and one exception family.
///
/// `what()` is constant text that may be sent to any caller: it never carries data, names of hidden
/// objects or the rewritten SQL. The full text goes to the audit sink under `incident()`.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace grille {

/// The kind of an error. Each maps to an HTTP status (`http_status`) and to an exit code of the command.
enum class errc {
  syntax,           ///< the text is not a statement (or policy) of the dialect
  unsupported,      ///< understood or not, Grille refuses it by design; the message names the construct
  ambiguous,        ///< a name resolves to several visible columns
  type,             ///< a value cannot be read or bound as the type asked for
  limit,            ///< a bound on bytes, tokens, nesting, relations or rows was exceeded
  usage,            ///< the library or command was called wrongly
  unauthenticated,  ///< no principal, or an expired one
  forbidden,        ///< the resource is visible to the caller, the method is not granted
  not_found,        ///< unknown or hidden: deliberately one kind, one text
  check_failed,     ///< a write would have broken a check of the policy, or of the table
  conflict,         ///< a unique or foreign key stands in the way
  unavailable,      ///< the database cannot be reached, is busy, or timed out
  backend           ///< the database failed for a reason of its own
};

/// The lower-case name of a kind, as the command prints it (`"not_found"`). Never empty.
std::string_view to_string(errc kind) noexcept;
/// The HTTP status that fits a kind: 400, 401, 403, 404, 409, 413, 422, 500 or 503.
int http_status(errc kind) noexcept;

/// A place in a text that the caller gave: `source` is the whole text, `[begin, end)` are byte offsets into it,
/// `line` and `column` count from 1, columns in code points.
struct span {
  std::string source;
  std::size_t begin{};
  std::size_t end{};
  unsigned line{};
  unsigned column{};
};

/// What every failing call of Grille throws. Copying is cheap and does not throw.
class error : public std::runtime_error {
 public:
  /// What an error is made of; the layers below the public face fill it.
  struct parts {
    errc kind{};
    std::string message;          ///< safe for the caller
    std::optional<span> where{};  ///< into the caller's own text
    std::string help{};
    std::string sqlstate{};
    std::string incident{};
    bool retryable{};
  };
  explicit error(parts p);
  errc kind() const noexcept;
  /// Five characters on PostgreSQL, `""` on SQLite.
  std::string_view sqlstate() const noexcept;
  /// Where in the caller's own text, never in the rewritten one.
  std::optional<span> const& where() const noexcept;
  /// What to do about it, may be empty.
  std::string_view help() const noexcept;
  /// The number under which the audit sink got the full text, may be empty.
  std::string_view incident() const noexcept;
  int http_status() const noexcept;
  /// True where the same call may succeed when it is made again (busy, serialization, deadlock, unavailable).
  bool retryable() const noexcept;
  /// The message with the line of the source and a caret under the place, as a terminal would show it.
  std::string render() const;

 private:
  std::shared_ptr<parts const> parts_;
};

/// One class a kind, so that a handler catches what it handles.
template <errc Kind>
class error_of : public error {
 public:
  using error::error;
};
using syntax_error = error_of<errc::syntax>;
using unsupported = error_of<errc::unsupported>;
using ambiguous = error_of<errc::ambiguous>;
using type_error = error_of<errc::type>;
using limit_error = error_of<errc::limit>;
using usage_error = error_of<errc::usage>;
using unauthenticated = error_of<errc::unauthenticated>;
using forbidden = error_of<errc::forbidden>;
using not_found = error_of<errc::not_found>;
using check_failed = error_of<errc::check_failed>;
using conflict = error_of<errc::conflict>;
using unavailable = error_of<errc::unavailable>;
using backend_error = error_of<errc::backend>;

/// Throws the `error_of` that fits `p.kind`.
[[noreturn]] void raise(error::parts p);

/// One fault of a policy file.
struct diagnostic {
  std::string file;  ///< the name the text was loaded under
  span at;
  std::string message;
  std::string help;
  bool warning{};
};

/// Every fault of every policy file, in order of place. Its kind is `usage`; nothing was loaded.
class policy_error : public error {
 public:
  explicit policy_error(std::vector<diagnostic> all);
  std::span<diagnostic const> all() const noexcept;

 private:
  std::shared_ptr<std::vector<diagnostic> const> all_;
};

}  // namespace grille
