#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "CVectorKernels.h"

int cvk_move_pages(void *from, void *to, size_t bytes) {
#ifdef __linux__
  return mremap(from, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED ? errno : 0;
#else
  (void)from, (void)to, (void)bytes;
  return ENOSYS;
#endif
}
