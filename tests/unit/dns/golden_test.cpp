#include "core/base/strings.h"
#include "dns/answer.h"
#include "dns/cluster_json.h"
#include "dns/records.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>

// tests/golden/dns/NAME.state.json is what a master said; NAME.answers.txt holds questions
// ("name TYPE [tcp|edns=N]") and below each the answer it gets. UPDATE_GOLDEN=1 writes the answers.
namespace ekiden::dns {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint16_t type_of(std::string_view text) {
  const std::pair<std::string_view, Type> types[] = {
      {"A", Type::a},
      {"AAAA", Type::aaaa},
      {"SRV", Type::srv},
      {"SOA", Type::soa},
      {"NS", Type::ns},
      {"TXT", Type::txt},
      {"ANY", Type::any},
      {"AXFR", Type::axfr},
  };
  for (const auto& [name, type] : types) {
    if (name == text) {
      return static_cast<std::uint16_t>(type);
    }
  }
  ADD_FAILURE() << "unknown type " << text;
  return 0;
}

void append_section(std::string_view name,
                    const std::vector<WireRecord>& records,
                    std::string& out) {
  std::vector<std::string> lines;
  for (const WireRecord& record : records) {
    if (record.type != static_cast<std::uint16_t>(Type::opt)) {
      lines.push_back(fmt::format("  {} {} {} {}\n", name, record.name, record.ttl, record.text));
    }
  }
  std::sort(lines.begin(), lines.end());  // the order is random
  for (const std::string& line : lines) {
    out += line;
  }
}

std::string answer_to(std::string_view question, const RecordSet& records) {
  const std::vector<std::string_view> words = split_nonempty(question, ' ');
  QueryOptions options{.id = 1, .type = type_of(words.at(1))};
  Transport transport = Transport::udp;
  for (std::string_view word : words) {
    if (word == "tcp") {
      transport = Transport::tcp;
    } else if (word.starts_with("edns=")) {
      options.udp_size = static_cast<std::uint16_t>(parse_int(word.substr(5)).value_or(0));
    }
  }
  Bytes reply;
  Answerer answerer({}, Random(1));
  answerer.answer(encode_query(words[0], options), records, transport, reply);
  const auto message = decode(reply);
  if (!message) {
    return "  " + message.error().message + "\n";
  }
  std::string out = fmt::format("  rcode {}{}\n",
                                static_cast<int>(message->rcode()),
                                (message->flags & kFlagTc) != 0 ? " truncated" : "");
  append_section("answer", message->answers, out);
  append_section("authority", message->authorities, out);
  append_section("additional", message->additionals, out);
  return out;
}

TEST(GoldenDns, AnswersAsRecorded) {
  const std::filesystem::path folder = std::string(EKIDEN_SOURCE_DIR) + "/tests/golden/dns";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".state.json")) {
      continue;
    }
    ++cases;
    const auto document = json::parse(read_file(path));
    ASSERT_TRUE(document) << path << ": " << document.error().message;
    const auto state = from_legacy_state(*document);
    ASSERT_TRUE(state) << path << ": " << state.error().message;
    Zone zone{RecordOptions{}};
    zone.apply(*state);
    const auto records = zone.publish(1234);
    const std::string answers_path = replace_all(path, ".state.json", ".answers.txt");
    const std::string expected = read_file(answers_path);
    std::string actual;
    for (std::string_view line : split(expected, '\n')) {
      if (!line.empty() && line.front() != ' ') {
        actual += fmt::format("{}\n{}", line, answer_to(line, *records));
      }
    }
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
      std::ofstream(answers_path, std::ios::binary) << actual;
    } else {
      EXPECT_EQ(actual, expected) << answers_path;
    }
  }
  EXPECT_GT(cases, 0);
}

}  // namespace
}  // namespace ekiden::dns
