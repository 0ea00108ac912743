#pragma once
#include <hdf5.h>

// Macros that Swift cannot import: each opens the library on first use.
static inline hid_t CHDF5_nativeFloat(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t CHDF5_default(void) { return H5P_DEFAULT; }
static inline hid_t CHDF5_fileAccess(void) { return H5P_FILE_ACCESS; }
static inline unsigned CHDF5_readOnly(void) { return H5F_ACC_RDONLY; }
// Before the first use: no messages of its own, and none about the leftovers of a damaged file when the program ends.
static inline void CHDF5_prepare(void) {
  H5dont_atexit();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}
static inline unsigned CHDF5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t CHDF5_linkCreate(void) { return H5P_LINK_CREATE; }
static inline hid_t CHDF5_littleEndianFloat(void) { return H5T_IEEE_F32LE; }
