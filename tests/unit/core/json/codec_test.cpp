#include "core/json/codec.h"

#include <limits>
#include <variant>

#include <gtest/gtest.h>

namespace ekiden {
namespace {

enum class Color { red, dark_green };

struct Part {
  std::string name{};
  std::int32_t size = 1;
  std::vector<Part> parts{};
  bool operator==(const Part&) const = default;
};

struct Lamp {
  AgentId id{};
  Color color = Color::red;
  std::optional<Color> inside{};
  bool on = true;
  std::int64_t made = 0;
  std::uint64_t serial = 0;
  double watts = 1.5;
  std::optional<std::string> note{};
  std::vector<Part> parts{};
  std::map<std::string, double> levels{};
  json::Value extra{};
  std::string bytes{};
  std::string role{};
  bool shared = false;
  std::string version{};
  bool operator==(const Lamp&) const = default;
};

struct Start {
  std::int32_t speed = 0;
  bool operator==(const Start&) const = default;
};

struct Stop {
  bool operator==(const Stop&) const = default;
};

struct Order {
  std::variant<Start, Stop> body;
  bool operator==(const Order&) const = default;
};

}  // namespace

namespace json {

template <>
struct Names<Color> {
  static constexpr std::pair<Color, std::string_view> table[] = {{Color::red, "RED"},
                                                                 {Color::dark_green, "DARK_GREEN"}};
};

template <>
struct Schema<Part> {
  static constexpr auto fields =
      std::tuple{field("name", &Part::name).required(),
                 field("size", &Part::size).check(at_least<0>).check(at_most<10>),
                 field("parts", &Part::parts).non_empty()};
};

template <>
struct Schema<Lamp> {
  static constexpr auto fields =
      std::tuple{field(1, "id", &Lamp::id).required(Missing::path_missing),
                 field("color", &Lamp::color),
                 field("inside", &Lamp::inside),
                 field("on", &Lamp::on),
                 field("made", &Lamp::made),
                 field("serial", &Lamp::serial),
                 field("watts", &Lamp::watts),
                 field("note", &Lamp::note),
                 field("parts", &Lamp::parts),
                 field("levels", &Lamp::levels),
                 field("extra", &Lamp::extra).omit_default(),
                 field("bytes", &Lamp::bytes).as<Base64>().omit_default(),
                 field("allocation_info", &Lamp::role).inside<"role">().omit_default(),
                 field("shared", &Lamp::shared).as<Presence>().omit_default(),
                 field("version", &Lamp::version).output_only().non_empty()};
};

template <>
struct Schema<Start> {
  static constexpr auto fields = std::tuple{field("speed", &Start::speed).required()};
};

template <>
struct Schema<Stop> {
  static constexpr auto fields = std::tuple<>{};
};

constexpr Alternative kOrders[] = {{"START", "start"}, {"STOP", "stop", Body::none}};

template <>
struct Custom<Order> {
  static bool read(const Node& node, Reader& reader, Order& out) {
    return read_union(node, reader, kOrders, out.body);
  }

  static void write(Writer& writer, const Order& value, const Dialect& dialect) {
    writer.begin_object();
    write_union(writer, value.body, kOrders, dialect);
    writer.end_object();
  }
};

}  // namespace json
}  // namespace ekiden

EKIDEN_JSON_TYPE(ekiden::Part)
EKIDEN_JSON_TYPE(ekiden::Lamp)
EKIDEN_JSON_TYPE(ekiden::Order)

