#!/usr/bin/env bash
# Builds the container image by buildah, asks who is on a sample photo in it, and whether its server is well:
# Scripts/try-image.sh [--build-arg NAME=VALUE…]. SWIFT and DEBIAN name other images to begin with. Needs root and buildah.
set -euo pipefail
cd "$(dirname "$0")/.."
isolation=(--isolation chroot)
begun=$SECONDS
buildah build "${isolation[@]}" --format docker "$@" --file docs/deploy/Dockerfile --tag facegallery . >&2
size=$(buildah images --format '{{.Size}}' localhost/facegallery)
echo "the image: $((SECONDS - begun)) s, $size"

container=$(buildah from localhost/facegallery)
photos=$(mktemp -d)
trap 'buildah rm "$container" >/dev/null; rm -rf "$photos"' EXIT
cp data/*.jpg "$photos"
chmod -R a+rX "$photos"
# A volume is the user's own folder, since those of an image are made anew for each command.
install -d -o 10001 -m 700 "$photos/volume"
inside() { buildah run "${isolation[@]}" --volume "$photos:/photos" --env GALLERYCTL_GALLERY=/photos/volume/gallery "$container" -- "$@"; }
[[ $(inside id -u) == 10001 ]] || {
  echo "error: the image runs as another user than its own" >&2
  exit 1
}
inside galleryctl add --quiet --name "Barack Obama" /photos/obama.jpg
answer=$(inside galleryctl query --k 1 /photos/obama2.jpg)
echo "$answer"
grep -q "Barack Obama" <<<"$answer"
check=$(buildah inspect --format '{{index .Docker.Config.Healthcheck.Test 3}}' "$container")
inside bash -c '
  galleryctl serve --no-keys --host 127.0.0.1 >/dev/null 2>&1 & server=$!
  for _ in $(seq 100); do (bash -c "$1") 2>/dev/null && break; sleep 0.2; done
  bash -c "$1"; well=$?
  kill $server; wait $server; stopped=$?
  if bash -c "$1" 2>/dev/null; then echo "error: a server that is not there is called well" >&2; exit 1; fi
  exit $((well + stopped))' check "$check"
echo "the server is well, and stops"
