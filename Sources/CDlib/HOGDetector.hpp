// One compilation of the HOG detector: the table through which HOGDetector.cpp calls it.
#pragma once
#include <string>

#include "CDlib.h"

namespace fg {

struct HOGKernel {
  const char *name;
  void *(*create)(const std::string &serialized);
  void (*destroy)(void *);
  void (*detect)(void *, fg_dlib_image, int upsampling, double adjustment, fg_dlib_detections *);
};

// dlib's detector in its serialized form. It is decoded in one place because dlib's decoder is in its library
// and so exists in the plain `dlib` namespace only.
const std::string &serialized_frontal_detector();

extern const HOGKernel hog_baseline;
#if defined(__x86_64__)
extern const HOGKernel hog_avx2;
#endif

}  // namespace fg
