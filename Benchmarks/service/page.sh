#!/usr/bin/env bash
# Measures how soon the web page shows the first face of a large gallery: Benchmarks/service/page.sh [PEOPLE] [FACES] [FOLDER]
# (10000 people, one of them with 5000 faces, .build/page). Needs Debian's chromium, and weights and photos as `make demo` fetches them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=$(Scripts/service/venv.sh page playwright==1.65.2 pillow numpy)
swift build -c release --product galleryctl
"$python" Benchmarks/service/page.py "${3:-.build/page}" --galleryctl .build/release/galleryctl --people "${1:-10000}" --faces "${2:-5000}" --photo data/obama.jpg
