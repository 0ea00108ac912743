#!/usr/bin/env bash
# Builds libvectorindex.so, the C interface of the index, and prints its path. Swift's runtime is inside: it needs nothing but the C and
# C++ libraries. $VECTORINDEX_BUILD is the folder to build in (.build/vectorindex).
set -euo pipefail
cd "$(dirname "$0")/.."
options=(-c release --product vectorindex --scratch-path "${VECTORINDEX_BUILD:-.build/vectorindex}" -Xswiftc -static-stdlib
  -Xlinker "--version-script=$PWD/Scripts/vectorindex.map" -Xlinker --gc-sections -Xlinker -s)
swift build "${options[@]}" >&2
echo "$(swift build "${options[@]}" --show-bin-path)/libvectorindex.so"
