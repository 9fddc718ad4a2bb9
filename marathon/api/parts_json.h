#pragma once

#include "core/json/codec.h"
#include "marathon/api/app_form.h"
#include "marathon/api/wire.h"

// Tables of an app's parts that other tables nest. Table .cpp files only.
EKIDEN_JSON_EXTERN(ekiden::marathon::Network)
EKIDEN_JSON_EXTERN(ekiden::marathon::PortDefinition)
EKIDEN_JSON_EXTERN(ekiden::marathon::PortMapping)
EKIDEN_JSON_EXTERN(ekiden::marathon::Artifact)
EKIDEN_JSON_EXTERN(ekiden::marathon::Secret)
EKIDEN_JSON_EXTERN(ekiden::marathon::EnvValue)
EKIDEN_JSON_EXTERN(ekiden::marathon::wire::SecretSource)
EKIDEN_JSON_EXTERN(ekiden::marathon::ExecutorResources)
EKIDEN_JSON_EXTERN(ekiden::marathon::UpgradeStrategy)
EKIDEN_JSON_EXTERN(ekiden::marathon::UnreachableStrategy)
EKIDEN_JSON_EXTERN(ekiden::marathon::HealthCheck)
EKIDEN_JSON_EXTERN(ekiden::marathon::ReadinessCheck)
EKIDEN_JSON_EXTERN(ekiden::marathon::wire::ContainerForm)
EKIDEN_JSON_EXTERN(ekiden::marathon::wire::PersistentForm)
EKIDEN_JSON_EXTERN(ekiden::marathon::wire::ResourceLimitsForm)
EKIDEN_JSON_EXTERN(ekiden::marathon::wire::AppForm)
