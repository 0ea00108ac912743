// The HOG detector beside Debian's dlib, alternating in one process: milliseconds a photo, and whether the boxes agree.
//
// Sources: this file, CDlib's HOG*.cpp and Detections.cpp; CHOGKernels' *.c, compiled with clang -O2 -c.
// clang++ -std=c++17 -O2 -DDLIB_NO_GUI_SUPPORT -ISources/CDlib/include -ISources/CHOGKernels/include detection.cpp
//   Sources/CDlib/{HOGDetector,HOGScanner,Detections}.cpp KERNELS.o… -ldlib -lopenblas -llapack -ljpeg -lpng
// usage: detection SET|best ROUNDS PHOTO…
#include <dlib/image_io.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "CDlib.h"

static double seconds(fg_dlib_hog *detector, fg_dlib_image image, fg_dlib_detections *found) {
  const auto start = std::chrono::steady_clock::now();
  fg_dlib_message message;
  if (fg_dlib_hog_detect(detector, image, 0, 0, found, &message) != FG_DLIB_OK) throw std::runtime_error(message.text);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

static bool agree(const fg_dlib_detections &a, const fg_dlib_detections &b) {
  if (a.count != b.count) return false;
  for (size_t i = 0; i < a.count; i++)
    if (std::memcmp(&a.items[i], &b.items[i], offsetof(fg_dlib_detection, score))) return false;
  return true;
}

int main(int count, char **values) {
  if (count < 4) return std::cerr << "usage: detection SET|best ROUNDS PHOTO…\n", 2;
  fg_dlib_message message;
  fg_dlib_hog *dlibs, *ours;
  const char *set = std::strcmp(values[1], "best") ? values[1] : nullptr;
  if (fg_dlib_hog_create("dlib", &dlibs, &message) || fg_dlib_hog_create(set, &ours, &message))
    return std::cerr << message.text << "\n", 1;
  for (int i = 3; i < count; i++) {
    dlib::array2d<dlib::rgb_pixel> photo;
    dlib::load_image(photo, values[i]);
    const fg_dlib_image image = {static_cast<const uint8_t *>(dlib::image_data(photo)), photo.nc(), photo.nr()};
    double theirs = 1e9, mine = 1e9;
    bool same = true;
    for (int round = 0; round < std::atoi(values[2]); round++) {
      fg_dlib_detections a, b;
      theirs = std::min(theirs, seconds(dlibs, image, &a));
      mine = std::min(mine, seconds(ours, image, &b));
      same = same && agree(a, b);
      fg_dlib_detections_free(&a);
      fg_dlib_detections_free(&b);
    }
    std::cout << photo.nc() << "x" << photo.nr() << ": dlib " << theirs * 1e3 << " ms, ours (" << fg_dlib_hog_kernel(ours)
              << ") " << mine * 1e3 << " ms, " << theirs / mine << "x, boxes " << (same ? "the same" : "differ") << "\n";
  }
}
