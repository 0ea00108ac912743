// What the two networks share: reading a weights file.
#pragma once
#include <fstream>
#include <stdexcept>
#include <string>

#include <dlib/serialize.h>

namespace fg {

template <typename Network>
void load(const char *path, Network &network) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("the file cannot be opened");
  deserialize(network, file);
}

}  // namespace fg
