#include "core/api/model_tables.h"

namespace ekiden::json {

using namespace model;  // NOLINT: tables of its types

template <>
struct Names<StatusSource> {
  static constexpr NumberedName<StatusSource> table[] = {
      {StatusSource::master, "SOURCE_MASTER", 0},
      {StatusSource::agent, "SOURCE_AGENT", 1},
      {StatusSource::executor, "SOURCE_EXECUTOR", 2}};
};

template <>
struct Names<CheckInfo::Type> {
  static constexpr NumberedName<CheckInfo::Type> table[] = {
      {CheckInfo::Type::unknown, "UNKNOWN", 0},
      {CheckInfo::Type::command, "COMMAND", 1},
      {CheckInfo::Type::http, "HTTP", 2},
      {CheckInfo::Type::tcp, "TCP", 3}};
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
  static constexpr auto fields = std::tuple{
      field(4, "container_id", &ContainerStatus::container_id),
      field(1, "network_infos", &ContainerStatus::network_infos),
      field(2, "cgroup_info", &ContainerStatus::cgroup_classid)
          .as<InsideCoder<"net_cls", std::uint32_t, InsideCoder<"classid", std::uint32_t>>>(),
      field(3, "executor_pid", &ContainerStatus::executor_pid)};
};

template <>
struct Schema<TaskResourceLimitation> {
  static constexpr auto fields =
      std::tuple{field(1, "resources", &TaskResourceLimitation::resources)};
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
                 field(14, "unreachable_time", &TaskStatus::unreachable_time),
                 field(16, "limitation", &TaskStatus::limitation)};
};

template <>
struct Names<FrameworkCapability> {
  static constexpr NumberedName<FrameworkCapability> table[] = {
      {FrameworkCapability::unknown, "UNKNOWN", 0},
      {FrameworkCapability::revocable_resources, "REVOCABLE_RESOURCES", 1},
      {FrameworkCapability::task_killing_state, "TASK_KILLING_STATE", 2},
      {FrameworkCapability::gpu_resources, "GPU_RESOURCES", 3},
      {FrameworkCapability::shared_resources, "SHARED_RESOURCES", 4},
      {FrameworkCapability::partition_aware, "PARTITION_AWARE", 5},
      {FrameworkCapability::multi_role, "MULTI_ROLE", 6},
      {FrameworkCapability::reservation_refinement, "RESERVATION_REFINEMENT", 7},
      {FrameworkCapability::region_aware, "REGION_AWARE", 8}};
};

