// The HOG detector over whichever `dlib` namespace and instruction set the including file has set up.
// It defines `FG_HOG_KERNEL`, named `FG_HOG_NAME`.
#include <dlib/image_processing/frontal_face_detector.h>

#include "ImageView.hpp"

namespace {

typedef dlib::array2d<dlib::rgb_pixel> Picture;

void *create(const std::string &serialized) {
  std::unique_ptr<dlib::frontal_face_detector> made(new dlib::frontal_face_detector);
  std::istringstream bytes(serialized);
  deserialize(*made, bytes);
  return made.release();
}

void destroy(void *detector) { delete static_cast<dlib::frontal_face_detector *>(detector); }

void detect(void *detector, fg_dlib_image image, int upsampling, double adjustment,
            fg_dlib_detections *found) {
  dlib::frontal_face_detector &run = *static_cast<dlib::frontal_face_detector *>(detector);
  dlib::pyramid_down<2> pyramid;
  std::vector<dlib::rect_detection> faces;
  const ImageView view{image};
  if (upsampling == 0) {
    run(view, faces, adjustment);
  } else {
    Picture enlarged;
    dlib::pyramid_up(view, enlarged, pyramid);
    for (int i = 1; i < upsampling; i++) dlib::pyramid_up(enlarged);
    run(enlarged, faces, adjustment);
  }
  found->count = 0;
  found->items = nullptr;
  if (faces.empty()) return;
  found->items = static_cast<fg_dlib_detection *>(std::malloc(faces.size() * sizeof(fg_dlib_detection)));
  if (!found->items) throw std::bad_alloc();
  for (const dlib::rect_detection &face : faces) {
    const dlib::rectangle box = pyramid.rect_down(face.rect, upsampling);
    found->items[found->count++] = {box.left(), box.top(), static_cast<int64_t>(box.width()),
                                    static_cast<int64_t>(box.height()), face.detection_confidence};
  }
}

}  // namespace

namespace fg {
const HOGKernel FG_HOG_KERNEL = {FG_HOG_NAME, create, destroy, detect};
}
