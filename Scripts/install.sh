#!/usr/bin/env bash
# Installs galleryctl, its weights, manual pages and shell completions: Scripts/install.sh [PREFIX] (/usr/local).
# The installed program needs neither Swift nor this folder. $DESTDIR goes before the prefix, for packages.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${DESTDIR:-}${1:-/usr/local}

Scripts/set-up.sh
options=(-c release --static-swift-stdlib --scratch-path .build/install)
swift build "${options[@]}" --product galleryctl >&2
program=$(swift build "${options[@]}" --show-bin-path)/galleryctl

install -D --strip "$program" "$prefix/bin/galleryctl"
for file in weights/*; do
  install -D -m 644 "$file" "$prefix/share/facegallery/$file"
done
install -D -m 755 Scripts/fetch.py "$prefix/share/facegallery/fetch.py"
Scripts/install-texts.sh "$program" "${1:-/usr/local}"
echo "installed $prefix/bin/galleryctl" >&2
