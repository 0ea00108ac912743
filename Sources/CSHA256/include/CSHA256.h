// SHA-256 (FIPS 180-4), with the processor's SHA instructions where it has them.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t state[8];
  uint64_t length;
  size_t held;
  uint8_t block[64];
} fg_sha256;

void fg_sha256_begin(fg_sha256 *context);
void fg_sha256_update(fg_sha256 *context, const uint8_t *bytes, size_t count);
void fg_sha256_finish(fg_sha256 *context, uint8_t digest[32]);
