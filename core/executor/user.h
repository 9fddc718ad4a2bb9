#pragma once

#include <vector>

namespace ekiden::executor {

struct User {
  unsigned uid = 0;
  unsigned gid = 0;
  std::vector<unsigned> groups;
};

}  // namespace ekiden::executor
