#include "CJPEG.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

// What libjpeg's callbacks share with us. Everything that must survive a longjmp lives here, not in locals.
typedef struct {
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf exit;
  int status;
  // Whether something was met after which pixels are wrong, and whether the end of the file was.
  bool is_damaged, has_run_out;
  bool is_strict;
  fg_jpeg_message *message;
  unsigned char *output;
  unsigned long output_count;
} context;

static context *of(j_common_ptr info) { return info->client_data; }

static void note(j_common_ptr info) {
  context *c = of(info);
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  // The first fault is the cause.
  if (!c->message->text[0]) snprintf(c->message->text, sizeof c->message->text, "%s", text);
}

static void on_error(j_common_ptr info) {
  context *c = of(info);
  switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY: c->status = FG_JPEG_OUT_OF_MEMORY; break;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED: c->status = FG_JPEG_UNSUPPORTED; break;
    default: c->status = FG_JPEG_CORRUPT;
  }
  note(info);
  longjmp(c->exit, 1);
}

static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    // After these every pixel is as it was written.
    case JWRN_EXTRANEOUS_DATA:
      if (of(info)->is_strict && ((j_decompress_ptr)info)->input_scan_number > 0) of(info)->is_damaged = true;
      return;
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR: return;
    default:
      of(info)->is_damaged = true;
      note(info);
  }
}

static void print_nothing(j_common_ptr info) { (void)info; }

// A picture in hundreds of scans is an attack: each takes the time of a whole picture.
static void limit_scans(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > 500) {
    of(info)->status = FG_JPEG_CORRUPT;
    snprintf(of(info)->message->text, sizeof of(info)->message->text, "it has more than 500 scans");
    longjmp(of(info)->exit, 1);
  }
}

// The source is all of the file; after it comes the marker that ends a picture, as often as it is asked for.
static void begin(j_decompress_ptr info) { (void)info; }

static boolean fill(j_decompress_ptr info) {
  static const JOCTET end[2] = {0xFF, JPEG_EOI};
  of((j_common_ptr)info)->has_run_out = true;
  info->src->next_input_byte = end;
  info->src->bytes_in_buffer = 2;
  return TRUE;
}

static void skip(j_decompress_ptr info, long wanted) {
  if (wanted <= 0) return;
  if ((size_t)wanted > info->src->bytes_in_buffer) {
    fill(info);
  } else {
    info->src->next_input_byte += wanted;
    info->src->bytes_in_buffer -= (size_t)wanted;
  }
}

static void end(j_decompress_ptr info) { (void)info; }

static struct jpeg_error_mgr *errors(context *c) {
  jpeg_std_error(&c->errors);
  c->errors.error_exit = on_error;
  c->errors.emit_message = on_message;
  c->errors.output_message = print_nothing;
  return &c->errors;
}

// Whether all of a picture is there whose file ran out after the last marker that was read: libjpeg tells what is missing
// within a scan, not which scans are.
static bool has_all_scans(j_decompress_ptr info) {
  // Arithmetic coding leaves out zeros at its end, and libjpeg tells nothing.
  if (info->arith_code) return false;
  if (info->progressive_mode) {
    if (!info->coef_bits) return false;
    for (int component = 0; component < info->num_components; component++)
      for (int place = 0; place < DCTSIZE2; place++)
        if (info->coef_bits[component][place] != 0) return false;
    return true;
  }
  return !jpeg_has_multiple_scans(info) || info->input_scan_number == info->num_components;
}

static void decode(j_decompress_ptr info, context *c, unsigned reduction, uint8_t *pixels, uint32_t width, uint32_t height,
                   unsigned channels) {
  jpeg_read_header(info, TRUE);
  info->scale_num = 1;
  info->scale_denom = reduction;
  info->out_color_space = channels == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(info);
  if (info->output_width != width || info->output_height != height || info->output_components != (int)channels) {
    c->status = FG_JPEG_CORRUPT;
    return;
  }
  bool misses_scans = c->has_run_out && !has_all_scans(info);
  size_t row_bytes = (size_t)width * channels;
  while (info->output_scanline < height) {
    JSAMPROW row = pixels + info->output_scanline * row_bytes;
    jpeg_read_scanlines(info, &row, 1);
  }
  // Of a picture in one scan the end is still to come.
  jpeg_finish_decompress(info);
  if (c->has_run_out && info->arith_code) misses_scans = true;
  if (misses_scans) c->is_damaged = true;
}

