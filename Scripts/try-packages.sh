#!/usr/bin/env bash
# Installs the Debian package, and then the archive, each in a fresh Debian 12 made by debootstrap, and asks who is on a sample photo
# there: Scripts/try-packages.sh [--mirror URL] FILE.deb|FILE.tar.gz… Needs root and debootstrap; apt there is set up as it is here, and
# the mirror is apt's first one.
set -euo pipefail
cd "$(dirname "$0")/.."
mirror=
if [[ ${1:-} == --mirror ]]; then
  mirror=$2
  shift 2
fi
(($#)) || {
  echo "usage: Scripts/try-packages.sh [--mirror URL] FILE.deb|FILE.tar.gz…" >&2
  exit 2
}
mirror=${mirror:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)}
machine=$(mktemp -d)
clean() {
  umount "$machine/proc" 2>/dev/null || true
  rm -rf "$machine"
}
trap clean EXIT

step() {
  local begun=$SECONDS
  "${@:2}"
  echo "$1: $((SECONDS - begun)) s, $(du -sm "$machine" --exclude=proc | cut -f 1) MB"
}

fresh() {
  clean
  mkdir -p "$machine"
  debootstrap --variant=minbase bookworm "$machine" "$mirror" >/dev/null
  cp -r data "$machine/photos"
  cp -r /etc/apt/. "$machine/etc/apt/"
  mount -t proc proc "$machine/proc"
}

try() {
  step "a fresh Debian 12" fresh
  case $1 in
    *.deb)
      cp "$1" "$machine/facegallery.deb"
      step "$1" chroot "$machine" sh -ec \
        'apt-get update -qq && apt-get install -y -qq --no-install-recommends /facegallery.deb >/dev/null 2>&1'
      ;;
    *)
      mkdir "$machine/unpacked"
      tar --extract --file "$1" --directory "$machine/unpacked" --strip-components 1
      step "$1" chroot "$machine" sh -ec '
        apt-get update -qq
        $(grep "^apt-get install" /unpacked/INSTALL) -y -qq >/dev/null 2>&1
        ln -s /unpacked/bin/galleryctl /usr/local/bin/'
      ;;
  esac
  step "a gallery and a query" chroot "$machine" sh -ec '
    cd /photos
    galleryctl add --quiet --name "Barack Obama" obama.jpg
    galleryctl query --k 1 obama2.jpg | tee /answer
    grep -q "Barack Obama" /answer
    galleryctl doctor --quiet >/dev/null'
}

for file in "$@"; do
  if [[ -f $file.sha256 ]]; then (cd "$(dirname "$file")" && sha256sum --quiet --check "${file##*/}.sha256"); fi
  try "$(realpath "$file")"
done
