#pragma once

#include "core/model/operation.h"
#include "core/model/state_names.h"

// The wire names of operations, once, as state_names.h has those of tasks.
namespace ekiden::model {

inline constexpr NumberedName<OperationState> kOperationStateNames[] = {
    {OperationState::unsupported, "OPERATION_UNSUPPORTED", 0},
    {OperationState::pending, "OPERATION_PENDING", 1},
    {OperationState::finished, "OPERATION_FINISHED", 2},
    {OperationState::failed, "OPERATION_FAILED", 3},
    {OperationState::error, "OPERATION_ERROR", 4},
    {OperationState::dropped, "OPERATION_DROPPED", 5},
    {OperationState::unreachable, "OPERATION_UNREACHABLE", 6},
    {OperationState::gone_by_operator, "OPERATION_GONE_BY_OPERATOR", 7},
    {OperationState::recovering, "OPERATION_RECOVERING", 8},
    {OperationState::unknown, "OPERATION_UNKNOWN", 9},
};

inline constexpr NumberedName<Operation::Type> kOperationTypeNames[] = {
    {Operation::Type::unknown, "UNKNOWN", 0},
    {Operation::Type::launch, "LAUNCH", 1},
    {Operation::Type::launch_group, "LAUNCH_GROUP", 6},
    {Operation::Type::reserve, "RESERVE", 2},
    {Operation::Type::unreserve, "UNRESERVE", 3},
    {Operation::Type::create, "CREATE", 4},
    {Operation::Type::destroy, "DESTROY", 5},
    {Operation::Type::grow_volume, "GROW_VOLUME", 11},
    {Operation::Type::shrink_volume, "SHRINK_VOLUME", 12},
    {Operation::Type::create_disk, "CREATE_DISK", 13},
    {Operation::Type::destroy_disk, "DESTROY_DISK", 14},
};

}  // namespace ekiden::model
