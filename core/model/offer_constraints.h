#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

// Which agents a framework wants to be offered at all, per role [mesos-core 2.17].
namespace ekiden::model {

struct AttributeConstraint {
  enum class Pseudo { unknown, hostname, region, zone };

  struct Selector {  // one of the two
    Pseudo pseudoattribute_type = Pseudo::unknown;
    std::optional<std::string> attribute_name;  // the first attribute of that name
    bool operator==(const Selector&) const = default;
  };

  struct Predicate {  // one of the six
    bool exists = false;
    bool not_exists = false;
    std::optional<std::string> text_equals;       // wire: {"value": ...}
    std::optional<std::string> text_not_equals;   // wire: {"value": ...}
    std::optional<std::string> text_matches;      // wire: {"regex": ...}; a full match
    std::optional<std::string> text_not_matches;  // wire: {"regex": ...}
    bool operator==(const Predicate&) const = default;
  };

  Selector selector;
  Predicate predicate;
  bool operator==(const AttributeConstraint&) const = default;
};

struct OfferConstraints {
  struct Group {  // all of them
    std::vector<AttributeConstraint> attribute_constraints;
    bool operator==(const Group&) const = default;
  };

  struct RoleConstraints {  // any of them
    std::vector<Group> groups;
    bool operator==(const RoleConstraints&) const = default;
  };

  std::map<std::string, RoleConstraints> role_constraints;
  bool operator==(const OfferConstraints&) const = default;
};

}  // namespace ekiden::model
