#include "marathon/routes/api.h"

#include <algorithm>

namespace ekiden::marathon::routes {
namespace {

using net::Request;
using net::Responder;

void get_queue(Api& api, const Request& request, const Responder& respond) {
  const auto embeds = request.query_values("embed");
  const bool offers = std::find(embeds.begin(), embeds.end(), "lastUnusedOffers") != embeds.end();
  api.render(api.snapshot()->queue.size(), respond, [offers](const wire::View& view) {
    return json_answer(
        200, wire::queue_info(view, offers ? wire::UnusedOffers::write : wire::UnusedOffers::omit));
  });
}

void reset_delay(Api& api, const Request& request, const Responder& respond) {
  const PathId id = PathId::parse(request.params.at("id"));
  if (api.snapshot()->queue.find(id) == nullptr) {
    respond(missing("Application " + id.text() + " not found in tasks queue."));
    return;
  }
  ResetDelay wanted;
  wanted.app = id;
  api.command(wanted, respond, [](const Reply&) { return no_content(204); });
}

}  // namespace

std::vector<net::Route> queue_routes(Api& api) {
  return {
      {"GET", "/v2/queue", json_only([&api](const Request& request, const Responder& respond) {
         get_queue(api, request, respond);
       })},
      {"DELETE",
       "/v2/queue/*id/delay",
       json_only([&api](const Request& request, const Responder& respond) {
         reset_delay(api, request, respond);
       })},
  };
}

}  // namespace ekiden::marathon::routes
