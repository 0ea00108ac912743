// Posts over HTTP by libcurl, which is loaded when it is first needed: nothing is linked.
#pragma once
#include <stddef.h>

#define FG_CURL_MESSAGE 256

typedef struct fg_curl fg_curl;

// A handle for one thread at a time, which keeps its connection from post to post; NULL, with a sentence, when there is no libcurl.
fg_curl *fg_curl_open(char message[FG_CURL_MESSAGE]);

// Posts a body; what comes as reply is not kept. Redirects are not followed.
// Returns 0 when there was a reply, whose status is then in `status`; else another number, with a sentence.
int fg_curl_post(fg_curl *handle, const char *url, const char *const *headers, size_t header_count, const void *body,
                 size_t body_bytes, long connect_milliseconds, long milliseconds, long *status,
                 char message[FG_CURL_MESSAGE]);

void fg_curl_close(fg_curl *handle);
