#include "tests/unit/core/allocator/script.h"

#include "core/base/strings.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace ekiden::allocator {

using model::Resource;
using model::Resources;

namespace {

std::vector<std::string> cut(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(text, separator)) {
    if (!part.empty()) {
      parts.emplace_back(part);
    }
  }
  return parts;
}

// What stands between the two, taken out of the text.
std::string take(std::string& text, char open, char close) {
  const std::size_t begin = text.find(open);
  const std::size_t end = text.find(close);
  if (begin == std::string::npos || end == std::string::npos || begin > text.find(':')) {
    return {};
  }
  const std::string inside = text.substr(begin + 1, end - begin - 1);
  text.erase(begin, end - begin + 1);
  return inside;
}

std::vector<model::Reservation> stack(const std::string& roles) {
  std::vector<model::Reservation> result;
  for (std::string role : cut(roles, '>')) {
    using Type = model::Reservation::Type;
    const bool dynamic = role.starts_with('+') || !result.empty();
    role.erase(0, role.starts_with('+') ? 1 : 0);
    result.push_back({dynamic ? Type::dynamic : Type::static_, role, std::nullopt, std::nullopt});
  }
  return result;
}

Resource read_one(std::string text) {
  const std::string flags = take(text, '{', '}');
  std::string volume = take(text, '[', ']');
  const std::string roles = take(text, '(', ')');
  const auto parsed = model::parse_resources(text);
  if (!parsed || parsed->list().size() != 1) {
    throw std::runtime_error("no resource: " + text);
  }
  Resource resource = parsed->list().front();
  resource.reservations = stack(roles);
  resource.revocable = flags == "r";
  if (!volume.empty()) {
    resource.shared = volume.ends_with('!');
    volume.erase(volume.size() - (resource.shared ? 1 : 0));
    resource.disk.emplace();
    resource.disk->persistence = model::Persistence{volume, std::nullopt};
  }
  return resource;
}

std::string write_one(const Resource& resource) {
  Resource bare;
  bare.name = resource.name;
  bare.type = resource.type;
  bare.scalar = resource.scalar;
  bare.ranges = resource.ranges;
  bare.set = resource.set;
  std::string marks;
  for (const model::Reservation& reservation : resource.reservations) {
    const bool first = marks.empty();
    const bool dynamic = reservation.type == model::Reservation::Type::dynamic;
    marks += (first ? (dynamic ? "+" : "") : ">") + reservation.role;
  }
  marks = marks.empty() ? "" : "(" + marks + ")";
  if (resource.disk && resource.disk->persistence) {
    marks += "[" + resource.disk->persistence->id + (resource.shared ? "!]" : "]");
  }
  marks += resource.revocable ? "{r}" : "";
  std::string text = to_text(Resources({bare}));
  return text.insert(resource.name.size(), marks);
}

Amounts amounts(std::string_view text) {
  Amounts result;
  const Resources resources = read_resources(text);
  for (const Resource& resource : resources.list()) {
    result[resource.name] = resource.scalar;
  }
  return result;
}

MinAllocatable minimum(std::string_view text) {
  MinAllocatable result;
  for (const std::string& set : cut(text, '|')) {
    result.push_back(amounts(set));
  }
  return result;
}

// "key=value" among the words.
std::string option(const std::vector<std::string>& words, std::string_view key) {
  for (const std::string& word : words) {
    if (word.starts_with(std::string(key) + "=")) {
      return word.substr(key.size() + 1);
    }
  }
  return {};
}

std::set<std::string> set_of(std::string_view text) {
  const auto parts = cut(text, ',');
  return {parts.begin(), parts.end()};
}

Options read_options(std::string_view line) {
  const auto words = cut(line, ' ');
  Options options;
  if (const std::string text = option(words, "min"); !text.empty()) {
    options.min_allocatable = minimum(text);
  }
  if (const std::string text = option(words, "region"); !text.empty()) {
    options.region = text;
  }
  options.fair_sharing_excluded = set_of(option(words, "excluded"));
  options.filter_gpu_resources = option(words, "filter_gpus") != "no";
  options.role_order = option(words, "roles") == "random" ? Order::random : Order::drf;
  return options;
}

Duration seconds(const std::string& text) {
  return from_seconds(std::stod(text));
}

std::shared_ptr<const ConstraintsFilter> constraints(const std::string& role,
                                                     const std::string& text) {
  model::OfferConstraints all;
  for (const std::string& alternative : cut(text, '|')) {
    auto& group = all.role_constraints[role].groups.emplace_back();
    for (const std::string& one : cut(alternative, '&')) {
      auto& constraint = group.attribute_constraints.emplace_back();
      const auto parts = cut(one, '~');  // NAME~predicate~text
      if (parts.at(0) == "HOSTNAME") {
        constraint.selector.pseudoattribute_type = model::AttributeConstraint::Pseudo::hostname;
      } else {
        constraint.selector.attribute_name = parts.at(0);
      }
      if (parts.at(1) == "is") {
        constraint.predicate.text_equals = parts.at(2);
      } else {
        constraint.predicate.text_matches = parts.at(2);
      }
    }
  }
  auto compiled = ConstraintsFilter::compile(all, RegexLimits{});
  if (!compiled) {
    throw std::runtime_error(compiled.error().message);
  }
  return *compiled;
}

}  // namespace

