#pragma once
#include <lmdb.h>

/* Requests the cache line at an address; any address is allowed. */
static inline void clmdb_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
