#include "core/master/legacy_commands.h"

#include "core/api/master_operator.h"
#include "core/json/json.h"
#include "core/wire/legacy.h"

#include <utility>

#include <fmt/core.h>

namespace ekiden::master {
namespace {

using Form = std::map<std::string, std::string>;
using Order = Result<OperatorCommand>;

// From the request to what it orders; errors are a 400.
net::Handler ordering(RouteContext& context, std::function<Order(const net::Request&)> read) {
  return [&context, read = std::move(read)](net::Request request, net::Responder respond) {
    auto command = read(request);
    if (!command) {
      std::string text = command.error().message;
      for (const Problem& problem : command.error().problems) {
        text += fmt::format("\n{}: {}", problem.path, problem.reason);
      }
      respond(net::text_response(400, text));
      return;
    }
    order_if_allowed(context, request, std::move(*command), respond);
  };
}

Result<std::string> value_of(const Form& form, const std::string& name) {
  const auto found = form.find(name);
  if (found == form.end() || found->second.empty()) {
    return fail(ErrorCode::invalid, fmt::format("Missing '{}' query parameter", name));
  }
  return found->second;
}

// A JSON array of what has a table.
template <class T>
Result<std::vector<T>> list_of(std::string_view text, std::string_view what) {
  const auto value = json::parse(text);
  if (!value || !value->is_array()) {
    return fail(ErrorCode::malformed, fmt::format("Error in parsing {}: not a JSON array", what));
  }
  std::vector<T> list;
  for (const json::Value& one : value->as_array()) {
    auto element = json::decode<T>(one, json::kMesos);
    if (!element) {
      return fail(Error{ErrorCode::invalid,
                        fmt::format("Error in parsing {}: {}", what, element.error().message),
                        element.error().problems});
    }
    list.push_back(std::move(*element));
  }
  return list;
}

struct OnAgent {
  AgentId agent;
  std::vector<model::Resource> resources;
};

Result<OnAgent> on_agent(const Form& form, const std::string& list_name) {
  auto agent = value_of(form, "slaveId");
  if (!agent) {
    return fail(std::move(agent.error()));
  }
  const auto text = value_of(form, list_name);
  if (!text) {
    return fail(text.error());
  }
  auto list = list_of<model::Resource>(*text, "'" + list_name + "'");
  if (!list) {
    return fail(std::move(list.error()));
  }
  return OnAgent{AgentId{std::move(*agent)}, std::move(*list)};
}

Order reserve(const Form& form) {
  auto target = on_agent(form, "resources");
  if (!target) {
    return fail(std::move(target.error()));
  }
  ReserveResources made{target->agent, {}, std::move(target->resources)};
  if (form.contains("source")) {
    auto source = on_agent(form, "source");
    if (!source) {
      return fail(std::move(source.error()));
    }
    made.source = std::move(source->resources);
  }
  return made;
}

Order unreserve(const Form& form) {
  auto target = on_agent(form, "resources");
  if (!target) {
    return fail(std::move(target.error()));
  }
  return UnreserveResources{target->agent, std::move(target->resources)};
}

template <class Body>
Result<Body> body_of(const net::Request& request, std::string_view what) {
  auto body = json::decode<Body>(request.body, json::kMesos);
  if (!body) {
    return fail(Error{ErrorCode::invalid,
                      fmt::format("Failed to parse {}: {}", what, body.error().message),
                      body.error().problems});
  }
  return body;
}

}  // namespace

net::Handler post_reservation(RouteContext& context, Reservation what) {
  return ordering(context, [what](const net::Request& request) -> Order {
    const Form form = wire::form_values(request.body);
    return what == Reservation::reserve ? reserve(form) : unreserve(form);
  });
}

net::Handler post_volumes(RouteContext& context, Volumes what) {
  return ordering(context, [what](const net::Request& request) -> Order {
    auto target = on_agent(wire::form_values(request.body), "volumes");
    if (!target) {
      return fail(std::move(target.error()));
    }
    if (what == Volumes::create) {
      return CreateVolumes{target->agent, std::move(target->resources)};
    }
    return DestroyVolumes{target->agent, std::move(target->resources)};
  });
}

net::Handler post_teardown(RouteContext& context) {
  return ordering(context, [](const net::Request& request) -> Order {
    auto id = value_of(wire::form_values(request.body), "frameworkId");
    if (!id) {
      return fail(std::move(id.error()));
    }
    return TeardownFramework{FrameworkId{std::move(*id)}};
  });
}

net::Handler put_weights(RouteContext& context) {
  return ordering(context, [](const net::Request& request) -> Order {
    auto weights = list_of<model::WeightInfo>(request.body, "weights");
    if (!weights) {
      return fail(std::move(weights.error()));
    }
    return UpdateWeights{std::move(*weights)};
  });
}

net::Handler post_quota(RouteContext& context) {
  return ordering(context, [](const net::Request& request) -> Order {
    auto body = body_of<api::master_operator::QuotaRequest>(request, "set quota request JSON");
    if (!body) {
      return fail(std::move(body.error()));
    }
    return SetQuota{body->force.value_or(false) ? Force::yes : Force::no,
                    body->role.value_or(""),
                    std::move(body->guarantee)};
  });
}

net::Handler delete_quota(RouteContext& context) {
  return ordering(context, [](const net::Request& request) -> Order {
    const auto role = request.params.find("role");
    if (role == request.params.end() || role->second.empty()) {
      return fail(ErrorCode::invalid,
                  "Failed to parse remove quota request: the path must be '/quota/<role>'");
    }
    return RemoveQuota{role->second};
  });
}

net::Handler post_maintenance_schedule(RouteContext& context) {
  return ordering(context, [](const net::Request& request) -> Order {
    auto schedule = body_of<model::MaintenanceSchedule>(request, "the maintenance schedule");
    if (!schedule) {
      return fail(std::move(schedule.error()));
    }
    return UpdateMaintenanceSchedule{std::move(*schedule)};
  });
}

net::Handler post_machines(RouteContext& context, MachineOrder what) {
  return ordering(context, [what](const net::Request& request) -> Order {
    auto machines = list_of<model::MachineId>(request.body, "the machines");
    if (!machines) {
      return fail(std::move(machines.error()));
    }
    if (what == MachineOrder::down) {
      return StartMaintenance{std::move(*machines)};
    }
    return StopMaintenance{std::move(*machines)};
  });
}

}  // namespace ekiden::master
