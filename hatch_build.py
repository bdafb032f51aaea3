"""Matching compiled to machine code, for those who ask for it.

    HATCH_BUILD_HOOKS_ENABLE=1 pip install .

compiles the modules below with mypyc (https://mypyc.readthedocs.io), which needs a C compiler and
Python's headers. Without that variable the hook is not even loaded: the wheel is pure Python.

Not hatch-mypyc, which compiles beside the sources and leaves there what it made: from then on
Python would import that, whatever becomes of the sources. Here both happen in a temporary copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED = (
    # What each article goes through.
    "candidates",
    "finders",
    "names/context",
    "names/forenames",
    "names/matcher",
    "names/mentions",
    "names/pattern",
    "near",
    "program",
    "reading",
    "scan",
    "steps",
    "watch",
    # What each rule goes through when it is loaded.
    "block",
    "clauses",
    "lexer",
    "names/endings",
    "names/forms",
    "names/given",
    "names/letters",
    "names/person",
    "names/phrases",
    "names/rarest",
    "names/spellings",
    "names/titles",
    "parser",
    "ranges",
    "tree",
    "triggers",
)
"""Modules of ``monitor/rules``.

mypyc is not quite Python: of a ``cached_property`` it makes a plain one, computed anew each time,
and an int that is given for a ``float`` becomes one (write ``int | float`` where that matters).
"""


class CompileMatching(BuildHookInterface):
    """Puts the compiled modules into a wheel, where Python prefers them to the sources beside."""

    _made: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises RuntimeError with the compiler's output where it does not succeed."""
        if version == "editable":
            return  # who edits a module wants to see what comes of it
        self._made = tempfile.TemporaryDirectory(prefix="press-monitor-")
        made = Path(self._made.name)
        shutil.copytree(
            Path(self.root, "monitor"),
            made / "monitor",
            ignore=shutil.ignore_patterns("__pycache__", "*.so"),
        )
        done = subprocess.run(
            # Only monitor's own types are known here, which is enough: the rest is checked when
            # the program runs.
            [sys.executable, "-m", "mypyc", "--ignore-missing-imports", "--follow-imports=silent"]
            + [f"monitor/rules/{name}.py" for name in COMPILED],
            cwd=made,
            env=os.environ | {"MYPYC_OPT_LEVEL": "3", "MYPYC_DEBUG_LEVEL": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"mypyc could not compile the matching:\n{done.stdout}")
        libraries = [file for file in made.rglob("*.so") if "build" not in file.parts]
        build_data["force_include"] |= {
            str(file): str(file.relative_to(made)) for file in libraries
        }
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is written: what it was made of can go."""
        if self._made is not None:
            self._made.cleanup()
