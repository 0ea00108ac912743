#include "CPQ.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <postgresql/libpq-fe.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(X)                                                                                         \
  X(PQlibVersion) X(PQconninfoParse) X(PQconninfoFree) X(PQconnectdbParams) X(PQfinish) X(PQstatus)          \
  X(PQerrorMessage) X(PQconnectionNeedsPassword) X(PQconnectionUsedPassword) X(PQserverVersion)              \
  X(PQtransactionStatus) X(PQsetNoticeReceiver) X(PQexec) X(PQexecParams) X(PQprepare) X(PQenterPipelineMode)                       \
  X(PQsendQueryPrepared) X(PQpipelineSync) X(PQgetResult) X(PQexitPipelineMode) X(PQclear)                   \
  X(PQresultStatus) X(PQresultErrorField) X(PQresultErrorMessage) X(PQcmdStatus) X(PQntuples) X(PQnfields)   \
  X(PQgetisnull) X(PQgetvalue) X(PQgetlength) X(PQsocket) X(PQconsumeInput) X(PQnotifies) X(PQfreemem)

#define MEMBER(function) __typeof__(function) *function;
#define FIND(function) found = found && (*(void **)&lib.function = dlsym(library, #function)) != NULL;

static struct {
  FUNCTIONS(MEMBER)
} lib;
static bool is_loaded;

struct fg_pq {
  PGconn *handle;
  char warning[FG_PQ_MESSAGE];
  char taken[FG_PQ_MESSAGE];
};

static void load(void) {
  void *library = dlopen("libpq.so.5", RTLD_LAZY | RTLD_LOCAL);
  bool found = library != NULL;
  FUNCTIONS(FIND)
  is_loaded = found;
}

static bool loaded(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return is_loaded;
}

int fg_pq_library_version(void) { return loaded() ? lib.PQlibVersion() : 0; }

// Keeps the first warning; notes of the server are no affair of a user's.
static void receive_notice(void *argument, const PGresult *notice) {
  fg_pq *connection = argument;
  const char *severity = lib.PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char *text = lib.PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  if (severity == NULL || strcmp(severity, "WARNING") != 0 || connection->warning[0] != 0) return;
  snprintf(connection->warning, FG_PQ_MESSAGE, "%s", text == NULL ? "a warning without a text" : text);
}

// Whether an address can be understood. What the library says of one that cannot is kept from everybody: it may show a password.
static bool is_address(const char *const *keywords, const char *const *values) {
  for (size_t i = 0; keywords[i] != NULL; i++) {
    if (strcmp(keywords[i], "dbname") != 0) continue;
    PQconninfoOption *options = lib.PQconninfoParse(values[i], NULL);
    if (options == NULL) return false;
    lib.PQconninfoFree(options);
  }
  return true;
}

fg_pq *fg_pq_connect(const char *const *keywords, const char *const *values, int *reason, char message[FG_PQ_MESSAGE]) {
  message[0] = 0;
  *reason = FG_PQ_NOT_LOADED;
  if (!loaded()) return NULL;
  *reason = FG_PQ_BAD_ADDRESS;
  if (!is_address(keywords, values)) return NULL;
  *reason = FG_PQ_FAILED;
  PGconn *handle = lib.PQconnectdbParams(keywords, values, 1);
  fg_pq *connection = handle == NULL ? NULL : calloc(1, sizeof *connection);
  if (connection == NULL) {
    snprintf(message, FG_PQ_MESSAGE, "there is no memory");
  } else if (lib.PQstatus(handle) != CONNECTION_OK) {
    snprintf(message, FG_PQ_MESSAGE, "%s", lib.PQerrorMessage(handle));
    if (lib.PQconnectionNeedsPassword(handle)) *reason = FG_PQ_NO_PASSWORD;
    else if (lib.PQconnectionUsedPassword(handle)) *reason = FG_PQ_WRONG_PASSWORD;
    free(connection);
    connection = NULL;
  }
  if (connection == NULL) {
    lib.PQfinish(handle);
    return NULL;
  }
  *reason = FG_PQ_OK;
  connection->handle = handle;
  lib.PQsetNoticeReceiver(handle, receive_notice, connection);
  return connection;
}

void fg_pq_finish(fg_pq *connection) {
  lib.PQfinish(connection->handle);
  free(connection);
}

int fg_pq_is_alive(const fg_pq *connection) { return lib.PQstatus(connection->handle) == CONNECTION_OK; }

int fg_pq_is_idle(const fg_pq *connection) { return lib.PQtransactionStatus(connection->handle) == PQTRANS_IDLE; }

int fg_pq_server_version(const fg_pq *connection) { return lib.PQserverVersion(connection->handle); }

const char *fg_pq_message(const fg_pq *connection) { return lib.PQerrorMessage(connection->handle); }

const char *fg_pq_take_warning(fg_pq *connection) {
  memcpy(connection->taken, connection->warning, FG_PQ_MESSAGE);
  connection->warning[0] = 0;
  return connection->taken[0] == 0 ? NULL : connection->taken;
}

