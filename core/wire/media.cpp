#include "core/wire/media.h"

#include "core/base/strings.h"

namespace ekiden::wire {
namespace {

// "text/html;q=0.5": the range without its parameters, unless q says that it is refused.
std::string_view wanted_range(std::string_view entry) {
  const auto parts = split(entry, ';');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto parameter = trim(parts[i]);
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      const auto quality = parse_double(parameter.substr(2));
      if (quality && *quality <= 0) {
        return {};
      }
    }
  }
  return trim(parts.front());
}

bool covers(std::string_view range, std::string_view type) {
  return range == "*/*" || iequals(range, "application/*") || iequals(range, type);
}

}  // namespace

std::string_view content_type(Media media) {
  return media == Media::json ? "application/json" : "application/x-protobuf";
}

std::optional<Media> named_media(std::string_view type) {
  for (const Media media : {Media::json, Media::protobuf}) {
    if (iequals(type, content_type(media))) {
      return media;
    }
  }
  return std::nullopt;
}

Result<Media> body_media(const net::Headers& headers) {
  const auto header = headers.get("Content-Type");
  if (!header || header->empty()) {
    return fail(ErrorCode::invalid, "Expecting 'Content-Type' to be present");
  }
  if (const auto media = named_media(trim(header->substr(0, header->find(';'))))) {
    return *media;
  }
  return fail(ErrorCode::unsupported,
              "Expecting 'Content-Type' of application/json or application/x-protobuf");
}

bool accepts(const net::Headers& headers, std::string_view type, std::string_view name) {
  const auto header = headers.get(name);
  if (!header || trim(*header).empty()) {
    return true;
  }
  for (const auto entry : split_nonempty(*header, ',')) {
    if (covers(wanted_range(entry), type)) {
      return true;
    }
  }
  return false;
}

std::optional<Media> accepted_media(const net::Headers& headers, std::string_view name) {
  for (const Media media : {Media::json, Media::protobuf}) {
    if (accepts(headers, content_type(media), name)) {
      return media;
    }
  }
  return std::nullopt;
}

}  // namespace ekiden::wire
