// One line of text, shaped by Pango and drawn by cairo. Pango is loaded with the first line: programs start no later for it.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// cairo's drawing context (cairo.h).
typedef struct _cairo cairo_t;
typedef struct fg_text_line fg_text_line;

typedef struct {
  // In units of the context: from the line's start to its end, and from its baseline up and down.
  double width, ascent, descent;
} fg_text_line_extents;

// Pango's version, or NULL when it is not installed.
const char *fg_pango_version(void);

// Lays `text` (UTF-8, `count` bytes) out as one line: letters joined and ordered as its scripts are written, what `family` has no
// glyph for taken from other fonts. It belongs to the thread that made it. NULL when Pango is not installed.
fg_text_line *fg_text_line_make(cairo_t *context, const char *text, size_t count, const char *family, double size, bool bold);

fg_text_line_extents fg_text_line_measure(const fg_text_line *line);

// Draws it in the context's colour; its baseline begins at the current point.
void fg_text_line_draw(const fg_text_line *line, cairo_t *context);

// The glyphs' numbers in their fonts, from left to right, at most `capacity` of them; returns how many there are.
size_t fg_text_line_glyphs(const fg_text_line *line, uint32_t *glyphs, size_t capacity);

void fg_text_line_free(fg_text_line *line);
