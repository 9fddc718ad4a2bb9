#pragma once

#include "core/json/codec.h"
#include "marathon/model/app.h"

// Table .cpp files only.
namespace ekiden::marathon::wire {

struct CheckCoder {  // AppCheck [marathon-api 3.5]: kept as it came, with its defaults filled in
  static bool read(const json::Node& node, json::Reader& reader, json::Value& out);
  static void write(json::Writer& writer, const json::Value& value, const json::Dialect& dialect);
  static json::Value schema(json::SchemaDefinitions& definitions);
};

struct LinuxInfoCoder {
  static bool read(const json::Node& node, json::Reader& reader, json::Value& out);
  static void write(json::Writer& writer, const json::Value& value, const json::Dialect& dialect);
  static json::Value schema(json::SchemaDefinitions& definitions);
};

}  // namespace ekiden::marathon::wire
