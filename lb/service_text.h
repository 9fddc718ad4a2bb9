#pragma once

#include "lb/format.h"
#include "lb/service.h"
#include "lb/templates.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::lb {

// One `server` line, or whatever lines a replaced template makes of it.
struct ServerLine {
  std::string name;
  std::string text;       // as if it were not draining; ends with a line break
  std::string file_text;  // what the file says
  std::string task_id;
  Draining draining = Draining::no;
  bool operator==(const ServerLine&) const = default;
};

// A virtual host's part of the port 80 or 443 frontend.
struct VhostBlock {
  std::string text;      // what always stands there
  bool in_map = false;   // its names go to domain2backend.map
  std::string map_rule;  // the rule, should this service be the one to write it
};

// Everything one service says, independent of all others: may be kept while the service is the
// same.
struct ServiceText {
  std::string userlist;
  VhostBlock http;
  VhostBlock https;
  std::string appid;  // its entry on port 9091, for the service that speaks for its app
  std::string appid_map_rule;
  std::string frontend;
  std::string backend;  // without servers
  std::vector<ServerLine> servers;
  std::vector<std::string> vhost_names;
};

enum class Maps { no, yes };

struct TextOptions {
  Maps maps = Maps::no;
  std::string map_folder;  // where domain2backend.map and app2backend.map are
};

// The text of a service, or why one of its templates cannot be filled in.
struct ServiceTextResult {
  ServiceText text;
  std::optional<std::string> error;
};

ServiceTextResult text_of(const Service& service,
                          const Templates& templates,
                          const TextOptions& options);

// Fills templates of one service; remembers the first thing that went wrong.
class Filler {
 public:
  Filler(const Service& service, const Templates& templates);
  // With the fields common to all templates of the service and `extra`.
  void add(std::string& out, Template id, const Fields& extra = {});
  std::string made(Template id, const Fields& extra = {});
  const std::string& raw(Template id) const;  // the text in use, unfilled
  // Fills `text`, which came from template `id` through raw().
  void fill(std::string& out, Template id, std::string_view text, const Fields& extra);

  const std::optional<std::string>& error() const { return error_; }

 private:
  const Service& service_;
  const Templates& templates_;
  std::string port_;
  std::string acl_host_;
  std::string app_name_;
  Fields common_;
  std::optional<std::string> error_;
};

// vhost_text.cpp
void add_vhosts(ServiceText& out, const Service& service, Filler& fill, const TextOptions& options);
// backend_text.cpp
void add_backend(ServiceText& out, const Service& service, Filler& fill);

}  // namespace ekiden::lb
