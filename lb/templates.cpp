#include "lb/templates.h"

#include "core/base/check.h"
#include "core/base/strings.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace ekiden::lb {

namespace {

constexpr std::string_view kEnvironmentPrefix = "HAPROXY_";

// The removed keywords of the original, said in today's.
const std::map<Template, std::string_view> kCurrentTexts = {
    {Template::backend_hsts_options,
     "  http-response add-header Strict-Transport-Security max-age=15768000\n"},
    {Template::http_backend_proxypass_glue,
     "  http-request set-header Host {hostname}\n"
     "  http-request replace-path '^{proxypath}/?(.*)' '/\\1'\n"},
    {Template::http_backend_revproxy_glue,
     "  acl hdr_location res.hdr(Location) -m found\n"
     "  http-response replace-header Location '^(https?://{hostname}(:[0-9]+)?)?(/.*)' "
     "'{rootpath}\\3' if hdr_location\n"},
};

// Words that start a section. An app may open sections of the first kind where its template does.
constexpr std::array<std::string_view, 4> kProxySections = {
    "frontend", "backend", "listen", "userlist"};
constexpr std::array<std::string_view, 16> kOtherSections = {"global",
                                                             "defaults",
                                                             "peers",
                                                             "resolvers",
                                                             "mailers",
                                                             "cache",
                                                             "program",
                                                             "ring",
                                                             "http-errors",
                                                             "fcgi-app",
                                                             "log-forward",
                                                             "traces",
                                                             "crt-store",
                                                             "acme",
                                                             ".if",
                                                             ".endif"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

const TemplateInfo& info(Template id) {
  const TemplateInfo& row = template_table()[static_cast<std::size_t>(id)];
  CHECK(row.id == id, "template table is out of order at {}", row.name);
  return row;
}

std::optional<Template> template_named(std::string_view name) {
  static const std::map<std::string_view, Template> kByName = [] {
    std::map<std::string_view, Template> names;
    for (const TemplateInfo& row : template_table()) {
      names.emplace(row.name, row.id);
    }
    return names;
  }();
  const auto found = kByName.find(name);
  return found == kByName.end() ? std::nullopt : std::optional<Template>(found->second);
}

Templates::Templates(Words words) : replaced_(template_table().size(), false) {
  for (const TemplateInfo& row : template_table()) {
    const auto current = kCurrentTexts.find(row.id);
    const bool use_current = words == Words::current && current != kCurrentTexts.end();
    texts_.emplace_back(use_current ? current->second : row.text);
  }
}

void Templates::set(Template id, std::string text) {
  texts_[static_cast<std::size_t>(id)] = std::move(text);
  replaced_[static_cast<std::size_t>(id)] = true;
}

void Templates::set_from_environment(const std::map<std::string, std::string>& environment) {
  for (const TemplateInfo& row : template_table()) {
    const auto found = environment.find(std::string(kEnvironmentPrefix) + std::string(row.name));
    if (found != environment.end() && !found->second.empty()) {
      set(row.id, replace_all(found->second, "\\n", "\n"));
    }
  }
}

std::optional<std::string> overreach(Template id, std::string_view text) {
  const bool may_open = info(id).opens == Opens::section;
  for (const std::string_view line : split(text, '\n')) {
    const bool has_control = std::any_of(line.begin(), line.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 && c != '\t';
    });
    if (has_control) {
      return "it contains a control character";
    }
    const std::string_view content = trim(line);
    std::string word(content.substr(0, content.find_first_of(" \t")));
    // HAProxy reads quotes and backslashes before it compares the word.
    std::erase_if(word, [](char c) { return c == '"' || c == '\'' || c == '\\'; });
    if (contains(kOtherSections, word) || word.starts_with('.') ||
        (!may_open && contains(kProxySections, word))) {
      return fmt::format("the line \"{}\" would start a new section", content.substr(0, 80));
    }
  }
  return std::nullopt;
}

}  // namespace ekiden::lb
