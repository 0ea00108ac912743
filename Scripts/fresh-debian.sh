# Sourced by scripts that try something on a fresh Debian 12: a folder "$machine" that fresh_debian fills by debootstrap and that is
# deleted in the end, and steps that print time and size. Needs root and debootstrap. apt, certificates and pip there are set up
# as they are here; the mirror is "$mirror", or apt's first one.
command -v debootstrap >/dev/null || {
  echo "error: debootstrap is missing: apt-get install debootstrap" >&2
  exit 1
}
((EUID == 0)) || {
  echo "error: run as root: debootstrap and chroot need it" >&2
  exit 1
}
mirror=${mirror:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)}
machine=$(mktemp -d)

# Unmounts what is mounted below the machine, the innermost first, and deletes the machine. What cannot be unmounted is not deleted.
delete_machine() {
  local place
  while read -r place; do
    umount "$place" || return 1
  done < <(awk -v root="$machine/" 'index($2, root) == 1 { print $2 }' /proc/self/mounts | sort --reverse)
  rm -rf --one-file-system "$machine"
}
trap delete_machine EXIT

fresh_debian() {
  delete_machine
  mkdir -p "$machine"
  debootstrap --variant=minbase bookworm "$machine" "$mirror" >/dev/null
  cp -r /etc/apt/. "$machine/etc/apt/"
  mkdir -p "$machine/etc/ssl/certs" "$machine/usr/local/share/ca-certificates"
  cp -rL /etc/ssl/certs/. "$machine/etc/ssl/certs/"
  cp -r /usr/local/share/ca-certificates/. "$machine/usr/local/share/ca-certificates/"
  if [[ -f /etc/pip.conf ]]; then cp /etc/pip.conf "$machine/etc/"; fi
  mount -t proc proc "$machine/proc"
  mount --bind /dev "$machine/dev"
}

# step NAME COMMAND…: runs the command; then the name, its seconds, and by how much the machine grew.
step() {
  local begun=$SECONDS before after
  before=$(used)
  "${@:2}"
  after=$(used)
  printf '%-60s %5d s %+6d MB\n' "$1" $((SECONDS - begun)) $((after - before))
}
used() { du -smx "$machine" | cut -f 1; }

# inside COMMAND: by a shell of the machine, which ends with the first failure.
inside() { chroot "$machine" bash -euo pipefail -c "$1"; }
