// libjpeg-turbo behind three functions, so that its setjmp stays in C.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  // Every pixel is as it was written.
  FG_JPEG_OK = 0,
  // So it is, but the file ends without the marker that ends a picture.
  FG_JPEG_WITHOUT_END = 1,
  // The picture is there as far as it goes: the file is cut off.
  FG_JPEG_CUT = 2,
  // The picture is there with wrong parts: the file is damaged.
  FG_JPEG_DAMAGED = 3,
  // There is no picture: the file is cut off before it, is damaged, …
  FG_JPEG_TRUNCATED = 4,
  FG_JPEG_CORRUPT = 5,
  FG_JPEG_UNSUPPORTED = 6,
  FG_JPEG_OUT_OF_MEMORY = 7,
};

typedef struct {
  char text[200];
} fg_jpeg_message;

// Decodes the first picture of a file at 1/`reduction` (1, 2, 4, 8) of its size. `pixels` has width × height × 3 bytes of RGB
// or, of a picture with four components, × 4 bytes as the file has them (cyan, magenta, yellow and black, or the light that
// passes them). `width` and `height` are those of the file's header, divided and rounded up. What a damaged file leaves out is grey.
// With `is_strict`, bytes that are left over after the pixels are damage, too: some cameras write such, and so lost bytes look.
int fg_jpeg_decode(const uint8_t *bytes, size_t count, int is_strict, unsigned reduction, uint8_t *pixels, uint32_t width,
                   uint32_t height, unsigned channels, fg_jpeg_message *message);

// Copies a file without the markers in its picture data that only files with restart intervals have; gives the copy's length,
// which is `count` where there are none.
size_t fg_jpeg_without_stray_restarts(const uint8_t *bytes, size_t count, uint8_t *copy);

// Encodes RGB into memory from malloc; the caller frees `*bytes`. `software`, if any, is named in a comment.
int fg_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, int halves_colour,
                   const char *software, uint8_t **bytes,
                   size_t *count, fg_jpeg_message *message);

// The version of libjpeg-turbo's headers, which is all that version 2 tells: 2001005 is 2.1.5.
int fg_jpeg_version(void);
