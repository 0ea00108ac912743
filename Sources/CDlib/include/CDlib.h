// dlib behind a C interface: detectors, landmarks, aligned chips. No C++ type or exception crosses it.
//
// Every function that can fail returns FG_DLIB_OK or a code, and writes a sentence to `message` (always ended by
// a zero byte) when it is not null. Pictures are 8-bit RGB without gaps between rows. No object may be used by
// two threads at once; different objects may.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FG_DLIB_OK = 0,
  FG_DLIB_CANNOT_LOAD = 1,    // a weights file cannot be opened or is not what it should be
  FG_DLIB_OUT_OF_MEMORY = 2,
  FG_DLIB_FAILED = 3,
};

typedef struct {
  char text[256];
} fg_dlib_message;

typedef struct {
  const uint8_t *pixels;
  int64_t width;
  int64_t height;
} fg_dlib_image;

typedef struct {
  int64_t left, top, width, height;
  double score;
} fg_dlib_detection;

typedef struct {
  fg_dlib_detection *items;
  size_t count;
} fg_dlib_detections;

void fg_dlib_detections_free(fg_dlib_detections *detections);

// dlib's version, such as "19.24.0".
const char *fg_dlib_version(void);

// The frontal HOG detector: dlib's filters and rules on our own kernels. `name` ("avx512", "avx2", "portable", null
// for the best that runs here) asks for an instruction set; "dlib" runs dlib's own code, to compare with.
typedef struct fg_dlib_hog fg_dlib_hog;
int fg_dlib_hog_create(const char *name, fg_dlib_hog **detector, fg_dlib_message *message);
// Does beforehand, on any thread, what the first fg_dlib_hog_create does once a process (0.2 s).
void fg_dlib_hog_prepare(void);
void fg_dlib_hog_destroy(fg_dlib_hog *detector);
const char *fg_dlib_hog_kernel(const fg_dlib_hog *detector);
int fg_dlib_hog_detect(fg_dlib_hog *detector, fg_dlib_image image, int upsampling, double adjustment,
                       fg_dlib_detections *found, fg_dlib_message *message);

// The convolutional detector (mmod_human_face_detector.dat).
typedef struct fg_dlib_cnn fg_dlib_cnn;
int fg_dlib_cnn_create(const char *path, fg_dlib_cnn **detector, fg_dlib_message *message);
int fg_dlib_cnn_copy(const fg_dlib_cnn *source, fg_dlib_cnn **copy, fg_dlib_message *message);
void fg_dlib_cnn_destroy(fg_dlib_cnn *detector);
int fg_dlib_cnn_detect(fg_dlib_cnn *detector, fg_dlib_image image, int upsampling, double adjustment,
                       fg_dlib_detections *found, fg_dlib_message *message);

// Five landmarks (shape_predictor_5_face_landmarks.dat); immutable, so it may be shared by threads.
typedef struct fg_dlib_landmarks fg_dlib_landmarks;
int fg_dlib_landmarks_create(const char *path, fg_dlib_landmarks **predictor, fg_dlib_message *message);
void fg_dlib_landmarks_destroy(fg_dlib_landmarks *predictor);
// `points` takes x0, y0, x1, y1, … x4, y4.
int fg_dlib_landmarks_find(const fg_dlib_landmarks *predictor, fg_dlib_image image, fg_dlib_detection box,
                           double points[10], fg_dlib_message *message);

// Cuts the face with these landmarks out, upright, `size` × `size`, with `padding` of its size around it.
int fg_dlib_chip(fg_dlib_image image, const double points[10], int size, double padding, uint8_t *chip,
                 fg_dlib_message *message);

#ifdef __cplusplus
}
#endif
