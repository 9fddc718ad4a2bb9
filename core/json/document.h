#pragma once

#include "core/json/json.h"

#include <string>
#include <string_view>

#include <rapidjson/document.h>

// The seam to RapidJSON inside core/json.
namespace ekiden::json {

enum class Numbers { json_only, with_infinity };

// ErrorCode::malformed with the parser's words and offset; depth beyond kDepthMax too.
Result<void> parse_document(std::string_view text, Numbers numbers, rapidjson::Document& out);
Value to_value(const rapidjson::Value& node);
std::string to_text(const rapidjson::Value& node);

}  // namespace ekiden::json
