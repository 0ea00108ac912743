// What the readers of this folder share.
#pragma once
#include "CPictures.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Keeps a library that is loaded from printing: where its calls of functions that print are bound (ELF's table of such calls),
// they are bound to one that does nothing. Several libraries write what they find wrong with a file to standard error and have
// no switch for it, and others would write to standard output. Calls of the same functions from elsewhere are not touched; a
// library that is not loaded is passed over.
void fg_silence(const char *file);

// Declares `lib`, the functions of a library by their own names and types, and `is_loaded()`, which loads it once.
// FUNCTIONS(X) names each function as X(name); further files are libraries that it loads and that are to be silent, too.
// The library stays until the program ends.
#define FG_MEMBER(function) __typeof__(function) *function;
#define FG_FIND(function) found = found && (*(void **)&lib.function = dlsym(handle, #function)) != NULL;
#define FG_LIBRARY(file, FUNCTIONS, ...)                                               \
  static struct {                                                                      \
    FUNCTIONS(FG_MEMBER)                                                               \
  } lib;                                                                               \
  static bool loaded;                                                                  \
  static void load(void) {                                                             \
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);                               \
    bool found = handle != NULL;                                                       \
    FUNCTIONS(FG_FIND)                                                                 \
    const char *const silent[] = {file, ##__VA_ARGS__};                                \
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) fg_silence(silent[i]); \
    loaded = found;                                                                    \
  }                                                                                    \
  static bool is_loaded(void) {                                                        \
    static pthread_once_t once = PTHREAD_ONCE_INIT;                                    \
    pthread_once(&once, load);                                                         \
    return loaded;                                                                     \
  }

// Writes a sentence down, and gives the status back.
__attribute__((format(printf, 3, 4))) static inline int fg_fail(fg_picture_message *message, int status,
                                                                const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message->text, sizeof message->text, format, arguments);
  va_end(arguments);
  return status;
}

// Checks a file that is to be decoded whole against the size that its header gave before.
static inline int fg_check_size(const fg_picture_header *header, uint32_t halvings, uint32_t width, uint32_t height,
                                fg_picture_message *message) {
  if (halvings == 0 && header->width == width && header->height == height) return FG_PICTURE_OK;
  return fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it another size");
}

// A colour on white, as it is seen through: rounded value * alpha + 255 * (255 - alpha).
static inline uint8_t fg_on_white(unsigned value, unsigned alpha) {
  return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

// Lays pixels with alpha on white; `premultiplied` ones have been multiplied by it.
static inline void fg_lay_on_white(const uint8_t *rgba, uint8_t *rgb, size_t pixels, bool premultiplied) {
  for (size_t i = 0; i < pixels; i++, rgba += 4, rgb += 3) {
    unsigned alpha = rgba[3];
    for (int c = 0; c < 3; c++) {
      unsigned seen = rgba[c] + 255 - alpha;
      rgb[c] = premultiplied ? (uint8_t)(seen < 255 ? seen : 255) : fg_on_white(rgba[c], alpha);
    }
  }
}
