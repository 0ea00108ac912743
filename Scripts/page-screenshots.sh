#!/usr/bin/env bash
# Takes the pictures of the web page in docs/images from the page itself, with the sample photos: Scripts/page-screenshots.sh [GALLERYCTL]
# Needs Debian's chromium; installs playwright below .build. Run `make demo` before: it gets photos and weights.
set -euo pipefail
cd "$(dirname "$0")/.."
source Scripts/build-options.sh
galleryctl=${1:-$(swift build "${options[@]}" --show-bin-path)/galleryctl}
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
gallery=$folder/family
add() { "$galleryctl" add --gallery "$gallery" --keep-thumbnails "$@" >/dev/null; }
add --name "Barack Obama" data/obama.jpg data/obama3.jpg
add --name "Joe Biden" data/biden.jpg
key=$("$galleryctl" keys add --gallery "$gallery" --role admin 2>/dev/null)
"$galleryctl" serve "family=$gallery" --port 8795 --keep-thumbnails 2>"$folder/log" &
server=$!
PYTHONPATH=$(Scripts/python-tools.sh playwright playwright==1.65.2) python3 Scripts/page-screenshots.py http://127.0.0.1:8795/ "$key" docs/images
