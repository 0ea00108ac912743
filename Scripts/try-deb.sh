#!/usr/bin/env bash
# Installs the Debian package in a fresh Debian 12, made by debootstrap, and asks who is on a sample photo there:
# Scripts/try-deb.sh PACKAGE.deb [MIRROR]. Needs root and debootstrap; apt there is set up as it is here, and MIRROR is apt's first one.
set -euo pipefail
cd "$(dirname "$0")/.."
package=$(realpath "$1")
mirror=${2:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)}
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
step "a fresh Debian 12" debootstrap --variant=minbase bookworm "$machine" "$mirror" >/dev/null
cp "$package" "$machine/facegallery.deb"
cp -r data "$machine/photos"
cp -r /etc/apt/. "$machine/etc/apt/"
mount -t proc proc "$machine/proc"
step "the package" chroot "$machine" sh -ec \
  'apt-get update -qq && apt-get install -y -qq --no-install-recommends /facegallery.deb >/dev/null 2>&1'
step "a gallery and a query" chroot "$machine" sh -ec '
  cd /photos
  galleryctl add --quiet --name "Barack Obama" obama.jpg
  galleryctl query --k 1 obama2.jpg | tee /answer
  grep -q "Barack Obama" /answer
  galleryctl doctor --quiet >/dev/null'