namespace ekiden::json {
namespace {

using Problems = std::vector<Problem>;

Lamp full_lamp() {
  Lamp lamp;
  lamp.id = {"a1"};
  lamp.color = Color::dark_green;
  lamp.inside = Color::red;
  lamp.on = false;
  lamp.made = std::numeric_limits<std::int64_t>::min();
  lamp.serial = std::numeric_limits<std::uint64_t>::max();
  lamp.watts = 0.1;
  lamp.note = "n\"\xC3\xA9";
  lamp.parts = {{"p", 2, {{"q", 3, {}}}}};
  lamp.levels = {{"low", 1.0}, {"high", 2.5}};
  lamp.extra = Value(Object{{"k", Array{1, "x"}}});
  lamp.bytes = std::string("\0\xff", 2);
  lamp.role = "web";
  lamp.shared = true;
  return lamp;
}

TEST(Codec, RoundTripsInEveryDialect) {
  for (const Dialect* dialect : {&kMarathon, &kMesos, &kRecord}) {
    const Lamp lamp = full_lamp();
    const auto back = decode<Lamp>(encode(lamp, *dialect), *dialect);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, lamp);
  }
}

TEST(Codec, MarathonWritesEmptyListsAndPlainIds) {
  EXPECT_EQ(encode(Lamp{.id = {"a"}}, kMarathon),
            R"({"id":"a","color":"RED","on":true,"made":0,"serial":0,"watts":1.5,"parts":[],)"
            R"("levels":{}})");
}

TEST(Codec, MesosWrapsIdsAndOmitsEmptyLists) {
  EXPECT_EQ(encode(Lamp{.id = {"a"}, .watts = 15}, kMesos),
            R"({"id":{"value":"a"},"color":"RED","on":true,"made":0,"serial":0,"watts":15.0})");
}

TEST(Codec, ReportsAllProblemsAtOnceWithMarathonPaths) {
  const auto lamp = decode<Lamp>(
      R"({"color":"blue","on":1,"made":1.5,"watts":"x","note":3,"parts":[{"size":11},{"name":"n",)"
      R"("size":3000000000,"parts":{}}],"levels":{"low":"x"}})",
      kMarathon);
  ASSERT_FALSE(lamp);
  EXPECT_EQ(lamp.error().code, ErrorCode::invalid);
  EXPECT_EQ(lamp.error().message, "Invalid JSON");
  EXPECT_EQ(lamp.error().problems,
            (Problems{{"/color", "error.unknown.enum.literal"},
                      {"/on", "error.expected.jsboolean"},
                      {"/made", "error.expected.long"},
                      {"/watts", "error.expected.jsnumber"},
                      {"/note", "error.expected.jsstring"},
                      {"/parts(0)/size", "error.max"},
                      {"/parts(0)/name", "'name' is undefined on object: {\"size\":11}"},
                      {"/parts(1)/size", "error.expected.int"},
                      {"/parts(1)/parts", "error.expected.jsarray"},
                      {"/levels/low", "error.expected.jsnumber"},
                      {"/id", "error.path.missing"}}));
}

TEST(Codec, RootOfAnotherKindHasTheEmptyPath) {
  EXPECT_EQ(decode<Lamp>("[]", kMarathon).error().problems,
            (Problems{{"", "error.expected.jsobject"}}));
}

TEST(Codec, NullOfAnOptionalMemberEqualsAbsence) {
  const auto lamp = decode<Lamp>(R"({"id":"a","note":null,"parts":null,"watts":null})", kMarathon);
  ASSERT_TRUE(lamp);
  EXPECT_EQ(*lamp, Lamp{.id = {"a"}});
}

TEST(Codec, MarathonMatchesEnumWordsWithoutCase) {
  EXPECT_EQ(decode<Lamp>(R"({"id":"a","color":"dark_Green"})", kMarathon)->color,
            Color::dark_green);
}

TEST(Codec, OutputOnlyMembersAreIgnoredOnInput) {
  EXPECT_EQ(decode<Lamp>(R"({"id":"a","version":"v"})", kMarathon)->version, "");
}

TEST(Codec, UnknownMembersAreIgnoredUnlessRejected) {
  Dialect strict = kMarathon;
  strict.unknown = Dialect::Unknown::reject;
  EXPECT_TRUE(decode<Part>(R"({"name":"a","nme":1})", kMarathon));
  EXPECT_EQ(decode<Part>(R"({"name":"a","nme":1})", strict).error().problems,
            (Problems{{"/nme", "unknown member"}}));
}

TEST(Codec, MesosAcceptsStringsForNumbersAndOneValueForAList) {
  const auto lamp = decode<Lamp>(
      R"({"id":{"value":"a"},"made":"5","watts":"Infinity","on":"false","parts":{"name":"p"}})",
      kMesos);
  ASSERT_TRUE(lamp) << lamp.error().message;
  EXPECT_EQ(lamp->made, 5);
  EXPECT_EQ(lamp->watts, std::numeric_limits<double>::infinity());
  EXPECT_FALSE(lamp->on);
  ASSERT_EQ(lamp->parts.size(), 1u);
  EXPECT_EQ(lamp->parts[0].name, "p");
}

TEST(Codec, InfinityIsABareTokenOfMesos) {
  const std::string text = encode(Lamp{.id = {"a"}, .levels = {{"m", 1.0 / 0.0}}}, kMesos);
  EXPECT_NE(text.find(R"("m":Infinity)"), std::string::npos);
  EXPECT_EQ(decode<Lamp>(text, kMesos)->levels.at("m"), 1.0 / 0.0);
  for (const char* number : {"Infe1", "-Infinitye5", "NaNE2", "Inf.5", "2e308"}) {
    const auto lamp = decode<Lamp>(R"({"levels":{"m":)" + std::string(number) + "}}", kMesos);
    ASSERT_FALSE(lamp) << number;
    EXPECT_EQ(lamp.error().code, ErrorCode::malformed) << number;
  }
  EXPECT_FALSE(decode<Lamp>(R"({"id":{"value":"a"},"watts":NaN})", kMesos));
  EXPECT_TRUE(decode<Lamp>(R"({"id":{"value":"\"Infe1"},"note":"NaN.\\"})", kMesos));
}

