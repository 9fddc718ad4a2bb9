#pragma once

#include "core/json/json.h"
#include "core/master/snapshot.h"

#include <string>
#include <vector>

// The nouns as older endpoints write them [mesos-core 4.5.1]: plain ids, resources as numbers and
// text. Any thread.
namespace ekiden::master {

// Always cpus, gpus, mem, disk; other scalars as numbers, ranges and sets as text.
void write_resources(json::Writer& w, const model::Resources& resources);
void write_task(json::Writer& w, const Task& task);

// Without the closing brace, so that others can add members.
void begin_slave(json::Writer& w, const AgentView& agent);
void begin_framework(json::Writer& w, const FrameworkView& framework);

void write_slaves(json::Writer& w, const std::vector<AgentView>& agents);
void write_framework(json::Writer& w, const FrameworkView& framework);
// [{"name": "cpus", ...}] in the protobuf's own form
void write_full(json::Writer& w, const model::Resources& resources);
void write_reserved_full(json::Writer& w, const model::Resources& total);

}  // namespace ekiden::master
