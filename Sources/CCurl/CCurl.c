#include "CCurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// The header's macros check types, and would call the functions by name.
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define FUNCTIONS(X)                                                                                         \
  X(curl_global_init) X(curl_easy_init) X(curl_easy_reset) X(curl_easy_setopt) X(curl_easy_perform)          \
  X(curl_easy_getinfo) X(curl_easy_strerror) X(curl_easy_cleanup) X(curl_slist_append) X(curl_slist_free_all)

#define MEMBER(function) __typeof__(function) *function;
#define FIND(function) found = found && (*(void **)&lib.function = dlsym(library, #function)) != NULL;

static struct {
  FUNCTIONS(MEMBER)
} lib;
static bool is_loaded;

static void load(void) {
  // The flavour whose TLS the server has, and the other one.
  void *library = dlopen("libcurl-gnutls.so.4", RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
  bool found = library != NULL;
  FUNCTIONS(FIND)
  is_loaded = found && lib.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

fg_curl *fg_curl_open(char message[FG_CURL_MESSAGE]) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  CURL *handle = is_loaded ? lib.curl_easy_init() : NULL;
  if (handle == NULL) {
    snprintf(message, FG_CURL_MESSAGE, "libcurl cannot be loaded; install libcurl3-gnutls, or libcurl4");
  }
  return handle;
}

static size_t drop(char *bytes, size_t size, size_t count, void *nothing) {
  (void)bytes, (void)nothing;
  return size * count;
}

int fg_curl_post(fg_curl *handle, const char *url, const char *const *headers, size_t header_count, const void *body,
                 size_t body_bytes, long connect_milliseconds, long milliseconds, long *status,
                 char message[FG_CURL_MESSAGE]) {
  struct curl_slist *list = NULL;
  for (size_t i = 0; i < header_count; i++) {
    struct curl_slist *longer = lib.curl_slist_append(list, headers[i]);
    if (longer == NULL) {
      lib.curl_slist_free_all(list);
      snprintf(message, FG_CURL_MESSAGE, "there is no memory");
      return 1;
    }
    list = longer;
  }
  // The connection stays, all options begin anew.
  lib.curl_easy_reset(handle);
  lib.curl_easy_setopt(handle, CURLOPT_URL, url);
  lib.curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  lib.curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
  lib.curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_bytes);
  lib.curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
  lib.curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  lib.curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds);
  lib.curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
  lib.curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  lib.curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  CURLcode code = lib.curl_easy_perform(handle);
  lib.curl_slist_free_all(list);
  if (code != CURLE_OK) {
    snprintf(message, FG_CURL_MESSAGE, "%s", lib.curl_easy_strerror(code));
    return (int)code;
  }
  lib.curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
  return 0;
}

void fg_curl_close(fg_curl *handle) { lib.curl_easy_cleanup(handle); }
