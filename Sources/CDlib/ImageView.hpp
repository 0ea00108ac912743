// A caller's RGB bytes as an image in dlib's generic sense, without a copy. Include after dlib's headers.
#pragma once

struct ImageView {
  fg_dlib_image image;
};

static inline long num_rows(const ImageView &view) { return static_cast<long>(view.image.height); }
static inline long num_columns(const ImageView &view) { return static_cast<long>(view.image.width); }
static inline long width_step(const ImageView &view) { return static_cast<long>(view.image.width * 3); }
static inline const void *image_data(const ImageView &view) { return view.image.pixels; }

namespace dlib {
template <>
struct image_traits<ImageView> {
  typedef rgb_pixel pixel_type;
};
}  // namespace dlib
