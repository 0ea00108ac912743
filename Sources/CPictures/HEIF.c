#include "library.h"

#include <pthread.h>

#include <libheif/heif.h>

#define SO "libheif.so.1"
#define FUNCTIONS(X)                                                                                             \
  X(heif_get_version)                                                                                            \
  X(heif_context_alloc) X(heif_context_free) X(heif_context_read_from_memory_without_copy)                       \
  X(heif_context_get_primary_image_handle)                                                                       \
  X(heif_context_set_maximum_image_size_limit) X(heif_context_set_max_decoding_threads)                          \
  X(heif_image_handle_get_width) X(heif_image_handle_get_height) X(heif_image_handle_has_alpha_channel)          \
  X(heif_image_handle_is_premultiplied_alpha) X(heif_image_handle_release)                                       \
  X(heif_decoding_options_alloc) X(heif_decoding_options_free) X(heif_decode_image)                              \
  X(heif_image_get_width) X(heif_image_get_height) X(heif_image_get_plane_readonly) X(heif_image_release)
// The codecs, which it is linked with, print as well.
FG_LIBRARY(SO, FUNCTIONS, "libdav1d.so.6", "libaom.so.3", "libde265.so.0")

typedef struct {
  struct heif_context *context;
  struct heif_image_handle *picture;
} file;

static int failed(struct heif_error error, fg_picture_message *message) {
  int status = FG_PICTURE_CORRUPT;
  if (error.subcode == heif_suberror_End_of_data) status = FG_PICTURE_TRUNCATED;
  if (error.code == heif_error_Unsupported_feature || error.code == heif_error_Unsupported_filetype)
    status = FG_PICTURE_UNSUPPORTED;
  if (error.code == heif_error_Memory_allocation_error && error.subcode != heif_suberror_Security_limit_exceeded)
    status = FG_PICTURE_OUT_OF_MEMORY;
  return fg_fail(message, status, "%s", error.message ? error.message : "no reason is given");
}

static void close_file(file *f) {
  if (f->picture) lib.heif_image_handle_release(f->picture);
  if (f->context) lib.heif_context_free(f->context);
}

static int open_file(file *f, const uint8_t *bytes, size_t count, fg_picture_header *header,
                     fg_picture_message *message) {
  *f = (file){0};
  if (!is_loaded()) return FG_PICTURE_NO_LIBRARY;
  f->context = lib.heif_context_alloc();
  if (!f->context) return FG_PICTURE_OUT_OF_MEMORY;
  // Photos are spread over threads by whoever reads them.
  lib.heif_context_set_max_decoding_threads(f->context, 0);
  struct heif_error error = lib.heif_context_read_from_memory_without_copy(f->context, bytes, count, NULL);
  if (error.code == heif_error_Ok) error = lib.heif_context_get_primary_image_handle(f->context, &f->picture);
  if (error.code != heif_error_Ok) return failed(error, message);
  int width = lib.heif_image_handle_get_width(f->picture), height = lib.heif_image_handle_get_height(f->picture);
  if (width <= 0 || height <= 0) return fg_fail(message, FG_PICTURE_CORRUPT, "it has no size");
  *header = (fg_picture_header){
      .width = (uint32_t)width,
      .height = (uint32_t)height,
      // The library turns and mirrors; what EXIF says besides does not count.
      .orientation = 1,
  };
  return FG_PICTURE_OK;
}

static int read_header(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message) {
  file f;
  int status = open_file(&f, bytes, count, header, message);
  close_file(&f);
  return status;
}

static void *do_nothing(void *nothing) { return nothing; }

static bool can_start_thread(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static int decode_picture(file *f, uint8_t *rgb, uint32_t width, uint32_t height, fg_picture_message *message) {
  // HEVC's decoder always starts a thread, and waits for it for ever where it could not.
  if (!can_start_thread()) return FG_PICTURE_NO_THREAD;
  // A grid may not say that it is larger than the picture; this limit is for each side.
  lib.heif_context_set_maximum_image_size_limit(f->context, (int)(width > height ? width : height) + 1);
  struct heif_decoding_options *options = lib.heif_decoding_options_alloc();
  if (!options) return FG_PICTURE_OUT_OF_MEMORY;
  options->convert_hdr_to_8bit = 1;
  bool has_alpha = lib.heif_image_handle_has_alpha_channel(f->picture);
  struct heif_image *image = NULL;
  struct heif_error error =
      lib.heif_decode_image(f->picture, &image, heif_colorspace_RGB,
                            has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
  lib.heif_decoding_options_free(options);
  if (error.code != heif_error_Ok) return failed(error, message);
  int stride = 0, status = FG_PICTURE_OK;
  const uint8_t *row = lib.heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
  if (!row || lib.heif_image_get_width(image, heif_channel_interleaved) != (int)width ||
      lib.heif_image_get_height(image, heif_channel_interleaved) != (int)height ||
      stride < (int)width * (has_alpha ? 4 : 3)) {
    status = fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it another size");
  } else {
    bool premultiplied = has_alpha && lib.heif_image_handle_is_premultiplied_alpha(f->picture);
    for (uint32_t y = 0; y < height; y++, row += stride, rgb += (size_t)width * 3) {
      if (has_alpha)
        fg_lay_on_white(row, rgb, width, premultiplied);
      else
        memcpy(rgb, row, (size_t)width * 3);
    }
  }
  lib.heif_image_release(image);
  return status;
}

static int decode(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_picture_message *message) {
  file f;
  fg_picture_header header;
  int status = open_file(&f, bytes, count, &header, message);
  if (status == FG_PICTURE_OK) status = fg_check_size(&header, halvings, width, height, message);
  if (status == FG_PICTURE_OK) status = decode_picture(&f, rgb, width, height, message);
  close_file(&f);
  return status;
}

static const char *version(void) { return is_loaded() ? lib.heif_get_version() : NULL; }

const fg_picture_library fg_heif = {"libheif", SO, version, read_header, decode};
