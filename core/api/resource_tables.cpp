#include "core/api/model_tables.h"

namespace ekiden::json {

using namespace model;  // NOLINT: tables of its types

template <>
struct Schema<Label> {
  static constexpr auto fields =
      std::tuple{field(1, "key", &Label::key).required(), field(2, "value", &Label::value)};
};

template <>
struct Schema<Labels> {
  static constexpr auto fields = std::tuple{field(1, "labels", &Labels::labels)};
};

template <>
struct Schema<DurationInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "nanoseconds", &DurationInfo::nanoseconds).required()};
};

template <>
struct Schema<TimeInfo> {
  static constexpr auto fields =
      std::tuple{field(1, "nanoseconds", &TimeInfo::nanoseconds).required()};
};

template <>
struct Schema<Address> {
  static constexpr auto fields = std::tuple{field(1, "hostname", &Address::hostname),
                                            field(2, "ip", &Address::ip),
                                            field(3, "port", &Address::port).required()};
};

template <>
struct Schema<DomainInfo::FaultDomain::Named> {
  static constexpr auto fields =
      std::tuple{field(1, "name", &DomainInfo::FaultDomain::Named::name).required()};
};

template <>
struct Schema<DomainInfo::FaultDomain> {
  static constexpr auto fields =
      std::tuple{field(1, "region", &DomainInfo::FaultDomain::region).required(),
                 field(2, "zone", &DomainInfo::FaultDomain::zone).required()};
};

template <>
struct Schema<DomainInfo> {
  static constexpr auto fields = std::tuple{field(1, "fault_domain", &DomainInfo::fault_domain)};
};

// {"value": 1.5}
struct ScalarValue {
  double value = 0;
};

template <>
struct Schema<ScalarValue> {
  static constexpr auto fields = std::tuple{field(1, "value", &ScalarValue::value).required()};
};

template <>
struct StandIn<Scalar> {
  using type = ScalarValue;

  static ScalarValue get(const Scalar& scalar) { return {scalar.to_double()}; }

  static Scalar from(const ScalarValue& value) { return Scalar::from_double(value.value); }
};

template <>
struct Schema<Range> {
  static constexpr auto fields = std::tuple{field(1, "begin", &Range::begin).required(),
                                            field(2, "end", &Range::end).required()};
};

template <>
struct Names<ValueType> {
  static constexpr NumberedName<ValueType> table[] = {{ValueType::scalar, "SCALAR", 0},
                                                      {ValueType::ranges, "RANGES", 1},
                                                      {ValueType::set, "SET", 2}};
};

template <>
struct Names<Attribute::Type> {
  static constexpr NumberedName<Attribute::Type> table[] = {{Attribute::Type::scalar, "SCALAR", 0},
                                                            {Attribute::Type::ranges, "RANGES", 1},
                                                            {Attribute::Type::set, "SET", 2},
                                                            {Attribute::Type::text, "TEXT", 3}};
};

template <>
struct Names<Reservation::Type> {
  static constexpr NumberedName<Reservation::Type> table[] = {
      {Reservation::Type::static_, "STATIC", 1}, {Reservation::Type::dynamic, "DYNAMIC", 2}};
};

template <>
struct Schema<Reservation> {
  static constexpr auto fields = std::tuple{field(4, "type", &Reservation::type),
                                            field(3, "role", &Reservation::role),
                                            field(1, "principal", &Reservation::principal),
                                            field(2, "labels", &Reservation::labels)};
};

template <>
struct Schema<Persistence> {
  static constexpr auto fields = std::tuple{field(1, "id", &Persistence::id).required(),
                                            field(2, "principal", &Persistence::principal)};
};

template <>
struct Names<VolumeRef::Mode> {
  static constexpr NumberedName<VolumeRef::Mode> table[] = {{VolumeRef::Mode::rw, "RW", 1},
                                                            {VolumeRef::Mode::ro, "RO", 2}};
};

template <>
struct Schema<Parameter> {
  static constexpr auto fields = std::tuple{field(1, "key", &Parameter::key).required(),
                                            field(2, "value", &Parameter::value).required()};
};

template <>
struct Names<Secret::Type> {
  static constexpr NumberedName<Secret::Type> table[] = {{Secret::Type::unknown, "UNKNOWN", 0},
                                                         {Secret::Type::reference, "REFERENCE", 1},
                                                         {Secret::Type::value, "VALUE", 2}};
};

template <>
struct Schema<Secret::Reference> {
  static constexpr auto fields = std::tuple{field(1, "name", &Secret::Reference::name).required(),
                                            field(2, "key", &Secret::Reference::key)};
};

