#!/usr/bin/env bash
# Times import and export of N made-up embeddings (1,000,000), ten a person: Benchmarks/transfer.sh [N] [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-1000000}
folder=${2:-.build/transfer}
. Benchmarks/made-up.sh
made_up "$count" "$folder" .35 $'person\nPerson {}'
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
