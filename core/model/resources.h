#pragma once

#include "core/base/result.h"
#include "core/model/common.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ekiden::model {

// A quantity in thousandths: 0.1 + 0.2 == 0.3 here (mesos-core.md 5.3).
struct Scalar {
  std::int64_t milli = 0;
  static Scalar from_double(double value);  // rounded to three decimals

  double to_double() const { return static_cast<double>(milli) / 1000.0; }

  auto operator<=>(const Scalar&) const = default;

  Scalar& operator+=(Scalar other) {
    milli += other.milli;
    return *this;
  }

  Scalar& operator-=(Scalar other) {
    milli -= other.milli;
    return *this;
  }

  friend Scalar operator+(Scalar a, Scalar b) { return {a.milli + b.milli}; }

  friend Scalar operator-(Scalar a, Scalar b) { return {a.milli - b.milli}; }
};

// Both ends inclusive.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool operator==(const Range&) const = default;
};

enum class ValueType { scalar, ranges, set };

struct Reservation {
  enum class Type { static_, dynamic };
  Type type = Type::dynamic;
  std::string role;
  std::optional<std::string> principal;
  std::optional<Labels> labels;
  bool operator==(const Reservation&) const = default;
};

struct Persistence {
  std::string id;
  std::optional<std::string> principal;
  bool operator==(const Persistence&) const = default;
};

// Where the data of a container's volume come from [mesos-core 6.9].
struct VolumeSource {
  enum class Type { unknown, docker_volume, sandbox_path, secret, host_path, csi_volume };

  struct DockerVolume {
    std::optional<std::string> driver;
    std::string name;
    std::vector<Parameter> driver_options;  // wire: driver_options.parameter
    bool operator==(const DockerVolume&) const = default;
  };

  struct SandboxPath {
    enum class Type { unknown, self, parent };
    Type type = Type::unknown;
    std::string path;
    bool operator==(const SandboxPath&) const = default;
  };

  Type type = Type::unknown;
  std::optional<DockerVolume> docker_volume;
  std::optional<SandboxPath> sandbox_path;
  std::optional<std::string> host_path;  // wire: host_path.path
  std::optional<Secret> secret;
  bool operator==(const VolumeSource&) const = default;
};

// How a volume appears in a container; also used by ContainerInfo.
struct VolumeRef {
  enum class Mode { rw, ro };
  Mode mode = Mode::rw;
  std::string container_path;
  std::optional<std::string> host_path;
  std::optional<VolumeSource> source{};
  bool operator==(const VolumeRef&) const = default;
};

struct DiskSource {
  enum class Type { unknown, path, mount, block, raw };

  struct Root {
    std::optional<std::string> root;
    bool operator==(const Root&) const = default;
  };

  Type type = Type::unknown;
  std::optional<Root> path;
  std::optional<Root> mount;
  std::optional<std::string> id;
  std::optional<std::string> profile;
  std::optional<std::string> vendor;
  std::optional<Labels> metadata;
  bool operator==(const DiskSource&) const = default;
};

struct DiskInfo {
  std::optional<Persistence> persistence;
  std::optional<VolumeRef> volume;
  std::optional<DiskSource> source;
  bool operator==(const DiskInfo&) const = default;
};

// How reservations are written [mesos-core 5.3]: says nothing about what a resource is, so it never
// makes two resources different.
struct ReservationForm {
  enum class Is : std::uint8_t {
    both,       // as endpoints write it: the stack, and the old form while it can say the same
    old,        // "role" and "reservation": for frameworks without RESERVATION_REFINEMENT
    refinable,  // "reservations" only
  };
  Is is = Is::both;

  bool operator==(const ReservationForm&) const { return true; }
};

// One entry on the wire. `type` says which of scalar, ranges, set counts.
struct Resource {
  std::string name;
  ValueType type = ValueType::scalar;
  Scalar scalar;
  std::vector<Range> ranges;
  std::vector<std::string> set;
  std::vector<Reservation> reservations;       // outermost role first; empty: unreserved
  std::optional<std::string> allocation_role;  // wire: allocation_info.role
  std::optional<DiskInfo> disk;
  bool revocable = false;  // wire: revocable: {}
  bool shared = false;     // wire: shared: {}
  std::optional<ResourceProviderId> provider_id;
  ReservationForm form;
  bool operator==(const Resource&) const = default;
};

// A sum of resources, kept merged and in a canonical order. Two entries merge when everything but
// the quantity is equal; persistent volumes never merge; shared ones count uses.
class Resources {
 public:
  Resources() = default;
  explicit Resources(const std::vector<Resource>& list);

  Resources& operator+=(const Resource& resource);
  Resources& operator+=(const Resources& other);
  // Takes away what is there of each entry; call contains first where it matters.
  Resources& operator-=(const Resources& other);

  friend Resources operator+(Resources a, const Resources& b) { return a += b; }

  friend Resources operator-(Resources a, const Resources& b) { return a -= b; }

  bool contains(const Resources& other) const;

  bool empty() const { return list_.empty(); }

  bool operator==(const Resources&) const = default;

  // Totals over all reservations.
  Scalar scalar(std::string_view name) const;
  std::vector<Range> ranges(std::string_view name) const;
  Resources unreserved() const;
  Resources reserved(std::string_view role) const;  // innermost role equals it
  // What a role may be offered: unreserved, and reserved to the role or one of its ancestors.
  Resources allocatable_to(std::string_view role) const;
  Resources with_allocation(const std::optional<std::string>& role) const;  // set or clear
  // Everything but quantities dropped: for quota and dominant share arithmetic.
  Resources quantities() const;

  const std::vector<Resource>& list() const& { return list_; }

  // Of a sum that is about to go: "for (auto& r : sum.quantities().list())" keeps what it walks.
  std::vector<Resource> list() && { return std::move(list_); }

 private:
  std::vector<Resource> list_;
};

// "cpus:4;mem:8192;ports:[31000-32000];cpus(web):2" [mesos-core 6.2]
Result<Resources> parse_resources(std::string_view text, std::string_view default_role = "*");
// "cpus:4; mem:8192; ports:[31000-32000]", for people.
std::string to_text(const Resources& resources);
// Ranges sorted, disjoint and merged.
std::vector<Range> normalised(std::vector<Range> ranges);

Resource scalar_resource(std::string_view name, double value);
Resource ranges_resource(std::string_view name, std::vector<Range> ranges);

}  // namespace ekiden::model
