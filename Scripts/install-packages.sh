#!/usr/bin/env bash
# Installs the Debian packages that the build needs; does nothing when they are there. `--tests`: also those that only
# tests need.
set -euo pipefail

packages=(
  g++ pkg-config                                      # C and C++ parts, and where libraries lie
  libdlib-dev libopenblas-dev liblapack-dev           # dlib's detectors and landmarks; matrix products
  liblmdb-dev                                         # the gallery's store
  libdnnl-dev                                         # convolutions of some shapes
  libhdf5-dev libzip-dev libprotobuf-c-dev            # Keras' weights (.h5, .keras), ONNX
  libgnutls28-dev nettle-dev                          # TLS, digests
  libpq-dev                                           # galleries in PostgreSQL: loaded when there is one
  libcurl4-openssl-dev                                # webhooks: loaded when there are any
  libjpeg-dev libpng-dev libwebp-dev                  # photos: linked
  libheif-dev libtiff-dev libgif-dev libopenjp2-7-dev libjxl-dev # photos: loaded when they are needed
  libexiv2-dev                                        # faces that photo programs have marked (XMP)
  libcairo2-dev libpangocairo-1.0-0 fonts-dejavu-core # boxes, labels and charts; Pango is loaded with the first label
  python3 python3-pip ca-certificates                 # fetching weights and sample photos
)
# Clients of the service, certificates, faults of disks, pages of the manual, JSON as docs/json.md says, videos.
if [[ ${1:-} == --tests ]]; then packages+=(curl openssl strace groff-base python3-jsonschema ffmpeg); fi

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
