// dlib's face recognition network on dlib's own CPU path, speaking enginebench's --serve protocol.
// c++ -std=c++17 -O3 -march=native -DDLIB_NO_GUI_SUPPORT dlib_cpu.cpp -o dlib_cpu -ldlib -lopenblas -llapack
#include <dlib/dnn.h>

#include <chrono>
#include <iostream>

using namespace dlib;
template <template <int, template <typename> class, int, typename> class block, int N, template <typename> class BN, typename SUBNET>
using residual = add_prev1<block<N, BN, 1, tag1<SUBNET>>>;
template <template <int, template <typename> class, int, typename> class block, int N, template <typename> class BN, typename SUBNET>
using residual_down = add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<block<N, BN, 2, tag1<SUBNET>>>>>>;
template <int N, template <typename> class BN, int stride, typename SUBNET>
using block = BN<con<N, 3, 3, 1, 1, relu<BN<con<N, 3, 3, stride, stride, SUBNET>>>>>;
template <int N, typename SUBNET> using ares = relu<residual<block, N, affine, SUBNET>>;
template <int N, typename SUBNET> using ares_down = relu<residual_down<block, N, affine, SUBNET>>;
template <typename SUBNET> using level0 = ares_down<256, SUBNET>;
template <typename SUBNET> using level1 = ares<256, ares<256, ares_down<256, SUBNET>>>;
template <typename SUBNET> using level2 = ares<128, ares<128, ares_down<128, SUBNET>>>;
template <typename SUBNET> using level3 = ares<64, ares<64, ares<64, ares_down<64, SUBNET>>>>;
template <typename SUBNET> using level4 = ares<32, ares<32, ares<32, SUBNET>>>;
using network = loss_metric<fc_no_bias<
    128, avg_pool_everything<level0<level1<level2<level3<level4<max_pool<
             3, 3, 2, 2, relu<affine<con<32, 7, 7, 2, 2, input_rgb_image_sized<150>>>>>>>>>>>>>;

int main(int count, char **values) {
  // The flags are enginebench's: WEIGHTS --serve --batch N --threads N; threads are OpenBLAS's.
  network net;
  deserialize(values[1]) >> net;
  int batch = 1;
  for (int i = 2; i + 1 < count; i++)
    if (std::string(values[i]) == "--batch") batch = std::stoi(values[i + 1]);
  matrix<rgb_pixel> chip(150, 150);
  dlib::rand random;
  for (auto &pixel : chip)
    pixel = rgb_pixel(random.get_random_8bit_number(), random.get_random_8bit_number(), random.get_random_8bit_number());
  std::vector<matrix<rgb_pixel>> chips(batch, chip);
  net(chips, batch);
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    net(chips, batch);
    std::cout << std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() << std::endl;
  }
}
