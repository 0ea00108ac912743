#!/usr/bin/env bash
# Makes the machine ready: Swift is there, Debian packages are installed, weights and sample photos are fetched.
# Arguments go to fetch.py: `--with dlib` fetches dlib's weights as well.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v swift >/dev/null || {
  echo "error: Swift 6.1 or newer is needed: see https://www.swift.org/install/linux/" >&2
  exit 1
}
Scripts/install-packages.sh
python3 Scripts/fetch.py weights/manifest.json data/manifest.json "$@"
