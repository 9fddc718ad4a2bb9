#include "marathon/api/render.h"

namespace ekiden::marathon::wire {
namespace {

using AppChange = FinishedDeployment::AppChange;

void write_difference(json::Writer& writer, const json::Difference& difference) {
  writer.begin_object().member("path", difference.path);
  if (difference.before) {
    writer.key("before").value(*difference.before);
  }
  if (difference.after) {
    writer.key("after").value(*difference.after);
  }
  writer.end_object();
}

void write_change(json::Writer& writer, const AppChange& change) {
  writer.begin_object().member("app", change.app.text());
  writer.member("change", to_text(change.kind));
  if (change.before) {
    writer.member("versionBefore", to_iso8601(*change.before));
  }
  if (change.after) {
    writer.member("versionAfter", to_iso8601(*change.after));
  }
  writer.key("diff").begin_array();
  for (const json::Difference& difference : change.diff) {
    write_difference(writer, difference);
  }
  writer.end_array().end_object();
}

double seconds_between(WallTime from, WallTime to) {
  return std::chrono::duration<double>(to - from).count();
}

void write_finished(json::Writer& writer, const FinishedDeployment& finished) {
  writer.begin_object().member("id", finished.id.value);
  writer.member("version", to_iso8601(finished.version));
  writer.member("outcome", to_text(finished.outcome));
  writer.member("reason", finished.reason).member("actor", finished.origin.actor);
  if (finished.origin.reverts) {
    writer.member("reverts", finished.origin.reverts->value);
  }
  writer.member("startedAt", to_iso8601(finished.origin.started));
  writer.member("endedAt", to_iso8601(finished.ended));
  writer.key("durationSeconds").number(seconds_between(finished.origin.started, finished.ended));
  writer.key("stepsDone").integer(static_cast<std::int64_t>(finished.steps_done));
  writer.key("totalSteps").integer(static_cast<std::int64_t>(finished.steps));
  writer.key("failures").integer(finished.failures);
  writer.key("totalChanges").integer(static_cast<std::int64_t>(finished.changes_total));
  writer.key("changes").begin_array();
  for (const AppChange& change : finished.changes) {
    write_change(writer, change);
  }
  writer.end_array().end_object();
}

bool touches(const FinishedDeployment& finished, const PathId& app) {
  for (const AppChange& change : finished.changes) {
    if (change.app == app) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string finished_deployments(const View& view, const HistoryFilter& filter) {
  std::vector<const FinishedDeployment*> wanted;
  view.snapshot().finished.for_each([&](const std::uint64_t&, const auto& finished) {
    if (!filter.app || touches(*finished, *filter.app)) {
      wanted.push_back(finished.get());
    }
  });
  json::Writer writer;
  writer.begin_array();
  std::size_t written = 0;
  for (auto one = wanted.rbegin(); one != wanted.rend() && written < filter.limit; ++one) {
    write_finished(writer, **one);
    ++written;
  }
  writer.end_array();
  return writer.take();
}

}  // namespace ekiden::marathon::wire
