#pragma once

#include "core/base/result.h"
#include "core/json/json.h"
#include "core/net/message.h"
#include "core/protobuf/protobuf.h"

#include <optional>
#include <string>
#include <string_view>

// The two forms of the v1 messages and how a client asks for them [mesos-core 1.2].
namespace ekiden::wire {

enum class Media { json, protobuf };

std::string_view content_type(Media media);
std::optional<Media> named_media(std::string_view type);  // the opposite

// What the body is, by Content-Type; parameters are ignored. Errors: invalid when the header is
// missing (400), unsupported when it names anything else (415).
Result<Media> body_media(const net::Headers& headers);

// Whether an Accept header allows this type, "application/recordio". No header allows all.
bool accepts(const net::Headers& headers,
             std::string_view type,
             std::string_view header = "Accept");

// The best of what the client takes: JSON before protobuf. Nothing: 406. Streams of containers have
// a header of their own, Message-Accept, for the records inside.
std::optional<Media> accepted_media(const net::Headers& headers,
                                    std::string_view header = "Accept");

template <class T>
Result<T> decode(Media media, std::string_view body) {
  return media == Media::json ? json::decode<T>(body, json::kMesos)
                              : protobuf::from_protobuf<T>(body);
}

template <class T>
std::string encode(Media media, const T& value) {
  return media == Media::json ? json::encode(value, json::kMesos) : protobuf::to_protobuf(value);
}

}  // namespace ekiden::wire
