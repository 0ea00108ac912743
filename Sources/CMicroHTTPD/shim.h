#pragma once
#include <microhttpd.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

// What Swift cannot say: a variadic start, and macros and enumerations of differing signedness.

static const enum MHD_Result fg_http_yes = MHD_YES;
static const enum MHD_Result fg_http_no = MHD_NO;
static const enum MHD_ConnectionNotificationCode fg_http_connected = MHD_CONNECTION_NOTIFY_STARTED;

typedef struct {
  const struct sockaddr *address;
  const char *certificate;
  const char *key;
  unsigned int threads;
  unsigned int connections;
  unsigned int idle_seconds;
  size_t connection_memory;
} fg_http_options;

typedef void *(*fg_http_uri_callback)(void *context, const char *uri, struct MHD_Connection *connection);

// Names and values stay as they were sent: who routes decides what is decoded, and when.
static inline size_t fg_http_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  return strlen(text);
}

static inline struct MHD_Daemon *fg_http_start(
    const fg_http_options *options, MHD_AccessHandlerCallback handler, fg_http_uri_callback uri,
    MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connection, void *context) {
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
  if (options->address->sa_family == AF_INET6) flags |= MHD_USE_IPv6;
  struct MHD_OptionItem tls[3];
  int count = 0;
  if (options->certificate) {
    flags |= MHD_USE_TLS;
    tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate};
    tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key};
  }
  tls[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context,
      MHD_OPTION_SOCK_ADDR, options->address,
      MHD_OPTION_THREAD_POOL_SIZE, options->threads,
      MHD_OPTION_CONNECTION_LIMIT, options->connections,
      MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
      MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u,
      MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
      MHD_OPTION_URI_LOG_CALLBACK, uri, context,
      MHD_OPTION_UNESCAPE_CALLBACK, fg_http_keep_escapes, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection, context,
      MHD_OPTION_ARRAY, tls,
      MHD_OPTION_END);
}

// The port that the daemon listens on; 0 when it cannot be told.
static inline unsigned int fg_http_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

static inline int fg_http_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? (int)info->connect_fd : -1;
}

static inline const struct sockaddr *fg_http_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

static inline void fg_http_headers(
    struct MHD_Connection *connection, MHD_KeyValueIterator visit, void *context) {
  MHD_get_connection_values(connection, MHD_HEADER_KIND, visit, context);
}

// Queues a copy of the bytes with these headers (name, value, name, value, …).
static inline int fg_http_reply(
    struct MHD_Connection *connection, unsigned int status, const void *bytes, size_t count,
    const char *const *headers, size_t header_count) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_MUST_COPY);
  if (!response) return 0;
  for (size_t i = 0; i < header_count; ++i) {
    MHD_add_response_header(response, headers[2 * i], headers[2 * i + 1]);
  }
  enum MHD_Result result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result == MHD_YES;
}

// Lets the process open as many files as it may; returns how many.
static inline unsigned long fg_raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    struct rlimit raised = {limit.rlim_max, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}
