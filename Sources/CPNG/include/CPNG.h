// libpng behind two functions, so that its setjmp stays in C.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  FG_PNG_OK = 0,
  FG_PNG_TRUNCATED = 1,
  FG_PNG_CORRUPT = 2,
  FG_PNG_OUT_OF_MEMORY = 3,
};

typedef struct {
  char text[128];
} fg_png_message;

// Decodes a whole PNG file into `rgb` (width × height × 3 bytes, rows without gaps). `width` and `height` must be
// those of the file's header. 16-bit samples are rounded to 8 bits, transparent pixels are laid on white, and
// gamma and colour profiles are ignored.
int fg_png_decode(const uint8_t *bytes, size_t count, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_png_message *message);

// The version of libpng that is loaded, such as "1.6.39".
const char *fg_png_version(void);

// Encodes RGB as PNG into memory from malloc; the caller frees `*bytes`. `software`, unless NULL, is the program that the
// file says it was made by (PNG 11.3.4.3), in ASCII.
int fg_png_encode(const uint8_t *rgb, uint32_t width, uint32_t height, const char *software, uint8_t **bytes,
                  size_t *count, fg_png_message *message);