template <>
struct Schema<Secret> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &Secret::type).omit_default(),
                 field(2, "reference", &Secret::reference),
                 field(3, "value", &Secret::value).as<Base64>().inside<"data">()};
};

template <>
struct Names<VolumeSource::Type> {
  static constexpr NumberedName<VolumeSource::Type> table[] = {
      {VolumeSource::Type::unknown, "UNKNOWN", 0},
      {VolumeSource::Type::docker_volume, "DOCKER_VOLUME", 1},
      {VolumeSource::Type::sandbox_path, "SANDBOX_PATH", 2},
      {VolumeSource::Type::secret, "SECRET", 3},
      {VolumeSource::Type::host_path, "HOST_PATH", 4},
      {VolumeSource::Type::csi_volume, "CSI_VOLUME", 5}};
};

template <>
struct Names<VolumeSource::SandboxPath::Type> {
  static constexpr NumberedName<VolumeSource::SandboxPath::Type> table[] = {
      {VolumeSource::SandboxPath::Type::unknown, "UNKNOWN", 0},
      {VolumeSource::SandboxPath::Type::self, "SELF", 1},
      {VolumeSource::SandboxPath::Type::parent, "PARENT", 2}};
};

template <>
struct Schema<VolumeSource::DockerVolume> {
  static constexpr auto fields =
      std::tuple{field(1, "driver", &VolumeSource::DockerVolume::driver),
                 field(2, "name", &VolumeSource::DockerVolume::name).required(),
                 field(3, "driver_options", &VolumeSource::DockerVolume::driver_options)
                     .inside<"parameter">()};
};

template <>
struct Schema<VolumeSource::SandboxPath> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &VolumeSource::SandboxPath::type),
                 field(2, "path", &VolumeSource::SandboxPath::path).required()};
};

template <>
struct Schema<VolumeSource> {
  static constexpr auto fields =
      std::tuple{field(1, "type", &VolumeSource::type),
                 field(2, "docker_volume", &VolumeSource::docker_volume),
                 field(3, "sandbox_path", &VolumeSource::sandbox_path),
                 field(5, "host_path", &VolumeSource::host_path).inside<"path">(),
                 field(4, "secret", &VolumeSource::secret)};
};

template <>
struct Schema<VolumeRef> {
  static constexpr auto fields =
      std::tuple{field(3, "mode", &VolumeRef::mode).required(),
                 field(1, "container_path", &VolumeRef::container_path).required(),
                 field(2, "host_path", &VolumeRef::host_path),
                 field(5, "source", &VolumeRef::source)};
};

template <>
struct Schema<DiskSource::Root> {
  static constexpr auto fields = std::tuple{field(1, "root", &DiskSource::Root::root)};
};

template <>
struct Schema<DiskSource> {
  static constexpr auto fields = std::tuple{field(1, "type", &DiskSource::type).required(),
                                            field(2, "path", &DiskSource::path),
                                            field(3, "mount", &DiskSource::mount),
                                            field(4, "id", &DiskSource::id),
                                            field(7, "vendor", &DiskSource::vendor),
                                            field(5, "metadata", &DiskSource::metadata),
                                            field(6, "profile", &DiskSource::profile)};
};

template <>
struct Schema<DiskInfo> {
  static constexpr auto fields = std::tuple{field(1, "persistence", &DiskInfo::persistence),
                                            field(2, "volume", &DiskInfo::volume),
                                            field(3, "source", &DiskInfo::source)};
};

// What a reservation was called before there were several: only beside "role".
struct OldReservation {
  std::optional<std::string> principal;
  std::optional<Labels> labels;
  bool operator==(const OldReservation&) const = default;
};

template <>
struct Schema<OldReservation> {
  static constexpr auto fields = std::tuple{field(1, "principal", &OldReservation::principal),
                                            field(2, "labels", &OldReservation::labels)};
};

