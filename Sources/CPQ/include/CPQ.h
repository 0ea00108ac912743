// Conversations with PostgreSQL by libpq, which is loaded with the first connection: nothing is linked.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define FG_PQ_MESSAGE 1024

typedef struct fg_pq fg_pq;
typedef struct fg_pq_result fg_pq_result;

// What a value is sent as: the number of its type, or 0 for what the statement makes of it; its bytes, NULL for null.
typedef struct {
  uint32_t type;
  int length;
  const void *bytes;
} fg_pq_value;

enum { FG_PQ_OK, FG_PQ_FAILED, FG_PQ_NOT_LOADED, FG_PQ_BAD_ADDRESS, FG_PQ_NO_PASSWORD, FG_PQ_WRONG_PASSWORD };

// The library's version, such as 150018; 0 where it cannot be loaded.
int fg_pq_library_version(void);

// Connects. Keywords and values end with NULL; that of `dbname` may be a whole address. Returns NULL, with a reason and a sentence, where there
// is no connection.
fg_pq *fg_pq_connect(const char *const *keywords, const char *const *values, int *reason, char message[FG_PQ_MESSAGE]);
void fg_pq_finish(fg_pq *connection);

// Whether the connection still is one.
int fg_pq_is_alive(const fg_pq *connection);
// Whether no transaction is open.
int fg_pq_is_idle(const fg_pq *connection);
int fg_pq_server_version(const fg_pq *connection);
// What went wrong last, in the library's words; good until the next call.
const char *fg_pq_message(const fg_pq *connection);
// The first warning since the last call of this; NULL when there was none. Good until the next call for the connection.
const char *fg_pq_take_warning(fg_pq *connection);

// Waits until a notification arrives for which the connection listens, or so many milliseconds. Returns how many have arrived; -1 where the
// connection is lost.
int fg_pq_wait(fg_pq *connection, int milliseconds);

// Runs statements that have no values, with results as text; the last result is returned. NULL where there is no memory or connection.
fg_pq_result *fg_pq_run(fg_pq *connection, const char *statements);
// Runs what may be one statement, with values and results in binary form.
fg_pq_result *fg_pq_query(fg_pq *connection, const char *statement, const fg_pq_value *values, int count);
fg_pq_result *fg_pq_prepare(fg_pq *connection, const char *name, const char *statement, const fg_pq_value *values, int count);

// Statements one after the other without a wait for each other's results. Each function returns 0 where the connection is lost.
int fg_pq_begin_pipeline(fg_pq *connection);
int fg_pq_send_prepared(fg_pq *connection, const char *name, const fg_pq_value *values, int count);
int fg_pq_sync(fg_pq *connection);
// The next result: one a statement, each followed by NULL, and one more for the synchronisation.
fg_pq_result *fg_pq_next(fg_pq *connection);
int fg_pq_end_pipeline(fg_pq *connection);

enum { FG_PQ_DONE, FG_PQ_ROWS, FG_PQ_ERROR, FG_PQ_SKIPPED, FG_PQ_SYNCED };

void fg_pq_clear(fg_pq_result *result);
int fg_pq_status(const fg_pq_result *result);
// The five characters of the error's class and kind; NULL where the server said nothing.
const char *fg_pq_sqlstate(const fg_pq_result *result);
const char *fg_pq_error(const fg_pq_result *result);
// Such as "COMMIT" or "INSERT 0 1".
const char *fg_pq_command(const fg_pq_result *result);
int fg_pq_rows(const fg_pq_result *result);
int fg_pq_columns(const fg_pq_result *result);
// A value's bytes; NULL for null.
const char *fg_pq_bytes(const fg_pq_result *result, int row, int column, int *length);
