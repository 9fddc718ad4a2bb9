#include "core/agent/host_resources.h"

#include "core/base/strings.h"
#include "core/json/json.h"
#include "core/wire/authentication.h"

#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

namespace ekiden::agent {
namespace {

constexpr double kMb = 1024.0 * 1024.0;
constexpr double kGbInMb = 1024;
constexpr model::Range kPorts{31000, 32000};

double memory_mb() {
  struct sysinfo info {};

  if (::sysinfo(&info) != 0) {
    return kGbInMb;
  }
  const double total = static_cast<double>(info.totalram) * info.mem_unit / kMb;
  return std::floor(total >= 2 * kGbInMb ? total - kGbInMb : total / 2);
}

double disk_mb(const std::string& folder) {
  struct statvfs info {};

  if (::statvfs(folder.c_str(), &info) != 0) {
    return 10 * kGbInMb;
  }
  const double total =
      static_cast<double>(info.f_blocks) * static_cast<double>(info.f_frsize) / kMb;
  return std::floor(total >= 10 * kGbInMb ? total - 5 * kGbInMb : total / 2);
}

// "cpus:0" counts as given, though nothing of it remains.
Result<model::Resources> from_text(std::string_view text,
                                   const std::string& default_role,
                                   std::set<std::string>& given) {
  for (const std::string_view piece : split_nonempty(text, ';')) {
    given.emplace(trim(piece.substr(0, piece.find_first_of(":("))));
  }
  return model::parse_resources(text, default_role);
}

tl::unexpected<Error> not_allowed(const model::Resource& resource, const char* why) {
  return fail(ErrorCode::invalid,
              fmt::format("cannot offer resource {} of --resources: {}", resource.name, why));
}

Result<model::Resources> from_json(std::string_view text,
                                   const std::string& default_role,
                                   std::set<std::string>& given) {
  const auto list = json::parse(text);
  if (!list) {
    return fail(ErrorCode::invalid, "cannot read --resources: " + list.error().message);
  }
  model::Resources resources;
  std::map<std::string, model::ValueType> types;
  for (const json::Value& entry : list->as_array()) {
    auto resource = json::decode<model::Resource>(entry, json::kMesos);
    if (!resource) {
      return fail(ErrorCode::invalid, "cannot read --resources: " + resource.error().message);
    }
    if (resource->revocable) {
      return not_allowed(*resource, "revocable ones are estimated, not configured");
    }
    if (resource->disk && resource->disk->persistence) {
      return not_allowed(*resource, "persistent volumes are made by operations");
    }
    for (const model::Reservation& reservation : resource->reservations) {
      if (reservation.type == model::Reservation::Type::dynamic) {
        return not_allowed(*resource, "dynamic reservations are made by operations");
      }
    }
    if (resource->reservations.empty() && default_role != "*") {
      model::Reservation reservation;
      reservation.type = model::Reservation::Type::static_;
      reservation.role = default_role;
      resource->reservations.push_back(std::move(reservation));
    }
    const auto [known, fresh] = types.emplace(resource->name, resource->type);
    if (!fresh && known->second != resource->type) {
      return not_allowed(*resource, "it is given with two kinds of value");
    }
    given.insert(resource->name);
    resources += *resource;
  }
  return resources;
}

}  // namespace

Result<model::Resources> host_resources(const std::string& value,
                                        const std::string& work_dir,
                                        const std::string& default_role) {
  const auto text =
      value.starts_with("file://") ? wire::flag_text(value) : Result<std::string>(value);
  if (!text) {
    return fail(text.error());
  }
  const std::string_view body = trim(*text);
  const bool is_json = body.starts_with("[");
  std::set<std::string> given;
  auto resources =
      is_json ? from_json(body, default_role, given) : from_text(body, default_role, given);
  if (!resources) {
    return resources;
  }
  if (!given.contains("cpus")) {
    *resources +=
        model::scalar_resource("cpus", static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN)));
  }
  if (!given.contains("mem")) {
    *resources += model::scalar_resource("mem", memory_mb());
  }
  if (!given.contains("disk")) {
    *resources += model::scalar_resource("disk", disk_mb(work_dir));
  }
  if (!given.contains("ports")) {
    *resources += model::ranges_resource("ports", {kPorts});
  }
  return resources;
}

}  // namespace ekiden::agent
