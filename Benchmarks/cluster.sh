#!/usr/bin/env bash
# Times the grouping of N made-up faces (100,000) without names, ten a person, and says how well the groups are the
# people: Benchmarks/cluster.sh [N] [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-100000}
folder=${2:-.build/cluster}
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
faces = np.repeat(people, 10, 0)[:count] + .55 * generator.standard_normal((count, 128), dtype=np.float32)
np.save(f"{folder}/made.npy", faces / np.linalg.norm(faces, axis=1, keepdims=True))
with open(f"{folder}/made.csv", "w") as names:
    names.write("person,path\n" + "".join(f",{row // 10}\n" for row in range(count)))
PYTHON
TIMEFORMAT="%R s, processor %U s"
run() {
  "$galleryctl" --quiet --gallery "$folder/gallery" "$@"
}
echo "import:"
time run import --assume-engine --no-index "$folder/made.npy" >/dev/null
for pass in "cluster, the index built first" "cluster, the index there"; do
  echo "$pass:"
  time run cluster --threshold 0.6 --json >"$folder/groups.json"
done
.build/peers/bin/python - "$folder/groups.json" <<'PYTHON'
import collections, json, sys
report = json.load(open(sys.argv[1]))
pairs = lambda sizes: sum(size * (size - 1) // 2 for size in sizes)
people = [collections.Counter(face["path"] for face in group["faces"]) for group in report["groups"]]
true = pairs(size for group in people for size in group.values())
found = pairs(sum(group.values()) for group in people)
faces = report["unnamedFaces"]
print(f"{len(people)} groups of {sum(sum(group.values()) for group in people)} of {faces} faces; "
      f"pairs: precision {true / found:.4f}, recall {true / pairs([10] * (faces // 10)):.4f}")
PYTHON
