// Picture formats whose libraries are loaded when the first picture of theirs is read: programs start no later for them.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  FG_PICTURE_OK = 0,
  FG_PICTURE_TRUNCATED = 1,
  FG_PICTURE_CORRUPT = 2,
  FG_PICTURE_UNSUPPORTED = 3,
  FG_PICTURE_OUT_OF_MEMORY = 4,
  // The library is not installed.
  FG_PICTURE_NO_LIBRARY = 5,
  // No thread can be started, which the library needs.
  FG_PICTURE_NO_THREAD = 6,
};

typedef struct {
  char text[160];
} fg_picture_message;

typedef struct {
  // Of the picture as it is decoded, before it is turned.
  uint32_t width, height;
  // EXIF's number (1...8) of the turn that is still to be made.
  uint32_t orientation;
  // How often both sides can be halved, rounded up, while it is decoded.
  uint32_t halvings;
  // Whether it is the first of several pictures.
  uint32_t has_more;
} fg_picture_header;

// A library: nothing of it is in memory before one of these functions is called. All of them may be called by several
// threads at a time.
typedef struct {
  // Its name, and that of the file that is loaded.
  const char *name, *file;
  // A text in which its version stands as "1.2.3", or NULL when it is not installed.
  const char *(*version)(void);
  // Reads what the file says of its first picture; takes no memory for its pixels.
  int (*read_header)(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message);
  // Decodes the first picture into `rgb` (width × height × 3 bytes, rows without gaps). `width` and `height` are those of
  // the header, halved `halvings` times and rounded up. Deeper samples are brought to 8 bits, transparent pixels are laid
  // on white, and colour profiles are ignored.
  int (*decode)(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                fg_picture_message *message);
} __attribute__((swift_attr("@Sendable"))) fg_picture_library;

extern const fg_picture_library fg_heif, fg_tiff, fg_gif, fg_jpeg2000, fg_jpeg_xl;
