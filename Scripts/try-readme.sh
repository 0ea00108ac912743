#!/usr/bin/env bash
# Follows README.md on a fresh Debian 12 with the Swift that is here: the demo, the installed program, the service, both libraries in a
# package of one's own, and a benchmark. Prints each step's time and size: Scripts/try-readme.sh [--mirror URL] [--test] [--bench]
# `--test` also runs `make test`, `--bench` also `make bench`. What is tried is what is committed. Needs root and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
mirror=
wishes=()
while (($#)); do
  case $1 in
    --mirror)
      mirror=$2
      shift
      ;;
    --test | --bench) wishes+=("${1#--}") ;;
    *)
      echo "usage: Scripts/try-readme.sh [--mirror URL] [--test] [--bench]" >&2
      exit 2
      ;;
  esac
  shift
done
source Scripts/fresh-debian.sh
toolchain=$(dirname "$(dirname "$(dirname "$(realpath "$(command -v swift)")")")")

# What README asks for: Swift with the packages that swift.org names for it, git and make; and curl for the calls of the service.
machine_with_swift() {
  fresh_debian
  mkdir "$machine/opt/swift"
  mount --bind -o ro "$toolchain" "$machine/opt/swift"
  ln -s /opt/swift/usr/bin/swift "$machine/usr/local/bin/swift"
  inside 'export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends git make curl binutils-gold gcc libcurl4-openssl-dev libedit-dev libncurses6 \
      libpython3-dev libsqlite3-dev libstdc++-12-dev libxml2-dev libz3-dev pkg-config tzdata zlib1g-dev >/dev/null 2>&1
    swift --version 2>&1 | head -n 1'
  git clone --quiet . "$machine/root/FaceGallery"
}

# A line of README, so that what is tried here is what stands there.
line() {
  grep --max-count 1 --fixed-strings -- "$1" README.md >/dev/null || {
    echo "error: README.md has no line with: $1" >&2
    return 1
  }
  grep --max-count 1 --fixed-strings -- "$1" README.md | sed 's/ \{2,\}#.*//'
}

# The first block of Swift in a document that declares the function.
swift_block() {
  awk -v name="func $2(" '/^```swift$/ { block = ""; on = 1; next }
    /^```$/ { if (on && index(block, name)) { printf "%s", block; exit }; on = 0 }
    on { block = block $0 "\n" }' "$1"
}

make_demo() {
  inside 'cd /root/FaceGallery && make demo >/root/demo.txt 2>/root/demo.err' || {
    tail -n 20 "$machine/root/demo.err" >&2
    return 1
  }
  # The answer is the one that README shows.
  local answer='/^photo  .*verdict$/,$ { p; /faces named;/q }'
  diff <(sed -n "$answer" README.md) <(sed -n "$answer" "$machine/root/demo.txt")
}

use_shell() {
  mkdir -p "$machine/root/use/people/Barack Obama" "$machine/root/use/people/Joe Biden"
  cp data/obama.jpg data/obama3.jpg "$machine/root/use/people/Barack Obama/"
  cp data/biden.jpg "$machine/root/use/people/Joe Biden/"
  cp data/obama2.jpg "$machine/root/use/party.jpg"
  inside "cd /root/use
    $(line "galleryctl add people/")
    $(line "galleryctl query --k 5 party.jpg") | tee answer
    grep -q 'Barack Obama' answer
    galleryctl check --quiet"
}

use_service() {
  # In a folder of its own: in the gallery of the step before, the photo is somebody else's already.
  mkdir "$machine/root/serve"
  cp data/obama.jpg "$machine/root/serve/ada.jpg"
  cp data/obama2.jpg "$machine/root/serve/party.jpg"
  inside "cd /root/serve
    $(line 'KEY=$(galleryctl keys add')
    trap 'kill %1; wait %1 || true' EXIT
    $(line 'recognition/faces?subject=Ada')
    echo
    $(line 'recognition/recognize') >answer
    grep -o '\"subject\" *: *\"[^\"]*\"' answer | head -n 3
    grep -q 'Ada Lovelace' answer"
}

use_libraries() {
  local package=$machine/root/Package
  mkdir -p "$package/Sources/who"
  cat >"$package/Package.swift" <<'END'
// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "who",
  dependencies: [.package(path: "/root/FaceGallery")],
  targets: [
    .executableTarget(
      name: "who",
      dependencies: [
        .product(name: "FaceGallery", package: "FaceGallery"), .product(name: "VectorIndex", package: "FaceGallery"),
      ])
  ])
END
  swift_block README.md nameFaces >"$package/Sources/who/Faces.swift"
  swift_block docs/index.md nearestKeys >"$package/Sources/who/Index.swift"
  cat >"$package/Sources/who/main.swift" <<'END'
import Foundation

print(try nearestKeys(savingTo: "/root/who.index"))
let use = URL(filePath: "/root/use/")
for line in try nameFaces(
  people: use.appending(path: "people"), photo: use.appending(path: "party.jpg"),
  weights: URL(filePath: "/usr/local/share/facegallery/weights"), gallery: URL(filePath: "/root/who.gallery"))
{
  print(line)
}
END
  inside 'cd /root/Package
    swift build -c release >/root/build.txt 2>&1 || { tail -n 20 /root/build.txt; exit 1; }
    .build/release/who | tee /root/answer
    grep -q "Barack Obama, similarity" /root/answer'
}

step "Debian 12 with Swift, git, make and curl" machine_with_swift
step "make demo" make_demo
step "make install" inside 'cd /root/FaceGallery && make install >/root/install.txt 2>&1'
step "people by the shell: add, query, check" use_shell
step "the service: key, enrolment, recognition" use_service
step "a package of one's own with both libraries" use_libraries
step "galleryctl bench" inside 'cd /root/use && galleryctl bench --gallery /root/who.gallery'
for wish in "${wishes[@]}"; do
  step "make $wish" inside "cd /root/FaceGallery && make $wish >/root/$wish.txt 2>&1 || { tail -n 20 /root/$wish.txt; exit 1; }"
done
