#include "core/api/model_tables.h"

namespace ekiden::json {

using namespace model;  // NOLINT: tables of its types

template <>
struct Names<StatusSource> {
  static constexpr std::pair<StatusSource, std::string_view> table[] = {
      {StatusSource::master, "SOURCE_MASTER"},
      {StatusSource::agent, "SOURCE_AGENT"},
      {StatusSource::executor, "SOURCE_EXECUTOR"}};
};

template <>
struct Names<CheckInfo::Type> {
  static constexpr std::pair<CheckInfo::Type, std::string_view> table[] = {
      {CheckInfo::Type::unknown, "UNKNOWN"},
      {CheckInfo::Type::command, "COMMAND"},
      {CheckInfo::Type::http, "HTTP"},
      {CheckInfo::Type::tcp, "TCP"}};
};

template <>
struct Schema<CheckStatusInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &CheckStatusInfo::type).omit_default(),
                 field(2, "command", &CheckStatusInfo::exit_code).inside<"exit_code">(),
                 field(3, "http", &CheckStatusInfo::status_code).inside<"status_code">(),
                 field(4, "tcp", &CheckStatusInfo::succeeded).inside<"succeeded">()};
};

template <>
struct Schema<ContainerStatus> {
  static constexpr auto fields =
      std::tuple{field(4, "container_id", &ContainerStatus::container_id),
                 field(1, "network_infos", &ContainerStatus::network_infos),
                 field(3, "executor_pid", &ContainerStatus::executor_pid)};
};

template <>
struct Schema<TaskStatus> {
  static constexpr auto fields =
      std::tuple{field(1, "task_id", &TaskStatus::task_id).required(),
                 field(2, "state", &TaskStatus::state).required(),
                 field(4, "message", &TaskStatus::message),
                 field(9, "source", &TaskStatus::source),
                 field(10, "reason", &TaskStatus::reason).omit_default(),
                 field(3, "data", &TaskStatus::data).as<Base64>(),
                 field(5, "agent_id", &TaskStatus::agent_id),
                 field(7, "executor_id", &TaskStatus::executor_id),
                 field(6, "timestamp", &TaskStatus::timestamp),
                 field(11, "uuid", &TaskStatus::uuid).as<Base64>(),
                 field(8, "healthy", &TaskStatus::healthy),
                 field(15, "check_status", &TaskStatus::check_status),
                 field(12, "labels", &TaskStatus::labels),
                 field(13, "container_status", &TaskStatus::container_status),
                 field(14, "unreachable_time", &TaskStatus::unreachable_time)};
};

template <>
struct Names<FrameworkCapability> {
  static constexpr std::pair<FrameworkCapability, std::string_view> table[] = {
      {FrameworkCapability::unknown, "UNKNOWN"},
      {FrameworkCapability::revocable_resources, "REVOCABLE_RESOURCES"},
      {FrameworkCapability::task_killing_state, "TASK_KILLING_STATE"},
      {FrameworkCapability::gpu_resources, "GPU_RESOURCES"},
      {FrameworkCapability::shared_resources, "SHARED_RESOURCES"},
      {FrameworkCapability::partition_aware, "PARTITION_AWARE"},
      {FrameworkCapability::multi_role, "MULTI_ROLE"},
      {FrameworkCapability::reservation_refinement, "RESERVATION_REFINEMENT"},
      {FrameworkCapability::region_aware, "REGION_AWARE"}};
};

// {"type": "MULTI_ROLE"}; a name we do not know stays `unknown`, as protobuf keeps it unset.
struct CapabilityCoder {
  static bool read(const Node& node, Reader& reader, FrameworkCapability& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    const Node* type = find_member(node, "type");
    out = FrameworkCapability::unknown;
    return type == nullptr || !type->IsString() ||
           !Coder<FrameworkCapability>::knows(*type, reader) ||
           Coder<FrameworkCapability>::read(*type, reader, out);
  }

  static void write(Writer& writer, const FrameworkCapability& value, const Dialect&) {
    writer.begin_object();
    writer.member("type", Coder<FrameworkCapability>::name(value)).end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{"type", Coder<FrameworkCapability>::schema(definitions)}});
  }
};

