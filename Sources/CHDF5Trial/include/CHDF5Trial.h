#pragma once
#include <stdbool.h>
#include <stddef.h>

// Reads an HDF5 file whole in a child process and throws the values away: libhdf5 1.10 can crash on a damaged file,
// and then it is the child that does. The caller holds the lock that guards libhdf5.
//
// Returns false when the child crashed or took more than two minutes of processor time. A file that libhdf5 refuses
// without harm is survived. `image` of `length` bytes is read in place of the file at `path` unless it is NULL.
bool CHDF5Trial_survives(const char *path, const void *image, size_t length);
