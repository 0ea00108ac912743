#!/usr/bin/env bash
# Runs the tests of requests, and those that open damaged files, with the compiler's sanitizers; the first finding ends it.
# usage: Scripts/sanitize.sh [KIND]…   (address and undefined together; or thread, which goes with no other)
# Everything is built once more for it, in .build/sanitized-KIND; FACEGALLERY_FLIPS=1000 flips more bits.
set -euo pipefail
cd "$(dirname "$0")/.."

kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(address undefined)
options=(--scratch-path ".build/sanitized$(printf -- '-%s' "${kinds[@]}")")
for kind in "${kinds[@]}"; do options+=(--sanitize="$kind"); done

swift build "${options[@]}" --build-tests
FACEGALLERY_BIN=$(swift build "${options[@]}" --show-bin-path)
export FACEGALLERY_BIN
unset OPENBLAS_CORETYPE
# Leaks are not looked for: the checker does not run where some of these tests have a tracer attached.
export ASAN_OPTIONS=detect_leaks=0:halt_on_error=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
swift test "${options[@]}" --skip-build --filter 'HTTPServingTests|GalleryServerTests|DamageTests|RemovalTests'
