#include <cstdlib>

#include <dlib/revision.h>

#include "CDlib.h"

#define FG_TEXT(x) #x
#define FG_VERSION(major, minor, patch) FG_TEXT(major) "." FG_TEXT(minor) "." FG_TEXT(patch)

void fg_dlib_detections_free(fg_dlib_detections *detections) {
  std::free(detections->items);
  detections->items = nullptr;
  detections->count = 0;
}

const char *fg_dlib_version(void) {
  return FG_VERSION(DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION, DLIB_PATCH_VERSION);
}
