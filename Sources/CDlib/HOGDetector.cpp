#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "Guard.hpp"
#include "HOGScanner.hpp"
#include "ImageView.hpp"

// One of the two: our kernels, or dlib's own code for comparison.
struct fg_dlib_hog {
  std::unique_ptr<fg::HOGScanner> scanner;
  std::unique_ptr<dlib::frontal_face_detector> reference;
};

static const char referenceName[] = "dlib";

static std::unique_ptr<fg_dlib_hog> make(const char *name) {
  std::unique_ptr<fg_dlib_hog> made(new fg_dlib_hog);
  if (name && !std::strcmp(name, referenceName)) {
    made->reference.reset(new dlib::frontal_face_detector(fg::frontal_detector()));
    return made;
  }
  const fg_hog_kernels *kernels = name ? fg_hog_kernels_named(name) : fg_hog_kernels_best();
  if (!kernels) throw std::runtime_error(std::string("no HOG detector is compiled for, or runs on, ") + name);
  fg::frontal_detector();
  made->scanner.reset(new fg::HOGScanner(kernels));
  return made;
}

int fg_dlib_hog_create(const char *name, fg_dlib_hog **detector, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] { *detector = make(name).release(); });
}

void fg_dlib_hog_prepare(void) {
  fg::guarded(nullptr, FG_DLIB_FAILED, [] { fg::frontal_detector(); });
}

void fg_dlib_hog_destroy(fg_dlib_hog *detector) { delete detector; }

const char *fg_dlib_hog_kernel(const fg_dlib_hog *detector) {
  return detector->scanner ? detector->scanner->name() : referenceName;
}

static void detect_by_dlib(dlib::frontal_face_detector &run, fg_dlib_image image, int upsampling, double adjustment,
                           std::vector<dlib::rect_detection> &faces) {
  const ImageView view{image};
  if (upsampling == 0) {
    run(view, faces, adjustment);
    return;
  }
  dlib::array2d<dlib::rgb_pixel> enlarged;
  dlib::pyramid_up(view, enlarged, dlib::pyramid_down<2>());
  for (int i = 1; i < upsampling; i++) dlib::pyramid_up(enlarged);
  run(enlarged, faces, adjustment);
}

int fg_dlib_hog_detect(fg_dlib_hog *detector, fg_dlib_image image, int upsampling, double adjustment,
                       fg_dlib_detections *found, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    std::vector<dlib::rect_detection> faces;
    if (detector->scanner) {
      detector->scanner->detect(image, upsampling, adjustment, faces);
    } else {
      const fg::MatrixUse use;
      detect_by_dlib(*detector->reference, image, upsampling, adjustment, faces);
    }
    found->count = 0;
    found->items = nullptr;
    if (faces.empty()) return;
    found->items = static_cast<fg_dlib_detection *>(std::malloc(faces.size() * sizeof(fg_dlib_detection)));
    if (!found->items) throw std::bad_alloc();
    const dlib::pyramid_down<2> doubling;
    for (const dlib::rect_detection &face : faces) {
      const dlib::rectangle box = doubling.rect_down(face.rect, static_cast<unsigned>(upsampling));
      found->items[found->count++] = {box.left(), box.top(), static_cast<int64_t>(box.width()),
                                      static_cast<int64_t>(box.height()), face.detection_confidence};
    }
  });
}
