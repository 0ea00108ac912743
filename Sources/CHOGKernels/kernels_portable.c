#define FG_SET portable
#define FG_LANES 4
#include "kernels.inc"
