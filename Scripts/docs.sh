#!/usr/bin/env bash
# Builds the documentation of the libraries VectorIndex and FaceGallery: Scripts/docs.sh [FOLDER] (.build/documentation).
# It uses docc of the Swift toolchain; a warning is an error. To read it: python3 -m http.server -d FOLDER/VectorIndex
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-.build/documentation}

Scripts/install-packages.sh
source Scripts/build-options.sh
swift build "${options[@]}" --product galleryctl
build=$(swift build "${options[@]}" --show-bin-path)

maps=()
while read -r map; do maps+=(-Xcc "-fmodule-map-file=$map"); done < <(
  find "$build" -maxdepth 2 -path '*C*.build/module.modulemap'
  find "$PWD/Sources" -maxdepth 2 -name module.modulemap
)
for module in VectorIndex FaceGallery; do
  graphs=$build/symbol-graphs/$module
  rm -rf "$graphs" "${out:?}/$module"
  mkdir -p "$graphs" "$out"
  # What a module gives to its users by `@_exported` is theirs to look up in its documentation.
  exported=$(find "Sources/$module" -name "*.swift" -exec sed -n "s/^@_exported public import //p" {} + | paste -sd, -)
  swift symbolgraph-extract -module-name "$module" ${exported:+"-experimental-allowed-reexported-modules=$exported"} -I "$build/Modules" "${maps[@]}" \
    -minimum-access-level public -target "$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')" \
    -output-dir "$graphs"
  "$(dirname "$(realpath "$(command -v swift)")")/docc" convert "Sources/$module/$module.docc" \
    --additional-symbol-graph-dir "$graphs" --fallback-display-name "$module" \
    --fallback-bundle-identifier "org.facegallery.$module" --warnings-as-errors --output-path "$out/$module"
  echo "$out/$module/documentation/$(tr '[:upper:]' '[:lower:]' <<<"$module")"
done
