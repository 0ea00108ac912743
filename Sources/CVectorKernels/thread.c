#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "CVectorKernels.h"

#ifdef __linux__

typedef struct {
  void *(*body)(void *);
  void *argument;
  cpu_set_t allowed;
} start;

static void *run(void *argument) {
  start s = *(start *)argument;
  free(argument);
  sched_setaffinity(0, sizeof s.allowed, &s.allowed);
  return s.body(s.argument);
}

int cvk_start_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
  const int here = sched_getcpu();
  start *s = malloc(sizeof *s);
  if (here < 0 || !s || sched_getaffinity(0, sizeof s->allowed, &s->allowed) || CPU_COUNT(&s->allowed) < 2) {
    free(s);
    return pthread_create(thread, NULL, body, argument);
  }
  s->body = body;
  s->argument = argument;
  cpu_set_t others = s->allowed;
  CPU_CLR(here, &others);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof others, &others);
  int code = pthread_create(thread, &attributes, run, s);
  pthread_attr_destroy(&attributes);
  if (code) {
    free(s);
    code = pthread_create(thread, NULL, body, argument);
  }
  return code;
}

#else

int cvk_start_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
  return pthread_create(thread, NULL, body, argument);
}

#endif
