#!/usr/bin/env bash
# Installs the Debian package, and then the archive, each in a fresh Debian 12, and asks who is on a sample photo there:
# Scripts/try-packages.sh [--mirror URL] FILE.deb|FILE.tar.gz… Needs root and debootstrap.
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
source Scripts/fresh-debian.sh

try() {
  step "a fresh Debian 12" fresh_debian
  cp -r data "$machine/photos"
  case $1 in
    *.deb)
      cp "$1" "$machine/facegallery.deb"
      step "${1##*/}" inside \
        'apt-get update -qq && apt-get install -y -qq --no-install-recommends /facegallery.deb >/dev/null 2>&1'
      ;;
    *)
      mkdir "$machine/unpacked"
      tar --extract --file "$1" --directory "$machine/unpacked" --strip-components 1
      step "${1##*/}" inside '
        apt-get update -qq
        $(grep "^apt-get install" /unpacked/INSTALL) -y -qq >/dev/null 2>&1
        ln -s /unpacked/bin/galleryctl /usr/local/bin/'
      ;;
  esac
  step "a gallery and a query" inside '
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
