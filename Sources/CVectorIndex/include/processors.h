#ifndef CVECTORINDEX_PROCESSORS_H
#define CVECTORINDEX_PROCESSORS_H

// Processors that the process may use, 1 or more. Not part of the library's interface: Swift does not see the C library's macros
// that this takes.
int cvi_processors(void);

#endif