namespace {

template <ValueType kType>
bool is_type(const Resource& resource) {
  return resource.type == kType;
}

template <Attribute::Type kType>
bool is_type(const Attribute& attribute) {
  return attribute.type == kType;
}

// The old form of a reservation: "role", and "reservation" for a dynamic one; written beside the
// new one while the stack has at most one entry (the "endpoint" format), understood alone on input.
bool has_old_form(const Resource& resource) {
  return resource.reservations.size() < 2 && resource.form.is != ReservationForm::Is::refinable;
}

bool has_stack(const Resource& resource) {
  return resource.reservations.size() > 1 || resource.form.is != ReservationForm::Is::old;
}

std::string old_role(const Resource& resource) {
  return resource.reservations.empty() ? "*" : resource.reservations.back().role;
}

void set_old_role(Resource& out, std::string&& role) {
  if (out.reservations.empty() && role != "*") {
    Reservation& added = out.reservations.emplace_back();
    added.type = Reservation::Type::static_;
    added.role = std::move(role);
  } else if (!out.reservations.empty() && out.reservations.back().role.empty()) {
    out.reservations.back().role = std::move(role);
  }
}

bool has_old_reservation(const Resource& resource) {
  return resource.reservations.size() == 1 && has_old_form(resource) &&
         resource.reservations[0].type == Reservation::Type::dynamic;
}

OldReservation old_reservation(const Resource& resource) {
  return {resource.reservations[0].principal, resource.reservations[0].labels};
}

void set_old_reservation(Resource& out, OldReservation&& old) {
  if (out.reservations.empty()) {
    out.reservations.emplace_back();
  }
  Reservation& target = out.reservations.back();
  target.type = Reservation::Type::dynamic;
  target.principal = std::move(old.principal);
  target.labels = std::move(old.labels);
}

}  // namespace

template <>
struct Schema<Resource> {
  static constexpr auto fields = std::tuple{
      field(1, "name", &Resource::name).required(),
      field(2, "type", &Resource::type).required(),
      field(3, "scalar", &Resource::scalar).when(is_type<ValueType::scalar>),
      field(4, "ranges", &Resource::ranges).inside<"range">().when(is_type<ValueType::ranges>),
      field(5, "set", &Resource::set).inside<"item">().when(is_type<ValueType::set>),
      field(11, "allocation_info", &Resource::allocation_role).inside<"role">(),
      Via<Resource, std::string>{"role", has_old_form, old_role, set_old_role, 6},
      Via<Resource, OldReservation>{
          "reservation", has_old_reservation, old_reservation, set_old_reservation, 8},
      field(13, "reservations", &Resource::reservations).replacing().when(has_stack),
      field(7, "disk", &Resource::disk),
      field(9, "revocable", &Resource::revocable).as<Presence>().omit_default(),
      field(10, "shared", &Resource::shared).as<Presence>().omit_default(),
      field(12, "provider_id", &Resource::provider_id)};
};

template <>
struct Schema<Attribute> {
  static constexpr auto fields = std::tuple{
      field(1, "name", &Attribute::name).required(),
      field(2, "type", &Attribute::type).required(),
      field(3, "scalar", &Attribute::scalar).when(is_type<Attribute::Type::scalar>),
      field(4, "ranges", &Attribute::ranges)
          .inside<"range">()
          .when(is_type<Attribute::Type::ranges>),
      field(5, "text", &Attribute::text).inside<"value">().when(is_type<Attribute::Type::text>)};
};

template <>
struct Schema<AgentInfo> {
  static constexpr auto fields = std::tuple{field(1, "hostname", &AgentInfo::hostname).required(),
                                            field(8, "port", &AgentInfo::port),
                                            field(3, "resources", &AgentInfo::resources),
                                            field(5, "attributes", &AgentInfo::attributes),
                                            field(6, "id", &AgentInfo::id),
                                            field(10, "domain", &AgentInfo::domain)};
};

}  // namespace ekiden::json

EKIDEN_WIRE_TYPE(ekiden::model::Label)
EKIDEN_WIRE_TYPE(ekiden::model::Labels)
EKIDEN_WIRE_TYPE(ekiden::model::Parameter)
EKIDEN_WIRE_TYPE(ekiden::model::Secret)
EKIDEN_WIRE_TYPE(ekiden::model::DurationInfo)
EKIDEN_WIRE_TYPE(ekiden::model::TimeInfo)
EKIDEN_WIRE_TYPE(ekiden::model::Address)
EKIDEN_WIRE_TYPE(ekiden::model::DomainInfo)
EKIDEN_WIRE_TYPE(ekiden::model::Scalar)
EKIDEN_WIRE_TYPE(ekiden::model::Range)
EKIDEN_WIRE_TYPE(ekiden::model::VolumeSource)
EKIDEN_WIRE_TYPE(ekiden::model::VolumeRef)
EKIDEN_WIRE_TYPE(ekiden::model::Resource)
EKIDEN_WIRE_TYPE(ekiden::model::Attribute)
EKIDEN_WIRE_TYPE(ekiden::model::AgentInfo)
