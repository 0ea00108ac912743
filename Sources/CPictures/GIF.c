#include "library.h"

#include <gif_lib.h>

#define SO "libgif.so.7"
#define FUNCTIONS(X)                                                                                          \
  X(DGifOpen) X(DGifCloseFile) X(DGifGetRecordType) X(DGifGetExtension) X(DGifGetExtensionNext)               \
  X(DGifExtensionToGCB) X(DGifGetImageDesc) X(DGifGetLine) X(DGifGetCode) X(DGifGetCodeNext) X(GifErrorString)
FG_LIBRARY(SO, FUNCTIONS)

typedef struct {
  const uint8_t *bytes;
  size_t count, position;
  bool is_cut;
  GifFileType *gif;
  int transparent;
} file;

static int read_bytes(GifFileType *gif, GifByteType *into, int wanted) {
  file *f = gif->UserData;
  size_t left = f->count - f->position, got = wanted < 0 ? 0 : (size_t)wanted;
  if (got > left) {
    f->is_cut = true;
    got = left;
  }
  memcpy(into, f->bytes + f->position, got);
  f->position += got;
  return (int)got;
}

static int failed(const file *f, fg_picture_message *message) {
  int error = f->gif ? f->gif->Error : D_GIF_ERR_NOT_GIF_FILE;
  if (error == D_GIF_ERR_NOT_ENOUGH_MEM) return FG_PICTURE_OUT_OF_MEMORY;
  const char *text = lib.GifErrorString(error);
  return fg_fail(message, f->is_cut ? FG_PICTURE_TRUNCATED : FG_PICTURE_CORRUPT, "%s", text ? text : "bad data");
}

// Goes to the next frame; `*is_there` says whether there is one. A frame's transparent colour stands before it.
static int next_frame(file *f, bool *is_there) {
  *is_there = false;
  f->transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType type;
    if (lib.DGifGetRecordType(f->gif, &type) == GIF_ERROR) return GIF_ERROR;
    if (type == TERMINATE_RECORD_TYPE) return GIF_OK;
    if (type == IMAGE_DESC_RECORD_TYPE) {
      *is_there = true;
      return lib.DGifGetImageDesc(f->gif);
    }
    if (type != EXTENSION_RECORD_TYPE) continue;
    int code;
    GifByteType *block;
    if (lib.DGifGetExtension(f->gif, &code, &block) == GIF_ERROR) return GIF_ERROR;
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && block && lib.DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      f->transparent = control.TransparentColor;
    while (block)
      if (lib.DGifGetExtensionNext(f->gif, &block) == GIF_ERROR) return GIF_ERROR;
  }
}

// Opens a file up to its first frame, which may be larger than the screen that is to show it.
static int open_file(file *f, const uint8_t *bytes, size_t count, fg_picture_header *header,
                     fg_picture_message *message) {
  *f = (file){.bytes = bytes, .count = count};
  if (!is_loaded()) return FG_PICTURE_NO_LIBRARY;
  int error = 0;
  f->gif = lib.DGifOpen(f, read_bytes, &error);
  bool is_there = false;
  if (!f->gif || next_frame(f, &is_there) == GIF_ERROR) return failed(f, message);
  if (!is_there) return fg_fail(message, FG_PICTURE_CORRUPT, "there is no frame");
  const GifImageDesc *frame = &f->gif->Image;
  if (frame->Left < 0 || frame->Top < 0 || frame->Width <= 0 || frame->Height <= 0)
    return fg_fail(message, FG_PICTURE_CORRUPT, "its first frame has no size");
  // All four are 16-bit numbers in the file.
  int right = frame->Left + frame->Width, bottom = frame->Top + frame->Height;
  *header = (fg_picture_header){
      .width = (uint32_t)(f->gif->SWidth > right ? f->gif->SWidth : right),
      .height = (uint32_t)(f->gif->SHeight > bottom ? f->gif->SHeight : bottom),
      .orientation = 1,
  };
  return FG_PICTURE_OK;
}

static void close_file(file *f) {
  int error;
  if (f->gif) lib.DGifCloseFile(f->gif, &error);
}

static int read_header(const uint8_t *bytes, size_t count, fg_picture_header *header, fg_picture_message *message) {
  file f;
  int status = open_file(&f, bytes, count, header, message);
  if (status == FG_PICTURE_OK) {
    // Passes over the frame's data to see whether another frame follows; damage there is told by `decode`.
    int size;
    GifByteType *block;
    bool is_there = false;
    int result = lib.DGifGetCode(f.gif, &size, &block);
    while (result == GIF_OK && block) result = lib.DGifGetCodeNext(f.gif, &block);
    if (result == GIF_OK && next_frame(&f, &is_there) == GIF_OK) header->has_more = is_there;
  }
  close_file(&f);
  return status;
}

static int decode_frame(file *f, uint8_t *rgb, size_t width, fg_picture_message *message) {
  const GifImageDesc *frame = &f->gif->Image;
  const ColorMapObject *colors = frame->ColorMap ? frame->ColorMap : f->gif->SColorMap;
  if (!colors) return fg_fail(message, FG_PICTURE_CORRUPT, "it has no colours");
  GifPixelType *line = malloc((size_t)frame->Width);
  if (!line) return FG_PICTURE_OUT_OF_MEMORY;
  // Interlaced rows come in four passes; others in one.
  static const int first[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  int status = FG_PICTURE_OK, passes = frame->Interlace ? 4 : 1;
  for (int pass = 0; pass < passes && status == FG_PICTURE_OK; pass++) {
    int step = frame->Interlace ? steps[pass] : 1;
    for (int y = frame->Interlace ? first[pass] : 0; y < frame->Height; y += step) {
      if (lib.DGifGetLine(f->gif, line, frame->Width) == GIF_ERROR) {
        status = failed(f, message);
        break;
      }
      uint8_t *target = rgb + ((size_t)(frame->Top + y) * width + (size_t)frame->Left) * 3;
      for (int x = 0; x < frame->Width; x++, target += 3) {
        if (line[x] == f->transparent) continue;
        // Colours that the file does not define are black.
        GifColorType color = {0, 0, 0};
        if (line[x] < colors->ColorCount) color = colors->Colors[line[x]];
        target[0] = color.Red;
        target[1] = color.Green;
        target[2] = color.Blue;
      }
    }
  }
  free(line);
  return status;
}

static int decode(const uint8_t *bytes, size_t count, uint32_t halvings, uint8_t *rgb, uint32_t width, uint32_t height,
                  fg_picture_message *message) {
  file f;
  fg_picture_header header;
  int status = open_file(&f, bytes, count, &header, message);
  if (status == FG_PICTURE_OK) status = fg_check_size(&header, halvings, width, height, message);
  if (status == FG_PICTURE_OK) {
    memset(rgb, 255, (size_t)width * height * 3);
    status = decode_frame(&f, rgb, width, message);
  }
  close_file(&f);
  return status;
}

static const char *version(void) {
  static const char text[] = {'0' + GIFLIB_MAJOR, '.', '0' + GIFLIB_MINOR, '.', '0' + GIFLIB_RELEASE, 0};
  return is_loaded() ? text : NULL;
}

const fg_picture_library fg_gif = {"giflib", SO, version, read_header, decode};
