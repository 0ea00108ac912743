#define FG_SET portable
#define FG_BLOCK 4
/// Pixels and output blocks that the direct kernel keeps in registers.
#define FG_PIXELS 4
/// Vectors a panel, and rows, that the dense kernel keeps in registers.
#define FG_PANEL 2
#define FG_ROWS 3
/// What a group of Winograd tiles may take of the cache.
#ifndef FG_GROUP_BYTES
#define FG_GROUP_BYTES (512 << 10)
#endif
#include "kernels.inc"
