#include "core/agent/container_streams.h"

#include "core/agent/container_io.h"
#include "core/api/agent_operator.h"
#include "core/api/recordio.h"
#include "core/executor/supervisor.h"

#include <map>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace ekiden::agent {
namespace {

namespace api = ekiden::api::agent_operator;
using wire::Media;

constexpr std::size_t kPauseBytes = 512 * 1024;  // waiting for the client: the container waits
constexpr std::size_t kRecordMax = 1024 * 1024;  // of one record
constexpr auto kLookAgain = std::chrono::milliseconds(10);  // whether the client has read

net::Response refused(int status, const std::string& text) {
  return net::text_response(status, text + ".\n");
}

std::string heartbeat_record(Media media, Duration interval) {
  api::ProcessIo message;
  message.type = api::ProcessIo::Type::control;
  message.control = api::ProcessIo::Control{
      api::ProcessIo::Control::Type::heartbeat, {}, model::DurationInfo{interval.count()}};
  return ekiden::api::recordio_frame(wire::encode(media, message));
}

}  // namespace

struct ContainerStreams::Impl : std::enable_shared_from_this<ContainerStreams::Impl> {
  struct Output {
    Media media = Media::json;
    std::shared_ptr<net::ChunkSource> source;
    std::unique_ptr<ContainerIo> io;
    ekiden::api::RecordIoDecoder decoder{kRecordMax};
    std::unique_ptr<net::Timer> look;
    std::unique_ptr<net::Timer> beat;

    void quiet() const {
      look->cancel();
      beat->cancel();
    }
  };

  struct Input {
    Media media = Media::json;
    std::shared_ptr<net::BodySource> body;
    net::Responder respond;
    FindFolder find;
    std::unique_ptr<ContainerIo> io;
    ekiden::api::RecordIoDecoder decoder{kRecordMax};
    std::unique_ptr<net::Timer> look;

    void quiet() const { look->cancel(); }
  };

  Impl(net::Loop& a_loop, Duration a_heartbeat) : loop(a_loop), heartbeat(a_heartbeat) {}

  // A callback that comes late finds nothing.
  template <class Call>
  auto guarded(Call call) {
    return [weak = weak_from_this(), call](auto&&... arguments) {
      if (const auto self = weak.lock()) {
        call(*self, std::forward<decltype(arguments)>(arguments)...);
      }
    };
  }

  // Not from inside a callback of what is destroyed.
  template <class Map>
  void forget(Map& map, std::uint64_t id) {
    const auto found = map.find(id);
    if (found == map.end()) {
      return;
    }
    auto node = std::make_shared<typename Map::mapped_type>(std::move(found->second));
    map.erase(found);
    node->quiet();
    loop.post([node] {});
  }

  // ---- output
  net::Response output(const std::string& folder, Media media, bool framed) {
    const std::uint64_t id = ++last_id;
    Output& stream = outputs[id];
    stream.media = media;
    stream.source = std::make_shared<net::ChunkSource>();
    stream.source->on_close(guarded([id](Impl& self) { self.forget(self.outputs, id); }));
    stream.look = std::make_unique<net::Timer>(loop, [this, id] { look(id); });
    stream.beat = std::make_unique<net::Timer>(loop, [this, id] { beat(id); });
    stream.beat->set_after(heartbeat);
    ContainerIo::Callbacks callbacks;
    callbacks.on_open = [] {};
    callbacks.on_bytes =
        guarded([id](Impl& self, std::string_view bytes) { self.said(id, bytes); });
    callbacks.on_close = guarded([id](Impl& self) { self.silent(id); });
    stream.io =
        std::make_unique<ContainerIo>(loop, folder, executor::kOutputClient, std::move(callbacks));
    net::Response response;
    const std::string_view type = wire::content_type(media);
    response.headers.set("Content-Type", framed ? "application/recordio" : type);
    if (framed) {
      response.headers.set("Message-Content-Type", type);
    }
    response.chunks = stream.source;
    return response;
  }

  void said(std::uint64_t id, std::string_view bytes) {
    Output& stream = outputs.at(id);
    const auto source = stream.source;
    if (stream.media == Media::json) {
      source->push(std::string(bytes));
    } else {
      const auto records = stream.decoder.feed(bytes);
      for (const std::string& text : records.value_or(std::vector<std::string>())) {
        const auto message = json::decode<api::ProcessIo>(std::string_view(text), json::kMesos);
        if (message) {
          source->push(ekiden::api::recordio_frame(wire::encode(Media::protobuf, *message)));
        }
      }
    }
    if (source->waiting() > kPauseBytes) {
      stream.io->pause();
      stream.look->set_after(kLookAgain);
    }
  }

  void look(std::uint64_t id) {
    Output& stream = outputs.at(id);
    if (stream.source->waiting() > kPauseBytes / 2) {
      stream.look->set_after(kLookAgain);
    } else {
      stream.io->resume();
    }
  }

  void beat(std::uint64_t id) {
    Output& stream = outputs.at(id);
    stream.beat->set_after(heartbeat);
    const auto source = stream.source;
    source->push(heartbeat_record(stream.media, heartbeat));
  }

  void silent(std::uint64_t id) {
    const auto found = outputs.find(id);
    if (found != outputs.end()) {
      found->second.source->close();
      forget(outputs, id);
    }
  }

