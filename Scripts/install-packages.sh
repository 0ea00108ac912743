#!/usr/bin/env bash
# Installs the Debian packages that the build needs; does nothing when they are there.
set -euo pipefail

packages=(
  g++ pkg-config
  libdlib-dev libopenblas-dev liblapack-dev liblmdb-dev
  libdnnl-dev libhdf5-dev libzip-dev libprotobuf-c-dev libgnutls28-dev nettle-dev
  libjpeg-dev libturbojpeg0-dev libpng-dev libwebp-dev libcairo2-dev fonts-dejavu-core
  python3 python3-pip python3-venv ca-certificates curl openssl strace
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $state == ii* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || {
    echo "error: run as root, or install sudo: apt-get has to install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
