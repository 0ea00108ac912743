#pragma once
// The version of the headers, which is all that libjpeg-turbo 2 tells.
#include <jconfig.h>
#include <turbojpeg.h>
