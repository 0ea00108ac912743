#!/usr/bin/env bash
# Makes a Python environment with these packages below .build and writes the path of its Python: venv.sh NAME PACKAGE...
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1
shift
folder=.build/python/$name
if [[ ! -e $folder/complete ]]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
  touch "$folder/complete"
fi
echo "$PWD/$folder/bin/python"
