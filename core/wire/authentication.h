#pragma once

#include "core/base/result.h"
#include "core/net/message.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ekiden::wire {

// HTTP basic authentication [mesos-core 5.14].
class Credentials {
 public:
  Credentials() = default;

  // The text of a credentials file: {"credentials": [{"principal": "p", "secret": "s"}]}, one
  // {"principal", "secret"}, or lines of "principal secret". Errors never quote it.
  static Result<Credentials> parse(std::string_view text);
  static Credentials single(std::string principal, std::string secret);
  // A path or file:// URL; also warns in the log when others may read the file.
  static Result<Credentials> load(const std::string& file);

  bool empty() const { return secrets_.empty(); }

  // The principal when the header names one with its secret. Time does not tell how much of the
  // secret was right.
  std::optional<std::string> principal(const net::Headers& headers) const;

 private:
  std::map<std::string, std::string, std::less<>> secrets_;
};

// 401 with WWW-Authenticate.
net::Response unauthorized(std::string_view realm);

// What the handler gets has its principal set; everybody else gets the 401.
net::Handler authenticated(std::shared_ptr<const Credentials> credentials,
                           std::string realm,
                           net::Handler handler);

// Contents of a flag that is JSON or names a file: "file:///path", "/path".
Result<std::string> flag_text(const std::string& value);

}  // namespace ekiden::wire