TEST(Codec, MesosIgnoresUnknownNamesOfOptionalEnums) {
  const auto lamp = decode<Lamp>(R"({"id":{"value":"a"},"inside":"PINK","color":"BLUE"})", kMesos);
  ASSERT_TRUE(lamp);
  EXPECT_EQ(lamp->inside, std::nullopt);
  EXPECT_EQ(lamp->color, Color::red);
}

TEST(Codec, MesosListsMissingFieldPaths) {
  const auto lamp = decode<Lamp>(R"({"id":{},"parts":[{}],"bytes":"*"})", kMesos);
  ASSERT_FALSE(lamp);
  EXPECT_EQ(lamp.error().message,
            "cannot read the message: id.value: required field is missing; parts[0].name: "
            "required field is missing; bytes: not valid base64");
}

TEST(Codec, UnionsFollowTheirType) {
  EXPECT_EQ(encode(Order{Start{3}}, kMesos), R"({"type":"START","start":{"speed":3}})");
  EXPECT_EQ(encode(Order{Stop{}}, kMesos), R"({"type":"STOP"})");
  EXPECT_EQ(*decode<Order>(R"({"start":{"speed":3},"type":"START"})", kMesos), Order{Start{3}});
  EXPECT_EQ(*decode<Order>(R"({"type":"STOP"})", kMesos), Order{Stop{}});
  EXPECT_FALSE(decode<Order>(R"({"type":"START"})", kMesos));
  EXPECT_FALSE(decode<Order>(R"({"type":"FLY"})", kMesos));
  EXPECT_FALSE(decode<Order>(R"({"start":{}})", kMesos));
}

TEST(Codec, ChangedNamesTheFieldsThatDiffer) {
  Lamp other = full_lamp();
  other.watts = 3;
  other.parts[0].parts.clear();
  EXPECT_EQ(changed(full_lamp(), other), (std::vector<std::string_view>{"watts", "parts"}));
  EXPECT_TRUE(changed(other, other).empty());
}

TEST(Codec, SchemaDocumentNamesTypesAndRequiredMembers) {
  const auto document = parse(schema_document<Lamp>());
  ASSERT_TRUE(document);
  const Value& definitions = (*document)["definitions"];
  EXPECT_EQ(definitions.as_object().size(), 2u);
  for (const auto& [name, definition] : definitions.as_object()) {
    EXPECT_EQ(definition["type"].as_string(), "object") << name;
    EXPECT_EQ(definition["required"].as_array().size(), 1u) << name;
  }
}

TEST(Codec, DecodesFromAValue) {
  EXPECT_EQ(decode<Part>(Value(Object{{"name", "a"}, {"size", 3}}), kMarathon)->size, 3);
}

TEST(Codec, ProblemsAreBounded) {
  std::string text = "{\"id\":\"a\",\"parts\":[0";
  for (int i = 0; i < 5000; ++i) {
    text += ",0";
  }
  EXPECT_EQ(decode<Lamp>(text + "]}", kMarathon).error().problems.size(), kProblemsMax);
}

}  // namespace
}  // namespace ekiden::json