template <>
struct Schema<FrameworkInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "user", &FrameworkInfo::user).required(),
                 field(2, "name", &FrameworkInfo::name).required(),
                 field(3, "id", &FrameworkInfo::id),
                 field(4, "failover_timeout", &FrameworkInfo::failover_timeout),
                 field(5, "checkpoint", &FrameworkInfo::checkpoint),
                 field(6, "role", &FrameworkInfo::role),
                 field(12, "roles", &FrameworkInfo::roles),
                 field(7, "hostname", &FrameworkInfo::hostname),
                 field(8, "principal", &FrameworkInfo::principal),
                 field(9, "webui_url", &FrameworkInfo::webui_url),
                 field(10, "capabilities", &FrameworkInfo::capabilities)
                     .as<ListCoder<FrameworkCapability, CapabilityCoder>>(),
                 field(11, "labels", &FrameworkInfo::labels)};
};

template <>
struct Schema<Unavailability> {
  static constexpr auto fields = std::tuple{field(1, "start", &Unavailability::start).required(),
                                            field(2, "duration", &Unavailability::duration)};
};

template <>
struct Schema<Filters> {
  static constexpr auto fields = std::tuple{field(1, "refuse_seconds", &Filters::refuse_seconds)};
};

namespace {

bool read_url(const Node& node, Reader& reader, Offer& out) {
  Address address;
  if (!InsideCoder<"address", Address>::read(node, reader, address)) {
    return false;
  }
  out.agent_url_address_ip = address.ip;
  out.agent_url_address_port = address.port;
  return true;
}

void write_url(Writer& writer, const Offer& offer, const Dialect& dialect) {
  const Address address{offer.hostname, offer.agent_url_address_ip, offer.agent_url_address_port};
  writer.begin_object().member("scheme", "http").key("address");
  Coder<Address>::write(writer, address, dialect);
  writer.member("path", "/slave(1)").end_object();
}

}  // namespace

template <>
struct Schema<Offer> {
  static constexpr auto fields = std::tuple{
      field(1, "id", &Offer::id).required(),
      field(2, "framework_id", &Offer::framework_id).required(),
      field(3, "agent_id", &Offer::agent_id).required(),
      field(4, "hostname", &Offer::hostname).required(),
      Hook<Offer>{.name = "url",
                  .read_hook = read_url,
                  .present_hook = [](const Offer& o) { return o.agent_url_address_ip.has_value(); },
                  .write_hook = write_url,
                  .number = 8},
      field(5, "resources", &Offer::resources),
      field(7, "attributes", &Offer::attributes),
      field(6, "executor_ids", &Offer::executor_ids),
      field(10, "allocation_info", &Offer::allocation_role).inside<"role">().omit_default(),
      field(11, "domain", &Offer::domain),
      field(9, "unavailability", &Offer::unavailability)};
};

template <>
struct Names<Operation::Type> {
  static constexpr std::pair<Operation::Type, std::string_view> table[] = {
      {Operation::Type::unknown, "UNKNOWN"},
      {Operation::Type::launch, "LAUNCH"},
      {Operation::Type::launch_group, "LAUNCH_GROUP"},
      {Operation::Type::reserve, "RESERVE"},
      {Operation::Type::unreserve, "UNRESERVE"},
      {Operation::Type::create, "CREATE"},
      {Operation::Type::destroy, "DESTROY"},
      {Operation::Type::grow_volume, "GROW_VOLUME"},
      {Operation::Type::shrink_volume, "SHRINK_VOLUME"}};
};

