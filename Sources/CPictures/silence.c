// dlinfo
#define _GNU_SOURCE
#include "library.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

// Whatever is asked of a printing function, this does nothing. Its arguments are the caller's to clear away.
static int print_nothing(void) { return 0; }

static const char *const printing[] = {
    "printf", "__printf_chk", "vprintf", "__vprintf_chk", "puts", "putchar",
    "fprintf", "__fprintf_chk", "vfprintf", "__vfprintf_chk", "fputs", "fputc", "fwrite",
};

static bool prints(const char *name) {
  for (size_t i = 0; i < sizeof printing / sizeof *printing; i++)
    if (strcmp(name, printing[i]) == 0) return true;
  return false;
}

void fg_silence(const char *file) {
  void *handle = dlopen(file, RTLD_LAZY | RTLD_NOLOAD);
  struct link_map *map;
  if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return;
  const ElfW(Sym) *symbols = NULL;
  const char *names = NULL;
  const ElfW(Rela) *calls = NULL;
  size_t size = 0;
  bool is_sealed = false;
  for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_SYMTAB) symbols = (const ElfW(Sym) *)entry->d_un.d_ptr;
    if (entry->d_tag == DT_STRTAB) names = (const char *)entry->d_un.d_ptr;
    if (entry->d_tag == DT_JMPREL) calls = (const ElfW(Rela) *)entry->d_un.d_ptr;
    if (entry->d_tag == DT_PLTRELSZ) size = entry->d_un.d_val;
    // All calls were bound when the library was loaded, and the table is read-only since.
    if (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_BIND_NOW) is_sealed = true;
    if (entry->d_tag == DT_FLAGS_1 && entry->d_un.d_val & DF_1_NOW) is_sealed = true;
  }
  if (!symbols || !names || !calls) return;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < size / sizeof *calls; i++) {
    if (!prints(names + symbols[ELF64_R_SYM(calls[i].r_info)].st_name)) continue;
    // An entry is a pointer's size and aligned: it lies in one page.
    uintptr_t place = map->l_addr + calls[i].r_offset;
    void *start = (void *)(place & ~(page - 1));
    if (is_sealed && mprotect(start, page, PROT_READ | PROT_WRITE) != 0) continue;
    *(void **)place = (void *)print_nothing;
    if (is_sealed) mprotect(start, page, PROT_READ);
  }
}
