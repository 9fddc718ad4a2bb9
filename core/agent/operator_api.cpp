#include "core/agent/operator_api.h"

#include "core/agent/container_streams.h"
#include "core/base/strings.h"
#include "core/wire/legacy.h"
#include "core/wire/media.h"

#include <csignal>
#include <utility>

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

namespace api = ekiden::api::agent_operator;
namespace op = ekiden::api::op;
using api::CallType;
using api::ResponseType;
using wire::Media;

constexpr std::string_view kRecordIo = "application/recordio";

net::Response refused(int status, const std::string& text) {
  return net::text_response(status, text + ".\n");
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::internal:
      return 500;
    case ErrorCode::unavailable:
      return 503;
    default:
      return 400;
  }
}

// Which member a type of call cannot be without, and whether it is there [mesos-core 4.3].
struct Need {
  CallType type;
  const char* member;
  bool (*there)(const api::Call&);
};

#define EKIDEN_NEED(name)                                                              \
  {                                                                                    \
    CallType::name, #name, [](const api::Call& call) { return call.name.has_value(); } \
  }
constexpr Need kNeeds[] = {EKIDEN_NEED(get_metrics),
                           EKIDEN_NEED(set_logging_level),
                           EKIDEN_NEED(list_files),
                           EKIDEN_NEED(read_file),
                           EKIDEN_NEED(launch_nested_container),
                           EKIDEN_NEED(wait_nested_container),
                           EKIDEN_NEED(kill_nested_container),
                           EKIDEN_NEED(remove_nested_container),
                           EKIDEN_NEED(launch_nested_container_session),
                           EKIDEN_NEED(attach_container_input),
                           EKIDEN_NEED(attach_container_output),
                           EKIDEN_NEED(launch_container),
                           EKIDEN_NEED(wait_container),
                           EKIDEN_NEED(kill_container),
                           EKIDEN_NEED(remove_container),
                           EKIDEN_NEED(add_resource_provider_config),
                           EKIDEN_NEED(update_resource_provider_config),
                           EKIDEN_NEED(remove_resource_provider_config),
                           EKIDEN_NEED(mark_resource_provider_gone)};
#undef EKIDEN_NEED

std::optional<std::string> missing_member(const api::Call& call) {
  for (const Need& need : kNeeds) {
    if (need.type == call.type && !need.there(call)) {
      return fmt::format("Expecting '{}' to be present", need.member);
    }
  }
  return std::nullopt;
}

api::LaunchContainer as_launch(const api::LaunchNestedContainer& nested) {
  return {nested.container_id, nested.command, {}, nested.container, {}};
}

bool is_stream(CallType type) {
  return type == CallType::launch_nested_container_session ||
         type == CallType::attach_container_output;
}

}  // namespace

struct OperatorApi::Impl : std::enable_shared_from_this<OperatorApi::Impl> {
  // One request while it is answered.
  struct Exchange {
    api::Call call;
    Media answer = Media::json;
    bool framed = false;  // the client asked for application/recordio
    net::Responder respond;
  };

  explicit Impl(Context a_context)
      : context(std::move(a_context)), streams(context.loop, context.heartbeat) {}

  // ---- what is said about the bodies [mesos-core 1.2, 4.4]
  void handle(net::Request request, net::Responder respond) {
    Exchange exchange;
    exchange.respond = std::move(respond);
    if (const auto wrong = negotiate(request, exchange)) {
      exchange.respond(*wrong);
      return;
    }
    const auto type = request.headers.get("Content-Type").value_or("");
    if (iequals(trim(type.substr(0, type.find(';'))), kRecordIo)) {
      attach_input(std::move(request), std::move(exchange));
      return;
    }
    const auto media = wire::body_media(request.headers);
    if (!media) {
      exchange.respond(
          refused(media.error().code == ErrorCode::unsupported ? 415 : 400, media.error().message));
      return;
    }
    if (request.headers.get("Message-Content-Type")) {
      exchange.respond(
          refused(415,
                  "Expecting 'Message-Content-Type' to be absent unless 'Content-Type' is "
                  "application/recordio"));
      return;
    }
    auto call = wire::decode<api::Call>(*media, request.body);
    if (!call) {
      exchange.respond(refused(400, "Failed to parse body into Call: " + call.error().message));
      return;
    }
    exchange.call = std::move(*call);
    check_and_perform(std::move(exchange));
  }

