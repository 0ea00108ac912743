#!/usr/bin/env bash
# Shows the main job on real photos: adds people to a fresh gallery, then asks who is on other photos, with strangers.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/set-up.sh
echo "building (the first time takes a few minutes)" >&2
source Scripts/build-options.sh
swift build "${options[@]}" --product galleryctl >&2
galleryctl=$(swift build "${options[@]}" --show-bin-path)/galleryctl
# Only what this script makes is removed.
rm -rf demo/gallery demo/{answer,group,turned}.png demo/turned.jpg
mkdir -p demo
export GALLERYCTL_GALLERY=demo/gallery

run() {
  printf '\n$ galleryctl'
  for word in "$@"; do
    if [[ $word == *" "* ]]; then printf ' "%s"' "$word"; else printf ' %s' "$word"; fi
  done
  printf '\n'
  "$galleryctl" "$@"
}

run add --name "Barack Obama" data/obama.jpg data/obama3.jpg
run add --name "Joe Biden" data/biden.jpg
run add --name "Eileen Collins" data/astronaut.png
run list
# Exit status 1 would say that nobody was recognised.
run query --k 3 --annotate demo/answer.png data/obama2.jpg data/obama_partial_face2.jpg data/hanks.png
run query --k 1 --annotate demo/group.png data/group.jpg || [[ $? == 1 ]]
# A photo that has lost its upright: the same pixels, said by EXIF to lie on their side. And a face in profile.
python3 - data/obama2.jpg demo/turned.jpg <<'END'
import sys
photo = open(sys.argv[1], "rb").read()
exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
open(sys.argv[2], "wb").write(photo[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + photo[2:])
END
run query --k 1 --annotate demo/turned.png demo/turned.jpg data/camera.png
echo
echo "The pictures with boxes and names: demo/answer.png, demo/group.png, demo/turned.png; the gallery: demo/gallery"
