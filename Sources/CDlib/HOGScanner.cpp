#include "HOGScanner.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace fg {

namespace {

typedef std::pair<double, dlib::rectangle> Scored;

// The detector's filters as the kernels take them.
struct FilterBank {
  std::vector<int> starts, detector;
  std::vector<float> rows, columns;
  std::vector<double> thresholds;
  fg_hog_filters view;

  explicit FilterBank(const dlib::frontal_face_detector &source) {
    const unsigned long detectors = source.num_detectors();
    for (int plane = 0; plane < FG_HOG_PLANES; plane++) {
      starts.push_back(static_cast<int>(detector.size()));
      for (unsigned long i = 0; i < detectors; i++) {
        const auto &bank = source.get_processed_w(i).get_detect_argument();
        for (unsigned long k = 0; k < bank.row_filters[plane].size(); k++) {
          detector.push_back(static_cast<int>(i));
          for (long tap = 0; tap < FG_HOG_TAPS; tap++) {
            rows.push_back(bank.row_filters[plane][k](tap));
            columns.push_back(bank.col_filters[plane][k](tap));
          }
        }
      }
    }
    starts.push_back(static_cast<int>(detector.size()));
    const auto &scanner = source.get_scanner();
    for (unsigned long i = 0; i < detectors; i++)
      thresholds.push_back(source.get_processed_w(i).w(scanner.get_num_dimensions()));
    view = {static_cast<int>(detectors), static_cast<int>(detector.size()), starts.data(), detector.data(),
            reinterpret_cast<const float(*)[FG_HOG_TAPS]>(rows.data()),
            reinterpret_cast<const float(*)[FG_HOG_TAPS]>(columns.data())};
  }
};

const FilterBank &filter_bank() {
  static const FilterBank bank(frontal_detector());
  return bank;
}

bool isBetter(const Scored &a, const Scored &b) { return a.first > b.first; }

}  // namespace

const dlib::frontal_face_detector &frontal_detector() {
  static const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  return detector;
}

template <typename Element>
Element *HOGScanner::Buffer<Element>::ensure(size_t wanted) {
  if (wanted > count) {
    memory.reset();
    count = 0;
    const size_t bytes = (wanted * sizeof(Element) + 63) / 64 * 64;
    memory.reset(static_cast<Element *>(std::aligned_alloc(64, bytes)));
    if (!memory) throw std::bad_alloc();
    std::fill_n(memory.get(), wanted, Element());
    count = wanted;
  }
  return memory.get();
}

fg_hog_picture HOGScanner::picture(int index, long width, long height) {
  fg_hog_picture made = {static_cast<int>(width), static_cast<int>(height), 0, {}};
  made.stride = static_cast<size_t>(width + 127) / 64 * 64;
  const size_t plane = made.stride * static_cast<size_t>(height) + FG_HOG_MARGIN;
  uint8_t *base = pictures_[index].ensure(3 * plane + 2 * FG_HOG_MARGIN) + FG_HOG_MARGIN;
  for (int i = 0; i < 3; i++) made.planes[i] = base + static_cast<size_t>(i) * plane;
  return made;
}

void HOGScanner::scan(const fg_hog_picture &level, unsigned long number, double adjustment,
                      std::vector<std::vector<Scored>> &found) {
  const FilterBank &bank = filter_bank();
  const fg_hog_extent extent = fg_hog_extent_of(level.width, level.height);
  if (extent.rows == 0) return;
  const size_t rows = static_cast<size_t>(extent.rows), stride = static_cast<size_t>(extent.stride);
  float *features = features_.ensure(FG_HOG_PLANES * (rows + FG_HOG_TAPS - 1) * stride);
  float *scores = scores_.ensure(bank.thresholds.size() * rows * stride);
  uint8_t *scratch = scratch_.ensure(fg_hog_scratch(level.width, level.height, &bank.view));
  kernels_->features(level, extent, features, scratch);
  kernels_->scan(&bank.view, extent, features, scores, scratch);
  const dlib::default_fhog_feature_extractor extractor;
  const dlib::pyramid_down<6> pyramid;
  for (size_t i = 0; i < bank.thresholds.size(); i++) {
    const double threshold = bank.thresholds[i] + adjustment;
    for (size_t row = 0; row < rows; row++) {
      const float *line = scores + (i * rows + row) * stride;
      for (int column = 0; column < extent.columns; column++) {
        if (!(line[column] >= threshold)) continue;
        // dlib's places are the middles of the windows.
        const dlib::point middle(column + FG_HOG_TAPS / 2, static_cast<long>(row) + FG_HOG_TAPS / 2);
        const dlib::rectangle window = extractor.feats_to_image(
            dlib::centered_rect(middle, FG_HOG_TAPS, FG_HOG_TAPS), FG_HOG_CELL, FG_HOG_TAPS, FG_HOG_TAPS);
        found[i].emplace_back(line[column], pyramid.rect_up(window, static_cast<unsigned>(number)));
      }
    }
  }
}

void HOGScanner::detect(fg_dlib_image image, int upsampling, double adjustment,
                        std::vector<dlib::rect_detection> &faces) {
  const FilterBank &bank = filter_bank();
  faces.clear();
  if (image.width <= 0 || image.height <= 0) return;
  int current = 0;
  fg_hog_picture level = picture(current, image.width, image.height);
  kernels_->split(image.pixels, level);
  const auto resized = [&](long width, long height) {
    const fg_hog_picture next = picture(1 - current, width, height);
    kernels_->resize(level, next, scratch_.ensure(fg_hog_scratch(next.width, next.height, &bank.view)));
    current = 1 - current;
    level = next;
  };
  for (int i = 0; i < upsampling; i++) {
    const dlib::rectangle up = dlib::pyramid_down<2>().rect_up(dlib::rectangle(0, 0, level.width - 1, level.height - 1));
    resized(up.right() + 1, up.bottom() + 1);
  }

  const auto &scanner = frontal_detector().get_scanner();
  const dlib::pyramid_down<6> pyramid;
  std::vector<std::vector<Scored>> found(bank.thresholds.size());
  dlib::rectangle next(0, 0, level.width - 1, level.height - 1);
  for (unsigned long number = 0;;) {
    scan(level, number, adjustment, found);
    next = pyramid.rect_down(next);
    number++;
    if (next.width() < scanner.get_min_pyramid_layer_width() || next.height() < scanner.get_min_pyramid_layer_height()
        || number >= scanner.get_max_pyramid_levels())
      break;
    resized(5L * level.width / 6, 5L * level.height / 6);
  }

  std::vector<dlib::rect_detection> all;
  for (size_t i = 0; i < found.size(); i++) {
    std::sort(found[i].begin(), found[i].end(), isBetter);
    for (const Scored &one : found[i]) {
      dlib::rect_detection detection;
      detection.detection_confidence = one.first - bank.thresholds[i];
      detection.weight_index = i;
      detection.rect = one.second;
      all.push_back(detection);
    }
  }
  std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return b < a; });
  const auto &overlaps = frontal_detector().get_overlap_tester();
  for (const dlib::rect_detection &one : all) {
    const bool isTaken = std::any_of(faces.begin(), faces.end(),
                                     [&](const auto &face) { return overlaps(face.rect, one.rect); });
    if (!isTaken) faces.push_back(one);
  }
}

}  // namespace fg
