#include <cstring>
#include <memory>
#include <vector>

#include <dlib/dnn.h>

#include "Guard.hpp"
#include "Network.hpp"

// The network of dlib's dnn_face_recognition_ex.cpp, which the weights file was written from.
namespace {
using namespace dlib;
template <template <int, template <typename> class, int, typename> class Block, int filters,
          template <typename> class Norm, typename Below>
using residual = add_prev1<Block<filters, Norm, 1, tag1<Below>>>;
template <template <int, template <typename> class, int, typename> class Block, int filters,
          template <typename> class Norm, typename Below>
using residual_down =
    add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<Block<filters, Norm, 2, tag1<Below>>>>>>;
template <int filters, template <typename> class Norm, int stride, typename Below>
using block =
    Norm<con<filters, 3, 3, 1, 1, relu<Norm<con<filters, 3, 3, stride, stride, Below>>>>>;
template <int filters, typename Below>
using ares = relu<residual<block, filters, affine, Below>>;
template <int filters, typename Below>
using ares_down = relu<residual_down<block, filters, affine, Below>>;
template <typename Below>
using level0 = ares_down<256, Below>;
template <typename Below>
using level1 = ares<256, ares<256, ares_down<256, Below>>>;
template <typename Below>
using level2 = ares<128, ares<128, ares_down<128, Below>>>;
template <typename Below>
using level3 = ares<64, ares<64, ares<64, ares_down<64, Below>>>>;
template <typename Below>
using level4 = ares<32, ares<32, ares<32, Below>>>;
using Network = loss_metric<fc_no_bias<
    128, avg_pool_everything<level0<level1<level2<level3<level4<
             max_pool<3, 3, 2, 2, relu<affine<con<32, 7, 7, 2, 2, input_rgb_image_sized<150>>>>>>>>>>>>>;

constexpr int side = 150;
constexpr int dimension = 128;
}  // namespace

struct fg_dlib_resnet {
  Network network;
};

int fg_dlib_resnet_create(const char *path, fg_dlib_resnet **network, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_CANNOT_LOAD, [&] {
    std::unique_ptr<fg_dlib_resnet> made(new fg_dlib_resnet);
    fg::load(path, made->network);
    *network = made.release();
  });
}

int fg_dlib_resnet_copy(const fg_dlib_resnet *source, fg_dlib_resnet **copy, fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] { *copy = new fg_dlib_resnet(*source); });
}

void fg_dlib_resnet_destroy(fg_dlib_resnet *network) { delete network; }

int fg_dlib_resnet_embed(fg_dlib_resnet *network, const uint8_t *chip, float *descriptor,
                         fg_dlib_message *message) {
  return fg::guarded(message, FG_DLIB_FAILED, [&] {
    matrix<rgb_pixel> picture(side, side);
    std::memcpy(static_cast<void *>(&picture(0, 0)), chip, side * side * 3);
    const matrix<float, 0, 1> found = network->network(picture);
    if (found.size() != dimension) throw std::runtime_error("the network does not give 128 numbers");
    std::memcpy(descriptor, &found(0), dimension * sizeof(float));
  });
}
