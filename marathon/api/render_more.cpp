#include "core/base/strings.h"
#include "marathon/api/convert.h"
#include "marathon/api/render.h"

#include <algorithm>

namespace ekiden::marathon::wire {
namespace {

void write_action(json::Writer& writer, const DeploymentPlan& plan, const Action& action) {
  if (plan.is_pod(action.app)) {
    writer.member("action", pod_text(action.type)).member("pod", action.app.text());
  } else {
    writer.member("action", to_text(action.type)).member("app", action.app.text());
  }
}

void write_affected(json::Writer& writer, const DeploymentPlan& plan) {
  writer.key("affectedApps").begin_array();
  for (const DeploymentPlan::Change& change : plan.changes) {
    if (!change.is_pod()) {
      writer.string(change.app.text());
    }
  }
  writer.end_array().key("affectedPods").begin_array();
  for (const DeploymentPlan::Change& change : plan.changes) {
    if (change.is_pod()) {
      writer.string(change.app.text());
    }
  }
  writer.end_array();
}

// Results of the app's readiness checks, when one is being started.
void write_readiness(json::Writer& writer, const View& view, const PathId& app) {
  writer.key("readinessCheckResults").begin_array();
  if (const AppInstances* instances = view.instances_of(app)) {
    instances->all.for_each([&](const InstanceId&, const auto& one) {
      if (one->readiness) {
        writer.begin_object().member("name", one->readiness->name);
        writer.member("taskId", one->readiness->task_id.value);
        writer.key("ready").boolean(one->readiness->ready);
        if (one->readiness->last_response) {
          writer.key("lastResponse").begin_object();
          writer.key("status").integer(one->readiness->last_response->status);
          writer.member("contentType", one->readiness->last_response->content_type);
          writer.member("body", one->readiness->last_response->body).end_object();
        }
        writer.end_object();
      }
    });
  }
  writer.end_array();
}

// New members: an old client never meets them unless it used what they tell of.
void write_halt(json::Writer& writer, const DeploymentView& deployment) {
  const DeploymentHalt& halt = deployment.halt;
  if (halt.kind == DeploymentHalt::Kind::none) {
    return;
  }
  const bool paused = halt.kind == DeploymentHalt::Kind::paused;
  writer.key(paused ? "paused" : "stalled").begin_object().member("reason", halt.reason);
  writer.member("since", to_iso8601(halt.since));
  writer.key("failures").integer(deployment.failures).end_object();
}

void write_deployment(json::Writer& writer, const View& view, const DeploymentView& deployment) {
  const DeploymentPlan& plan = *deployment.plan;
  writer.begin_object().member("id", plan.id.value).member("version", to_iso8601(plan.version));
  write_affected(writer, plan);
  write_steps(writer, plan);
  writer.key("currentActions").begin_array();
  for (const Action& action : deployment.current_actions) {
    writer.begin_object();
    write_action(writer, plan, action);
    write_readiness(writer, view, action.app);
    writer.end_object();
  }
  writer.end_array();
  const bool begun = !deployment.current_actions.empty();
  writer.key("currentStep")
      .integer(begun ? static_cast<std::int64_t>(deployment.step) + 1
                     : static_cast<std::int64_t>(deployment.step));
  writer.key("totalSteps").integer(static_cast<std::int64_t>(plan.steps.size()));
  write_halt(writer, deployment);
  writer.end_object();
}

// ---- queue
void write_rejects(json::Writer& writer,
                   std::string_view name,
                   const std::vector<RejectCount>& counts) {
  writer.key(name).begin_array();
  for (const RejectCount& count : counts) {
    writer.begin_object().member("reason", count.reason);
    writer.key("declined").integer(static_cast<std::int64_t>(count.declined));
    writer.key("processed").integer(static_cast<std::int64_t>(count.processed)).end_object();
  }
  writer.end_array();
}

void write_ranges(json::Writer& writer, const std::vector<model::Range>& ranges) {
  writer.key("ranges").begin_array();
  for (const model::Range& range : ranges) {
    writer.begin_object();
    writer.key("begin").integer(static_cast<std::int64_t>(range.begin));
    writer.key("end").integer(static_cast<std::int64_t>(range.end)).end_object();
  }
  writer.end_array();
}

void write_resource(json::Writer& writer, const model::Resource& resource) {
  const auto& reservations = resource.reservations;
  writer.begin_object().member("name", resource.name);
  writer.member("role", reservations.empty() ? "*" : reservations.back().role);
  if (!resource.ranges.empty()) {
    write_ranges(writer, resource.ranges);
  } else if (!resource.set.empty()) {
    writer.key("set").begin_array();
    for (const std::string& item : resource.set) {
      writer.string(item);
    }
    writer.end_array();
  } else {
    writer.key("scalar").number(resource.scalar.to_double());
  }
  writer.end_object();
}

void write_attribute(json::Writer& writer, const model::Attribute& attribute) {
  writer.begin_object().member("name", attribute.name);
  switch (attribute.type) {
    case model::Attribute::Type::scalar:
      writer.key("scalar").number(attribute.scalar.to_double());
      break;
    case model::Attribute::Type::ranges:
      write_ranges(writer, attribute.ranges);
      break;
    case model::Attribute::Type::set:
      writer.key("set").begin_array();
      for (const std::string_view item : split_nonempty(attribute.text, ',')) {
        writer.string(trim(item));
      }
      writer.end_array();
      break;
    case model::Attribute::Type::text:
      writer.member("text", attribute.text);
      break;
  }
  writer.end_object();
}

void write_offer(json::Writer& writer, const model::Offer& offer) {
  writer.begin_object().member("id", offer.id.value).member("hostname", offer.hostname);
  writer.member("agentId", offer.agent_id.value).key("resources").begin_array();
  for (const model::Resource& resource : offer.resources) {
    write_resource(writer, resource);
  }
  writer.end_array().key("attributes").begin_array();
  for (const model::Attribute& attribute : offer.attributes) {
    write_attribute(writer, attribute);
  }
  writer.end_array().end_object();
}

void write_unused(json::Writer& writer, const QueueView& queue) {
  writer.key("lastUnusedOffers").begin_array();
  for (const QueueView::UnusedOffer& unused : queue.last_unused_offers) {
    writer.begin_object().key("offer");
    write_offer(writer, unused.offer);
    writer.key("reason").begin_array();
    for (const std::string& reason : unused.reasons) {
      writer.string(reason);
    }
    writer.end_array().member("timestamp", to_iso8601(unused.at)).end_object();
  }
  writer.end_array();
}

void write_summary(json::Writer& writer, const QueueView& queue) {
  writer.key("processedOffersSummary").begin_object();
  writer.key("processedOffersCount").integer(static_cast<std::int64_t>(queue.processed_offers));
  writer.key("unusedOffersCount").integer(static_cast<std::int64_t>(queue.unused_offers));
  if (queue.last_unused_offer_at) {
    writer.member("lastUnusedOfferAt", to_iso8601(*queue.last_unused_offer_at));
  }
  if (queue.last_used_offer_at) {
    writer.member("lastUsedOfferAt", to_iso8601(*queue.last_used_offer_at));
  }
  write_rejects(writer, "rejectSummaryLastOffers", queue.last_offers);
  write_rejects(writer, "rejectSummaryLaunchAttempt", queue.launch_attempt);
  writer.end_object();
}

void write_delay(json::Writer& writer, const QueueView& queue, WallTime now) {
  const bool overdue = !queue.delayed_until || *queue.delayed_until <= now;
  const double left = overdue ? 0 : to_seconds(*queue.delayed_until - now);
  writer.key("delay").begin_object();
  writer.key("timeLeftSeconds").integer(static_cast<std::int64_t>(left));
  writer.key("overdue").boolean(overdue).end_object();
}

}  // namespace

void write_step(json::Writer& writer, const DeploymentPlan& plan, const Step& step) {
  writer.begin_object().key("actions").begin_array();
  for (const Action& action : step.actions) {
    writer.begin_object();
    write_action(writer, plan, action);
    writer.end_object();
  }
  writer.end_array().end_object();
}

void write_steps(json::Writer& writer, const DeploymentPlan& plan) {
  writer.key("steps").begin_array();
  for (const Step& step : plan.steps) {
    write_step(writer, plan, step);
  }
  writer.end_array();
}

std::string deployments_array(const View& view) {
  json::Writer writer;
  writer.begin_array();
  for (const auto& deployment : view.snapshot().deployments) {
    write_deployment(writer, view, *deployment);
  }
  writer.end_array();
  return writer.take();
}

std::string queue_info(const View& view, UnusedOffers offers) {
  json::Writer writer;
  writer.begin_object().key("queue").begin_array();
  view.snapshot().queue.for_each([&](const PathId& id, const auto& queue) {
    const AppPtr app = view.snapshot().root.find_app(id);
    if (!app || queue->count <= 0) {
      return;
    }
    for (const auto& [role, count] : queue->roles) {
      writer.begin_object();
      writer.key("count").integer(count).member("role", role);
      write_delay(writer, *queue, view.now());
      writer.member("since", to_iso8601(queue->since));
      write_summary(writer, *queue);
      if (offers == UnusedOffers::write) {
        write_unused(writer, *queue);
      }
      writer.key(app->pod ? "pod" : "app");
      writer.raw(*view.caches().apps.get(app, [&] { return to_json(*app); }));
      writer.end_object();
    }
  });
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace ekiden::marathon::wire
