#include "library.h"

#include <openjpeg-2.5/openjpeg.h>

#define SO "libopenjp2.so.7"
#define FUNCTIONS(X)                                                                                               \
  X(opj_version)                                                                                                   \
  X(opj_create_decompress) X(opj_destroy_codec) X(opj_set_default_decoder_parameters) X(opj_setup_decoder)         \
  X(opj_set_error_handler)                                                                                         \
  X(opj_stream_create) X(opj_stream_destroy) X(opj_stream_set_read_function) X(opj_stream_set_skip_function)       \
  X(opj_stream_set_seek_function) X(opj_stream_set_user_data) X(opj_stream_set_user_data_length)                   \
  X(opj_read_header) X(opj_decode) X(opj_image_destroy) X(opj_get_cstr_info) X(opj_destroy_cstr_info)
FG_LIBRARY(SO, FUNCTIONS)

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  opj_codec_t *codec;
  opj_stream_t *stream;
  opj_image_t *image;
} file;

static OPJ_SIZE_T read_bytes(void *into, OPJ_SIZE_T wanted, void *user) {
  file *f = user;
  size_t left = f->count - f->position, got = wanted < left ? wanted : left;
  if (got == 0) return (OPJ_SIZE_T)-1;
  memcpy(into, f->bytes + f->position, got);
  f->position += got;
  return got;
}

static OPJ_OFF_T skip_bytes(OPJ_OFF_T wanted, void *user) {
  file *f = user;
  if (wanted < 0) return -1;
  size_t left = f->count - f->position, got = (size_t)wanted < left ? (size_t)wanted : left;
  f->position += got;
  return (OPJ_OFF_T)got;
}

static OPJ_BOOL seek_to(OPJ_OFF_T offset, void *user) {
  file *f = user;
  if (offset < 0 || (size_t)offset > f->count) return OPJ_FALSE;
  f->position = (size_t)offset;
  return OPJ_TRUE;
}

static void note_error(const char *text, void *user) {
  fg_picture_message *message = user;
  // The first error is the cause; it comes with a line feed.
  if (!message->text[0]) snprintf(message->text, sizeof message->text, "%.*s", (int)strcspn(text, "\r\n"), text);
}

// Damaged, or cut off: a code stream ends with a marker of its own.
static int failed(const file *f) {
  bool has_end = f->count >= 2 && f->bytes[f->count - 2] == 0xFF && f->bytes[f->count - 1] == 0xD9;
  return has_end ? FG_PICTURE_CORRUPT : FG_PICTURE_TRUNCATED;
}

static void close_file(file *f) {
  if (f->image) lib.opj_image_destroy(f->image);
  if (f->stream) lib.opj_stream_destroy(f->stream);
  if (f->codec) lib.opj_destroy_codec(f->codec);
}

static int open_file(file *f, const uint8_t *bytes, size_t count, uint32_t halvings, fg_picture_header *header,
                     fg_picture_message *message) {
  *f = (file){.bytes = bytes, .count = count};
  if (!is_loaded()) return FG_PICTURE_NO_LIBRARY;
  bool is_bare = count >= 2 && bytes[0] == 0xFF && bytes[1] == 0x4F;
  f->codec = lib.opj_create_decompress(is_bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  f->stream = lib.opj_stream_create(1 << 16, OPJ_TRUE);
  if (!f->codec || !f->stream) return FG_PICTURE_OUT_OF_MEMORY;
  lib.opj_stream_set_read_function(f->stream, read_bytes);
  lib.opj_stream_set_skip_function(f->stream, skip_bytes);
  lib.opj_stream_set_seek_function(f->stream, seek_to);
  lib.opj_stream_set_user_data(f->stream, f, NULL);
  lib.opj_stream_set_user_data_length(f->stream, count);
  lib.opj_set_error_handler(f->codec, note_error, message);
  opj_dparameters_t parameters;
  lib.opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = halvings;
  if (!lib.opj_setup_decoder(f->codec, &parameters)) return FG_PICTURE_OUT_OF_MEMORY;
  if (!lib.opj_read_header(f->stream, f->codec, &f->image)) return failed(f);
  const opj_image_t *image = f->image;
  if (image->numcomps < 1 || image->numcomps > 4)
    return fg_fail(message, FG_PICTURE_UNSUPPORTED, "it has %u channels", image->numcomps);
  if (image->x1 <= image->x0 || image->y1 <= image->y0 || image->x1 > INT32_MAX || image->y1 > INT32_MAX)
    return fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it no possible size");
  *header = (fg_picture_header){
      .width = image->x1 - image->x0,
      .height = image->y1 - image->y0,
      .orientation = 1,
  };
  // A channel of fewer pixels is enlarged; one that has none, or more than the picture, is nonsense.
  for (uint32_t i = 0; i < image->numcomps; i++)
    if (image->comps[i].dx < 1 || image->comps[i].dy < 1 || image->comps[i].prec < 1 || image->comps[i].prec > 31)
      return fg_fail(message, FG_PICTURE_UNSUPPORTED, "its channels are of an unusual kind");
  opj_codestream_info_v2_t *info = lib.opj_get_cstr_info(f->codec);
  // Where the picture does not begin at 0, halving rounds otherwise than up.
  if (info && image->x0 == 0 && image->y0 == 0 && info->m_default_tile_info.tccp_info) {
    uint32_t halvings_there = 32;
    for (uint32_t i = 0; i < info->nbcomps; i++) {
      uint32_t resolutions = info->m_default_tile_info.tccp_info[i].numresolutions;
      if (resolutions < halvings_there + 1) halvings_there = resolutions ? resolutions - 1 : 0;
    }
    header->halvings = halvings_there;
  }
  if (info) lib.opj_destroy_cstr_info(&info);
  return FG_PICTURE_OK;
}

static int read_header(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message) {
  file f;
  int status = open_file(&f, bytes, count, 0, header, message);
  close_file(&f);
  return status;
}

// A channel's sample at a place of the picture, in 8 bits.
static unsigned sample(const opj_image_comp_t *channel, uint32_t x, uint32_t y, uint32_t width, uint32_t height) {
  size_t column = channel->w == width ? x : (size_t)x * channel->w / width;
  size_t row = channel->h == height ? y : (size_t)y * channel->h / height;
  int64_t greatest = ((int64_t)1 << channel->prec) - 1;
  int64_t value = channel->data[row * channel->w + column] + (channel->sgnd ? (int64_t)1 << (channel->prec - 1) : 0);
  value = value < 0 ? 0 : value > greatest ? greatest : value;
  return greatest == 255 ? (unsigned)value : (unsigned)((value * 255 + greatest / 2) / greatest);
}

static uint8_t clamped(int value) { return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value); }

