#!/usr/bin/env bash
# Times the enrolment of photos beside face_recognition and DeepFace with dlib: Benchmarks/ingest.sh PHOTOS [N] [OUT]
# PHOTOS is a folder with a sub-folder a person, such as LFW; the first N photos (1,000) are taken. $RUNNER is put in front of
# each command that is timed. All embed with dlib's networks (galleryctl weights fetch dlib). Ours counts everything from the start of the program to its end, the peers only their work.
set -euo pipefail
photos=$(realpath "$1")
count=${2:-1000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=${3:-.build/ingest}
peers=${INGEST_PEERS:-.build/ingest-peers}
runner=${RUNNER:-}
if [ ! -x "$peers/bin/python" ]; then
  python3 -m venv "$peers"
  "$peers/bin/pip" install --quiet --disable-pip-version-check -r Benchmarks/ingest/requirements.txt
fi
swift build -c release --product galleryctl >/dev/null
galleryctl=$(swift build -c release --show-bin-path)/galleryctl
unset OPENBLAS_CORETYPE

rm -rf "$out"
mkdir -p "$out/photos"
find "$photos" -name '*.jpg' | sort | awk -v n="$count" 'NR <= n' > "$out/list"
# The same photos for all, each in its person's folder.
while read -r photo; do
  person=$(basename "$(dirname "$photo")")
  mkdir -p "$out/photos/$person"
  ln -s "$photo" "$out/photos/$person/"
done < "$out/list"
cat $(cat "$out/list") > /dev/null

for threads in 1 2; do
  $runner bash -c "
    start=\$(date +%s.%N)
    '$galleryctl' --quiet --gallery '$out/gallery-$threads' add --engine resnet --faces largest --any-quality --threads $threads --json \
      '$out/photos' > '$out/add-$threads.json'
    echo \"\$start \$(date +%s.%N)\" > '$out/add-$threads.seconds'"
done
for contender in face_recognition face_recognition-0 deepface; do
  for processes in 1 2; do
    $runner "$peers/bin/python" Benchmarks/ingest/peers.py "$contender" "$processes" "$out/list" 2>/dev/null \
      | tail -1 > "$out/$contender-$processes.json"
  done
done
"$peers/bin/python" - "$out" <<'PYTHON'
import json
import pathlib
import sys
out = pathlib.Path(sys.argv[1])
rows = []
for threads in (1, 2):
    report = json.loads((out / f"add-{threads}.json").read_text())
    start, end = map(float, (out / f"add-{threads}.seconds").read_text().split())
    rows.append(("galleryctl add", threads, len(report["photos"]), report["added"], end - start))
for contender in ("face_recognition", "face_recognition-0", "deepface"):
    for processes in (1, 2):
        report = json.loads((out / f"{contender}-{processes}.json").read_text())
        rows.append((contender, processes, report["photos"], report["photosWithFace"], report["seconds"]))
ours = {row[1]: row[2] / row[4] for row in rows if row[0] == "galleryctl add"}
print("| | threads or processes | photos | with a face | photos a second | add with as many is faster by | with two |")
print("|---|---|---|---|---|---|---|")
for name, threads, photos, faces, seconds in rows:
    rate = photos / seconds
    print(f"| {name} | {threads} | {photos} | {faces} | {rate:.1f} | {ours[threads] / rate:.2f} | {ours[2] / rate:.2f} |")
PYTHON
