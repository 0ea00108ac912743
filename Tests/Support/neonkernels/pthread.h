// What the kernels' header names of it; nothing here starts a thread.
#pragma once
typedef unsigned long pthread_t;