static int attempt(const uint8_t *bytes, size_t count, int is_strict, unsigned reduction, uint8_t *pixels, uint32_t width,
                   uint32_t height, unsigned channels, fg_jpeg_message *message) {
  context c = {.message = message, .status = FG_JPEG_OK, .is_strict = is_strict};
  struct jpeg_decompress_struct info = {.client_data = &c, .err = errors(&c)};
  message->text[0] = 0;
  if (setjmp(c.exit) == 0) {
    jpeg_create_decompress(&info);
    c.source = (struct jpeg_source_mgr){
        .next_input_byte = bytes,
        .bytes_in_buffer = count,
        .init_source = begin,
        .fill_input_buffer = fill,
        .skip_input_data = skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = end,
    };
    info.src = &c.source;
    c.progress.progress_monitor = limit_scans;
    info.progress = &c.progress;
    decode(&info, &c, reduction, pixels, width, height, channels);
  }
  // Where an error ended it, rows are there that were decoded before.
  uint32_t rows = info.output_scanline < height ? info.output_scanline : height;
  size_t row_bytes = (size_t)width * channels;
  if (c.status != FG_JPEG_OK && c.status != FG_JPEG_OUT_OF_MEMORY && rows > 0) {
    // With all rows it was something after the picture.
    c.status = FG_JPEG_OK;
    c.has_run_out = c.has_run_out || rows == height;
    c.is_damaged = c.is_damaged || rows < height;
    memset(pixels + rows * row_bytes, 128, (height - rows) * row_bytes);
  }
  bool has_run_out = c.has_run_out, is_damaged = c.is_damaged;
  jpeg_destroy_decompress(&info);
  if (c.status != FG_JPEG_OK) return has_run_out && c.status == FG_JPEG_CORRUPT ? FG_JPEG_TRUNCATED : c.status;
  if (is_damaged) return has_run_out ? FG_JPEG_CUT : FG_JPEG_DAMAGED;
  return has_run_out ? FG_JPEG_WITHOUT_END : FG_JPEG_OK;
}

// The place of the last marker before `count` that begins a segment; 0 when there is none.
static size_t last_segment(const uint8_t *bytes, size_t count) {
  for (size_t place = count < 2 ? 0 : count - 2; place > 0; place--) {
    uint8_t marker = bytes[place + 1];
    if (bytes[place] == 0xFF && marker >= 0xC0 && marker != 0xFF && !(marker >= JPEG_RST0 && marker <= JPEG_EOI))
      return place;
  }
  return 0;
}

int fg_jpeg_decode(const uint8_t *bytes, size_t count, int is_strict, unsigned reduction, uint8_t *pixels, uint32_t width,
                   uint32_t height, unsigned channels, fg_jpeg_message *message) {
  int status = attempt(bytes, count, is_strict, reduction, pixels, width, height, channels, message);
  // A file that ends within a segment between scans is a picture without it; a few of its bytes may look like another.
  for (int tries = 0; tries < 4 && status == FG_JPEG_TRUNCATED && (count = last_segment(bytes, count)) > 0; tries++)
    status = attempt(bytes, count, is_strict, reduction, pixels, width, height, channels, message);
  return status;
}

size_t fg_jpeg_without_stray_restarts(const uint8_t *bytes, size_t count, uint8_t *copy) {
  size_t length = 0, position = 0;
  bool is_scan = false;
  while (position < count) {
    const uint8_t *found = memchr(bytes + position, 0xFF, count - position);
    size_t next = found ? (size_t)(found - bytes) : count;
    memcpy(copy + length, bytes + position, next - position);
    length += next - position;
    position = next;
    if (position + 1 >= count) break;
    uint8_t marker = bytes[position + 1];
    if (is_scan && marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7) {
      position += 2;
      continue;
    }
    size_t taken = marker == 0xFF ? 1 : 2;
    if (marker == JPEG_EOI) break;
    bool is_lone = marker <= 0x01 || marker == 0xFF || (marker >= JPEG_RST0 && marker <= 0xD8);
    if (!is_lone && position + 3 < count) {
      size_t segment = 2 + ((size_t)bytes[position + 2] << 8 | bytes[position + 3]);
      bool has_interval = marker == 0xDD && position + 5 < count && (bytes[position + 4] | bytes[position + 5]);
      if (has_interval) {
        memcpy(copy, bytes, count);
        return count;
      }
      taken = segment < count - position ? segment : count - position;
      is_scan = marker == 0xDA;
    }
    memcpy(copy + length, bytes + position, taken);
    length += taken;
    position += taken;
  }
  if (position < count) {
    memcpy(copy + length, bytes + position, count - position);
    length += count - position;
  }
  return length;
}

static void compress(j_compress_ptr info, const uint8_t *rgb, uint32_t width, uint32_t height, int quality,
                     int halves_colour, const char *software) {
  info->image_width = width;
  info->image_height = height;
  info->input_components = 3;
  info->in_color_space = JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  // The faster transform is as faithful as these qualities are.
  info->dct_method = quality >= 96 ? JDCT_ISLOW : JDCT_FASTEST;
  info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = halves_colour ? 2 : 1;
  jpeg_start_compress(info, TRUE);
  if (software) {
    char comment[256] = "Software";
    const size_t length = strlen("Software") + 1;
    const size_t more = strnlen(software, sizeof comment - length);
    memcpy(comment + length, software, more);
    jpeg_write_marker(info, JPEG_COM, (const JOCTET *)comment, (unsigned)(length + more));
  }
  while (info->next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)info->next_scanline * width * 3);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
}

int fg_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality, int halves_colour,
                   const char *software, uint8_t **bytes, size_t *count, fg_jpeg_message *message) {
  context c = {.message = message, .status = FG_JPEG_OK};
  struct jpeg_compress_struct info = {.client_data = &c, .err = errors(&c)};
  message->text[0] = 0;
  if (setjmp(c.exit) == 0) {
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &c.output, &c.output_count);
    compress(&info, rgb, width, height, quality, halves_colour, software);
  }
  jpeg_destroy_compress(&info);
  if (c.status != FG_JPEG_OK) {
    free(c.output);
    return c.status;
  }
  *bytes = c.output;
  *count = c.output_count;
  return FG_JPEG_OK;
}

int fg_jpeg_version(void) { return LIBJPEG_TURBO_VERSION_NUMBER; }
