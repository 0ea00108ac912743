#!/usr/bin/env bash
# Installs Python packages for one test below .build/python, unless they are there, and prints the folder, which is for
# PYTHONPATH: Scripts/python-tools.sh NAME PACKAGE==VERSION…
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
folder=$PWD/.build/python/$name
stamp=$folder/.packages
if [[ ! -f $stamp || $(<"$stamp") != "$*" ]]; then
  rm -rf "$folder" "$folder.partial"
  python3 -m pip install --quiet --disable-pip-version-check --no-warn-script-location --target "$folder.partial" "$@" >&2
  echo "$*" >"$folder.partial/.packages"
  mv "$folder.partial" "$folder"
fi
echo "$folder"
