#include <cstdlib>
#include <memory>
#include <vector>

#include <dlib/dnn.h>
#include <dlib/image_processing.h>

#include "Guard.hpp"
#include "ImageView.hpp"
#include "Network.hpp"

// The network of dlib's dnn_mmod_face_detection_ex.cpp, which the weights file was written from.
namespace {
using namespace dlib;
template <long filters, typename Below>
using con5d = con<filters, 5, 5, 2, 2, Below>;
template <long filters, typename Below>
using con5 = con<filters, 5, 5, 1, 1, Below>;
template <typename Below>
using downsampler =
    relu<affine<con5d<32, relu<affine<con5d<32, relu<affine<con5d<16, Below>>>>>>>>>;
template <typename Below>
using rcon5 = relu<affine<con5<45, Below>>>;
using Network = loss_mmod<
    con<1, 9, 9, 1, 1, rcon5<rcon5<rcon5<downsampler<input_rgb_image_pyramid<pyramid_down<6>>>>>>>>;
}  // namespace

struct fg_dlib_cnn {
  Network network;
};

int fg_dlib_cnn_create(const char *path, fg_dlib_cnn **detector, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_CANNOT_LOAD, [&] {
    std::unique_ptr<fg_dlib_cnn> made(new fg_dlib_cnn);
    fg::load(path, made->network);
    *detector = made.release();
  });
}

int fg_dlib_cnn_copy(const fg_dlib_cnn *source, fg_dlib_cnn **copy, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] { *copy = new fg_dlib_cnn(*source); });
}

void fg_dlib_cnn_destroy(fg_dlib_cnn *detector) { delete detector; }

int fg_dlib_cnn_detect(fg_dlib_cnn *detector, fg_dlib_image image, int upsampling, double adjustment,
                       fg_dlib_detections *found, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    const fg::MatrixUse use;
    pyramid_down<2> pyramid;
    matrix<rgb_pixel> picture;
    assign_image(picture, ImageView{image});
    for (int i = 0; i < upsampling; i++) pyramid_up(picture, pyramid);
    const std::vector<mmod_rect> &faces = detector->network.process(picture, adjustment);
    found->count = 0;
    found->items = nullptr;
    if (faces.empty()) return;
    found->items = static_cast<fg_dlib_detection *>(std::malloc(faces.size() * sizeof(fg_dlib_detection)));
    if (!found->items) throw std::bad_alloc();
    for (const mmod_rect &face : faces) {
      const rectangle box = pyramid.rect_down(face.rect, upsampling);
      found->items[found->count++] = {box.left(), box.top(), static_cast<int64_t>(box.width()),
                                      static_cast<int64_t>(box.height()), face.detection_confidence};
    }
  });
}
