#include "marathon/api/checks_json.h"

#include "marathon/api/wire.h"

namespace ekiden::marathon::wire {
namespace {

constexpr std::int32_t kDelaySecondsDefault = 15;

}  // namespace

struct HttpCheckForm {
  std::optional<std::string> path;
  std::string scheme = "HTTP";
  std::optional<std::int32_t> port;
  std::optional<std::int32_t> port_index;
  bool operator==(const HttpCheckForm&) const = default;
};

struct TcpCheckForm {
  std::optional<std::int32_t> port;
  std::optional<std::int32_t> port_index;
  bool operator==(const TcpCheckForm&) const = default;
};

struct CommandForm {  // shell, else argv
  std::optional<std::string> shell;
  std::optional<std::vector<std::string>> argv;
  bool operator==(const CommandForm&) const = default;
};

struct ExecCheckForm {
  CommandForm command;
  bool operator==(const ExecCheckForm&) const = default;
};

struct CheckForm {
  std::optional<HttpCheckForm> http;
  std::optional<TcpCheckForm> tcp;
  std::optional<ExecCheckForm> exec;
  std::int32_t interval_seconds = 60;
  std::int32_t timeout_seconds = 20;
  std::int32_t delay_seconds = kDelaySecondsDefault;
  bool operator==(const CheckForm&) const = default;
};

}  // namespace ekiden::marathon::wire

namespace ekiden::json {

using namespace marathon;        // NOLINT: the tables below are made of these
using namespace marathon::wire;  // NOLINT

template <>
struct Names<HealthProtocol> {
  static constexpr std::pair<HealthProtocol, std::string_view> table[] = {
      {HealthProtocol::http, "HTTP"},
      {HealthProtocol::https, "HTTPS"},
      {HealthProtocol::tcp, "TCP"},
      {HealthProtocol::command, "COMMAND"},
      {HealthProtocol::mesos_http, "MESOS_HTTP"},
      {HealthProtocol::mesos_https, "MESOS_HTTPS"},
      {HealthProtocol::mesos_tcp, "MESOS_TCP"}};
};

struct HealthCommandCoder {  // {"value": text}

  static bool read(const Node& node, Reader& reader, std::string& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    const Node* value = find_member(node, "value");
    if (value == nullptr) {
      return reader.missing("value", node, Missing::path_missing);
    }
    const Reader::In in(reader, "value");
    return read_scalar(*value, reader, out);
  }

  static void write(Writer& writer, const std::string& value, const Dialect&) {
    writer.begin_object().member("value", value).end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{"value", Coder<std::string>::schema(definitions)}});
  }
};

bool is_http(HealthProtocol protocol) {
  return protocol == HealthProtocol::http || protocol == HealthProtocol::https;
}

template <>
struct Schema<HealthCheck> {
  static constexpr auto fields = std::tuple{
      field("gracePeriodSeconds", &HealthCheck::grace_period_seconds).check(at_least<0>),
      Hook<HealthCheck>{"ignoreHttp1xx",
                        [](const Node& node, Reader& reader, HealthCheck& check) {
                          return read_scalar(node, reader, check.ignore_http1xx);
                        },
                        [](const HealthCheck& check) { return is_http(check.protocol); },
                        [](Writer& writer, const HealthCheck& check, const Dialect&) {
                          writer.boolean(check.ignore_http1xx);
                        }},
      field("intervalSeconds", &HealthCheck::interval_seconds).check(at_least<0>),
      field("maxConsecutiveFailures", &HealthCheck::max_consecutive_failures).check(at_least<0>),
      field("path", &HealthCheck::path),
      field("port", &HealthCheck::port).check(any_port),
      field("portIndex", &HealthCheck::port_index).check(any_port),
      field("protocol", &HealthCheck::protocol),
      field("ipProtocol", &HealthCheck::ip_protocol).as<WordCoder<kIpProtocols>>(),
      field("timeoutSeconds", &HealthCheck::timeout_seconds),
      field("delaySeconds", &HealthCheck::delay_seconds).check(at_least<0>),
      field("command", &HealthCheck::command).as<HealthCommandCoder>()};
};

const char* status_codes(const std::vector<std::int32_t>& codes) {
  for (std::int32_t code : codes) {
    if (code < 100) {
      return "error.min";
    }
    if (code > 999) {
      return "error.max";
    }
  }
  return nullptr;
}

