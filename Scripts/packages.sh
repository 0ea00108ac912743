#!/usr/bin/env bash
# Builds a Debian package and an archive of galleryctl with its weights, manual pages and completions, each with its SHA-256:
# Scripts/packages.sh [FOLDER] (.build/packages). They are for the release of Debian that they are built on, and need neither Swift
# nor this folder.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-.build/packages}")

command -v dpkg-shlibdeps >/dev/null || {
  echo "error: dpkg-shlibdeps is missing: apt-get install dpkg-dev" >&2
  exit 1
}
root=$folder/root
rm -rf "$root"
mkdir -p "$root/DEBIAN" "$folder/debian"
DESTDIR=$root Scripts/install.sh /usr

version=$("$root/usr/bin/galleryctl" --version)
version=${version##* }
architecture=$(dpkg --print-architecture)
documents=$root/usr/share/doc/facegallery
install -D -m 644 docs/deploy/facegallery.service "$documents/examples/facegallery.service"
{
  cat LICENSE
  printf '\n\nThe weights of the networks:\n\n'
  cat weights/NOTICE
} >"$documents/copyright"
gzip -9 -n -c CHANGELOG.md >"$documents/changelog.gz"
find "$root/usr/share/man" -name '*.1' -exec gzip -9 -n {} +
find "$root/usr" -type d -exec chmod 755 {} +

# What the program is linked with, as Debian's own tool finds it; it wants a control file where it runs.
printf 'Source: facegallery\n\nPackage: facegallery\nArchitecture: any\n' >"$folder/debian/control"
# Libraries of picture formats and of text are loaded when they are needed; a file that is linked with them names them to the tool.
mapfile -t loaded < <(sed -n 's/^#define SO "\(.*\)"$/-l:\1/p' Sources/{CPictures,CPango}/*.c)
gcc -shared -nostdlib -Wl,--no-as-needed -o "$folder/loaded.so" "${loaded[@]}"
depends=$(cd "$folder" && dpkg-shlibdeps -O --ignore-missing-info "root/usr/bin/galleryctl" loaded.so 2>/dev/null)
depends="${depends#shlibs:Depends=}, fonts-dejavu-core"
cat >"$root/DEBIAN/control" <<END
Package: facegallery
Version: $version
Architecture: $architecture
Maintainer: The FaceGallery project <facegallery@localhost>
Section: graphics
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f 1)
Depends: $depends
Recommends: python3, python3-pip, ca-certificates
Suggests: ffmpeg, libcurl3-gnutls | libcurl4, libpq5, fonts-noto-core, fonts-noto-cjk, fonts-noto-color-emoji
Description: who is this? A gallery of faces, a fast index and a service
 galleryctl finds the faces on photos, keeps them in a gallery on disk and names the people
 on other photos, or says "unknown". Nothing leaves the machine.
END
package=facegallery_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$folder/$package" >/dev/null

# The archive has the same files, to be unpacked anywhere: the program finds its weights beside itself.
archive=facegallery-$version-linux-$architecture
rm -rf "${folder:?}/$archive"
cp -r "$root/usr" "$folder/$archive"
cp "$documents/copyright" "$folder/$archive/LICENSE"
# It goes to /usr/local, where a zsh looks for completions here.
mv "$folder/$archive/share/zsh/vendor-completions" "$folder/$archive/share/zsh/site-functions"
names=$(tr ',' '\n' <<<"$depends" | awk '{ print $1 }' | sort -u | tr '\n' ' ')
cat >"$folder/$archive/INSTALL" <<END
galleryctl $version for Debian $(. /etc/os-release && echo "$VERSION_ID") on $architecture. It needs these packages:

apt-get install --no-install-recommends ${names% }

bin/galleryctl runs from where it lies, and finds its weights in share/facegallery/weights. To install it for everybody:

cp -r bin share /usr/local/
END
tar --create --gzip --file "$folder/$archive.tar.gz" --directory "$folder" --sort name --owner 0 --group 0 --numeric-owner "$archive"
rm -r "${folder:?}/$archive"
for file in "$package" "$archive.tar.gz"; do
  (cd "$folder" && sha256sum "$file" >"$file.sha256")
  echo "$folder/$file" >&2
done
