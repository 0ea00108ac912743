#include "HOGDetector.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "Guard.hpp"

struct fg_dlib_hog {
  const fg::HOGKernel *kernel;
  void *detector;
};

static const fg::HOGKernel *choose(const char *name) {
  if (!name) {
    const char *forced = std::getenv("FACEGALLERY_ISA");
    if (forced && !std::strcmp(forced, "portable")) return &fg::hog_baseline;
  }
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && (!name || !std::strcmp(name, fg::hog_avx2.name))) return &fg::hog_avx2;
#endif
  if (!name || !std::strcmp(name, fg::hog_baseline.name)) return &fg::hog_baseline;
  throw std::runtime_error(std::string("no HOG detector is compiled for, or runs on, ") + name);
}

int fg_dlib_hog_create(const char *name, fg_dlib_hog **detector, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    std::unique_ptr<fg_dlib_hog> made(new fg_dlib_hog{choose(name), nullptr});
    made->detector = made->kernel->create(fg::serialized_frontal_detector());
    *detector = made.release();
  });
}

void fg_dlib_hog_prepare(void) {
  fg::guarded(nullptr, FG_DLIB_FAILED, [] { fg::serialized_frontal_detector(); });
}

void fg_dlib_hog_destroy(fg_dlib_hog *detector) {
  if (!detector) return;
  detector->kernel->destroy(detector->detector);
  delete detector;
}

const char *fg_dlib_hog_kernel(const fg_dlib_hog *detector) { return detector->kernel->name; }

int fg_dlib_hog_detect(fg_dlib_hog *detector, fg_dlib_image image, int upsampling, double adjustment,
                       fg_dlib_detections *found, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    detector->kernel->detect(detector->detector, image, upsampling, adjustment, found);
  });
}
