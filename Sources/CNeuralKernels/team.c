#include "team.h"

// libgomp's team, called by its stable entry point: oneDNN runs on the same one, so that the two never compete.
extern void GOMP_parallel(void (*)(void *), void *, unsigned, unsigned);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);

typedef struct {
  void (*body)(void *, int, int);
  void *context;
} call;

static void enter(void *opaque) {
  const call *c = opaque;
  c->body(c->context, omp_get_thread_num(), omp_get_num_threads());
}

void fg_parallel(int threads, void (*body)(void *, int, int), void *context) {
  if (threads <= 1) {
    body(context, 0, 1);
    return;
  }
  call c = {body, context};
  GOMP_parallel(enter, &c, (unsigned)threads, 0);
}
