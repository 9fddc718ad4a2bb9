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
template <>
struct Custom<Scalar> {
  static bool read(const Node& node, Reader& reader, Scalar& out) {
    double value = 0;
    if (InsideCoder<"value", double>::absent(node)) {
      return reader.missing("value", node, Missing::undefined_on_object);
    }
    if (!InsideCoder<"value", double>::read(node, reader, value)) {
      return false;
    }
    out = Scalar::from_double(value);
    return true;
  }

  static void write(Writer& writer, const Scalar& value, const Dialect& dialect) {
    InsideCoder<"value", double>::write(writer, value.to_double(), dialect);
  }
};

template <>
struct Schema<Range> {
  static constexpr auto fields = std::tuple{field(1, "begin", &Range::begin).required(),
                                            field(2, "end", &Range::end).required()};
};

template <>
struct Names<ValueType> {
  static constexpr std::pair<ValueType, std::string_view> table[] = {
      {ValueType::scalar, "SCALAR"}, {ValueType::ranges, "RANGES"}, {ValueType::set, "SET"}};
};

template <>
struct Names<Attribute::Type> {
  static constexpr std::pair<Attribute::Type, std::string_view> table[] = {
      {Attribute::Type::scalar, "SCALAR"},
      {Attribute::Type::ranges, "RANGES"},
      {Attribute::Type::set, "SET"},
      {Attribute::Type::text, "TEXT"}};
};

template <>
struct Names<Reservation::Type> {
  static constexpr std::pair<Reservation::Type, std::string_view> table[] = {
      {Reservation::Type::static_, "STATIC"}, {Reservation::Type::dynamic, "DYNAMIC"}};
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
  static constexpr std::pair<VolumeRef::Mode, std::string_view> table[] = {
      {VolumeRef::Mode::rw, "RW"}, {VolumeRef::Mode::ro, "RO"}};
};

template <>
struct Schema<VolumeRef> {
  static constexpr auto fields =
      std::tuple{field(3, "mode", &VolumeRef::mode).required(),
                 field(1, "container_path", &VolumeRef::container_path).required(),
                 field(2, "host_path", &VolumeRef::host_path)};
};

template <>
struct Names<DiskSource::Type> {
  static constexpr std::pair<DiskSource::Type, std::string_view> table[] = {
      {DiskSource::Type::unknown, "UNKNOWN"},
      {DiskSource::Type::path, "PATH"},
      {DiskSource::Type::mount, "MOUNT"},
      {DiskSource::Type::block, "BLOCK"},
      {DiskSource::Type::raw, "RAW"}};
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
                                            field(6, "profile", &DiskSource::profile)};
};

template <>
struct Schema<DiskInfo> {
  static constexpr auto fields = std::tuple{field(1, "persistence", &DiskInfo::persistence),
                                            field(2, "volume", &DiskInfo::volume),
                                            field(3, "source", &DiskInfo::source)};
};

namespace {

using RangeList = InsideCoder<"range", std::vector<Range>>;
using ItemList = InsideCoder<"item", std::vector<std::string>>;

constexpr Hook<Resource> kScalar{
    .name = "scalar",
    .read_hook = [](const Node& n,
                    Reader& r,
                    Resource& out) { return Coder<Scalar>::read(n, r, out.scalar); },
    .present_hook = [](const Resource& v) { return v.type == ValueType::scalar; },
    .write_hook = [](Writer& w,
                     const Resource& v,
                     const Dialect& d) { Coder<Scalar>::write(w, v.scalar, d); },
    .number = 3};
constexpr Hook<Resource> kRanges{
    .name = "ranges",
    .read_hook =
        [](const Node& n, Reader& r, Resource& out) { return RangeList::read(n, r, out.ranges); },
    .present_hook = [](const Resource& v) { return v.type == ValueType::ranges; },
    .write_hook =
        [](Writer& w, const Resource& v, const Dialect& d) { RangeList::write(w, v.ranges, d); },
    .number = 4};
constexpr Hook<Resource> kSet{
    .name = "set",
    .read_hook =
        [](const Node& n, Reader& r, Resource& out) { return ItemList::read(n, r, out.set); },
    .present_hook = [](const Resource& v) { return v.type == ValueType::set; },
    .write_hook =
        [](Writer& w, const Resource& v, const Dialect& d) { ItemList::write(w, v.set, d); },
    .number = 5};

// The old form of a reservation: "role", and "reservation" for a dynamic one; written beside the
// new one while the stack has at most one entry (the "endpoint" format), understood alone on input.
constexpr Hook<Resource> kOldRole{
    .name = "role",
    .read_hook =
        [](const Node& n, Reader& r, Resource& out) {
          std::string role;
          if (!Coder<std::string>::read(n, r, role)) {
            return false;
          }
          if (out.reservations.empty() && role != "*") {
            out.reservations.push_back(
                {.type = Reservation::Type::static_, .role = role, .principal = {}, .labels = {}});
          } else if (!out.reservations.empty() && out.reservations.back().role.empty()) {
            out.reservations.back().role = role;
          }
          return true;
        },
    .present_hook = [](const Resource& v) { return v.reservations.size() < 2; },
    .write_hook =
        [](Writer& w, const Resource& v, const Dialect&) {
          w.string(v.reservations.empty() ? "*" : v.reservations.back().role);
        },
    .number = 6};
constexpr Hook<Resource> kOldReservation{
    .name = "reservation",
    .read_hook =
        [](const Node& n, Reader& r, Resource& out) {
          Reservation old;
          if (!Coder<Reservation>::read(n, r, old)) {
            return false;
          }
          if (out.reservations.empty()) {
            out.reservations.emplace_back();
          }
          Reservation& target = out.reservations.back();
          target.type = Reservation::Type::dynamic;
          target.principal = old.principal;
          target.labels = old.labels;
          return true;
        },
    .present_hook =
        [](const Resource& v) {
          return v.reservations.size() == 1 && v.reservations[0].type == Reservation::Type::dynamic;
        },
    .write_hook =
        [](Writer& w, const Resource& v, const Dialect& d) {
          const Reservation& own = v.reservations[0];
          w.begin_object();
          if (own.principal) {
            w.member("principal", *own.principal);
          }
          if (own.labels) {
            w.key("labels");
            Coder<Labels>::write(w, *own.labels, d);
          }
          w.end_object();
        },
    .number = 8};

}  // namespace

