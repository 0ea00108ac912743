#pragma once
#include <fcntl.h>

/* Declared by <stdio.h> for _GNU_SOURCE only. */
extern int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/* Gives a file another name, unless something has that name. */
static inline int fg_rename_new(const char *path, const char *new_path) {
  return renameat2(AT_FDCWD, path, AT_FDCWD, new_path, 1 /* RENAME_NOREPLACE */);
}

/* Declared by <unistd.h> for _GNU_SOURCE only. */
extern int pipe2(int ends[2], int flags);

/* Makes a pipe that no program which is started inherits, not even one that another thread starts meanwhile. */
static inline int fg_own_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
