#pragma once
#include <gnutls/gnutls.h>

// What Swift cannot say: macros that call.

static inline void fg_tls_use_socket(gnutls_session_t session, int descriptor) {
  gnutls_transport_set_int(session, descriptor);
}
