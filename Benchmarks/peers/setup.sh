#!/usr/bin/env bash
# Makes the virtual environment in which the peers run: Benchmarks/peers/setup.sh [FOLDER]
# FOLDER is $GALLERYBENCH_PEERS, else .build/peers of the package.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-${GALLERYBENCH_PEERS:-$here/../../.build/peers}}

if ! python3 -c 'import venv, ensurepip' 2>/dev/null || ! command -v g++ >/dev/null; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq python3-venv python3-dev g++
fi
[ -x "$folder/bin/python" ] || python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"$folder/bin/python" "$here/worker.py" --versions
