#pragma once

#include "lb/render.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ekiden::lb {

// The pieces render() puts together.

// Appends to the file, to its skeleton and to the record of who wrote which line.
class Sections {
 public:
  explicit Sections(Rendered& result) : result_(result) {}

  void add(std::string_view text, std::string_view app_id = {});
  void add_servers(const std::vector<ServerLine>& servers, std::string_view app_id);

 private:
  void append(std::string_view text, std::string_view app_id);

  Rendered& result_;
  std::size_t line_ = 1;
};

// Lines "key value" without duplicates of the same pair.
class MapLines {
 public:
  void add(std::string_view key, std::string_view value);

  const std::string& text() const { return text_; }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::string text_;
};

// A built-in head with its address replaced; a replaced template stays as it is.
std::string bound(const Templates& templates,
                  Template id,
                  std::string_view default_bind,
                  std::string_view bind);
std::string https_head(const Templates& templates, const RenderOptions& options);

// One TLS frontend per virtual host behind an SNI router [discovery 1.16].
class GroupedHttps {
 public:
  GroupedHttps(const Templates& templates, const RenderOptions& options)
      : templates_(templates), options_(options) {}

  void add(const Service& service, const ServiceText& text);  // in order of weight
  void write(Sections& out) const;

 private:
  struct Vhost {
    std::set<std::string> certificates;
    std::set<std::string> bind_options;
    std::vector<std::pair<std::string, std::string>> blocks;  // text, app id
  };

  std::string filled(Template id, const Fields& fields) const;

  const Templates& templates_;
  const RenderOptions& options_;
  std::map<std::string, Vhost> vhosts_;
};

}  // namespace ekiden::lb