namespace {

using Type = Operation::Type;
using ResourceList = InsideCoder<"resources", std::vector<Resource>>;
using SourceList = InsideCoder<"source", std::vector<Resource>>;
using VolumeList = InsideCoder<"volumes", std::vector<Resource>>;
using TaskList = InsideCoder<"tasks", std::vector<TaskInfo>>;

template <Type kType>
bool is_type(const Operation& operation) {
  return operation.type == kType;
}

template <class C>
bool read_resources(const Node& node, Reader& reader, Operation& out) {
  return C::read(node, reader, out.resources);
}

template <class C>
void write_resources(Writer& writer, const Operation& operation, const Dialect& dialect) {
  C::write(writer, operation.resources, dialect);
}

constexpr Hook<Operation> kLaunch{
    .name = "launch",
    .read_hook =
        [](const Node& n, Reader& r, Operation& out) {
          return InsideCoder<"task_infos", std::vector<TaskInfo>>::read(
              n, r, out.launch_task_infos);
        },
    .present_hook = is_type<Type::launch>,
    .write_hook =
        [](Writer& w, const Operation& v, const Dialect& d) {
          InsideCoder<"task_infos", std::vector<TaskInfo>>::write(w, v.launch_task_infos, d);
        },
    .number = 2};

bool read_launch_group(const Node& node, Reader& reader, Operation& out) {
  if (!reader.expect_object(node)) {
    return false;
  }
  const Node* executor = find_member(node, "executor");
  const Node* group = find_member(node, "task_group");
  bool ok = executor != nullptr || reader.missing("executor", node, Missing::undefined_on_object);
  ok = (group != nullptr || reader.missing("task_group", node, Missing::undefined_on_object)) && ok;
  if (!ok) {
    return false;
  }
  {
    const Reader::In in(reader, "executor");
    ok = Coder<ExecutorInfo>::read(*executor, reader, out.launch_group_executor.emplace());
  }
  const Reader::In in(reader, "task_group");
  return TaskList::read(*group, reader, out.launch_group_tasks) && ok;
}

void write_launch_group(Writer& writer, const Operation& operation, const Dialect& dialect) {
  writer.begin_object();
  if (operation.launch_group_executor) {
    writer.key("executor");
    Coder<ExecutorInfo>::write(writer, *operation.launch_group_executor, dialect);
  }
  writer.key("task_group");
  TaskList::write(writer, operation.launch_group_tasks, dialect);
  writer.end_object();
}

constexpr Hook<Operation> kReserve{.name = "reserve",
                                   .read_hook =
                                       [](const Node& n, Reader& r, Operation& out) {
                                         return ResourceList::read(n, r, out.resources) &&
                                                SourceList::read(n, r, out.reserve_source);
                                       },
                                   .present_hook = is_type<Type::reserve>,
                                   .write_hook =
                                       [](Writer& w, const Operation& v, const Dialect& d) {
                                         w.begin_object();
                                         if (!v.reserve_source.empty()) {
                                           w.key("source");
                                           Coder<std::vector<Resource>>::write(
                                               w, v.reserve_source, d);
                                         }
                                         w.key("resources");
                                         Coder<std::vector<Resource>>::write(w, v.resources, d);
                                         w.end_object();
                                       },
                                   .number = 3};

}  // namespace

template <>
struct Schema<Operation> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &Operation::type).omit_default(),
                 field(12, "id", &Operation::id),
                 kLaunch,
                 Hook<Operation>{.name = "launch_group",
                                 .read_hook = read_launch_group,
                                 .present_hook = is_type<Type::launch_group>,
                                 .write_hook = write_launch_group,
                                 .number = 7},
                 kReserve,
                 Hook<Operation>{.name = "unreserve",
                                 .read_hook = read_resources<ResourceList>,
                                 .present_hook = is_type<Type::unreserve>,
                                 .write_hook = write_resources<ResourceList>,
                                 .number = 4},
                 Hook<Operation>{.name = "create",
                                 .read_hook = read_resources<VolumeList>,
                                 .present_hook = is_type<Type::create>,
                                 .write_hook = write_resources<VolumeList>,
                                 .number = 5},
                 Hook<Operation>{.name = "destroy",
                                 .read_hook = read_resources<VolumeList>,
                                 .present_hook = is_type<Type::destroy>,
                                 .write_hook = write_resources<VolumeList>,
                                 .number = 6}};
};

}  // namespace ekiden::json

EKIDEN_JSON_TYPE(ekiden::model::ContainerStatus)
EKIDEN_JSON_TYPE(ekiden::model::TaskStatus)
EKIDEN_JSON_TYPE(ekiden::model::FrameworkInfo)
EKIDEN_JSON_TYPE(ekiden::model::Unavailability)
EKIDEN_JSON_TYPE(ekiden::model::Filters)
EKIDEN_JSON_TYPE(ekiden::model::Offer)
EKIDEN_JSON_TYPE(ekiden::model::Operation)
