.PHONY: demo test bench build docs install packages set-up format lint clean

# Adds people from sample photos to a gallery and asks who is on others; sets the machine up first.
demo:
	@Scripts/demo.sh

# Passes all tests; sets the machine up first.
test:
	@Scripts/test.sh

# Measures the index against exact search and against other libraries.
bench:
	@Benchmarks/run.sh

build:
	@swift build -c release

# Builds the documentation of the libraries VectorIndex and FaceGallery, as a web site below .build/documentation.
docs:
	@Scripts/docs.sh

# Installs galleryctl, its weights, manual pages and completions below PREFIX.
PREFIX ?= /usr/local
install:
	@Scripts/install.sh "$(PREFIX)"

# Builds a Debian package and an archive below .build/packages; Scripts/try-packages.sh tries them in a fresh Debian.
packages:
	@Scripts/packages.sh

# Installs packages, fetches weights and sample photos.
set-up:
	@Scripts/set-up.sh

format:
	@swift format --in-place --recursive Sources Tests Benchmarks Package.swift

lint:
	@swift format lint --strict --recursive Sources Tests Benchmarks Package.swift

clean:
	@swift package clean
