#!/usr/bin/env bash
# Times the grouping of N made-up faces (100,000) without names, ten a person, and says how well the groups are the
# people: Benchmarks/cluster.sh [N] [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-100000}
folder=${2:-.build/cluster}
. Benchmarks/made-up.sh
made_up "$count" "$folder" .55 $'person,path\n,{}'
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
"$python" - "$folder/groups.json" <<'PYTHON'
import collections, json, sys
report = json.load(open(sys.argv[1]))
pairs = lambda sizes: sum(size * (size - 1) // 2 for size in sizes)
people = [collections.Counter(face["path"] for face in group["faces"]) for group in report["groups"]]
true = pairs(size for group in people for size in group.values())
found = pairs(sum(group.values()) for group in people)
faces = report["unnamed_faces"]
print(f"{len(people)} groups of {sum(sum(group.values()) for group in people)} of {faces} faces; "
      f"pairs: precision {true / found:.4f}, recall {true / pairs([10] * (faces // 10)):.4f}")
PYTHON