template <>
struct Schema<Resource> {
  static constexpr auto fields =
      std::tuple{field(1, "name", &Resource::name).required(),
                 field(2, "type", &Resource::type).required(),
                 kScalar,
                 kRanges,
                 kSet,
                 field(11, "allocation_info", &Resource::allocation_role).inside<"role">(),
                 kOldRole,
                 kOldReservation,
                 field(13, "reservations", &Resource::reservations),
                 field(7, "disk", &Resource::disk),
                 field(9, "revocable", &Resource::revocable).as<Presence>().omit_default(),
                 field(10, "shared", &Resource::shared).as<Presence>().omit_default(),
                 field(12, "provider_id", &Resource::provider_id)};
};

namespace {

constexpr Hook<Attribute> kAttributeScalar{
    .name = "scalar",
    .read_hook = [](const Node& n,
                    Reader& r,
                    Attribute& out) { return Coder<Scalar>::read(n, r, out.scalar); },
    .present_hook = [](const Attribute& v) { return v.type == Attribute::Type::scalar; },
    .write_hook = [](Writer& w,
                     const Attribute& v,
                     const Dialect& d) { Coder<Scalar>::write(w, v.scalar, d); },
    .number = 3};
constexpr Hook<Attribute> kAttributeRanges{
    .name = "ranges",
    .read_hook =
        [](const Node& n, Reader& r, Attribute& out) { return RangeList::read(n, r, out.ranges); },
    .present_hook = [](const Attribute& v) { return v.type == Attribute::Type::ranges; },
    .write_hook =
        [](Writer& w, const Attribute& v, const Dialect& d) { RangeList::write(w, v.ranges, d); },
    .number = 4};
constexpr Hook<Attribute> kAttributeText{
    .name = "text",
    .read_hook =
        [](const Node& n, Reader& r, Attribute& out) {
          return InsideCoder<"value", std::string>::read(n, r, out.text);
        },
    .present_hook = [](const Attribute& v) { return v.type == Attribute::Type::text; },
    .write_hook = [](Writer& w,
                     const Attribute& v,
                     const Dialect& d) { InsideCoder<"value", std::string>::write(w, v.text, d); },
    .number = 5};

}  // namespace

template <>
struct Schema<Attribute> {
  static constexpr auto fields = std::tuple{field(1, "name", &Attribute::name).required(),
                                            field(2, "type", &Attribute::type).required(),
                                            kAttributeScalar,
                                            kAttributeRanges,
                                            kAttributeText};
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

EKIDEN_JSON_TYPE(ekiden::model::Label)
EKIDEN_JSON_TYPE(ekiden::model::Labels)
EKIDEN_JSON_TYPE(ekiden::model::DurationInfo)
EKIDEN_JSON_TYPE(ekiden::model::TimeInfo)
EKIDEN_JSON_TYPE(ekiden::model::Address)
EKIDEN_JSON_TYPE(ekiden::model::DomainInfo)
EKIDEN_JSON_TYPE(ekiden::model::Scalar)
EKIDEN_JSON_TYPE(ekiden::model::Range)
EKIDEN_JSON_TYPE(ekiden::model::VolumeRef)
EKIDEN_JSON_TYPE(ekiden::model::Resource)
EKIDEN_JSON_TYPE(ekiden::model::Attribute)
EKIDEN_JSON_TYPE(ekiden::model::AgentInfo)
