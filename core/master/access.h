#pragma once

#include "core/base/result.h"
#include "core/master/options.h"
#include "core/net/message.h"
#include "core/wire/acls.h"
#include "core/wire/authentication.h"

#include <memory>
#include <set>
#include <string>

namespace ekiden::master {

enum class Realm { open, readonly, readwrite, scheduler };

// Who may come in [mesos-core 5.14]: credentials, which realms ask for them, rules, closed paths.
// Made once at the start.
struct Access {
  std::shared_ptr<const wire::Credentials> credentials;  // null: none were given
  std::set<Realm> authenticated;                         // these ask for credentials
  std::shared_ptr<const wire::Acls> acls = std::make_shared<wire::Acls>();
  std::set<std::string> closed_paths;  // --firewall_rules: 403

  static Result<Access> from(const AccessOptions& options);
};

// The handler behind the realm's door.
net::Handler guarded(const Access& access, Realm realm, net::Handler handler);

}  // namespace ekiden::master
