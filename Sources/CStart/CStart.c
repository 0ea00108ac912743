#define _GNU_SOURCE
#include "CStart.h"

#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static cpu_set_t processors;
/// Bytes of it that the system filled; 0 and less when it did not, as where there are more processors than it has room for. Volatile, since
/// a compiler runs constructors itself where it can: it takes this for 0 there, `after_libraries` for nothing, and leaves it out.
static volatile long filled;

static void before_libraries(int count, char **words, char **environment) {
  (void)count, (void)words, (void)environment;
  filled = syscall(SYS_sched_getaffinity, 0, sizeof processors, &processors);
  for (int i = 0; i < 8 * filled; i++)
    if (CPU_ISSET(i, &processors)) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(i, &one);
      syscall(SYS_sched_setaffinity, 0, sizeof one, &one);
      return;
    }
}

// The dynamic linker calls it before the initialisers of all libraries; only a program may have one.
__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = before_libraries;

// A program's own initialisers come after those of its libraries; this is the first of them.
__attribute__((constructor(101))) static void after_libraries(void) {
  if (filled > 0) syscall(SYS_sched_setaffinity, 0, (size_t)filled, &processors);
}
