#define _GNU_SOURCE
#include "team.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// One team for the process. A caller divides its work into a share for each member and begins with its own at once; who
// is done takes from the others' shares. So a member that does not come to run, because another program has its core,
// is never waited for, except for the piece that it holds. Who waits spins for some microseconds and then sleeps. After
// a caller waited much longer than a piece of work takes, it works alone for a while, longer each time: the other cores
// are not free.

enum { MOST = 64, LINE = 64 };

/// Turns of waiting before sleep, some thirty microseconds: longer than the gaps between a network's steps.
enum { SPINS = 1000 };

/// Calls that are done alone after one waited long, at first and at most.
enum { ALONE_FIRST = 16, ALONE_MOST = 512 };

/// A share of the work: `next` 28 bits, `end` 28 bits, the team's size 8 bits, changed as one word. The size keeps out
/// a member that comes late from an earlier, larger team.
typedef struct {
  _Alignas(LINE) _Atomic uint64_t word;
} share;

enum { BITS = 28, SIZE_BITS = 8 };
static const uint64_t mask = (1u << BITS) - 1;
static uint64_t packed(uint64_t next, uint64_t end, uint64_t size) {
  return next << (BITS + SIZE_BITS) | end << SIZE_BITS | size;
}
static int next_of(uint64_t word) { return (int)(word >> (BITS + SIZE_BITS)); }
static int end_of(uint64_t word) { return (int)(word >> SIZE_BITS & mask); }
static int size_of(uint64_t word) { return (int)(word & ((1u << SIZE_BITS) - 1)); }

static share shares[MOST];
static struct {
  /// One caller at a time; another one works alone.
  _Alignas(LINE) atomic_flag busy;
  int members;  ///< Threads that were started, besides the caller.
  int avoided;  ///< The core on which none of them may run.
  int alone;    ///< Calls that are still to be done alone,
  int penalty;  ///< and how many the next time; goes down with every call that need not wait.
  // Written before the shares are, and read by who has taken from one.
  void (*body)(void *, int, int, int);
  void *context;
  _Alignas(LINE) _Atomic uint32_t generation;  ///< Goes up when there is work.
  _Atomic int sleepers;
  _Alignas(LINE) _Atomic uint32_t left;  ///< Pieces of work that are not done.
  _Atomic int callerSleeps;
} team = {.busy = ATOMIC_FLAG_INIT, .avoided = -1};
static pthread_t threads_of[MOST];

