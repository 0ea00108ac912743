#define _GNU_SOURCE
#include "CHDF5Trial.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// The walk asks libhdf5 for what the reader will ask for, in the same order.

enum { deepest = 64, processorSeconds = 120 };
static const hsize_t mostElements = (hsize_t)1 << 30;
static const hssize_t mostStrings = (hssize_t)1 << 20;
static const size_t longestString = (size_t)1 << 26;

static void visitAttribute(hid_t attribute) {
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tget_class(type) == H5T_STRING && count > 0 && count < mostStrings) {
    size_t length = H5Tget_size(type);
    if (H5Tis_variable_str(type) > 0) {
      char **strings = calloc((size_t)count, sizeof *strings);
      if (strings && H5Aread(attribute, type, strings) >= 0) H5Dvlen_reclaim(type, space, H5P_DEFAULT, strings);
      free(strings);
    } else if (length > 0 && length < longestString) {
      char *bytes = calloc((size_t)count, length);
      if (bytes) H5Aread(attribute, type, bytes);
      free(bytes);
    }
  }
  H5Tclose(type);
  H5Sclose(space);
}

static void visitAttributes(hid_t object) {
  int count = H5Aget_num_attrs(object);
  for (int i = 0; i < count; i++) {
    hid_t attribute = H5Aopen_idx(object, (unsigned)i);
    if (attribute < 0) continue;
    ssize_t size = H5Aget_name(attribute, 0, NULL);
    char *name = size >= 0 ? calloc((size_t)size + 1, 1) : NULL;
    if (name) H5Aget_name(attribute, (size_t)size + 1, name);
    free(name);
    visitAttribute(attribute);
    H5Aclose(attribute);
  }
}

static void visitDataset(hid_t set) {
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  H5T_class_t kind = H5Tget_class(type);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  if ((kind == H5T_FLOAT || kind == H5T_INTEGER) && count > 0 && (hsize_t)count <= mostElements) {
    float *values = malloc((size_t)count * sizeof *values);
    if (values) H5Dread(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    free(values);
  }
  H5Tclose(type);
  H5Sclose(space);
}

static void visitGroup(hid_t group, int depth) {
  visitAttributes(group);
  H5G_info_t info;
  if (depth > deepest || H5Gget_info(group, &info) < 0) return;
  for (hsize_t i = 0; i < info.nlinks; i++) {
    ssize_t size = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, NULL, 0, H5P_DEFAULT);
    char *name = size >= 0 ? calloc((size_t)size + 1, 1) : NULL;
    if (!name) return;
    hid_t child = -1;
    if (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, (size_t)size + 1, H5P_DEFAULT) >= 0)
      child = H5Oopen(group, name, H5P_DEFAULT);
    free(name);
    if (child < 0) return;
    switch (H5Iget_type(child)) {
      case H5I_GROUP: visitGroup(child, depth + 1); break;
      case H5I_DATASET: visitDataset(child); break;
      default: break;
    }
    H5Oclose(child);
  }
}

static void visitFile(const char *path, const void *image, size_t length) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  hid_t access = H5P_DEFAULT;
  if (image) {
    access = H5Pcreate(H5P_FILE_ACCESS);
    if (H5Pset_fapl_core(access, 1 << 20, 0) < 0 || H5Pset_file_image(access, (void *)image, length) < 0) return;
  }
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
  if (file < 0) return;
  hid_t root = H5Oopen(file, "/", H5P_DEFAULT);
  if (root >= 0) visitGroup(root, 0);
  H5Oclose(root);
  H5Fclose(file);
}

static void becomeHarmless(void) {
  // No report of the crash: neither the program's own handlers nor a core file.
  const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGXCPU};
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) signal(fatal[i], SIG_DFL);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  setrlimit(RLIMIT_CPU, &(struct rlimit){processorSeconds, processorSeconds});
  int null = open("/dev/null", O_RDWR);
  if (null >= 0) {
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
  }
}

bool CHDF5Trial_survives(const char *path, const void *image, size_t length) {
  // The child's word comes through a pipe, since a program may have its children's status collected elsewhere.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return true;
  pid_t child = fork();
  if (child == 0) {
    becomeHarmless();
    visitFile(path, image, length);
    const char survived = 1;
    _exit(write(ends[1], &survived, 1) == 1 ? 0 : 1);
  }
  close(ends[1]);
  char word = 0;
  ssize_t got = 0;
  if (child > 0) {
    do got = read(ends[0], &word, 1);
    while (got < 0 && errno == EINTR);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
  }
  close(ends[0]);
  return child < 0 || got == 1;
}
