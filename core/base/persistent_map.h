#pragma once

#include <cstddef>
#include <memory>

namespace ekiden {

// An ordered map whose copy costs O(1) and shares structure: publishing a snapshot costs what
// changed since the last one. set and erase copy only the path to the key (and nothing where this
// handle is the only owner). A handle is not thread-safe; different handles that share structure
// may be read from different threads, and the last owner may die on any thread.
template <class K, class V>
class PersistentMap;

}  // namespace ekiden
