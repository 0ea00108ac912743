#!/usr/bin/env bash
# Prints where CompreFace's webcam demo is (one HTML file, Apache-2.0), which a test runs unmodified: $FACEGALLERY_WEBCAM_DEMO, else
# compreface/webcam_demo.html in $FACEGALLERY_SHARED (../shared), else below .build, where it is fetched to when it can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=ddf32da8245e2e6688c3ab6f60587fd3e31538c2
digest=fe12723df80c9356d3e47b3b0e3ca056ca709ac0b492a566b186f917c5080f85
is_it() { [[ -f $1 ]] && sha256sum --check --status <<<"$digest  $1"; }
for file in "${FACEGALLERY_WEBCAM_DEMO:-}" "${FACEGALLERY_SHARED:-../shared}/compreface/webcam_demo.html" .build/compreface/webcam_demo.html; do
  if is_it "$file"; then
    realpath "$file"
    exit
  fi
done
mkdir -p .build/compreface
file=.build/compreface/webcam_demo.html
curl --silent --show-error --fail --location --connect-timeout 5 --max-time 30 --output "$file.part" \
  "https://raw.githubusercontent.com/exadel-inc/CompreFace/$commit/docs/demos/webcam_demo.html"
is_it "$file.part"
mv "$file.part" "$file"
realpath "$file"
