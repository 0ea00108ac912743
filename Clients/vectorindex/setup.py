"""Puts libvectorindex.so into the wheel: $VECTORINDEX_LIBRARY, or else built by Swift from the repository that this folder is in."""

import os
import pathlib
import shutil
import subprocess

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

NAME = "libvectorindex.so"
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "Scripts/vectorindex.sh"


def library():
    """Path of the library."""
    ready = os.environ.get("VECTORINDEX_LIBRARY")
    if ready:
        return ready
    if not SCRIPT.exists():
        raise SystemExit(f"set VECTORINDEX_LIBRARY to a {NAME}, or install from a checkout of the repository, where it is built")
    if shutil.which("swift") is None:
        raise SystemExit(f"Swift is not there to build {NAME}: install it, or set VECTORINDEX_LIBRARY to one that was built elsewhere")
    return subprocess.run([str(SCRIPT)], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Build(build_py):
    def run(self):
        super().run()
        folder = pathlib.Path(self.get_package_dir("vectorindex") if self.editable_mode else self.build_lib + "/vectorindex")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(library(), folder / NAME)

    def get_outputs(self, include_bytecode=1):
        return super().get_outputs(include_bytecode) + [os.path.join(self.build_lib, "vectorindex", NAME)]


class Wheel(bdist_wheel):
    """A wheel of this platform, for every Python 3: the library knows nothing of Python."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


class Binary(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": Build, "bdist_wheel": Wheel}, distclass=Binary)
