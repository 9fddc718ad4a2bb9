#include "core/protobuf/stream.h"

#include "core/base/check.h"
#include "core/protobuf/protobuf.h"

#include <algorithm>

#include <fmt/core.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/wire_format_lite.h>

namespace ekiden::protobuf {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr std::size_t kProblemsMax = 1000;  // of one message; the rest is not reported

const std::uint8_t* data_of(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::uint32_t tag_of(int number, WireType type) {
  return WireFormatLite::MakeTag(number, static_cast<WireFormatLite::WireType>(type));
}

Tag parts_of(std::uint32_t tag) {
  return {WireFormatLite::GetTagFieldNumber(tag),
          static_cast<WireType>(WireFormatLite::GetTagWireType(tag))};
}

}  // namespace

struct Reader::Impl {
  struct Step {
    std::string_view member;  // empty: an element
    std::size_t index;
  };

  explicit Impl(std::string_view message)
      : whole(message), input(data_of(message), static_cast<int>(message.size())) {
    input.PushLimit(static_cast<int>(message.size()));
  }

  std::string path_text() const {
    std::string text;
    for (const Step& step : path) {
      if (step.member.empty()) {
        text += fmt::format("[{}]", step.index);
      } else {
        text += text.empty() ? "" : ".";
        text += step.member;
      }
    }
    return text;
  }