  static std::optional<net::Response> negotiate(const net::Request& request, Exchange& exchange) {
    const auto media = wire::accepted_media(request.headers);
    if (media) {
      exchange.answer = *media;
      if (request.headers.get("Message-Accept")) {
        return refused(406,
                       "Expecting 'Message-Accept' to be absent unless 'Accept' names "
                       "application/recordio alone");
      }
      return std::nullopt;
    }
    if (!wire::accepts(request.headers, kRecordIo)) {
      return refused(406,
                     "Expecting 'Accept' to allow application/json, application/x-protobuf or "
                     "application/recordio");
    }
    exchange.framed = true;
    const auto inner = wire::accepted_media(request.headers, "Message-Accept");
    if (!inner) {
      return refused(406,
                     "Expecting 'Message-Accept' to allow application/json or "
                     "application/x-protobuf");
    }
    exchange.answer = *inner;
    return std::nullopt;
  }

  void check_and_perform(Exchange exchange) {
    const CallType type = exchange.call.type;
    if (const auto missing = missing_member(exchange.call)) {
      exchange.respond(refused(400, "Failed to validate agent::Call: " + *missing));
    } else if (exchange.framed && !is_stream(type)) {
      exchange.respond(refused(406, "application/recordio is the answer of streaming calls only"));
    } else if (type == CallType::attach_container_input) {
      exchange.respond(refused(415, "Expecting 'Content-Type' of application/recordio"));
    } else {
      perform(std::move(exchange));
    }
  }

  void perform(Exchange exchange) {
    switch (exchange.call.type) {
      case CallType::unknown:
        exchange.respond(refused(501, "Unknown call"));
        return;
      case CallType::launch_nested_container:
      case CallType::launch_nested_container_session:
      case CallType::launch_container:
        launch(std::move(exchange));
        return;
      case CallType::wait_nested_container:
      case CallType::wait_container:
      case CallType::kill_nested_container:
      case CallType::kill_container:
      case CallType::remove_nested_container:
      case CallType::remove_container:
        on_container(std::move(exchange));
        return;
      case CallType::attach_container_output:
        attach_output(exchange, exchange.call.attach_container_output->container_id);
        return;
      case CallType::list_files:
      case CallType::read_file:
        files(std::move(exchange));
        return;
      case CallType::set_logging_level:
        set_logging_level(exchange);
        return;
      case CallType::prune_images:
        exchange.respond(net::text_response(200, ""));  // the image store is Docker's
        return;
      case CallType::add_resource_provider_config:
      case CallType::update_resource_provider_config:
      case CallType::remove_resource_provider_config:
        exchange.respond(refused(400,
                                 "cannot change the configuration of a resource provider: this "
                                 "agent has no --resource_provider_config_dir"));
        return;
      case CallType::mark_resource_provider_gone:
        exchange.respond(refused(404, "this agent has no resource providers"));
        return;
      default:
        read(exchange);
        return;
    }
  }

  // ---- reads
  void read(const Exchange& exchange) {
    api::Response answer;
    switch (exchange.call.type) {
      case CallType::get_health:
        answer.type = ResponseType::get_health;
        answer.get_health = op::Health{};
        break;
      case CallType::get_flags:
        answer.type = ResponseType::get_flags;
        answer.get_flags = op::FlagList{};
        for (const auto& [name, value] : context.flags) {
          answer.get_flags->flags.push_back({name, value});
        }
        break;
      case CallType::get_version:
        answer.type = ResponseType::get_version;
        answer.get_version = version();
        break;
      case CallType::get_metrics:
        answer.type = ResponseType::get_metrics;
        answer.get_metrics = op::MetricList{};
        for (const auto& [name, value] : context.metrics()) {
          answer.get_metrics->metrics.push_back({name, value});
        }
        break;
      case CallType::get_logging_level:
        answer.type = ResponseType::get_logging_level;
        answer.get_logging_level = op::LoggingLevel{context.logging.level()};
        break;
      default:
        read_state(exchange, answer);
        break;
    }
    send(exchange, answer);
  }

  void read_state(const Exchange& exchange, api::Response& answer) const {
    const Agent& agent = context.agent;
    switch (exchange.call.type) {
      case CallType::get_state:
        answer.type = ResponseType::get_state;
        answer.get_state = state_of(agent, context.history);
        return;
      case CallType::get_containers:
        answer.type = ResponseType::get_containers;
        answer.get_containers =
            container_list({agent, context.containers, context.usage, context.clock.now().wall},
                           exchange.call.get_containers.value_or(api::GetContainers{}));
        return;
      case CallType::get_frameworks:
        answer.type = ResponseType::get_frameworks;
        answer.get_frameworks = framework_list(agent, context.history);
        return;
      case CallType::get_executors:
        answer.type = ResponseType::get_executors;
        answer.get_executors = executor_list(agent, context.history);
        return;
      case CallType::get_tasks:
        answer.type = ResponseType::get_tasks;
        answer.get_tasks = task_list(agent, context.history);
        return;
      case CallType::get_agent:
        answer.type = ResponseType::get_agent;
        answer.get_agent.emplace().agent_info = agent.config().info;
        answer.get_agent->agent_info.id = agent.id();
        answer.get_agent->drain_config = agent.drain();
        return;
      case CallType::get_resource_providers:
        answer.type = ResponseType::get_resource_providers;
        answer.get_resource_providers = api::Nothing{};
        return;
      default:
        answer.type = ResponseType::get_operations;
        answer.get_operations = operation_list(agent);
        return;
    }
  }

