#pragma once

// The tables of this folder are compiled twice, once per wire format: by core_api for JSON and by
// core_api_protobuf for protobuf. So nobody who needs JSON alone carries libprotobuf.
#ifdef EKIDEN_PROTOBUF_TABLES
#include "core/protobuf/codec.h"
#define EKIDEN_WIRE_TYPE(T) EKIDEN_PROTOBUF_TYPE(T)
#define EKIDEN_WIRE_EXTERN(T) EKIDEN_PROTOBUF_EXTERN(T)
#else
#include "core/json/codec.h"
#define EKIDEN_WIRE_TYPE(T) EKIDEN_JSON_TYPE(T)
#define EKIDEN_WIRE_EXTERN(T) EKIDEN_JSON_EXTERN(T)
#endif