template <>
struct Schema<ReadinessCheck> {
  static constexpr auto fields = std::tuple{
      field("httpStatusCodesForReady", &ReadinessCheck::http_status_codes_for_ready)
          .check(size_at_least<1>)
          .check(status_codes),
      field("intervalSeconds", &ReadinessCheck::interval_seconds).check(at_least<0>),
      field("name", &ReadinessCheck::name).check(size_at_least<1>),
      field("path", &ReadinessCheck::path).check(size_at_least<1>).check(size_at_most<kPathMax>),
      field("portName", &ReadinessCheck::port_name).check(size_at_least<1>),
      field("preserveLastResponse", &ReadinessCheck::preserve_last_response),
      field("protocol", &ReadinessCheck::protocol).as<WordCoder<kHttpSchemes>>(),
      field("timeoutSeconds", &ReadinessCheck::timeout_seconds).check(at_least<1>)};
};

template <>
struct Schema<HttpCheckForm> {
  static constexpr auto fields =
      std::tuple{field("portIndex", &HttpCheckForm::port_index).check(any_port),
                 field("port", &HttpCheckForm::port).check(any_port),
                 field("path", &HttpCheckForm::path),
                 field("scheme", &HttpCheckForm::scheme).as<WordCoder<kHttpSchemes>>()};
};

template <>
struct Schema<TcpCheckForm> {
  static constexpr auto fields =
      std::tuple{field("portIndex", &TcpCheckForm::port_index).check(any_port),
                 field("port", &TcpCheckForm::port).check(any_port)};
};

template <>
struct Custom<CommandForm> {
  static bool read(const Node& node, Reader& reader, CommandForm& out) {
    if (!reader.expect_object(node)) {
      return false;
    }
    const Node* shell = find_member(node, "shell");
    if (shell != nullptr && shell->IsString()) {
      return read_scalar(*shell, reader, out.shell.emplace());
    }
    const Node* argv = find_member(node, "argv");
    if (argv == nullptr) {
      return reader.missing("argv", node, Missing::path_missing);
    }
    const Reader::In in(reader, "argv");
    return Coder<std::vector<std::string>>::read(*argv, reader, out.argv.emplace());
  }

  static void write(Writer& writer, const CommandForm& value, const Dialect& dialect) {
    writer.begin_object();
    if (value.shell) {
      writer.member("shell", *value.shell);
    } else {
      writer.key("argv");
      Coder<std::vector<std::string>>::write(
          writer, value.argv.value_or(std::vector<std::string>{}), dialect);
    }
    writer.end_object();
  }

  static Value schema(SchemaDefinitions& definitions) {
    return object_schema({{"shell", Coder<std::string>::schema(definitions)},
                          {"argv", Coder<std::vector<std::string>>::schema(definitions)}});
  }
};

template <>
struct Schema<ExecCheckForm> {
  static constexpr auto fields =
      std::tuple{field("command", &ExecCheckForm::command).required(Missing::path_missing)};
};

template <>
struct Schema<CheckForm> {
  static constexpr auto fields =
      std::tuple{field("http", &CheckForm::http),
                 field("tcp", &CheckForm::tcp),
                 field("exec", &CheckForm::exec),
                 field("intervalSeconds", &CheckForm::interval_seconds).check(at_least<0>),
                 field("timeoutSeconds", &CheckForm::timeout_seconds).check(at_least<0>),
                 field("delaySeconds", &CheckForm::delay_seconds).check(at_least<0>)};
};

}  // namespace ekiden::json

namespace ekiden::marathon::wire {

bool CheckCoder::read(const json::Node& node, json::Reader& reader, json::Value& out) {
  return OpaqueCoder<CheckForm>::read(node, reader, out);
}

void CheckCoder::write(json::Writer& writer, const json::Value& value, const json::Dialect& d) {
  OpaqueCoder<CheckForm>::write(writer, value, d);
}

json::Value CheckCoder::schema(json::SchemaDefinitions& definitions) {
  return OpaqueCoder<CheckForm>::schema(definitions);
}

}  // namespace ekiden::marathon::wire

EKIDEN_JSON_TYPE(ekiden::marathon::HealthCheck)
EKIDEN_JSON_TYPE(ekiden::marathon::ReadinessCheck)
