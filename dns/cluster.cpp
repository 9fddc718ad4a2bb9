#include "dns/cluster.h"

namespace ekiden::dns {

Task updated(Task task, const StatusUpdate& update) {
  task.state = update.state;
  if (update.running && (!task.status || update.running->timestamp >= task.status->timestamp)) {
    task.status = update.running;
  }
  if (update.timestamp >= task.healthy_at) {
    task.healthy_at = update.timestamp;
    task.healthy = update.healthy;
  }
  return task;
}

}  // namespace ekiden::dns
