#pragma once

#include "core/allocator/allocator.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ekiden::allocator {

// Resources as parse_resources reads them, and more behind a name:
//   cpus(a):1           statically reserved      cpus(a>a/b):1    reserved to a, refined to a/b
//   cpus(+a):1          dynamically reserved     cpus{r}:1        revocable
//   disk(a)[v]:10       the persistent volume v  disk(a)[v!]:10   the same, shared
model::Resources read_resources(std::string_view text);
std::string write_resources(const model::Resources& resources);

// Drives one allocator by lines of text; what comes out is text too. Offers are O1, O2, ... in the
// order of framework, role and agent. The grammar is in script.cpp, next to what it does.
class Script {
 public:
  explicit Script(std::string_view options);
  // Throws std::runtime_error for a line that cannot be understood.
  std::string run(std::string_view line);

 private:
  using Words = std::vector<std::string>;

  void agent(const Words& words);
  void framework(const Words& words);
  void quota(const Words& words);
  void maintain(const Words& words);
  bool change_allocation(const Words& words);
  bool change_cluster(const Words& words);
  std::string cycle();
  std::string show() const;

  Time now_ = Time(std::chrono::hours(1));
  Allocator allocator_;
  std::map<std::string, Allocation> offers_;
  std::size_t next_offer_ = 1;
};

}  // namespace ekiden::allocator
