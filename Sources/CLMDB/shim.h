#pragma once
#include <linux/falloc.h>
#include <lmdb.h>
#include <sys/types.h>

/* Requests the cache line at an address; any address is allowed. */
static inline void clmdb_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/* Declared by <fcntl.h> for _GNU_SOURCE only. */
extern int fallocate(int file, int mode, off_t offset, off_t length);

/* Gives a file blocks for its first bytes; its length and what it holds stay. */
static inline int clmdb_take_blocks(int file, off_t length) {
  return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, length);
}
