#include "library.h"

#include <tiffio.h>

#define SO "libtiff.so.6"
#define FUNCTIONS(X)                                                                                       \
  X(TIFFGetVersion)                                                                                        \
  X(TIFFOpenOptionsAlloc) X(TIFFOpenOptionsFree) X(TIFFOpenOptionsSetMaxSingleMemAlloc)                    \
  X(TIFFOpenOptionsSetErrorHandlerExtR) X(TIFFOpenOptionsSetWarningHandlerExtR)                            \
  X(TIFFClientOpenExt) X(TIFFClose) X(TIFFGetField) X(TIFFGetFieldDefaulted) X(TIFFReadDirectory)          \
  X(TIFFLastDirectory) X(TIFFIsTiled) X(TIFFRGBAImageOK) X(TIFFRGBAImageBegin) X(TIFFRGBAImageGet)         \
  X(TIFFRGBAImageEnd)
FG_LIBRARY(SO, FUNCTIONS)

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  TIFF *tiff;
  fg_picture_message *message;
} file;

static tmsize_t read_bytes(thandle_t handle, void *into, tmsize_t wanted) {
  file *f = (file *)handle;
  size_t left = f->position < f->count ? f->count - f->position : 0, got = wanted < 0 ? 0 : (size_t)wanted;
  if (got > left) got = left;
  memcpy(into, f->bytes + (got ? f->position : 0), got);
  f->position += got;
  return (tmsize_t)got;
}

static tmsize_t write_bytes(thandle_t handle, void *from, tmsize_t count) {
  (void)handle, (void)from, (void)count;
  return 0;
}

static toff_t seek_to(thandle_t handle, toff_t offset, int whence) {
  file *f = (file *)handle;
  toff_t base = whence == SEEK_CUR ? f->position : whence == SEEK_END ? f->count : 0;
  f->position = (size_t)(base + offset);
  return f->position;
}

static int close_nothing(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_of(thandle_t handle) { return ((file *)handle)->count; }

// The bytes as they are: where they are read piece by piece, version 4.5.0 takes tiles without compression for damaged.
static int map(thandle_t handle, void **base, toff_t *size) {
  file *f = (file *)handle;
  *base = (void *)f->bytes;
  *size = f->count;
  return 1;
}

static void unmap(thandle_t handle, void *base, toff_t size) { (void)handle, (void)base, (void)size; }

// Damaged, or cut off: told by what the library says last.
static int failed(const file *f) {
  static const char *const signs[] = {"ead error", "Seek error", "Can not read", "Cannot read"};
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
    if (strstr(f->message->text, signs[i])) return FG_PICTURE_TRUNCATED;
  return FG_PICTURE_CORRUPT;
}

static int note_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)module;
  fg_picture_message *message = ((file *)user)->message;
  vsnprintf(message->text, sizeof message->text, format, arguments);
  return 1;
}

static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff, (void)user, (void)module, (void)format, (void)arguments;
  return 1;
}

static uint32_t number(TIFF *tiff, uint32_t tag) {
  uint32_t value = 0;
  return lib.TIFFGetField(tiff, tag, &value) ? value : 0;
}

static uint16_t small_number(TIFF *tiff, uint32_t tag) {
  uint16_t value = 0;
  return lib.TIFFGetFieldDefaulted(tiff, tag, &value) ? value : 0;
}

