// Turns C++ exceptions into codes and sentences.
#pragma once
#include <cstdio>
#include <exception>
#include <new>

#include "CDlib.h"
#include "BlasCalls.h"

namespace fg {

// Lives as long as dlib may compute matrices, which it does by OpenBLAS.
class MatrixUse {
 public:
  MatrixUse() {
    if (!fg_blas_begin()) throw std::bad_alloc();
  }
  ~MatrixUse() { fg_blas_end(); }
  MatrixUse(const MatrixUse &) = delete;
  MatrixUse &operator=(const MatrixUse &) = delete;
};

inline void say(fg_dlib_message *message, const char *text) {
  if (message) std::snprintf(message->text, sizeof message->text, "%s", text);
}

// Runs `body`; `code` is what an exception other than a lack of memory becomes.
template <typename Body>
int guarded(fg_dlib_message *message, int code, Body &&body) noexcept {
  try {
    body();
    return FG_DLIB_OK;
  } catch (const std::bad_alloc &) {
    say(message, "not enough memory");
    return FG_DLIB_OUT_OF_MEMORY;
  } catch (const std::exception &error) {
    say(message, error.what());
    return code;
  } catch (...) {
    say(message, "unknown C++ exception");
    return code;
  }
}

}  // namespace fg