  static op::Version version() {
    const wire::BuildInfo& build = wire::build_info();
    op::Version version;
    version.version_info.version = build.version;
    version.version_info.build_date = std::string(build.date);
    version.version_info.build_time = build.time;
    version.version_info.build_user = std::string(build.user);
    return version;
  }

  void set_logging_level(const Exchange& exchange) {
    const op::SetLoggingLevel& wanted = *exchange.call.set_logging_level;
    const Result<void> raised =
        context.logging.raise(wanted.level, Duration(wanted.duration.nanoseconds));
    exchange.respond(raised ? net::text_response(200, "") : refused(400, raised.error().message));
  }

  void files(Exchange exchange) {
    const auto shared = std::make_shared<Exchange>(std::move(exchange));
    const bool queued = context.worker.post([shared, resolve = context.resolver()] {
      api::Response answer;
      const Result<void> done = read_files(shared->call, resolve, answer);
      if (done) {
        send(*shared, answer);
      } else {
        shared->respond(wire::refusal(done.error()));
      }
    });
    if (!queued) {
      shared->respond(refused(503, "too many file requests; try again"));
    }
  }

  // On a worker.
  static Result<void> read_files(const api::Call& call,
                                 const wire::ResolvePath& resolve,
                                 api::Response& answer) {
    if (call.type == CallType::list_files) {
      const auto entries = wire::list_files(call.list_files->path, resolve);
      if (!entries) {
        return fail(entries.error());
      }
      answer.type = ResponseType::list_files;
      answer.list_files = op::FileList{};
      for (const wire::FileEntry& entry : *entries) {
        answer.list_files->file_infos.push_back({entry.path,
                                                 entry.nlink,
                                                 entry.size,
                                                 model::TimeInfo{entry.mtime_nanoseconds},
                                                 entry.mode,
                                                 entry.user,
                                                 entry.group});
      }
      return {};
    }
    const op::ReadFile& wanted = *call.read_file;
    const wire::FileRange range{static_cast<std::int64_t>(wanted.offset),
                                wanted.length ? static_cast<std::int64_t>(*wanted.length) : -1};
    auto part = wire::read_file(wanted.path, range, resolve);
    if (!part) {
      return fail(part.error());
    }
    answer.type = ResponseType::read_file;
    answer.read_file = op::FileData{part->size, std::move(part->data)};
    return {};
  }

  static void send(const Exchange& exchange, const api::Response& answer) {
    exchange.respond(net::text_response(
        200, wire::encode(exchange.answer, answer), wire::content_type(exchange.answer)));
  }

  // ---- containers
  // What the parent of a new container is: an executor's container, a nested task's, one of ours.
  Result<OperatorContainers::Above> above(const ContainerId& parent) const {
    if (parent.empty()) {
      return OperatorContainers::Above{context.host.work_dir, "", {}, ""};
    }
    if (auto known = context.containers.find(parent)) {
      return std::move(*known);
    }
    const auto root = context.agent.executors().find(root_of(parent));
    if (root == context.agent.executors().end() ||
        root->second.state == Agent::Executor::State::terminated) {
      return fail(ErrorCode::invalid,
                  fmt::format("Parent container {} does not exist", parent.value));
    }
    return executor_above(context.agent, root->second, parent, context.host);
  }