// Takes what has arrived, and counts the notifications; -1 where the connection is lost.
static int take_notifications(fg_pq *connection) {
  if (!lib.PQconsumeInput(connection->handle)) return -1;
  int count = 0;
  for (PGnotify *one = lib.PQnotifies(connection->handle); one != NULL; one = lib.PQnotifies(connection->handle)) {
    lib.PQfreemem(one);
    count++;
  }
  return count;
}

int fg_pq_wait(fg_pq *connection, int milliseconds) {
  int count = take_notifications(connection);
  if (count != 0) return count;
  struct pollfd socket = {.fd = lib.PQsocket(connection->handle), .events = POLLIN};
  if (socket.fd < 0) return -1;
  int ready = poll(&socket, 1, milliseconds);
  if (ready < 0) return errno == EINTR ? 0 : -1;
  return ready == 0 ? 0 : take_notifications(connection);
}

fg_pq_result *fg_pq_run(fg_pq *connection, const char *statements) {
  return (fg_pq_result *)lib.PQexec(connection->handle, statements);
}

// The values of a statement as the library takes them.
struct arguments {
  Oid *types;
  const char **bytes;
  int *lengths, *formats;
};

static bool take(struct arguments *arguments, const fg_pq_value *values, int count) {
  size_t room = (size_t)(count > 0 ? count : 1);
  arguments->types = malloc(room * sizeof(Oid));
  arguments->bytes = malloc(room * sizeof(char *));
  arguments->lengths = malloc(room * sizeof(int));
  arguments->formats = malloc(room * sizeof(int));
  if (!arguments->types || !arguments->bytes || !arguments->lengths || !arguments->formats) return false;
  for (int i = 0; i < count; i++) {
    arguments->types[i] = values[i].type;
    arguments->bytes[i] = values[i].bytes;
    arguments->lengths[i] = values[i].length;
    arguments->formats[i] = 1;
  }
  return true;
}

static void drop(struct arguments *arguments) {
  free(arguments->types);
  free(arguments->bytes);
  free(arguments->lengths);
  free(arguments->formats);
}

fg_pq_result *fg_pq_query(fg_pq *connection, const char *statement, const fg_pq_value *values, int count) {
  struct arguments a;
  PGresult *result = NULL;
  if (take(&a, values, count)) {
    result = lib.PQexecParams(connection->handle, statement, count, a.types, a.bytes, a.lengths, a.formats, 1);
  }
  drop(&a);
  return (fg_pq_result *)result;
}

fg_pq_result *fg_pq_prepare(fg_pq *connection, const char *name, const char *statement, const fg_pq_value *values,
                            int count) {
  struct arguments a;
  PGresult *result = NULL;
  if (take(&a, values, count)) result = lib.PQprepare(connection->handle, name, statement, count, a.types);
  drop(&a);
  return (fg_pq_result *)result;
}

int fg_pq_begin_pipeline(fg_pq *connection) { return lib.PQenterPipelineMode(connection->handle); }

int fg_pq_send_prepared(fg_pq *connection, const char *name, const fg_pq_value *values, int count) {
  struct arguments a;
  int sent = take(&a, values, count)
                 ? lib.PQsendQueryPrepared(connection->handle, name, count, a.bytes, a.lengths, a.formats, 1)
                 : 0;
  drop(&a);
  return sent;
}

int fg_pq_sync(fg_pq *connection) { return lib.PQpipelineSync(connection->handle); }

fg_pq_result *fg_pq_next(fg_pq *connection) { return (fg_pq_result *)lib.PQgetResult(connection->handle); }

int fg_pq_end_pipeline(fg_pq *connection) { return lib.PQexitPipelineMode(connection->handle); }

static const PGresult *own(const fg_pq_result *result) { return (const PGresult *)result; }

void fg_pq_clear(fg_pq_result *result) { lib.PQclear((PGresult *)result); }

int fg_pq_status(const fg_pq_result *result) {
  switch (lib.PQresultStatus(own(result))) {
    case PGRES_EMPTY_QUERY:
    case PGRES_COMMAND_OK: return FG_PQ_DONE;
    case PGRES_TUPLES_OK: return FG_PQ_ROWS;
    case PGRES_PIPELINE_ABORTED: return FG_PQ_SKIPPED;
    case PGRES_PIPELINE_SYNC: return FG_PQ_SYNCED;
    default: return FG_PQ_ERROR;
  }
}

const char *fg_pq_sqlstate(const fg_pq_result *result) { return lib.PQresultErrorField(own(result), PG_DIAG_SQLSTATE); }

const char *fg_pq_error(const fg_pq_result *result) {
  const char *text = lib.PQresultErrorField(own(result), PG_DIAG_MESSAGE_PRIMARY);
  return text == NULL ? lib.PQresultErrorMessage(own(result)) : text;
}

const char *fg_pq_command(const fg_pq_result *result) { return lib.PQcmdStatus((PGresult *)own(result)); }

int fg_pq_rows(const fg_pq_result *result) { return lib.PQntuples(own(result)); }

int fg_pq_columns(const fg_pq_result *result) { return lib.PQnfields(own(result)); }

const char *fg_pq_bytes(const fg_pq_result *result, int row, int column, int *length) {
  *length = lib.PQgetlength(own(result), row, column);
  return lib.PQgetisnull(own(result), row, column) ? NULL : lib.PQgetvalue(own(result), row, column);
}
