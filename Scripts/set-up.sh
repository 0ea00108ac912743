#!/usr/bin/env bash
# Makes the machine ready: Swift is there, Debian packages are installed, weights and sample photos are fetched.
# `--tests` installs what only tests need as well; other arguments go to fetch.py: `--with dlib` fetches dlib's weights.
set -euo pipefail
cd "$(dirname "$0")/.."

# First of all, before anything is downloaded: a Swift that runs, and that is new enough.
oldest=6.1
guide="see https://www.swift.org/install/linux/"
command -v swift >/dev/null || {
  echo "error: Swift $oldest or newer is needed: $guide" >&2
  exit 1
}
version=$(swift --version 2>&1) || {
  echo "error: swift is there but does not run:" >&2
  sed 's/^/  /' <<<"$version" >&2
  echo "Its own packages are probably missing ($guide); on Debian 12:" >&2
  echo "  apt-get install binutils-gold gcc git libcurl4-openssl-dev libedit-dev libncurses6 libpython3-dev \\" >&2
  echo "    libsqlite3-dev libstdc++-12-dev libxml2-dev libz3-dev pkg-config tzdata zlib1g-dev" >&2
  exit 1
}
[[ $version =~ Swift\ version\ ([0-9]+\.[0-9]+) ]] || {
  echo "error: no version is found in what \"swift --version\" says: $version" >&2
  exit 1
}
if [[ $(printf '%s\n' "$oldest" "${BASH_REMATCH[1]}" | sort --version-sort | head -n 1) != "$oldest" ]]; then
  echo "error: Swift $oldest or newer is needed, and this is ${BASH_REMATCH[1]}: $guide" >&2
  exit 1
fi

groups=()
fetched=()
for word in "$@"; do
  if [[ $word == --tests ]]; then groups+=(--tests); else fetched+=("$word"); fi
done
Scripts/install-packages.sh "${groups[@]}"
python3 Scripts/fetch.py weights/manifest.json data/manifest.json "${fetched[@]}"
