#pragma once
#include <hdf5.h>

// Macros that Swift cannot import: each opens the library on first use.
static inline hid_t CHDF5_nativeFloat(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t CHDF5_default(void) { return H5P_DEFAULT; }
static inline hid_t CHDF5_fileAccess(void) { return H5P_FILE_ACCESS; }
static inline unsigned CHDF5_readOnly(void) { return H5F_ACC_RDONLY; }
static inline void CHDF5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
static inline unsigned CHDF5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hid_t CHDF5_linkCreate(void) { return H5P_LINK_CREATE; }
static inline hid_t CHDF5_littleEndianFloat(void) { return H5T_IEEE_F32LE; }
