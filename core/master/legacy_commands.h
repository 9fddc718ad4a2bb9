#pragma once

#include "core/master/operator_api.h"
#include "core/net/message.h"

// The older endpoints that change something [mesos-core 4.5.2]: forms and bare JSON bodies.
namespace ekiden::master {

enum class Reservation { reserve, unreserve };
enum class Volumes { create, destroy };
enum class MachineOrder { down, up };

net::Handler post_reservation(RouteContext& context, Reservation what);
net::Handler post_volumes(RouteContext& context, Volumes what);
net::Handler post_teardown(RouteContext& context);
net::Handler put_weights(RouteContext& context);
net::Handler post_quota(RouteContext& context);
net::Handler delete_quota(RouteContext& context);
net::Handler post_maintenance_schedule(RouteContext& context);
net::Handler post_machines(RouteContext& context, MachineOrder what);

}  // namespace ekiden::master
