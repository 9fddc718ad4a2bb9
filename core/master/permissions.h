#pragma once

#include "core/api/master_operator.h"
#include "core/master/operator_commands.h"
#include "core/master/snapshot.h"
#include "core/wire/acls.h"

#include <string>

// What the rules of --acls say about calls [mesos-core 5.14].
namespace ekiden::master {

bool may_order(const wire::Acls& acls,
               const std::string& principal,
               const OperatorCommand& command,
               const Snapshot& snapshot);

// Reads of the operator API that are refused as a whole (lists leave out what is hidden).
bool may_ask(const wire::Acls& acls,
             const std::string& principal,
             const api::master_operator::Call& call);

bool may_register(const wire::Acls& acls,
                  const std::string& principal,
                  const model::FrameworkInfo& framework);

}  // namespace ekiden::master