static void to_rgb(const opj_image_t *image, uint8_t *rgb, uint32_t width, uint32_t height) {
  const opj_image_comp_t *channels = image->comps;
  uint32_t colors = image->numcomps;
  const opj_image_comp_t *alpha = NULL;
  if ((colors == 2 || colors == 4) && channels[colors - 1].alpha) alpha = &channels[--colors];
  bool is_ink = image->color_space == OPJ_CLRSPC_CMYK && colors == 4;
  bool is_grey = colors < 3;
  // Chroma of fewer pixels can be nothing else; files without boxes name no colour space.
  bool is_ycc = colors == 3 && (image->color_space == OPJ_CLRSPC_SYCC || channels[1].dx > channels[0].dx);
  for (uint32_t y = 0; y < height; y++) {
    for (uint32_t x = 0; x < width; x++, rgb += 3) {
      unsigned c[3];
      for (uint32_t i = 0; i < 3; i++) c[i] = sample(&channels[is_grey ? 0 : i], x, y, width, height);
      if (is_ycc) {
        // ITU-T T.871, in sixteenths of thousandths.
        int luma = (int)c[0] * 65536 + 32768, blue = (int)c[1] - 128, red = (int)c[2] - 128;
        c[0] = clamped((luma + 91881 * red) >> 16);
        c[1] = clamped((luma - 22554 * blue - 46802 * red) >> 16);
        c[2] = clamped((luma + 116130 * blue) >> 16);
      } else if (is_ink) {
        unsigned light = 255 - sample(&channels[3], x, y, width, height);
        for (int i = 0; i < 3; i++) c[i] = ((255 - c[i]) * light + 127) / 255;
      }
      unsigned opacity = alpha ? sample(alpha, x, y, width, height) : 255;
      for (int i = 0; i < 3; i++) rgb[i] = fg_on_white(c[i], opacity);
    }
  }
}

static int decode(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_picture_message *message) {
  file f;
  fg_picture_header header;
  int status = open_file(&f, bytes, count, halvings, &header, message);
  if (status == FG_PICTURE_OK) {
    uint64_t round = ((uint64_t)1 << halvings) - 1;
    if (halvings > header.halvings || (header.width + round) >> halvings != width ||
        (header.height + round) >> halvings != height)
      status = fg_fail(message, FG_PICTURE_CORRUPT, "its header gives it another size");
  }
  if (status == FG_PICTURE_OK && !lib.opj_decode(f.codec, f.stream, f.image)) status = failed(&f);
  for (uint32_t i = 0; status == FG_PICTURE_OK && i < f.image->numcomps; i++) {
    const opj_image_comp_t *channel = &f.image->comps[i];
    if (!channel->data || channel->w < 1 || channel->h < 1)
      status = fg_fail(message, FG_PICTURE_CORRUPT, "a channel is missing");
  }
  if (status == FG_PICTURE_OK) to_rgb(f.image, rgb, width, height);
  close_file(&f);
  return status;
}

static const char *version(void) { return is_loaded() ? lib.opj_version() : NULL; }

const fg_picture_library fg_jpeg2000 = {"openjpeg", SO, version, read_header, decode};