  void launch(Exchange exchange) {
    const api::Call& call = exchange.call;
    const bool session = call.type == CallType::launch_nested_container_session;
    const api::LaunchContainer wanted = session ? as_launch(*call.launch_nested_container_session)
                                        : call.launch_container
                                            ? *call.launch_container
                                            : as_launch(*call.launch_nested_container);
    const ContainerId& id = wanted.container_id;
    std::optional<std::string> problem = container_id_problem(id);
    if (!problem && call.type != CallType::launch_container && parent_of(id).empty()) {
      problem = "Expecting 'container_id.parent' to be present";
    }
    if (!problem && wanted.command && !wanted.command->value) {
      problem = "'CommandInfo.value' must be set";
    }
    if (!problem && !wanted.command) {
      problem = "Expecting 'command' to be present: containers without an image have no default";
    }
    if (problem) {
      exchange.respond(refused(400, "Failed to validate agent::Call: " + *problem));
      return;
    }
    const auto parent = above(parent_of(id));
    if (!parent) {
      exchange.respond(refused(400, parent.error().message));
      return;
    }
    const auto shared = std::make_shared<Exchange>(std::move(exchange));
    context.containers.launch(
        wanted,
        session ? OperatorContainers::Kind::session : OperatorContainers::Kind::container,
        *parent,
        [weak = weak_from_this(), shared, session, id](
            Result<OperatorContainers::Launched> launched) {
          const auto self = weak.lock();
          if (!launched) {
            shared->respond(refused(status_of(launched.error().code), launched.error().message));
          } else if (*launched == OperatorContainers::Launched::before) {
            shared->respond(net::text_response(202, ""));
          } else if (session && self != nullptr) {
            self->attach_output(*shared, id);
          } else {
            shared->respond(net::text_response(200, ""));
          }
        });
  }

  void on_container(Exchange exchange) {
    const api::Call& call = exchange.call;
    switch (call.type) {
      case CallType::wait_nested_container:
      case CallType::wait_container:
        wait(std::move(exchange));
        return;
      case CallType::kill_nested_container:
        kill(exchange, *call.kill_nested_container);
        return;
      case CallType::kill_container:
        kill(exchange, *call.kill_container);
        return;
      case CallType::remove_nested_container:
        say(exchange, context.containers.remove(call.remove_nested_container->container_id));
        return;
      default:
        say(exchange, context.containers.remove(call.remove_container->container_id));
        return;
    }
  }

  static void say(const Exchange& exchange, const Result<void>& done) {
    exchange.respond(done ? net::text_response(200, "")
                          : refused(status_of(done.error().code), done.error().message));
  }

  void kill(const Exchange& exchange, const api::KillContainer& order) const {
    say(exchange, context.containers.kill(order.container_id, order.signal.value_or(SIGKILL)));
  }

  void wait(Exchange exchange) {
    const auto shared = std::make_shared<Exchange>(std::move(exchange));
    const bool nested = shared->call.type == CallType::wait_nested_container;
    const auto& named = nested ? shared->call.wait_nested_container : shared->call.wait_container;
    const Result<void> waits =
        context.containers.wait(named->container_id, [shared, nested](api::Termination end) {
          api::Response answer;
          answer.type = nested ? ResponseType::wait_nested_container : ResponseType::wait_container;
          (nested ? answer.wait_nested_container : answer.wait_container) = std::move(end);
          send(*shared, answer);
        });
    if (!waits) {
      say(*shared, waits);
    }
  }

  // ---- streams
  void attach_output(const Exchange& exchange, const ContainerId& container) {
    const auto folder = context.containers.io_folder(container);
    if (!folder) {
      exchange.respond(refused(status_of(folder.error().code), folder.error().message));
      return;
    }
    if (streams.size() >= kStreamsMax) {
      exchange.respond(refused(503, "too many streams of containers are open; try again"));
      return;
    }
    exchange.respond(streams.output(*folder, exchange.answer, exchange.framed));
  }

  void attach_input(net::Request request, Exchange exchange) {
    const auto inner = request.headers.get("Message-Content-Type");
    net::Headers headers;
    headers.set("Content-Type", inner.value_or(""));
    const auto media = wire::body_media(headers);
    if (!inner || !media) {
      exchange.respond(refused(inner ? 415 : 400,
                               "Expecting 'Message-Content-Type' of application/json or "
                               "application/x-protobuf"));
      return;
    }
    if (exchange.framed) {
      exchange.respond(refused(406, "application/recordio is the answer of streaming calls only"));
      return;
    }
    if (streams.size() >= kStreamsMax) {
      exchange.respond(refused(503, "too many streams of containers are open; try again"));
      return;
    }
    streams.input(std::move(request), *media, exchange.respond, [this](const ContainerId& id) {
      return context.containers.io_folder(id);
    });
  }

  const Context context;
  ContainerStreams streams;
};

OperatorApi::OperatorApi(Context context) : impl_(std::make_shared<Impl>(std::move(context))) {}

OperatorApi::~OperatorApi() = default;

void OperatorApi::handle(net::Request request, net::Responder respond) {
  impl_->handle(std::move(request), std::move(respond));
}

bool OperatorApi::streams(const net::Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  return request.method == "POST" && iequals(trim(type.substr(0, type.find(';'))), kRecordIo);
}

}  // namespace ekiden::agent