static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}
static void wake(_Atomic uint32_t *word, int count) {
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}
static void pause_briefly(void) {
#ifdef __x86_64__
  __builtin_ia32_pause();
#elif defined __aarch64__
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Takes some of the work from the front of one's own share, or half from the back of another's.
static int take(int of, int rank, int *first, int *last) {
  uint64_t word = atomic_load_explicit(&shares[of].word, memory_order_acquire);
  for (;;) {
    const int next = next_of(word), end = end_of(word), size = size_of(word), rest = end - next;
    if (rest <= 0 || rank >= size) return 0;
    const int count = of == rank ? (rest + 3) / 4 : (rest + 1) / 2;
    const uint64_t after =
        of == rank ? packed((uint64_t)(next + count), (uint64_t)end, (uint64_t)size)
                   : packed((uint64_t)next, (uint64_t)(end - count), (uint64_t)size);
    if (!atomic_compare_exchange_weak_explicit(
            &shares[of].word, &word, after, memory_order_acq_rel, memory_order_acquire))
      continue;
    *first = of == rank ? next : end - count;
    *last = *first + count;
    return 1;
  }
}

static void work(int rank, int members) {
  int first, last;
  for (int i = 0; i < members; i++) {
    const int of = (rank + i) % members;
    while (take(of, rank, &first, &last)) {
      // The caller cannot leave before this piece is done, so what it wrote is there.
      team.body(team.context, first, last, rank);
      const uint32_t count = (uint32_t)(last - first);
      if (atomic_fetch_sub(&team.left, count) == count && atomic_load(&team.callerSleeps)) wake(&team.left, 1);
    }
  }
}

static void *member(void *argument) {
  const int rank = (int)(intptr_t)argument;
  uint32_t seen = 0;
  for (;;) {
    uint32_t now = atomic_load_explicit(&team.generation, memory_order_acquire);
    for (int spin = 0; now == seen && spin < SPINS; spin++) {
      pause_briefly();
      now = atomic_load_explicit(&team.generation, memory_order_acquire);
    }
    if (now == seen) {
      atomic_fetch_add(&team.sleepers, 1);
      if (atomic_load(&team.generation) == seen) sleep_on(&team.generation, seen);
      atomic_fetch_sub(&team.sleepers, 1);
      continue;
    }
    seen = now;
    const int size = size_of(atomic_load_explicit(&shares[0].word, memory_order_acquire));
    if (rank < size) work(rank, size);
  }
  return NULL;
}

/// Keeps the members off the caller's core. A virtual machine's system takes idle cores for taken ones (KVM reports a
/// halted one as preempted), so whom the caller wakes would wait behind the caller, some 4 ms and more: a network's time.
static void make_room(void) {
  const int here = sched_getcpu();
  if (here < 0 || here == team.avoided) return;
  cpu_set_t others;
  if (pthread_getaffinity_np(pthread_self(), sizeof others, &others) || CPU_COUNT(&others) < 2) return;
  CPU_CLR(here, &others);
  for (int i = 0; i < team.members; i++) pthread_setaffinity_np(threads_of[i], sizeof others, &others);
  team.avoided = here;
}

/// Starts members until there are `count`; there may be fewer afterwards.
static void start_members(int count) {
  if (team.members >= count) return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (team.members < count) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, member, (void *)(intptr_t)(team.members + 1))) break;
    pthread_detach(thread);
    threads_of[team.members++] = thread;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  team.avoided = -1;
  make_room();
}

void fg_parallel(int threads, int count, void (*body)(void *, int, int, int), void *context) {
  if (threads > MOST) threads = MOST;
  if (threads <= 1 || count <= 1 || (uint64_t)count > mask
      || atomic_flag_test_and_set_explicit(&team.busy, memory_order_acquire)) {
    if (count > 0) body(context, 0, count, 0);
    return;
  }
  if (team.alone > 0) {
    team.alone--;
    body(context, 0, count, 0);
    atomic_flag_clear_explicit(&team.busy, memory_order_release);
    return;
  }
  start_members(threads - 1);
  team.body = body;
  team.context = context;
  atomic_store_explicit(&team.left, (uint32_t)count, memory_order_relaxed);
  for (int rank = 0; rank < threads; rank++) {
    int first, last;
    fg_share(count, rank, threads, &first, &last);
    atomic_store_explicit(
        &shares[rank].word, packed((uint64_t)first, (uint64_t)last, (uint64_t)threads), memory_order_release);
  }
  atomic_fetch_add(&team.generation, 1);
  if (atomic_load(&team.sleepers)) {
    make_room();
    wake(&team.generation, threads - 1);
  }
  const int64_t start = nanoseconds();
  work(0, threads);
  const int64_t end = nanoseconds();
  uint32_t left = atomic_load_explicit(&team.left, memory_order_acquire);
  for (int spin = 0; left && spin < SPINS; spin++) {
    pause_briefly();
    left = atomic_load_explicit(&team.left, memory_order_acquire);
  }
  if (left) {
    atomic_store(&team.callerSleeps, 1);
    while ((left = atomic_load(&team.left))) sleep_on(&team.left, left);
    atomic_store(&team.callerSleeps, 0);
  }
  // Pieces are a part of what the caller did; who waits longer waits for a member that does not run.
  if (nanoseconds() - end > (end - start) / 2 + 100000) {
    team.penalty = team.penalty < ALONE_FIRST ? ALONE_FIRST : team.penalty * 2;
    if (team.penalty > ALONE_MOST) team.penalty = ALONE_MOST;
    team.alone = team.penalty;
  } else if (team.penalty > 0) {
    team.penalty--;
  }
  atomic_flag_clear_explicit(&team.busy, memory_order_release);
}
