#pragma once

#include "core/api/formats.h"
#include "core/api/operator_common.h"

// The tables of operator_common.h for the tables of master and agent that nest them. Included by
// table .cpp files only.
#define EKIDEN_OPERATOR_TYPES(EACH)      \
  EACH(ekiden::api::op::GetMetrics)      \
  EACH(ekiden::api::op::SetLoggingLevel) \
  EACH(ekiden::api::op::ListFiles)       \
  EACH(ekiden::api::op::ReadFile)        \
  EACH(ekiden::api::op::Health)          \
  EACH(ekiden::api::op::FlagList)        \
  EACH(ekiden::api::op::VersionInfo)     \
  EACH(ekiden::api::op::Version)         \
  EACH(ekiden::api::op::MetricList)      \
  EACH(ekiden::api::op::LoggingLevel)    \
  EACH(ekiden::api::op::FileInfo)        \
  EACH(ekiden::api::op::FileList)        \
  EACH(ekiden::api::op::FileData)        \
  EACH(ekiden::api::op::Task)            \
  EACH(ekiden::api::op::Operation)       \
  EACH(ekiden::api::op::Operations)

EKIDEN_OPERATOR_TYPES(EKIDEN_WIRE_EXTERN)
