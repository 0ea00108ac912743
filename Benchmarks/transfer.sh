#!/usr/bin/env bash
# Times import and export of N made-up embeddings (1,000,000), ten a person: Benchmarks/transfer.sh [N] [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-1000000}
folder=${2:-.build/transfer}
Benchmarks/peers/setup.sh >/dev/null
swift build -c release --product galleryctl >/dev/null
galleryctl=$(swift build -c release --show-bin-path)/galleryctl
rm -rf "$folder"
mkdir -p "$folder"
.build/peers/bin/python - "$count" "$folder" <<'PYTHON'
import sys
import numpy as np
count, folder = int(sys.argv[1]), sys.argv[2]
generator = np.random.default_rng(1)
people = generator.standard_normal((-(-count // 10), 128), dtype=np.float32)
faces = np.repeat(people, 10, 0)[:count] + .35 * generator.standard_normal((count, 128), dtype=np.float32)
np.save(f"{folder}/made.npy", faces / np.linalg.norm(faces, axis=1, keepdims=True))
with open(f"{folder}/made.csv", "w") as names:
    names.write("person\n" + "".join(f"Person {row // 10}\n" for row in range(count)))
PYTHON
run() { # run GALLERY COMMAND…
  local gallery=$folder/$1
  shift
  TIMEFORMAT="$* : %R s, processor %U s"
  time "$galleryctl" --quiet --gallery "$gallery" "$@" >/dev/null
}
run first import --assume-engine --no-index "$folder/made.npy"
for ending in npy safetensors jsonl; do
  run first export "$folder/out.$ending"
  run "$ending" import --no-index "$folder/out.$ending"
done
