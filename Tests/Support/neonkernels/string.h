// What the kernels use of <string.h>, for a program without a C library.
#pragma once
#include <stddef.h>

void *memmove(void *to, const void *from, size_t count);
void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
