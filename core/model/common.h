#pragma once

#include "core/base/id.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Mesos v1 messages that many others contain, as plain values. Member names are the wire names
// (mesos-core.md Appendix A has the numbers); optional members are std::optional, repeated ones
// vectors. Ids are {"value": ...} on the wire.
namespace ekiden::model {

struct Label {
  std::string key;
  std::optional<std::string> value;
  bool operator==(const Label&) const = default;
};

struct Labels {
  std::vector<Label> labels;
  const std::string* find(std::string_view key) const;  // the value of the first of that key
  bool operator==(const Labels&) const = default;
};

struct Parameter {
  std::string key;
  std::string value;
  bool operator==(const Parameter&) const = default;
};

// A reference names what the agent looks up; a value carries it.
struct Secret {
  struct Reference {
    std::string name;
    std::optional<std::string> key;
    bool operator==(const Reference&) const = default;
  };

  enum class Type { unknown, reference, value };
  Type type = Type::unknown;
  std::optional<Reference> reference;
  std::optional<std::string> value;  // wire: value.data, base64
  bool operator==(const Secret&) const = default;
};

struct EnvironmentVariable {
  enum class Type { unknown, value, secret };
  std::string name;
  std::optional<std::string> value;
  Type type = Type::value;
  std::optional<Secret> secret{};  // of type secret
  bool operator==(const EnvironmentVariable&) const = default;
};

struct Environment {
  std::vector<EnvironmentVariable> variables;
  bool operator==(const Environment&) const = default;
};

struct DurationInfo {
  std::int64_t nanoseconds = 0;
  bool operator==(const DurationInfo&) const = default;
};

struct TimeInfo {
  std::int64_t nanoseconds = 0;  // since the epoch
  bool operator==(const TimeInfo&) const = default;
};

struct KillPolicy {
  std::optional<DurationInfo> grace_period;
  bool operator==(const KillPolicy&) const = default;
};

struct Address {
  std::optional<std::string> hostname;
  std::optional<std::string> ip;
  std::int32_t port = 0;
  bool operator==(const Address&) const = default;
};

struct DomainInfo {
  struct FaultDomain {
    struct Named {
      std::string name;
      bool operator==(const Named&) const = default;
    };

    Named region;
    Named zone;
    bool operator==(const FaultDomain&) const = default;
  };

  std::optional<FaultDomain> fault_domain;
  bool operator==(const DomainInfo&) const = default;
};

}  // namespace ekiden::model
