// XMP packets of photo files and of sidecars, by exiv2, behind a C interface. No C++ type or exception crosses it.
//
// Every function returns FG_XMP_OK or a code, and writes a sentence to `message` (always ended by a zero byte) when it
// is not null. All of them may be called by several threads at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FG_XMP_OK = 0,
  FG_XMP_UNSUPPORTED = 1,    // no format that the library reads, or writes
  FG_XMP_CORRUPT = 2,        // the file, or the packet in it, cannot be read
  FG_XMP_OUT_OF_MEMORY = 3,
};

typedef struct {
  char text[200];
} fg_xmp_message;

// What the bytes are: a photo's file with a packet in it, or a packet by itself, as sidecars are.
typedef enum { FG_XMP_PHOTO = 0, FG_XMP_PACKET = 1 } fg_xmp_kind;

// Called for each property, in the packet's order; key and value are valid during the call.
typedef void (*fg_xmp_visit)(void *context, const char *key, const char *value);

// The properties of a packet: `Xmp.mwg-rs.Regions/mwg-rs:RegionList[1]/mwg-rs:Name`. A photo without a packet has none.
int fg_xmp_read(const uint8_t *bytes, size_t count, fg_xmp_kind kind, fg_xmp_visit visit, void *context,
                fg_xmp_message *message);

typedef enum { FG_XMP_TEXT = 0, FG_XMP_STRUCT = 1, FG_XMP_BAG = 2 } fg_xmp_form;

// A property to be set: what was there under the key gets the value, else it is added behind the others.
typedef struct {
  const char *key;
  const char *value;    // of a text; of others ""
  fg_xmp_form form;
} fg_xmp_change;

// Called once with the whole result, which is valid during the call.
typedef void (*fg_xmp_take)(void *context, const uint8_t *bytes, size_t count);

// Sets properties. Of a photo the result is its file with another packet; of a packet, which may be empty, another one.
int fg_xmp_write(const uint8_t *bytes, size_t count, fg_xmp_kind kind, const fg_xmp_change *changes, size_t change_count,
                 fg_xmp_take take, void *context, fg_xmp_message *message);

#ifdef __cplusplus
}
#endif
