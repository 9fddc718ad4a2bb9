#pragma once

#include "core/base/strings.h"
#include "core/json/codec.h"
#include "marathon/api/app_form.h"
#include "marathon/api/patterns.h"

#include <array>

// Wire shapes and checks that several tables of this folder use. Table .cpp files only.
namespace ekiden::marathon::wire {

inline constexpr std::array<std::string_view, 2> kReadModes{"RO", "RW"};
inline constexpr std::array<std::string_view, 3> kNetworkProtocols{"tcp", "udp", "udp,tcp"};
inline constexpr std::array<std::string_view, 2> kHttpSchemes{"HTTP", "HTTPS"};
inline constexpr std::array<std::string_view, 2> kIpProtocols{"IPv4", "IPv6"};
inline constexpr std::array<std::string_view, 4> kDockerNetworks{"BRIDGE", "HOST", "NONE", "USER"};
inline constexpr std::array<std::string_view, 2> kIpcModes{"PRIVATE", "SHARE_PARENT"};

// An enumeration that is kept as its canonical text.
template <const auto& kWords>
struct WordCoder {
  static bool read(const json::Node& node, json::Reader& reader, std::string& out) {
    if (!json::read_scalar(node, reader, out)) {
      return false;
    }
    for (std::string_view word : kWords) {
      if (iequals(word, out)) {
        out = word;
        return true;
      }
    }
    return reader.problem("error.unknown.enum.literal");
  }

  static void write(json::Writer& writer, const std::string& value, const json::Dialect&) {
    writer.string(value);
  }

  static json::Value schema(json::SchemaDefinitions&) {
    json::Array all;
    for (std::string_view word : kWords) {
      all.emplace_back(word);
    }
    return json::Value(json::Object{{"type", "string"}, {"enum", std::move(all)}});
  }
};

// Kept without a type in the model; the table checks it and fills in the defaults.
template <class Table>
struct OpaqueCoder {
  static bool read(const json::Node& node, json::Reader& reader, json::Value& out) {
    Table table{};
    if (!json::Coder<Table>::read(node, reader, table)) {
      return false;
    }
    json::Writer writer;
    json::Coder<Table>::write(writer, table, json::kMarathon);
    out = json::parse(writer.take()).value_or(json::Value());
    return true;
  }

  static void write(json::Writer& writer, const json::Value& value, const json::Dialect&) {
    writer.value(value);
  }

  static json::Value schema(json::SchemaDefinitions& definitions) {
    return json::Coder<Table>::schema(definitions);
  }
};

inline const char* any_port(const std::int32_t& port) {
  return port < 0 ? "error.min" : port > 65535 ? "error.max" : nullptr;
}

inline const char* legacy_name(const std::string& name) {
  return is_label(name) ? nullptr : "error.pattern";
}

inline constexpr std::size_t kNameMax = 63;
inline constexpr std::size_t kPathMax = 1024;

// A persistent volume on the wire, of an app or of a pod.
struct PersistentForm {
  std::optional<PersistentVolume::Type> type;
  std::int64_t size = 0;
  std::optional<std::int64_t> max_size;
  std::optional<std::string> profile_name;
  std::vector<std::vector<std::string>> constraints;
  bool operator==(const PersistentForm&) const = default;
};

PersistentVolume to_persistent(PersistentForm form);
PersistentForm to_form(const PersistentVolume& volume);

}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using marathon::KillSelection;
using marathon::PersistentVolume;
using marathon::UpgradeStrategy;

template <>
struct Names<KillSelection> {
  static constexpr std::pair<KillSelection, std::string_view> table[] = {
      {KillSelection::youngest_first, "YOUNGEST_FIRST"},
      {KillSelection::oldest_first, "OLDEST_FIRST"}};
};

template <>
struct Names<PersistentVolume::Type> {
  static constexpr std::pair<PersistentVolume::Type, std::string_view> table[] = {
      {PersistentVolume::Type::root, "root"},
      {PersistentVolume::Type::path, "path"},
      {PersistentVolume::Type::mount, "mount"}};
};

template <>
struct Names<UpgradeStrategy::OnFailure> {
  static constexpr std::pair<UpgradeStrategy::OnFailure, std::string_view> table[] = {
      {UpgradeStrategy::OnFailure::carry_on, "continue"},
      {UpgradeStrategy::OnFailure::pause, "pause"},
      {UpgradeStrategy::OnFailure::rollback, "rollback"}};
};

}  // namespace ekiden::json
