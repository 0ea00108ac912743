#include <cstdlib>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "HOGDetector.hpp"

#define FG_HOG_KERNEL hog_baseline
#define FG_HOG_NAME "baseline"
#include "HOGDetectorBody.hpp"

const std::string &fg::serialized_frontal_detector() {
  static const std::string bytes = [] {
    std::ostringstream out;
    serialize(dlib::get_frontal_face_detector(), out);
    return out.str();
  }();
  return bytes;
}
