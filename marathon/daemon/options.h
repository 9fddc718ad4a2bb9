#pragma once

#include "core/base/flag.h"
#include "marathon/daemon/front.h"
#include "marathon/settings.h"

#include <cstdint>
#include <string>

namespace ekiden::marathon {

struct Options {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 8080;   // 0: any free port
  std::string ui_folder;       // of the web page; empty: none
  std::string schemas_folder;  // of the JSON Schema documents; empty: none
  std::string master_url;      // for display: http://127.0.0.1:5050
  std::string version = "0.1.0";
  FrontOptions front;
  std::size_t probes_max = 256;    // health probes at one time; the others wait
  std::size_t render_threads = 1;  // for answers about many objects
  Settings settings;               // settings.hostname is what others are told to connect to
};

// Marathon's names; the options outlive the list.
Flags flags(Options& options);

}  // namespace ekiden::marathon
