"""Builds the one module that is written in C, where there is a compiler.

``monitor/rules/c`` needs a C compiler and Python's headers. Where either is missing the
build says so and goes on: ``monitor.rules.index`` then does the same in Python, which takes longer
where there are many thousand rules, and finds the same.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

NAME = "monitor.rules._index"
FOLDER = "monitor/rules"


class CompileIndex(BuildHookInterface):
    """Puts the compiled module into a wheel; for an editable installation, into the checkout."""

    _made: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._made = tempfile.TemporaryDirectory(prefix="press-monitor-")
        library = compiled(Path(self.root, FOLDER, "c"), Path(self._made.name))
        if library is None:
            self.app.display_warning(f"{NAME} could not be compiled: Python does its work")
            return
        if version == "editable":
            try:
                put_beside(library, Path(self.root, FOLDER))
            except OSError as error:
                self.app.display_warning(f"{NAME} is not installed, Python does its work: {error}")
            return
        build_data["force_include"][str(library)] = f"{FOLDER}/{library.name}"
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is written: what it was made of can go."""
        if self._made is not None:
            self._made.cleanup()


def compiled(sources: Path, folder: Path) -> Path | None:
    """The module made of the C files of a folder, in another; None where that fails, which
    setuptools tells."""
    files = [str(file) for file in sorted(sources.glob("*.c"))]
    extension = Extension(NAME, files, optional=True, extra_compile_args=["-O3"])
    command = build_ext(Distribution({"name": NAME, "ext_modules": [extension]}))
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "temp")
    command.ensure_finalized()
    command.run()
    library = Path(command.get_ext_fullpath(NAME))
    return library if library.exists() else None


def put_beside(library: Path, folder: Path) -> None:
    """A copy of the module in a folder, in place of an older one, which a running program keeps
    as it has it open. Raises OSError."""
    new = folder / f"{library.name}.new"
    shutil.copy(library, new)
    new.replace(folder / library.name)
