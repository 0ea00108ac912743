#include "library.h"

#include <jxl/decode.h>

#define SO "libjxl.so.0.7"
#define FUNCTIONS(X)                                                                                            \
  X(JxlDecoderCreate) X(JxlDecoderDestroy) X(JxlDecoderSubscribeEvents) X(JxlDecoderSetKeepOrientation)         \
  X(JxlDecoderSetUnpremultiplyAlpha) X(JxlDecoderSetInput) X(JxlDecoderProcessInput) X(JxlDecoderGetBasicInfo)  \
  X(JxlDecoderImageOutBufferSize) X(JxlDecoderSetImageOutBuffer)
FG_LIBRARY(SO, FUNCTIONS)

// The library tells damage by one word only.
static int failed(JxlDecoderStatus status, fg_picture_message *message) {
  if (status == JXL_DEC_NEED_MORE_INPUT) return FG_PICTURE_TRUNCATED;
  return fg_fail(message, FG_PICTURE_CORRUPT, "the library gives no reason");
}

static int open_file(JxlDecoder **decoder, const uint8_t *bytes, size_t count, int events, JxlBasicInfo *info,
                     fg_picture_header *header, fg_picture_message *message) {
  *decoder = NULL;
  if (!is_loaded()) return FG_PICTURE_NO_LIBRARY;
  *decoder = lib.JxlDecoderCreate(NULL);
  if (!*decoder) return FG_PICTURE_OUT_OF_MEMORY;
  if (lib.JxlDecoderSubscribeEvents(*decoder, JXL_DEC_BASIC_INFO | events) != JXL_DEC_SUCCESS ||
      // The picture is turned afterwards, as those of all formats.
      lib.JxlDecoderSetKeepOrientation(*decoder, JXL_TRUE) != JXL_DEC_SUCCESS ||
      lib.JxlDecoderSetUnpremultiplyAlpha(*decoder, JXL_TRUE) != JXL_DEC_SUCCESS ||
      lib.JxlDecoderSetInput(*decoder, bytes, count) != JXL_DEC_SUCCESS)
    return fg_fail(message, FG_PICTURE_CORRUPT, "the library refuses it");
  JxlDecoderStatus status = lib.JxlDecoderProcessInput(*decoder);
  if (status != JXL_DEC_BASIC_INFO) return failed(status, message);
  if (lib.JxlDecoderGetBasicInfo(*decoder, info) != JXL_DEC_SUCCESS)
    return fg_fail(message, FG_PICTURE_CORRUPT, "it says nothing of itself");
  if (info->xsize < 1 || info->ysize < 1 || info->xsize > INT32_MAX || info->ysize > INT32_MAX)
    return fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it no possible size");
  // Each channel takes memory of the picture's size.
  if (info->num_extra_channels > 4)
    return fg_fail(message, FG_PICTURE_UNSUPPORTED, "it has %u channels besides its colours", info->num_extra_channels);
  *header = (fg_picture_header){
      .width = info->xsize,
      .height = info->ysize,
      .orientation = info->orientation >= 1 && info->orientation <= 8 ? (uint32_t)info->orientation : 1,
      .has_more = info->have_animation != 0,
  };
  return FG_PICTURE_OK;
}

static void close_file(JxlDecoder *decoder) {
  if (decoder) lib.JxlDecoderDestroy(decoder);
}

static int read_header(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message) {
  JxlDecoder *decoder;
  JxlBasicInfo info;
  int status = open_file(&decoder, bytes, count, 0, &info, header, message);
  close_file(decoder);
  return status;
}

static int decode_frame(JxlDecoder *decoder, bool has_alpha, uint8_t *rgb, uint32_t width, uint32_t height,
                        fg_picture_message *message) {
  size_t pixels = (size_t)width * height, size = 0;
  JxlPixelFormat format = {has_alpha ? 4 : 3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  uint8_t *rgba = has_alpha ? calloc(pixels, 4) : NULL, *target = has_alpha ? rgba : rgb;
  if (!target) return FG_PICTURE_OUT_OF_MEMORY;
  int result = FG_PICTURE_OK;
  for (;;) {
    JxlDecoderStatus status = lib.JxlDecoderProcessInput(decoder);
    if (status == JXL_DEC_FULL_IMAGE) break;
    if (status != JXL_DEC_NEED_IMAGE_OUT_BUFFER) {
      result = failed(status, message);
      break;
    }
    if (lib.JxlDecoderImageOutBufferSize(decoder, &format, &size) != JXL_DEC_SUCCESS ||
        size != pixels * format.num_channels ||
        lib.JxlDecoderSetImageOutBuffer(decoder, &format, target, size) != JXL_DEC_SUCCESS) {
      result = fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it another size");
      break;
    }
  }
  if (result == FG_PICTURE_OK && has_alpha) fg_lay_on_white(rgba, rgb, pixels, false);
  free(rgba);
  return result;
}

static int decode(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_picture_message *message) {
  JxlDecoder *decoder;
  JxlBasicInfo info;
  fg_picture_header header;
  int status = open_file(&decoder, bytes, count, JXL_DEC_FULL_IMAGE, &info, &header, message);
  if (status == FG_PICTURE_OK) status = fg_check_size(&header, halvings, width, height, message);
  if (status == FG_PICTURE_OK) status = decode_frame(decoder, info.alpha_bits > 0, rgb, width, height, message);
  close_file(decoder);
  return status;
}

// The library has no function for it that tells more than its number: that of the headers, whose file is the one loaded.
#define TEXT(number) #number
#define VERSION(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)
static const char *version(void) {
  return is_loaded() ? VERSION(JPEGXL_MAJOR_VERSION, JPEGXL_MINOR_VERSION, JPEGXL_PATCH_VERSION) : NULL;
}

const fg_picture_library fg_jpeg_xl = {"libjxl", SO, version, read_header, decode};
