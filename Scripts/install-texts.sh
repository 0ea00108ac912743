#!/usr/bin/env bash
# Installs the manual pages and shell completions of a built galleryctl: Scripts/install-texts.sh PROGRAM [PREFIX] (/usr/local).
# $DESTDIR goes before the prefix, for packages.
set -euo pipefail
program=$1
prefix=${2:-/usr/local}
share=${DESTDIR:-}$prefix/share

# A zsh looks for completions of packages in /usr/share/zsh/vendor-completions, as Debian has it, and elsewhere in site-functions only.
zsh=site-functions
if [[ $(realpath -m "$prefix") == /usr ]]; then zsh=vendor-completions; fi
install -d "$share/bash-completion/completions" "$share/fish/vendor_completions.d" "$share/zsh/$zsh" "$share/man/man1"
"$program" completions bash >"$share/bash-completion/completions/galleryctl"
"$program" completions fish >"$share/fish/vendor_completions.d/galleryctl.fish"
"$program" completions zsh >"$share/zsh/$zsh/_galleryctl"
"$program" manual --write "$share/man/man1"