// {"type": "MULTI_ROLE"}; a name we do not know stays `unknown`, as protobuf keeps it unset.
struct CapabilityCoder {
  using Protobuf = InsideCoder<"type", FrameworkCapability>;

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
struct Schema<ResourceQuantities> {
  static constexpr auto fields =
      std::tuple{field(1, "quantities", &ResourceQuantities::quantities)
                     .as<MapCoder<double, InsideCoder<"value", double>>>()};
};

template <>
struct Schema<OfferFilters::MinAllocatableResources> {
  static constexpr auto fields =
      std::tuple{field(1, "quantities", &OfferFilters::MinAllocatableResources::quantities)};
};

template <>
struct Schema<OfferFilters> {
  static constexpr auto fields =
      std::tuple{field(1, "min_allocatable_resources", &OfferFilters::min_allocatable_resources)};
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
                 field(11, "labels", &FrameworkInfo::labels),
                 field(13, "offer_filters", &FrameworkInfo::offer_filters)};
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

// The agent's URL; of it only the address is known here.
struct Url {
  std::string scheme = "http";
  Address address;
  std::string path = "/slave(1)";
  bool operator==(const Url&) const = default;
};

template <>
struct Schema<Url> {
  static constexpr auto fields = std::tuple{field(1, "scheme", &Url::scheme).required(),
                                            field(2, "address", &Url::address).required(),
                                            field(3, "path", &Url::path)};
};

namespace {

bool has_url(const Offer& offer) {
  return offer.agent_url_address_ip.has_value();
}

Url url_of(const Offer& offer) {
  Url url;
  url.address = {offer.hostname, offer.agent_url_address_ip, offer.agent_url_address_port};
  return url;
}

void set_url(Offer& out, Url&& url) {
  out.agent_url_address_ip = std::move(url.address.ip);
  out.agent_url_address_port = url.address.port;
}

}  // namespace

template <>
struct Schema<Offer> {
  static constexpr auto fields = std::tuple{
      field(1, "id", &Offer::id).required(),
      field(2, "framework_id", &Offer::framework_id).required(),
      field(3, "agent_id", &Offer::agent_id).required(),
      field(4, "hostname", &Offer::hostname).required(),
      Via<Offer, Url>{"url", has_url, url_of, set_url, 8},
      field(5, "resources", &Offer::resources),
      field(7, "attributes", &Offer::attributes),
      field(6, "executor_ids", &Offer::executor_ids),
      field(10, "allocation_info", &Offer::allocation_role).inside<"role">().omit_default(),
      field(11, "domain", &Offer::domain),
      field(9, "unavailability", &Offer::unavailability)};
};

namespace {

bool has_url(const InverseOffer& offer) {
  return offer.agent_url_address_ip.has_value();
}

Url url_of(const InverseOffer& offer) {
  Url url;
  url.address = {
      offer.agent_url_hostname, offer.agent_url_address_ip, offer.agent_url_address_port};
  return url;
}

void set_url(InverseOffer& out, Url&& url) {
  out.agent_url_address_ip = std::move(url.address.ip);
  out.agent_url_hostname = std::move(url.address.hostname).value_or("");
  out.agent_url_address_port = url.address.port;
}

}  // namespace

template <>
struct Schema<InverseOffer> {
  static constexpr auto fields =
      std::tuple{field(1, "id", &InverseOffer::id).required(),
                 Via<InverseOffer, Url>{"url", has_url, url_of, set_url, 2},
                 field(3, "framework_id", &InverseOffer::framework_id).required(),
                 field(4, "agent_id", &InverseOffer::agent_id),
                 field(5, "unavailability", &InverseOffer::unavailability).required(),
                 field(6, "resources", &InverseOffer::resources)};
};

struct LaunchGroup {
  ExecutorInfo executor;
  std::vector<TaskInfo> tasks;
  bool operator==(const LaunchGroup&) const = default;
};

template <>
struct Schema<LaunchGroup> {
  static constexpr auto fields =
      std::tuple{field(1, "executor", &LaunchGroup::executor).required(),
                 field(2, "task_group", &LaunchGroup::tasks).required().inside<"tasks">()};
};

struct Reserve {
  std::vector<Resource> source;
  std::vector<Resource> resources;
  bool operator==(const Reserve&) const = default;
};

template <>
struct Schema<Reserve> {
  static constexpr auto fields =
      std::tuple{field(2, "source", &Reserve::source), field(1, "resources", &Reserve::resources)};
};

struct GrowVolume {
  Resource volume;
  Resource addition;
  bool operator==(const GrowVolume&) const = default;
};

template <>
struct Schema<GrowVolume> {
  static constexpr auto fields = std::tuple{field(1, "volume", &GrowVolume::volume).required(),
                                            field(2, "addition", &GrowVolume::addition).required()};
};

struct ShrinkVolume {
  Resource volume;
  Scalar subtract;
  bool operator==(const ShrinkVolume&) const = default;
};

template <>
struct Schema<ShrinkVolume> {
  static constexpr auto fields =
      std::tuple{field(1, "volume", &ShrinkVolume::volume).required(),
                 field(2, "subtract", &ShrinkVolume::subtract).required()};
};

struct CreateDisk {
  Resource source;
  DiskSource::Type target_type = DiskSource::Type::unknown;
  std::optional<std::string> target_profile;
  bool operator==(const CreateDisk&) const = default;
};

template <>
struct Schema<CreateDisk> {
  static constexpr auto fields =
      std::tuple{field(1, "source", &CreateDisk::source).required(),
                 field(2, "target_type", &CreateDisk::target_type).required(),
                 field(3, "target_profile", &CreateDisk::target_profile)};
};

namespace {

using Type = Operation::Type;

template <Type kType>
bool is_type(const Operation& operation) {
  return operation.type == kType;
}

LaunchGroup launch_group_of(const Operation& operation) {
  return {operation.launch_group_executor.value_or(ExecutorInfo{}), operation.launch_group_tasks};
}

void set_launch_group(Operation& out, LaunchGroup&& group) {
  out.launch_group_executor = std::move(group.executor);
  out.launch_group_tasks = std::move(group.tasks);
}

Reserve reserve_of(const Operation& operation) {
  return {operation.reserve_source, operation.resources};
}

GrowVolume grow_of(const Operation& operation) {
  return {operation.volume.value_or(Resource{}), operation.addition.value_or(Resource{})};
}

void set_grow(Operation& out, GrowVolume&& grow) {
  out.volume = std::move(grow.volume);
  out.addition = std::move(grow.addition);
}

ShrinkVolume shrink_of(const Operation& operation) {
  return {operation.volume.value_or(Resource{}), operation.subtract.value_or(Scalar{})};
}

void set_shrink(Operation& out, ShrinkVolume&& shrink) {
  out.volume = std::move(shrink.volume);
  out.subtract = shrink.subtract;
}

CreateDisk create_disk_of(const Operation& operation) {
  return {operation.volume.value_or(Resource{}), operation.target_type, operation.target_profile};
}

void set_create_disk(Operation& out, CreateDisk&& disk) {
  out.volume = std::move(disk.source);
  out.target_type = disk.target_type;
  out.target_profile = std::move(disk.target_profile);
}

void set_reserve(Operation& out, Reserve&& reserve) {
  out.reserve_source = std::move(reserve.source);
  out.resources = std::move(reserve.resources);
}

}  // namespace

template <>
struct Schema<Operation> {
  static constexpr auto fields = std::tuple{
      field(1, "type", &Operation::type).omit_default(),
      field(12, "id", &Operation::id),
      field(2, "launch", &Operation::launch_task_infos)
          .inside<"task_infos">()
          .when(is_type<Type::launch>),
      Via<Operation, LaunchGroup>{
          "launch_group", is_type<Type::launch_group>, launch_group_of, set_launch_group, 7},
      Via<Operation, Reserve>{"reserve", is_type<Type::reserve>, reserve_of, set_reserve, 3},
      field(4, "unreserve", &Operation::resources)
          .inside<"resources">()
          .when(is_type<Type::unreserve>),
      field(5, "create", &Operation::resources).inside<"volumes">().when(is_type<Type::create>),
      field(6, "destroy", &Operation::resources).inside<"volumes">().when(is_type<Type::destroy>),
      Via<Operation, GrowVolume>{"grow_volume", is_type<Type::grow_volume>, grow_of, set_grow, 13},
      Via<Operation, ShrinkVolume>{
          "shrink_volume", is_type<Type::shrink_volume>, shrink_of, set_shrink, 14},
      Via<Operation, CreateDisk>{
          "create_disk", is_type<Type::create_disk>, create_disk_of, set_create_disk, 15},
      field(16, "destroy_disk", &Operation::volume)
          .inside<"source">()
          .when(is_type<Type::destroy_disk>)};
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::model::ContainerStatus)
EKIDEN_WIRE_TYPE(ekiden::model::TaskResourceLimitation)
EKIDEN_WIRE_TYPE(ekiden::model::TaskStatus)
EKIDEN_WIRE_TYPE(ekiden::model::FrameworkInfo)
EKIDEN_WIRE_TYPE(ekiden::model::Unavailability)
EKIDEN_WIRE_TYPE(ekiden::model::Filters)
EKIDEN_WIRE_TYPE(ekiden::model::Offer)
EKIDEN_WIRE_TYPE(ekiden::model::InverseOffer)
EKIDEN_WIRE_TYPE(ekiden::model::Operation)