  // ---- input
  void input(net::Request request, Media media, net::Responder respond, FindFolder find) {
    const std::uint64_t id = ++last_id;
    if (request.stream == nullptr) {  // an empty body
      respond(refused(400, "Received EOF while reading request body"));
      return;
    }
    Input& stream = inputs[id];
    stream.media = media;
    stream.body = request.stream;
    stream.respond = std::move(respond);
    stream.find = std::move(find);
    stream.look = std::make_unique<net::Timer>(loop, [this, id] { look_input(id); });
    stream.body->on_data =
        guarded([id](Impl& self, std::string_view bytes) { self.told(id, bytes); });
    stream.body->on_end =
        guarded([id](Impl& self, net::BodySource::End end) { self.told_all(id, end); });
  }

  void told(std::uint64_t id, std::string_view bytes) {
    const auto found = inputs.find(id);
    if (found == inputs.end()) {
      return;
    }
    const auto records = found->second.decoder.feed(bytes);
    if (!records) {
      end_input(id, refused(400, "Failed to read the request body: " + records.error().message));
      return;
    }
    for (const std::string& text : *records) {
      const auto call = wire::decode<api::Call>(found->second.media, text);
      if (!call) {
        end_input(id, refused(400, "Failed to parse body into Call: " + call.error().message));
        return;
      }
      if (!obey(id, *call)) {
        return;
      }
    }
    Input& stream = inputs.at(id);
    if (stream.io != nullptr && stream.io->waiting() > kPauseBytes) {
      stream.body->paused = true;
      stream.look->set_after(kLookAgain);
    }
  }

  bool obey(std::uint64_t id, const api::Call& call) {
    Input& stream = inputs.at(id);
    using Type = api::AttachContainerInput::Type;
    if (call.type != api::CallType::attach_container_input || !call.attach_container_input) {
      end_input(id,
                refused(415, "application/recordio requests are for ATTACH_CONTAINER_INPUT only"));
      return false;
    }
    const api::AttachContainerInput& attach = *call.attach_container_input;
    if (stream.io == nullptr) {
      if (attach.type != Type::container_id || !attach.container_id) {
        end_input(id,
                  refused(400, "Expecting 'attach_container_input.container_id' to be present"));
        return false;
      }
      return open_input(id, *attach.container_id);
    }
    if (attach.type != Type::process_io || !attach.process_io) {
      end_input(id, refused(400, "Expecting 'attach_container_input.process_io' to be present"));
      return false;
    }
    const bool beats = attach.process_io->control &&
                       attach.process_io->control->type == api::ProcessIo::Control::Type::heartbeat;
    if (!beats) {
      stream.io->send(ekiden::api::recordio_frame(wire::encode(Media::json, *attach.process_io)));
    }
    return true;
  }

  bool open_input(std::uint64_t id, const ContainerId& container) {
    Input& stream = inputs.at(id);
    const auto folder = stream.find(container);
    if (!folder) {
      end_input(
          id,
          refused(folder.error().code == ErrorCode::not_found ? 404 : 400, folder.error().message));
      return false;
    }
    ContainerIo::Callbacks callbacks;
    callbacks.on_open = [] {};
    callbacks.on_bytes = [](std::string_view) {};
    callbacks.on_close =
        guarded([id](Impl& self) { self.end_input(id, net::text_response(200, "")); });
    stream.io =
        std::make_unique<ContainerIo>(loop, *folder, executor::kInputClient, std::move(callbacks));
    return true;
  }

  void told_all(std::uint64_t id, net::BodySource::End end) {
    const auto found = inputs.find(id);
    if (found == inputs.end()) {
      return;
    }
    if (end == net::BodySource::End::broken) {
      forget(inputs, id);
    } else if (found->second.io == nullptr) {
      end_input(id, refused(400, "Received EOF while reading request body"));
    }
    // Otherwise the answer comes when the container has ended.
  }

  void end_input(std::uint64_t id, net::Response response) {
    const auto found = inputs.find(id);
    if (found != inputs.end()) {
      const net::Responder respond = found->second.respond;
      forget(inputs, id);
      respond(std::move(response));
    }
  }

  void look_input(std::uint64_t id) {
    Input& stream = inputs.at(id);
    if (stream.io != nullptr && stream.io->waiting() > kPauseBytes / 2) {
      stream.look->set_after(kLookAgain);
    } else {
      stream.body->resume();
    }
  }

  net::Loop& loop;
  const Duration heartbeat;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, Output> outputs;
  std::map<std::uint64_t, Input> inputs;
};

ContainerStreams::ContainerStreams(net::Loop& loop, Duration heartbeat)
    : impl_(std::make_shared<Impl>(loop, heartbeat)) {}

ContainerStreams::~ContainerStreams() {
  impl_->outputs.clear();
  impl_->inputs.clear();
}

net::Response ContainerStreams::output(const std::string& folder, Media media, bool framed) {
  return impl_->output(folder, media, framed);
}

void ContainerStreams::input(net::Request request,
                             Media media,
                             net::Responder respond,
                             FindFolder find) {
  impl_->input(std::move(request), media, std::move(respond), std::move(find));
}

std::size_t ContainerStreams::size() const {
  return impl_->outputs.size() + impl_->inputs.size();
}

}  // namespace ekiden::agent