Resources read_resources(std::string_view text) {
  Resources result;
  for (const std::string& one : cut(text, ';')) {
    result += read_one(one);
  }
  return result;
}

std::string write_resources(const Resources& resources) {
  std::vector<std::string> parts;
  for (const Resource& resource : resources.list()) {
    parts.push_back(write_one(resource));
  }
  return fmt::format("{}", fmt::join(parts, ";"));
}

Script::Script(std::string_view options) : allocator_(read_options(options), Random(1)) {}

// agent NAME RESOURCES [host=H] [attrs=ATTRIBUTES] [region=R] [lacks=multi_role|hierarchical_role]
void Script::agent(const Words& words) {
  AgentSpec spec;
  spec.hostname = option(words, "host");
  spec.attributes = *model::parse_attributes(option(words, "attrs"));
  if (const std::string region = option(words, "region"); !region.empty()) {
    spec.domain.emplace().fault_domain.emplace().region.name = region;
  }
  const std::string lacks = option(words, "lacks");
  spec.multi_role = lacks != "multi_role";
  spec.hierarchical_role = lacks != "hierarchical_role";
  allocator_.add_agent({words.at(1)}, read_resources(words.at(2)), spec);
}

// fw NAME roles=R,R [suppressed=R,R] [can=gpus,shared,revocable,refinement,region,multi_role]
//    [min=ROLE:MINIMUM] [want=ROLE:CONSTRAINTS] [inactive]
void Script::framework(const Words& words) {
  FrameworkSpec spec;
  spec.roles = set_of(option(words, "roles"));
  spec.suppressed = set_of(option(words, "suppressed"));
  const auto can = set_of(option(words, "can"));
  spec.gpus = can.contains("gpus");
  spec.shared = can.contains("shared");
  spec.revocable = can.contains("revocable");
  spec.reservation_refinement = can.contains("refinement");
  spec.region_aware = can.contains("region");
  spec.multi_role = can.contains("multi_role");
  if (const std::string text = option(words, "min"); !text.empty()) {
    const std::size_t colon = text.find(':');
    spec.min_allocatable[text.substr(0, colon)] = minimum(text.substr(colon + 1));
  }
  if (const std::string text = option(words, "want"); !text.empty()) {
    const std::size_t colon = text.find(':');
    spec.constraints = constraints(text.substr(0, colon), text.substr(colon + 1));
  }
  const bool inactive = words.back() == "inactive";
  if (words.at(0) == "update") {
    allocator_.update_framework({words.at(1)}, spec);
  } else {
    allocator_.add_framework({words.at(1)}, spec, inactive ? Activity::inactive : Activity::active);
  }
}

// quota ROLE [guarantee=AMOUNTS] [limit=AMOUNTS]
void Script::quota(const Words& words) {
  allocator_.update_quota(words.at(1),
                          {amounts(option(words, "guarantee")), amounts(option(words, "limit"))});
}

// maintain AGENT START_SECONDS|off
void Script::maintain(const Words& words) {
  std::optional<model::Unavailability> window;
  if (words.at(2) != "off") {
    window.emplace().start.nanoseconds = seconds(words.at(2)).count();
  }
  allocator_.set_unavailability({words.at(1)}, window);
}

bool Script::change_allocation(const Words& words) {
  const std::string& verb = words.at(0);
  if (verb == "use") {  // use FRAMEWORK ROLE AGENT RESOURCES
    allocator_.use({{words.at(1)}, words.at(2), {words.at(3)}, read_resources(words.at(4))});
  } else if (verb == "free") {  // free FRAMEWORK ROLE AGENT RESOURCES
    allocator_.recover({{words.at(1)}, words.at(2), {words.at(3)}, read_resources(words.at(4))},
                       std::nullopt,
                       now_);
  } else if (verb == "decline") {  // decline OFFER SECONDS
    allocator_.recover(offers_.at(words.at(1)), seconds(words.at(2)), now_);
    offers_.erase(words.at(1));
  } else if (verb == "return") {  // return OFFER: without a filter
    allocator_.recover(offers_.at(words.at(1)), std::nullopt, now_);
    offers_.erase(words.at(1));
  } else if (verb == "convert") {  // convert OFFER FROM TO
    Allocation& offer = offers_.at(words.at(1));
    Allocation part = offer;
    part.resources = read_resources(words.at(2));
    allocator_.convert(part, read_resources(words.at(3)));
    offer.resources -= part.resources;
    offer.resources += read_resources(words.at(3));
  } else if (verb == "operate") {  // operate AGENT FROM TO
    if (!allocator_.convert_free(
            {words.at(1)}, read_resources(words.at(2)), read_resources(words.at(3)))) {
      throw std::runtime_error("not free");
    }
  } else {
    return false;
  }
  return true;
}

