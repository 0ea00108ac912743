#!/usr/bin/env bash
# Runs every test, optimised as users run the code; arguments go to `swift test` (such as --filter GalleryctlTests).
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/set-up.sh --tests --with dlib
source Scripts/build-options.sh
swift build "${options[@]}" --build-tests
# Tests run the binaries too; they are told where they lie.
FACEGALLERY_BIN=$(swift build "${options[@]}" --show-bin-path)
export FACEGALLERY_BIN
# An OpenBLAS core forced by the environment would make tests run on kernels that users do not have.
unset OPENBLAS_CORETYPE
swift test "${options[@]}" --skip-build "$@"
