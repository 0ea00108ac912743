#!/usr/bin/env bash
# Fuzzes the decoders of photos with libFuzzer and the address sanitizer: fuzz-photos.sh [SECONDS] (60).
# Libraries are as Debian built them: what they do with memory from `malloc` is checked, how their code goes is not seen.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.build/fuzz-photos
mkdir -p "$folder/corpus"
# The compiler that comes with Swift, whose sanitizers fit.
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang

objects=()
modules=()
for module in CJPEG CPNG CPictures; do
  mkdir -p "$folder/$module"
  printf 'module %s {\n  header "%s"\n  export *\n}\n' "$module" "$PWD/Sources/$module/include/$module.h" >"$folder/$module/module.modulemap"
  modules+=(-I "$folder/$module")
  for source in Sources/"$module"/*.c; do
    object=$folder/$module/$(basename "$source" .c).o
    "$clang" -c -O1 -g -fsanitize=fuzzer-no-link,address -I "Sources/$module/include" "$source" -o "$object"
    objects+=("$object")
  done
done
swiftc -O -sanitize=fuzzer,address -parse-as-library -swift-version 6 -module-name PhotoDecoders -package-name FaceGallery \
  "${modules[@]}" -I Sources/CWebP Sources/Imaging/*.swift Sources/Imaging/Formats/*.swift \
  Tests/Fuzzing/PhotoDecoders.swift "${objects[@]}" -ljpeg -lpng16 -o "$folder/photo-decoders"

find Tests/ImagingTests/Fixtures -type f ! -name '*.rgb' -exec cp --update {} "$folder/corpus" \;
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "$folder/photo-decoders" \
  -max_total_time="${1:-60}" -max_len=16384 -timeout=20 -rss_limit_mb=4096 -artifact_prefix="$folder/" -print_final_stats=1 \
  "$folder/corpus"
