#include "CPango.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#define SO "libpangocairo-1.0.so.0"

// What is used of Pango 1's and GLib 2's stable binary interface, so that their headers are not needed.
typedef struct PangoLayout PangoLayout;
typedef struct PangoFontDescription PangoFontDescription;
typedef struct {
  int x, y, width, height;
} PangoRectangle;
typedef struct GSList {
  void *data;
  struct GSList *next;
} GSList;
typedef struct {
  uint32_t glyph;
  int width, x_offset, y_offset;
  unsigned attributes;
} PangoGlyphInfo;
typedef struct {
  int num_glyphs;
  PangoGlyphInfo *glyphs;
} PangoGlyphString;
typedef struct {
  void *item;
  PangoGlyphString *glyphs;
} PangoGlyphItem;
typedef struct {
  PangoLayout *layout;
  int start_index, length;
  GSList *runs;
} PangoLayoutLine;

enum { SCALE = 1024, WEIGHT_NORMAL = 400, WEIGHT_BOLD = 700 };

#define FUNCTIONS(X)                                                                                           \
  X(const char *, pango_version_string, (void))                                                                \
  X(PangoLayout *, pango_cairo_create_layout, (cairo_t *))                                                     \
  X(void, pango_cairo_show_layout_line, (cairo_t *, PangoLayoutLine *))                                        \
  X(void, pango_layout_set_text, (PangoLayout *, const char *, int))                                           \
  X(void, pango_layout_set_font_description, (PangoLayout *, const PangoFontDescription *))                    \
  X(void, pango_layout_set_single_paragraph_mode, (PangoLayout *, int))                                        \
  X(PangoLayoutLine *, pango_layout_get_line_readonly, (PangoLayout *, int))                                   \
  X(void, pango_layout_line_get_extents, (PangoLayoutLine *, PangoRectangle * ink, PangoRectangle * logical)) \
  X(PangoFontDescription *, pango_font_description_new, (void))                                                \
  X(void, pango_font_description_set_family, (PangoFontDescription *, const char *))                           \
  X(void, pango_font_description_set_weight, (PangoFontDescription *, int))                                    \
  X(void, pango_font_description_set_absolute_size, (PangoFontDescription *, double))                          \
  X(void, pango_font_description_free, (PangoFontDescription *))                                               \
  X(void, g_object_unref, (void *))

#define MEMBER(result, name, parameters) result(*name) parameters;
static struct {
  FUNCTIONS(MEMBER)
} lib;
static bool loaded;

static void load(void) {
  void *handle = dlopen(SO, RTLD_LAZY | RTLD_LOCAL);
  bool found = handle != NULL;
#define FIND(result, name, parameters) found = found && (*(void **)&lib.name = dlsym(handle, #name)) != NULL;
  FUNCTIONS(FIND)
  loaded = found;
}

static bool is_loaded(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return loaded;
}

struct fg_text_line {
  PangoLayout *layout;
};

static PangoLayoutLine *only_line(const fg_text_line *line) { return lib.pango_layout_get_line_readonly(line->layout, 0); }

const char *fg_pango_version(void) { return is_loaded() ? lib.pango_version_string() : NULL; }

fg_text_line *fg_text_line_make(cairo_t *context, const char *text, size_t count, const char *family, double size, bool bold) {
  if (!is_loaded() || count > INT32_MAX) return NULL;
  fg_text_line *line = malloc(sizeof *line);
  if (line == NULL) return NULL;
  line->layout = lib.pango_cairo_create_layout(context);
  PangoFontDescription *font = lib.pango_font_description_new();
  lib.pango_font_description_set_family(font, family);
  lib.pango_font_description_set_weight(font, bold ? WEIGHT_BOLD : WEIGHT_NORMAL);
  lib.pango_font_description_set_absolute_size(font, size * SCALE);
  lib.pango_layout_set_font_description(line->layout, font);
  lib.pango_font_description_free(font);
  lib.pango_layout_set_single_paragraph_mode(line->layout, 1);
  lib.pango_layout_set_text(line->layout, text, (int)count);
  return line;
}

fg_text_line_extents fg_text_line_measure(const fg_text_line *line) {
  PangoRectangle logical;
  lib.pango_layout_line_get_extents(only_line(line), NULL, &logical);
  return (fg_text_line_extents){
      .width = (double)logical.width / SCALE,
      .ascent = (double)-logical.y / SCALE,
      .descent = (double)(logical.y + logical.height) / SCALE,
  };
}

void fg_text_line_draw(const fg_text_line *line, cairo_t *context) {
  lib.pango_cairo_show_layout_line(context, only_line(line));
}

size_t fg_text_line_glyphs(const fg_text_line *line, uint32_t *glyphs, size_t capacity) {
  size_t count = 0;
  for (const GSList *run = only_line(line)->runs; run; run = run->next) {
    const PangoGlyphString *string = ((const PangoGlyphItem *)run->data)->glyphs;
    for (int i = 0; i < string->num_glyphs; i++, count++)
      if (count < capacity) glyphs[count] = string->glyphs[i].glyph;
  }
  return count;
}

void fg_text_line_free(fg_text_line *line) {
  lib.g_object_unref(line->layout);
  free(line);
}
