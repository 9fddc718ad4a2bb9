#include "core/net/static_files.h"

#include "core/base/strings.h"
#include "core/net/gzip.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <utility>

#include <fmt/core.h>

namespace ekiden::net {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kCachedFilesMax = 1'000;
constexpr std::size_t kGzipBytesMin = 512;  // below it gzip saves nothing

// Scripts, styles and connections of our own only; the page has no inline script.
constexpr std::string_view kSecurityPolicy =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src "
    "'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

struct Type {
  std::string_view extension;
  std::string_view name;
  bool text;  // worth compressing
};

constexpr std::array kTypes{
    Type{".html", "text/html;charset=utf-8", true},
    Type{".js", "text/javascript;charset=utf-8", true},
    Type{".mjs", "text/javascript;charset=utf-8", true},
    Type{".css", "text/css;charset=utf-8", true},
    Type{".json", "application/json", true},
    Type{".map", "application/json", true},
    Type{".svg", "image/svg+xml", true},
    Type{".txt", "text/plain;charset=utf-8", true},
    Type{".md", "text/plain;charset=utf-8", true},
    Type{".png", "image/png", false},
    Type{".jpg", "image/jpeg", false},
    Type{".ico", "image/x-icon", false},
    Type{".woff2", "font/woff2", false},
    Type{".wasm", "application/wasm", true},
};
constexpr Type kOther{"", "application/octet-stream", false};

const Type& type_of(const fs::path& file) {
  const std::string extension = to_lower(file.extension().string());
  for (const Type& type : kTypes) {
    if (type.extension == extension) {
      return type;
    }
  }
  return kOther;
}

// Content, not time: the same file on two machines has one tag. FNV-1a, 64 bits, and the length.
std::string tag_of(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return fmt::format("{:016x}-{:x}", hash, text.size());
}

Response not_found(const Request& request) {
  return text_response(404, "there is no file at " + request.path);
}

// What follows the prefix: "/", "/js/main.js". A path outside becomes one that no folder has.
std::string_view below_prefix(std::string_view path, std::string_view prefix) {
  while (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  const bool inside =
      path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  return inside ? path.substr(prefix.size()) : "/..";
}

// Without the slash the page's relative links would lead beside the folder.
Response redirect_to_folder(const Request& request) {
  Response response = text_response(301, "the folder is at " + request.path + "/");
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  response.headers.set("Location", request.path + "/" + query);
  return response;
}

bool matches(std::string_view wanted, std::string_view tag) {
  for (std::string_view candidate : split_nonempty(wanted, ',')) {
    candidate = trim(candidate);
    if (candidate.starts_with("W/")) {
      candidate.remove_prefix(2);
    }
    if (candidate == tag || candidate == "*") {
      return true;
    }
  }
  return false;
}

// The file that a path below the prefix names, or nothing. `below` is still percent-encoded.
std::optional<fs::path> resolve(const std::string& folder, std::string_view below) {
  fs::path wanted = folder;
  for (const std::string_view segment : split_nonempty(below, '/')) {
    const std::string name = percent_decode(segment);
    if (name == "." || name == ".." || name.find('/') != name.npos ||
        name.find('\0') != name.npos) {
      return std::nullopt;
    }
    wanted /= name;
  }
  std::error_code error;
  if (fs::is_directory(wanted, error)) {
    wanted /= "index.html";
  }
  const fs::path root = fs::canonical(folder, error);
  if (error) {
    return std::nullopt;
  }
  const fs::path real = fs::canonical(wanted, error);
  if (error || !fs::is_regular_file(real, error)) {
    return std::nullopt;
  }
  const auto [rest, unused] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  if (rest != root.end()) {
    return std::nullopt;  // a symbolic link that leads outside
  }
  return real;
}

}  // namespace

struct StaticFiles::Cache {
  struct File {
    fs::file_time_type time;
    std::uintmax_t size = 0;
    std::string tag;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> packed;  // null when it is not worth it
  };

  std::shared_ptr<const File> get(const fs::path& path);

  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const File>> files;
};

std::shared_ptr<const StaticFiles::Cache::File> StaticFiles::Cache::get(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  const std::uintmax_t size = error ? 0 : fs::file_size(path, error);
  if (error || size > kFileBytesMax) {
    return nullptr;
  }
  {
    const std::lock_guard lock(mutex);
    const auto found = files.find(path.string());
    if (found != files.end() && found->second->time == time && found->second->size == size) {
      return found->second;
    }
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  if (!stream && size > 0) {
    return nullptr;
  }
  File file;
  file.time = time;
  file.size = size;
  file.plain = std::make_shared<const std::string>(std::move(content).str());
  file.tag = tag_of(*file.plain);
  if (type_of(path).text && file.plain->size() >= kGzipBytesMin) {
    auto packed = std::make_shared<const std::string>(gzip(*file.plain, Packing::small));
    file.packed = packed->empty() ? nullptr : packed;
  }
  const auto shared = std::make_shared<const File>(std::move(file));
  const std::lock_guard lock(mutex);
  if (files.size() >= kCachedFilesMax) {
    files.clear();
  }
  files[path.string()] = shared;
  return shared;
}

StaticFiles::StaticFiles(std::string folder, std::string url_prefix)
    : folder_(std::move(folder)),
      url_prefix_(std::move(url_prefix)),
      cache_(std::make_shared<Cache>()) {}

Response StaticFiles::answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refused = text_response(405, "files can only be read");
    refused.headers.set("Allow", "GET, HEAD");
    return refused;
  }
  const std::string_view below = below_prefix(request.path, url_prefix_);
  const auto path = resolve(folder_, below);
  if (path && path->filename() == "index.html" && !below.ends_with('/') &&
      !below.ends_with("index.html")) {
    return redirect_to_folder(request);
  }
  const auto file = path ? cache_->get(*path) : nullptr;
  if (file == nullptr) {
    return not_found(request);
  }
  Response response;
  const bool packed = file->packed != nullptr && accepts_gzip(request);
  const std::string tag =
      packed ? fmt::format("\"{}-gz\"", file->tag) : fmt::format("\"{}\"", file->tag);
  response.headers.set("ETag", tag);
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Content-Security-Policy", kSecurityPolicy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  if (matches(request.headers.get("If-None-Match").value_or(""), tag)) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", type_of(*path).name);
  if (packed) {
    response.headers.set("Content-Encoding", "gzip");
  }
  response.shared_body = packed ? file->packed : file->plain;
  return response;
}

}  // namespace ekiden::net
