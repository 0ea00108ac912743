#!/usr/bin/env bash
# Compares the NEON kernels with portable C on a machine of any kind: needs Swift's clang and lld, and qemu-user.
set -euo pipefail
cd "$(dirname "$0")/.."

clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
kernels=Sources/CVectorKernels
program=$(mktemp)
trap 'rm -f "$program"' EXIT
"$clang" -target aarch64-linux-gnu -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fuse-ld=lld \
  -isystem Tests/Support/neonkernels -I "$kernels" -I "$kernels/include" \
  Tests/Support/neonkernels/main.c "$kernels"/{neon,portable,dispatch}.c -o "$program"
command -v qemu-aarch64 >/dev/null || { echo "the NEON kernels compile; to compare them, qemu-aarch64 is not there: apt-get install qemu-user" >&2; exit 2; }
qemu-aarch64 "$program"
