#include "tests/unit/lb/support.h"

#include "core/base/check.h"
#include "core/base/strings.h"

#include <fstream>
#include <sstream>

#include <fmt/core.h>

namespace ekiden::lb {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file.good(), "cannot read {}", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> normal_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    std::string normal;
    for (const std::string_view word : split_nonempty(line, ' ')) {
      normal += (normal.empty() ? "" : " ") + std::string(word);
    }
    if (!normal.empty()) {
      lines.push_back(std::move(normal));
    }
  }
  return lines;
}

std::string app_json(const AnApp& app) {
  std::string tasks;
  for (int i = 0; i < app.tasks; ++i) {
    tasks +=
        fmt::format(R"({}{{"id":"t{}","host":"127.9.0.1","ports":[{}],"state":"TASK_RUNNING"}})",
                    i == 0 ? "" : ",",
                    i,
                    31000 + i);
  }
  return fmt::format(
      R"({{"id":"{}","labels":{{{}}},"instances":{},"portDefinitions":[{{"port":{}}}],)"
      R"("tasks":[{}]{}}})",
      app.id,
      app.labels,
      app.tasks,
      app.port,
      tasks,
      app.more);
}

json::Array parse_apps(const std::vector<std::string>& apps) {
  const auto value = json::parse("[" + join(apps, ",") + "]");
  CHECK(value.has_value(), "test apps are not JSON: {}", value.error().message);
  return value->as_array();
}

std::optional<std::string> fake_resolve(const std::string& host) {
  if (host == "localhost") {
    return "127.0.0.1";
  }
  return is_ip_address(host) ? std::optional<std::string>(host) : std::nullopt;
}

Rendered rendered(const json::Array& apps,
                  const AppsOptions& options,
                  const RenderOptions& render_options) {
  HealthMemory memory;
  return render(services_of(apps, options, fake_resolve, memory), Templates(), render_options);
}

}  // namespace ekiden::lb
