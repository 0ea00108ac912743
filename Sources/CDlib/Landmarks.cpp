#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>

#include "Guard.hpp"
#include "ImageView.hpp"
#include "Network.hpp"

struct fg_dlib_landmarks {
  dlib::shape_predictor predictor;
};

int fg_dlib_landmarks_create(const char *path, fg_dlib_landmarks **predictor, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_CANNOT_LOAD, [&] {
    std::unique_ptr<fg_dlib_landmarks> made(new fg_dlib_landmarks);
    fg::load(path, made->predictor);
    if (made->predictor.num_parts() != 5) throw std::runtime_error("it does not hold five landmarks");
    *predictor = made.release();
  });
}

void fg_dlib_landmarks_destroy(fg_dlib_landmarks *predictor) { delete predictor; }

int fg_dlib_landmarks_find(const fg_dlib_landmarks *predictor, fg_dlib_image image, fg_dlib_detection box,
                           double points[10], fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    const fg::MatrixUse use;
    const dlib::rectangle rectangle(box.left, box.top, box.left + box.width - 1, box.top + box.height - 1);
    const dlib::full_object_detection found = predictor->predictor(ImageView{image}, rectangle);
    for (int i = 0; i < 5; i++) {
      points[2 * i] = static_cast<double>(found.part(i).x());
      points[2 * i + 1] = static_cast<double>(found.part(i).y());
    }
  });
}

int fg_dlib_chip(fg_dlib_image image, const double points[10], int size, double padding, uint8_t *chip,
                 fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    const fg::MatrixUse use;
    std::vector<dlib::point> parts;
    for (int i = 0; i < 5; i++) parts.push_back(dlib::dpoint(points[2 * i], points[2 * i + 1]));
    const dlib::full_object_detection face(dlib::rectangle(), parts);
    dlib::matrix<dlib::rgb_pixel> cut;
    dlib::extract_image_chip(ImageView{image}, dlib::get_face_chip_details(face, size, padding), cut);
    static_assert(sizeof(dlib::rgb_pixel) == 3, "pixels are three bytes");
    std::memcpy(chip, &cut(0, 0), static_cast<size_t>(size) * size * 3);
  });
}