// Opens a file at its first page. `allocation` is the most memory that the library may take at once.
static int open_file(file *f, const uint8_t *bytes, size_t count, size_t allocation, fg_picture_header *header,
                     fg_picture_message *message) {
  *f = (file){.bytes = bytes, .count = count, .message = message};
  if (!is_loaded()) return FG_PICTURE_NO_LIBRARY;
  TIFFOpenOptions *options = lib.TIFFOpenOptionsAlloc();
  if (!options) return FG_PICTURE_OUT_OF_MEMORY;
  lib.TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)allocation);
  lib.TIFFOpenOptionsSetErrorHandlerExtR(options, note_error, f);
  lib.TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, f);
  f->tiff = lib.TIFFClientOpenExt("", "r", (thandle_t)f, read_bytes, write_bytes, seek_to, close_nothing, size_of,
                                  map, unmap, options);
  lib.TIFFOpenOptionsFree(options);
  if (!f->tiff) return failed(f);
  // Raw photos begin with small previews, which are no substitute for them.
  while (number(f->tiff, TIFFTAG_SUBFILETYPE) & FILETYPE_REDUCEDIMAGE)
    if (!lib.TIFFReadDirectory(f->tiff))
      return fg_fail(message, FG_PICTURE_UNSUPPORTED, "there is nothing but previews in it");
  uint32_t width = number(f->tiff, TIFFTAG_IMAGEWIDTH), height = number(f->tiff, TIFFTAG_IMAGELENGTH);
  if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
    return fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it no possible size");
  uint16_t orientation = small_number(f->tiff, TIFFTAG_ORIENTATION);
  *header = (fg_picture_header){
      .width = width,
      .height = height,
      .orientation = orientation >= 1 && orientation <= 8 ? orientation : 1,
      .has_more = !lib.TIFFLastDirectory(f->tiff),
  };
  return FG_PICTURE_OK;
}

static void close_file(file *f) {
  if (f->tiff) lib.TIFFClose(f->tiff);
}

static int read_header(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message) {
  file f;
  int status = open_file(&f, bytes, count, 64 << 20, header, message);
  close_file(&f);
  return status;
}

// Whether pixels come multiplied by alpha: the library does so with RGB, but not with grey.
static bool is_premultiplied(const TIFFRGBAImage *image) {
  return image->alpha == EXTRASAMPLE_ASSOCALPHA || image->photometric == PHOTOMETRIC_RGB;
}

static int decode_rows(file *f, TIFFRGBAImage *image, uint32_t *block, uint32_t rows, uint8_t *rgb) {
  size_t width = image->width;
  for (uint32_t y = 0; y < image->height; y += rows) {
    uint32_t count = image->height - y < rows ? image->height - y : rows;
    image->row_offset = (int)y;
    if (!lib.TIFFRGBAImageGet(image, block, image->width, count)) return failed(f);
    for (size_t i = 0; i < width * count; i++, rgb += 3) {
      uint32_t pixel = block[i];
      uint8_t rgba[] = {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel), image->alpha ? TIFFGetA(pixel) : 255};
      fg_lay_on_white(rgba, rgb, 1, is_premultiplied(image));
    }
  }
  return FG_PICTURE_OK;
}

static int decode_page(file *f, uint8_t *rgb, fg_picture_message *message) {
  char reason[1024] = "";
  if (!lib.TIFFRGBAImageOK(f->tiff, reason)) return fg_fail(message, FG_PICTURE_UNSUPPORTED, "%.150s", reason);
  TIFFRGBAImage image;
  if (!lib.TIFFRGBAImageBegin(&image, f->tiff, 1, reason))
    return fg_fail(message, FG_PICTURE_UNSUPPORTED, "%.150s", reason);
  // Rows as they are stored: the picture is turned afterwards, as those of all formats.
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
  // Whole strips or rows of tiles at a time, at least 64 rows.
  uint32_t rows = number(f->tiff, lib.TIFFIsTiled(f->tiff) ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP);
  if (rows == 0 || rows > image.height) rows = image.height;
  if (rows < 64) rows *= 64 / rows;
  if (rows > image.height) rows = image.height;
  uint32_t *block = calloc((size_t)image.width * rows, sizeof *block);
  int status = block ? decode_rows(f, &image, block, rows, rgb) : FG_PICTURE_OUT_OF_MEMORY;
  free(block);
  lib.TIFFRGBAImageEnd(&image);
  return status;
}

static int decode(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_picture_message *message) {
  file f;
  fg_picture_header header;
  // A strip or tile may be as large as the picture, with four samples of 16 bits a pixel, and a tile somewhat larger.
  size_t allocation = (size_t)width * height * 8 + (64 << 20);
  int status = open_file(&f, bytes, count, allocation, &header, message);
  if (status == FG_PICTURE_OK) status = fg_check_size(&header, halvings, width, height, message);
  if (status == FG_PICTURE_OK) status = decode_page(&f, rgb, message);
  close_file(&f);
  return status;
}

static const char *version(void) { return is_loaded() ? lib.TIFFGetVersion() : NULL; }

const fg_picture_library fg_tiff = {"libtiff", SO, version, read_header, decode};
