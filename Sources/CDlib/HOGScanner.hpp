// dlib's frontal face detector on our own kernels: the same pyramid, features, filters, boxes and suppression.
#pragma once
#include <dlib/image_processing/frontal_face_detector.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "CDlib.h"
#include "CHOGKernels.h"

namespace fg {

// dlib's detector, unpacked once a process.
const dlib::frontal_face_detector &frontal_detector();

// What one thread scans photos with; its memory grows to the largest photo.
class HOGScanner {
 public:
  explicit HOGScanner(const fg_hog_kernels *kernels) : kernels_(kernels) {}

  const char *name() const { return kernels_->name; }

  // The faces of a photo that is doubled `upsampling` times first, in that enlarged photo's pixels.
  void detect(fg_dlib_image image, int upsampling, double adjustment, std::vector<dlib::rect_detection> &faces);

 private:
  struct Free {
    void operator()(void *memory) const { std::free(memory); }
  };
  template <typename Element>
  struct Buffer {
    std::unique_ptr<Element, Free> memory;
    size_t count = 0;
    Element *ensure(size_t wanted);
  };

  fg_hog_picture picture(int index, long width, long height);
  void scan(const fg_hog_picture &level, unsigned long number, double adjustment,
            std::vector<std::vector<std::pair<double, dlib::rectangle>>> &found);

  const fg_hog_kernels *kernels_;
  Buffer<uint8_t> pictures_[2];
  Buffer<float> features_, scores_;
  Buffer<uint8_t> scratch_;
};

}  // namespace fg
