#!/usr/bin/env bash
# Measures the service beside FastAPI + hnswlib: Benchmarks/service/run.sh [FACES] [FOLDER] (200000, .build/service).
# Installs wrk and a Python environment when they are not there. SOAK=600 makes the soak ten minutes long. PHOTOS=1 measures photos only; they are
# recognised beside FastAPI + onnxruntime (the same networks) + hnswlib.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
faces=${1:-200000}
folder=${2:-.build/service}
command -v wrk >/dev/null || {
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends wrk >/dev/null
}
python=$(Scripts/service/venv.sh load-photos fastapi uvicorn uvloop httptools python-multipart hnswlib==0.8.0 numpy==2.4.6 \
  onnx==1.23.2 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93)
python3 Scripts/fetch.py weights/manifest.json --with sface-f32
swift build -c release --product galleryctl
load() { "$python" Benchmarks/service/load.py "$1" "$folder" --galleryctl .build/release/galleryctl "${@:2}"; }
[[ -f $folder/truth.npy ]] || load prepare --faces "$faces"
[[ -n ${PHOTOS:-} ]] || load measure
load photos --photo data/obama.jpg --models weights --connections 1 2 4 8 16 32 64
[[ -n ${PHOTOS:-} ]] || load soak --photo data/obama.jpg --seconds "${SOAK:-60}" --step 60
