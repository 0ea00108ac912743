#pragma once

// Nothing to call: what a program that is linked with this does before `main`.
//
// While its libraries are initialised, the process has one processor; then it has again those that it was started with. OpenBLAS, which dlib
// needs, starts a thread for each processor when it is loaded, in every program that is linked with it, and the process ends or hangs
// where no thread or no memory can be had for them. With one processor it starts none. Threads are made later, by who needs them.