  std::string_view whole;
  CodedInputStream input;
  std::uint32_t tag = 0;
  std::size_t depth = 0;
  std::size_t memory = 0;
  std::vector<Step> path;
  std::vector<Problem> problems;
  std::optional<Error> error;
};

Reader::Reader(std::string_view bytes)
    : impl_(std::make_unique<Impl>(bytes.size() > kBytesMax ? std::string_view() : bytes)) {
  if (bytes.size() > kBytesMax) {
    impl_->error = Error{ErrorCode::too_large,
                         fmt::format("cannot read the message: it has {} bytes, at most {} are "
                                     "allowed",
                                     bytes.size(),
                                     kBytesMax)};
  }
}

Reader::~Reader() = default;

bool Reader::next(Tag& tag) {
  if (!more()) {
    return false;
  }
  impl_->tag = impl_->input.ReadTagNoLastTag();
  if (impl_->tag == 0) {
    broken("a field has no number");
    return false;
  }
  tag = parts_of(impl_->tag);
  return true;
}

Got Reader::skip() {
  const bool done = !impl_->error && WireFormatLite::SkipField(&impl_->input, impl_->tag);
  return done ? Got::unknown : broken("a field does not end");
}

Got Reader::varint(WireType type, std::uint64_t& out) {
  if (type != WireType::varint) {
    return skip();
  }
  return impl_->input.ReadVarint64(&out) ? Got::value : broken("a number does not end");
}

Got Reader::fixed64(WireType type, std::uint64_t& out) {
  if (type != WireType::fixed64) {
    return skip();
  }
  return impl_->input.ReadLittleEndian64(&out) ? Got::value : broken("a number does not end");
}

Got Reader::bytes(WireType type, std::string& out) {
  if (type != WireType::bytes) {
    return skip();
  }
  int length = 0;
  const bool fits =
      impl_->input.ReadVarintSizeAsInt(&length) && length <= impl_->input.BytesUntilLimit();
  const bool done = fits && impl_->input.ReadString(&out, length);
  return done ? Got::value : broken("a text is longer than its message");
}

Got Reader::text(WireType type, std::string& out) {
  const Got got = bytes(type, out);
  if (got == Got::value && !google::protobuf::internal::IsStructurallyValidUTF8(out)) {
    out.clear();
    problem("not valid UTF-8");
  }
  return got;
}

bool Reader::more() const {
  return !impl_->error && impl_->input.BytesUntilLimit() > 0;
}

std::optional<std::uint64_t> Reader::find_varint(int number) const {
  CodedInputStream input(data_of(impl_->whole), static_cast<int>(impl_->whole.size()));
  std::optional<std::uint64_t> found;
  while (const std::uint32_t tag = input.ReadTagNoLastTag()) {
    std::uint64_t value = 0;
    if (tag == tag_of(number, WireType::varint) && input.ReadVarint64(&value)) {
      found = value;
    } else if (!WireFormatLite::SkipField(&input, tag)) {
      break;  // the reader proper will say so
    }
  }
  return found;
}

Got Reader::problem(std::string reason) {
  if (impl_->problems.size() < kProblemsMax) {
    impl_->problems.push_back({impl_->path_text(), std::move(reason)});
  }
  return Got::unknown;
}

void Reader::missing(std::string_view member) {
  const In in(*this, member);
  problem("required field is missing");
}

bool Reader::charge(std::size_t memory) {
  impl_->memory += memory;
  if (impl_->memory <= kMemoryFree + kGrowthMax * impl_->whole.size()) {
    return true;
  }
  broken("its lists are too long for its size");
  return false;
}

Got Reader::enter(WireType type, int& outer) {
  if (type != WireType::bytes) {
    return skip();
  }
  int length = 0;
  if (!impl_->input.ReadVarintSizeAsInt(&length) || length > impl_->input.BytesUntilLimit()) {
    return broken("a field is longer than its message");
  }
  if (++impl_->depth > kDepthMax) {
    return broken(fmt::format("it is nested deeper than {} levels", kDepthMax));
  }
  outer = impl_->input.PushLimit(length);
  return Got::value;
}

Got Reader::leave(int outer) {
  if (impl_->error) {
    return Got::broken;
  }
  --impl_->depth;
  impl_->input.PopLimit(outer);
  return Got::value;
}

Got Reader::broken(std::string reason) {
  if (!impl_->error) {
    const std::string path = impl_->path_text();
    impl_->error = Error{ErrorCode::malformed,
                         fmt::format("cannot read the message: {}{}{} (at offset {})",
                                     path,
                                     path.empty() ? "" : ": ",
                                     reason,
                                     impl_->input.CurrentPosition())};
  }
  return Got::broken;
}

Result<void> Reader::finish() {
  if (impl_->error) {
    return fail(*impl_->error);
  }
  if (impl_->problems.empty()) {
    return {};
  }
  Error error{ErrorCode::invalid, "cannot read the message", std::move(impl_->problems)};
  for (const Problem& problem : error.problems) {
    error.message += &problem == &error.problems.front() ? ": " : "; ";
    error.message += problem.path + ": " + problem.reason;
  }
  return fail(std::move(error));
}

Reader::In::In(Reader& reader, std::string_view member) : reader_(reader) {
  reader_.impl_->path.push_back({member, 0});
}

Reader::In::In(Reader& reader, std::size_t index) : reader_(reader) {
  reader_.impl_->path.push_back({{}, index});
}

Reader::In::~In() {
  reader_.impl_->path.pop_back();
}

// ---- Writer

void Writer::varint(int number, std::uint64_t value) {
  const std::uint32_t tag = tag_of(number, WireType::varint);
  if (is_writing_) {
    at_ = CodedOutputStream::WriteTagToArray(tag, at_);
    at_ = CodedOutputStream::WriteVarint64ToArray(value, at_);
  } else {
    size_ += CodedOutputStream::VarintSize32(tag) + CodedOutputStream::VarintSize64(value);
  }
}

void Writer::fixed64(int number, std::uint64_t value) {
  const std::uint32_t tag = tag_of(number, WireType::fixed64);
  if (is_writing_) {
    at_ = CodedOutputStream::WriteTagToArray(tag, at_);
    at_ = CodedOutputStream::WriteLittleEndian64ToArray(value, at_);
  } else {
    size_ += CodedOutputStream::VarintSize32(tag) + sizeof(value);
  }
}

void Writer::bytes(int number, std::string_view value) {
  const std::uint32_t tag = tag_of(number, WireType::bytes);
  if (is_writing_) {
    at_ = CodedOutputStream::WriteTagToArray(tag, at_);
    at_ = CodedOutputStream::WriteVarint64ToArray(value.size(), at_);
    at_ = std::copy(value.begin(), value.end(), at_);
  } else {
    size_ += CodedOutputStream::VarintSize32(tag) + CodedOutputStream::VarintSize64(value.size()) +
             value.size();
  }
}

std::size_t Writer::begin(int number) {
  if (!is_writing_) {
    sizes_.push_back(0);
    return sizes_.size() - 1;
  }
  CHECK(next_ < sizes_.size(), "message {} was not measured before it is written", number);
  at_ = CodedOutputStream::WriteTagToArray(tag_of(number, WireType::bytes), at_);
  at_ = CodedOutputStream::WriteVarint64ToArray(sizes_[next_], at_);
  return next_++;
}

void Writer::end(int number, std::size_t slot, std::size_t before) {
  if (is_writing_) {
    return;
  }
  const std::size_t length = size_ - before;
  sizes_[slot] = length;
  size_ += CodedOutputStream::VarintSize32(tag_of(number, WireType::bytes)) +
           CodedOutputStream::VarintSize64(length);
}

void Writer::start_writing() {
  is_writing_ = true;
  out_.resize(size_);
  at_ = reinterpret_cast<std::uint8_t*>(out_.data());
}

std::string Writer::take() {
  const auto written = at_ - reinterpret_cast<std::uint8_t*>(out_.data());
  CHECK(written == static_cast<std::ptrdiff_t>(out_.size()),
        "measured {} bytes and wrote {}",
        out_.size(),
        written);
  return std::move(out_);
}

}  // namespace ekiden::protobuf
