#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>

// What Swift's own view of the C library leaves out.

static const uint32_t fg_epoll_readable = EPOLLIN;
static const uint32_t fg_epoll_writable = EPOLLOUT;
static const uint32_t fg_epoll_peer_ended = EPOLLRDHUP;
static const uint32_t fg_epoll_broken = EPOLLERR | EPOLLHUP;
static const uint32_t fg_epoll_one_waiter = EPOLLEXCLUSIVE;

static inline int fg_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int fg_event_create(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Adds (or changes) what is waited for at a descriptor.
static inline int fg_epoll_set(int epoll, int descriptor, uint64_t id, uint32_t events, int is_new) {
  struct epoll_event event = {.events = events, .data = {.u64 = id}};
  return epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

static inline int fg_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, 0);
}
