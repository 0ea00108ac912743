#define _GNU_SOURCE
#include "COpenBLAS.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

// What OpenBLAS takes its buffers with; it keeps those that are given back, and hands them out again.
void *blas_memory_alloc(int kind);
void blas_memory_free(void *buffer);

// A buffer is 128 MiB or less, and a page or two.
enum { bufferBytes = 130 << 20 };

// Whoever computes reads; whoever has a further buffer made writes, so that nobody holds one meanwhile.
static pthread_rwlock_t calls = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static atomic_int begun;
// How many buffers OpenBLAS has; at least as many as there are readers.
static int buffers;

void fg_blas_use_one_thread(void) {
  // To set the number starts all threads again, whatever it is.
  if (openblas_get_num_threads() != 1) openblas_set_num_threads(1);
}

// Has OpenBLAS make buffers until there are so many. Nobody computes.
static bool grow(int wanted) {
  if (wanted <= buffers) return true;
  void **held = malloc((size_t)wanted * sizeof *held);
  if (!held) return false;
  int count = 0;
  // The first ones are there.
  while (count < buffers) held[count++] = blas_memory_alloc(0);
  while (count < wanted) {
    void *room = mmap(NULL, bufferBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED) break;
    munmap(room, bufferBytes);
    held[count++] = blas_memory_alloc(0);
  }
  if (count > buffers) buffers = count;
  while (count > 0) blas_memory_free(held[--count]);
  free(held);
  return wanted <= buffers;
}

bool fg_blas_begin(void) {
  const int wanted = atomic_fetch_add(&begun, 1) + 1;
  pthread_rwlock_rdlock(&calls);
  if (wanted <= buffers) return true;
  pthread_rwlock_unlock(&calls);
  pthread_rwlock_wrlock(&calls);
  const bool hasRoom = grow(wanted);
  pthread_rwlock_unlock(&calls);
  if (!hasRoom) {
    atomic_fetch_sub(&begun, 1);
    return false;
  }
  pthread_rwlock_rdlock(&calls);
  return true;
}

void fg_blas_end(void) {
  pthread_rwlock_unlock(&calls);
  atomic_fetch_sub(&begun, 1);
}
