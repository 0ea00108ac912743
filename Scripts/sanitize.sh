#!/usr/bin/env bash
# Runs the tests of requests, and those that open damaged files, with a sanitizer of the compiler; the first finding ends it.
# usage: Scripts/sanitize.sh [address|thread]   (address)
# Everything is built once more for it, in .build/KIND; FACEGALLERY_FLIPS=1000 flips more bits. Undefined behaviour in C and C++
# ends the program, too; of Swift's own the language leaves none.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-address}
options=(--sanitize="$kind" --scratch-path ".build/$kind")
for language in -Xcc -Xcxx; do
  options+=("$language" -fsanitize=undefined "$language" -fsanitize-trap=undefined)
done

swift build "${options[@]}" --build-tests
FACEGALLERY_BIN=$(swift build "${options[@]}" --show-bin-path)
export FACEGALLERY_BIN
unset OPENBLAS_CORETYPE
# Foundation's Process reads an entry of /proc/self/fd as a whole `dirent`, which may end behind its buffer.
known=$(mktemp)
trap 'rm -f "$known"' EXIT
echo 'interceptor_via_fun:*findMaximumOpenFromProcSelfFD*' >"$known"
# Leaks are not looked for: the checker does not run where some of these tests have a tracer attached.
export ASAN_OPTIONS=detect_leaks=0:halt_on_error=1:suppressions="$known" TSAN_OPTIONS=halt_on_error=1
swift test "${options[@]}" --skip-build --filter 'HTTPServingTests|GalleryServerTests|DamageTests|RemovalTests'