bool Script::change_cluster(const Words& words) {
  const std::string& verb = words.at(0);
  if (verb == "agent") {
    agent(words);
  } else if (verb == "total") {  // total AGENT RESOURCES
    allocator_.update_agent({words.at(1)}, read_resources(words.at(2)));
  } else if (verb == "remove") {  // remove AGENT
    allocator_.remove_agent({words.at(1)});
  } else if (verb == "deactivate" || verb == "activate") {  // ... AGENT
    allocator_.set_agent({words.at(1)}, verb == "activate" ? Activity::active : Activity::inactive);
  } else if (verb == "whitelist") {  // whitelist HOST,HOST|all
    allocator_.set_whitelist(words.at(1) == "all" ? std::nullopt
                                                  : std::optional(set_of(words.at(1))));
  } else if (verb == "fw" || verb == "update") {
    framework(words);
  } else if (verb == "disconnect" || verb == "connect") {  // ... FRAMEWORK
    allocator_.set_framework({words.at(1)},
                             verb == "connect" ? Activity::active : Activity::inactive);
  } else if (verb == "forget") {  // forget FRAMEWORK
    allocator_.remove_framework({words.at(1)});
  } else if (verb == "suppress" || verb == "revive") {  // ... FRAMEWORK [ROLE,ROLE]
    const auto roles = words.size() > 2 ? cut(words[2], ',') : std::vector<std::string>{};
    verb == "revive" ? allocator_.revive({words.at(1)}, roles)
                     : allocator_.suppress({words.at(1)}, roles);
  } else if (verb == "quota") {
    quota(words);
  } else if (verb == "weight") {  // weight ROLE NUMBER
    allocator_.update_weights({{words.at(1), std::stod(words.at(2))}});
  } else if (verb == "hold") {  // hold AGENTS SECONDS
    allocator_.hold_back(std::stoul(words.at(1)), now_ + seconds(words.at(2)));
  } else if (verb == "maintain") {
    maintain(words);
  } else if (verb == "answer") {  // answer AGENT FRAMEWORK SECONDS
    allocator_.answer_inverse_offer({words.at(1)}, {words.at(2)}, seconds(words.at(3)), now_);
  } else {
    return false;
  }
  return true;
}

std::string Script::cycle() {
  std::vector<Allocation> all = allocator_.allocate(now_);
  const auto key = [](const Allocation& a) { return std::tie(a.framework, a.role, a.agent); };
  std::sort(all.begin(), all.end(), [&](const Allocation& a, const Allocation& b) {
    return key(a) < key(b);
  });
  std::string text;
  for (Allocation& offer : all) {
    const std::string id = fmt::format("O{}", next_offer_++);
    text += fmt::format("{} {} {} {} {}\n",
                        id,
                        offer.framework.value,
                        offer.role,
                        offer.agent.value,
                        write_resources(offer.resources));
    offers_[id] = std::move(offer);
  }
  for (const InverseOffer& ask : allocator_.inverse_offers(now_)) {
    text += fmt::format("ask {} to leave {}\n", ask.framework.value, ask.agent.value);
  }
  return text.empty() ? "nothing\n" : text;
}

std::string Script::show() const {
  std::string text;
  for (const auto& [id, offer] : offers_) {
    text += id + " ";
  }
  const Time next = allocator_.next_deadline();
  return fmt::format("open: {}\nfilters: {}\nnext: {}\n",
                     text,
                     allocator_.filter_count(),
                     next == kNever ? "never"
                     : next <= now_ ? "now"
                                    : to_text(next - now_));
}

std::string Script::run(std::string_view line) {
  const Words words = cut(line, ' ');
  const std::string& verb = words.at(0);
  if (verb == "cycle") {  // cycle [SECONDS]: a cycle after so much time, 1 s
    now_ += words.size() > 1 ? seconds(words[1]) : std::chrono::seconds(1);
    return cycle();
  }
  if (verb == "show") {
    return show();
  }
  if (verb == "consumed") {  // consumed ROLE
    std::string text = "consumed:";
    for (const auto& [name, amount] : allocator_.consumed(words.at(1))) {
      text += fmt::format(" {}:{}", name, amount.to_double());
    }
    return text + "\n";
  }
  if (verb == "reserving") {  // reserving ROLE RESOURCES: what a limit has against it
    return allocator_.limit_problem(words.at(1), read_resources(words.at(2))).value_or("fine") +
           "\n";
  }
  if (!change_allocation(words) && !change_cluster(words)) {
    throw std::runtime_error("cannot understand: " + std::string(line));
  }
  return {};
}

}  // namespace ekiden::allocator
