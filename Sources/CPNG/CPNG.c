#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What libpng's callbacks share with us. Everything that must survive a longjmp lives here, not in locals.
typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  int status;
  fg_png_message *message;
  uint8_t *scratch;
  png_bytep *rows;
  uint8_t *output;
  size_t output_count, output_capacity;
} context;

static void on_error(png_structp png, png_const_charp text) {
  context *c = png_get_error_ptr(png);
  if (c->status == FG_PNG_OK) c->status = strstr(text, "memory") ? FG_PNG_OUT_OF_MEMORY : FG_PNG_CORRUPT;
  if (c->message) snprintf(c->message->text, sizeof c->message->text, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep into, size_t wanted) {
  context *c = png_get_io_ptr(png);
  if (wanted > c->count - c->position) {
    c->status = FG_PNG_TRUNCATED;
    png_error(png, "the file ends too early");
  }
  memcpy(into, c->bytes + c->position, wanted);
  c->position += wanted;
}

static void write_bytes(png_structp png, png_bytep from, size_t added) {
  context *c = png_get_io_ptr(png);
  if (added > c->output_capacity - c->output_count) {
    size_t capacity = c->output_capacity * 2 + added + 4096;
    uint8_t *grown = realloc(c->output, capacity);
    if (!grown) {
      c->status = FG_PNG_OUT_OF_MEMORY;
      png_error(png, "not enough memory");
    }
    c->output = grown;
    c->output_capacity = capacity;
  }
  memcpy(c->output + c->output_count, from, added);
  c->output_count += added;
}

static void flush_nothing(png_structp png) { (void)png; }

static void lay_on_white(const uint8_t *rgba, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
    unsigned alpha = rgba[3], white = 255 * (255 - alpha);
    for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)((rgba[i] * alpha + white + 127) / 255);
  }
}

static void *allocate(png_structp png, size_t size) {
  void *memory = malloc(size);
  if (!memory) png_error(png, "not enough memory");
  return memory;
}

static void decode(png_structp png, png_infop info, context *c, uint8_t *rgb, uint32_t width, uint32_t height) {
  png_set_user_limits(png, width, height);
  png_set_chunk_malloc_max(png, 8 << 20);
  // Text, profiles and palettes for display are of no use here and may be compressed bombs.
  static const png_byte unused[] = "iCCP\0iTXt\0zTXt\0tEXt\0sPLT\0eXIf\0hIST\0gAMA\0cHRM\0sRGB\0pCAL\0sCAL";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, unused, sizeof unused / 5);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
    png_error(png, "the header changed while it was read");
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row_bytes = png_get_rowbytes(png, info);
  size_t opaque = (size_t)width * 3, transparent = (size_t)width * 4;
  if (row_bytes != opaque && row_bytes != transparent) png_error(png, "unexpected row size");
  int has_alpha = row_bytes == transparent;

  if (passes == 1 && has_alpha) {
    c->scratch = allocate(png, row_bytes);
    for (uint32_t y = 0; y < height; y++) {
      png_read_row(png, c->scratch, NULL);
      lay_on_white(c->scratch, rgb + y * opaque, width);
    }
  } else {
    uint8_t *target = rgb;
    if (has_alpha) target = c->scratch = allocate(png, row_bytes * height);
    c->rows = allocate(png, sizeof(png_bytep) * height);
    for (uint32_t y = 0; y < height; y++) c->rows[y] = target + y * row_bytes;
    png_read_image(png, c->rows);
    if (has_alpha)
      for (uint32_t y = 0; y < height; y++) lay_on_white(c->rows[y], rgb + y * opaque, width);
  }
  png_read_end(png, NULL);
}

int fg_png_decode(const uint8_t *bytes, size_t count, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_png_message *message) {
  context c = {.bytes = bytes, .count = count, .message = message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &c, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return FG_PNG_OUT_OF_MEMORY;
  }
  if (setjmp(png_jmpbuf(png)) == 0) {
    png_set_read_fn(png, &c, read_bytes);
    decode(png, info, &c, rgb, width, height);
  }
  png_destroy_read_struct(&png, &info, NULL);
  free(c.scratch);
  free(c.rows);
  return c.status;
}

int fg_png_encode(const uint8_t *rgb, uint32_t width, uint32_t height, const char *software, uint8_t **bytes,
                  size_t *count, fg_png_message *message) {
  context c = {.message = message};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &c, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    return FG_PNG_OUT_OF_MEMORY;
  }
  if (setjmp(png_jmpbuf(png)) == 0) {
    png_set_write_fn(png, &c, write_bytes, flush_nothing);
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (software) {
      png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE, .key = "Software", .text = (char *)software};
      png_set_text(png, info, &text, 1);
    }
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) png_write_row(png, rgb + (size_t)y * width * 3);
    png_write_end(png, info);
  }
  png_destroy_write_struct(&png, &info);
  if (c.status != FG_PNG_OK) {
    free(c.output);
    return c.status;
  }
  *bytes = c.output;
  *count = c.output_count;
  return FG_PNG_OK;
}

const char *fg_png_version(void) {
  return png_get_libpng_ver(NULL);
}
